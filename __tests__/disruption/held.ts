/** What the engine holds of a service, read past swarmroll, and whether a verdict agrees with it. */
import { api, until } from '../integration/support/swarm.ts';
import type { Node } from '../../src/api/cluster.ts';
import type { Service, Task } from '../../src/api/service.ts';

/** The engine's own state at one moment; no service where there is none. */
export interface Held {
  readonly service: Service | undefined;
  readonly tasks: readonly Task[];
  /** The ids of the tasks that the engine itself calls up to date. */
  readonly current: ReadonlySet<string>;
  readonly nodes: readonly Node[];
}

/** What was asked for. */
export interface Asked {
  readonly name: string;
  readonly action: 'create' | 'update';
  /** Part of the image that was asked for, and of the one before. */
  readonly image: string;
  readonly before: string;
  /** The engine keeps one task of each slot: it deletes those that have failed. */
  readonly keepsOne: boolean;
}

const filtered = (filters: object): string => `filters=${encodeURIComponent(JSON.stringify(filters))}`;

/** Reads it now. @throws while the manager can't be reached or has no leader */
export async function read(name: string): Promise<Held> {
  const [service] = (await api<Service[]>(`/services?${filtered({ name: [name] })}`)).filter(
    ({ Spec }) => Spec.Name === name,
  );
  const nodes = await api<Node[]>('/nodes');
  if (service === undefined) return { service, tasks: [], current: new Set(), nodes };
  const ofService = { service: [service.ID] };
  const [tasks, current] = await Promise.all([
    api<Task[]>(`/tasks?${filtered(ofService)}`),
    api<Task[]>(`/tasks?${filtered({ ...ofService, '_up-to-date': ['true'] })}`),
  ]);
  return { service, tasks, current: new Set(current.map(({ ID }) => ID)), nodes };
}

/** Reads as soon as the manager answers. */
export const readSoon = (name: string): Promise<Held> =>
  until(`what the engine holds of ${name}`, () => read(name).catch(() => undefined), 150_000);

/** Reads again and again until it is stopped, and gives the last that was read. */
export function recorded(name: string): { stop: () => Promise<Held | undefined> } {
  let last: Held | undefined;
  const ended = new AbortController();
  const isStopped = (): boolean => ended.signal.aborted;
  const reading = (async () => {
    while (!isStopped()) {
      const held = await read(name).catch(() => undefined);
      // What is read after the end is another thing.
      if (!isStopped()) last = held ?? last;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  })();
  return {
    stop: async () => {
      ended.abort();
      await reading;
      return last;
    },
  };
}

const imageOf = ({ service }: Held): string => service?.Spec.TaskTemplate.ContainerSpec?.Image ?? '';
const stateOf = ({ service }: Held): string => service?.UpdateStatus?.State ?? '';
const isDown = ({ Status }: Node): boolean => Status.State === 'down';

/** In words: "ping:1.1, completed, 2 of 2 run". */
export function inWords(held: Held): string {
  if (held.service === undefined) return 'no service';
  const image = /([^/]*?)(@|$)/.exec(imageOf(held))?.[1] ?? '';
  const { wanted, running, old } = counts(held);
  return `${image}, ${stateOf(held) || 'no status'}, ${running} of ${wanted} run${old === 0 ? '' : `, ${old} old`}`;
}

function counts({ service, tasks, current, nodes }: Held) {
  const down = new Set(nodes.filter(isDown).map(({ ID }) => ID));
  const able = nodes.filter((node) => !isDown(node) && node.Spec.Availability === 'active');
  const isGlobal = service?.Spec.Mode?.Global !== undefined;
  // The engine leaves the tasks of a global service alone where the node is paused.
  const left = new Set(
    nodes.filter(({ Spec }) => isGlobal && Spec.Availability === 'pause').map(({ ID }) => ID),
  );
  const alive = tasks.filter(
    ({ Status, NodeID = '' }) => Status.State === 'running' && !down.has(NodeID) && !left.has(NodeID),
  );
  const wanted = service?.Spec.Mode?.Replicated?.Replicas ?? able.length;
  const running = alive.filter(({ ID, DesiredState }) => DesiredState === 'running' && current.has(ID));
  return { wanted, running: running.length, old: alive.length - running.length };
}

/** Whether every wanted task of the stored spec runs, no other does, and the engine is through or waits in vain. */
function hasConverged(held: Held): boolean {
  const { wanted, running, old } = counts(held);
  const isStuck = /^(updating|rollback_started)$/.test(stateOf(held)) && held.nodes.some(isDown);
  const isThrough = /^(completed|rollback_completed)?$/.test(stateOf(held));
  return running === wanted && old === 0 && (isThrough || isStuck);
}

const isPaused = (held: Held): boolean => stateOf(held).endsWith('paused');
/** A task that completes has failed where a health check may have stopped it. */
function hasFailures({ tasks, current, service }: Held): boolean {
  const hasCheck = service?.Spec.TaskTemplate.ContainerSpec?.Healthcheck !== undefined;
  const bad = hasCheck ? /^(failed|rejected|complete)$/ : /^(failed|rejected)$/;
  return tasks.some(({ ID, Status }) => current.has(ID) && bad.test(Status.State));
}

/** Why a verdict is wrong for what the engine held; undefined where it is right. */
export function objection(
  verdict: { readonly exitCode: number; readonly why?: string; readonly message: string },
  held: Held,
  { action, image, before, keepsOne }: Asked,
): string | undefined {
  const isOurs = imageOf(held).includes(image);
  const isBefore = action === 'update' && imageOf(held).includes(before);
  switch (verdict.exitCode) {
    case 0:
      if (!isOurs) return 'what was asked for is not stored';
      return hasConverged(held) ? undefined : 'the engine has not converged';
    case 3:
      if (!isBefore) return 'the spec before is not stored';
      if (!stateOf(held).startsWith('rollback_')) return 'the engine has not rolled back';
      return hasConverged(held) ? undefined : 'the spec before does not run';
    case 4:
      return isPaused(held) ? undefined : 'the engine has not paused';
    case 5:
      if (isPaused(held)) return 'the engine has paused';
      if (verdict.why === 'deadline') return hasConverged(held) ? 'it has converged' : undefined;
      return hasFailures(held) || (keepsOne && !hasConverged(held))
        ? undefined
        : 'no task of the stored spec has failed';
    case 1:
      if (action === 'create') return held.service === undefined ? undefined : 'the service was made';
      return isBefore && !isOurs ? undefined : 'the change was stored';
    case 124:
      // What was so cannot be seen while the manager does not answer.
      if (verdict.message.includes('the manager has not been reached')) return undefined;
      return isPaused(held) || (isOurs && hasConverged(held)) ? 'it was over' : undefined;
    default:
      return 'nobody else has changed or stopped anything';
  }
}
