/** Polls of a swarm, as engine/observe.ts makes them. */
import type {
  HealthTimes,
  NodeSeen,
  Observation,
  Seen,
  ServiceSeen,
  TaskSeen,
  UpdatePolicy,
} from '../../../../../src/rollout/observation.ts';
import { hasHealthCheck, isOfSpec, keyOf } from './model.ts';
import type { Policy, Service, Spec, Swarm, SwarmNode, Task, Template } from './model.ts';
import { advance } from './store.ts';

/** The manager's clock when a swarm starts: milliseconds since the epoch. */
const EPOCH = Date.parse('2026-01-01T00:00:00Z');

/**
 * What a poll gives. `full`: everything, all at one moment. `tasks`: all tasks, but the nodes of an earlier poll. `half`:
 * every second slot too is of an earlier poll. `slow`: everything, but the
 * service is read first, and changes while the tasks are read. The others give nothing, or a 404 that is not the engine's last word.
 */
export type PollKind = 'full' | 'slow' | 'tasks' | 'half' | 'unreachable' | 'removed';

/** How much later (ms) than the service the tasks of a `slow` poll are read. */
const LAG = 400;

/** Which fields of a spec the watched change set. */
export interface Ownership {
  readonly ownsReplicas: boolean;
}

/** Digests are readable here. */
export const specOf = ({ template, mode, label }: Spec): string =>
  `${template.id} ${wantedOf(mode)} label=${label}`;
export const ownedOf = ({ template, mode }: Spec, { ownsReplicas }: Ownership): string =>
  ownsReplicas ? `${template.id} ${wantedOf(mode)}` : template.id;
export const imageOf = ({ template }: Spec): string => `registry/web:${template.id}`;

const wantedOf = (mode: Spec['mode']): string => (mode.kind === 'replicated' ? String(mode.replicas) : '');

/** Makes the polls of one watch. Like the observer, it gives the same objects for what has not changed. */
export function poller(
  swarm: Swarm,
  ownership: Ownership,
  { asksTime, follows }: { readonly asksTime: boolean; readonly follows: boolean },
): (kind: PollKind) => Observation {
  const revisions = { service: -1, tasks: -1, nodes: -1 };
  let last: Seen | undefined;

  const see = (kind: PollKind, service: Service): Seen => {
    const began = swarm.now;
    const isKnown = (what: keyof typeof revisions): boolean => revisions[what] === swarm.revisions[what];
    const before = last;
    const revision = swarm.revisions.service;
    const now = before !== undefined && isKnown('service') ? before.service : serviceSeen(service, ownership);
    const isOtherSpec = before !== undefined && now.spec !== before.service.spec;
    const isOtherStatus = before !== undefined && now.update?.state !== before.service.update?.state;
    // What the engine or another has just done is not judged by a part of the tasks.
    const asked =
      before === undefined || kind === 'slow'
        ? 'full'
        : kind !== 'half'
          ? kind
          : isOtherSpec
            ? 'tasks'
            : isOtherStatus
              ? 'full'
              : kind;
    if (kind === 'slow') advance(swarm, swarm.now + LAG);
    const isFull = asked === 'full';
    const nodes =
      before !== undefined && (!isFull || isKnown('nodes'))
        ? before.nodes
        : swarm.nodes.map((node) => nodeSeen(swarm, node));
    if (
      !follows &&
      before !== undefined &&
      now.owned !== before.service.owned &&
      now.previousSpec !== undefined
    ) {
      return { ...before, at: swarm.now, partial: true, service: now, nodes };
    }
    const tasks =
      before !== undefined && !isOtherSpec && isKnown('tasks')
        ? before.tasks
        : tasksSeen(swarm, swarm.service ?? service, asked === 'half' ? before : undefined);
    if (isFull) revisions.nodes = swarm.revisions.nodes;
    revisions.service = revision;
    revisions.tasks = asked === 'half' ? -1 : swarm.revisions.tasks;
    const time = before === undefined && asksTime ? { managerTime: EPOCH + swarm.now } : {};
    return {
      kind: 'seen',
      at: swarm.now,
      ...time,
      ...(isFull ? {} : { partial: true }),
      service: now,
      listedAt: before === undefined || asked !== 'half' ? began : before.listedAt,
      tasks,
      nodes,
    };
  };

  let isDoubted = false;
  return (kind) => {
    const at = swarm.now;
    if (at < swarm.answersFrom) return { kind: 'unreachable', at, reason: 'no answer' };
    if (swarm.service === undefined) return { kind: 'removed', at };
    // What is there is never said to be gone twice in a row.
    isDoubted = kind === 'removed' && !isDoubted;
    if (isDoubted) return { kind: 'removed', at };
    if (kind === 'unreachable' || kind === 'removed') return { kind: 'unreachable', at, reason: 'no answer' };
    last = see(kind, swarm.service);
    return last;
  };
}

/** All tasks; of those in every second slot, what an earlier poll has shown. */
function tasksSeen(swarm: Swarm, service: Service, before: Seen | undefined): readonly TaskSeen[] {
  if (before === undefined) return swarm.tasks.map((task) => taskSeen(task, service, swarm));
  const { spec } = service;
  const isFresh = ({ slot = 0, nodeId }: Pick<TaskSeen, 'slot' | 'nodeId'>): boolean =>
    Number(keyOf({ slot, node: nodeId }, spec).replace('n', '')) % 2 === 0;
  const fresh = swarm.tasks
    .filter(({ slot, node }) => isFresh({ slot, ...(node === undefined ? {} : { nodeId: node }) }))
    .map((task) => taskSeen(task, service, swarm));
  return [...before.tasks.filter((task) => !isFresh(task)), ...fresh];
}

function serviceSeen(service: Service, ownership: Ownership): ServiceSeen {
  const { version, spec, previous, update } = service;
  const { template, mode, updatePolicy, rollbackPolicy } = spec;
  const task = / of task (\w+)$/.exec(update?.message ?? '')?.[1];
  return {
    id: 'service',
    name: 'web',
    version,
    spec: specOf(spec),
    owned: ownedOf(spec, ownership),
    ...(previous === undefined ? {} : { previousSpec: specOf(previous.spec) }),
    image: imageOf(spec),
    mode,
    ...(update === undefined
      ? {}
      : {
          update: { state: update.state, message: update.message },
          updateStartedAt: EPOCH + update.startedAt,
        }),
    ...(update?.completedAt === undefined ? {} : { updateCompletedAt: EPOCH + update.completedAt }),
    ...(task === undefined ? {} : { updateTask: task }),
    updatePolicy: policySeen(updatePolicy),
    rollbackPolicy: policySeen(rollbackPolicy),
    restart: template.restart,
    restartDelay: template.restartDelay,
    constraints: template.constraints,
    ...(previous === undefined ? {} : { previousConstraints: previous.spec.template.constraints }),
    ...(hasHealthCheck(template) ? { healthCheck: true, health: healthOf(template) } : {}),
  };
}

const healthOf = ({ behaviour }: Template): HealthTimes => {
  const after = behaviour.kind === 'unhealthy' ? behaviour.after : 0;
  return { startPeriod: 0, least: after, most: 2 * after };
};

const policySeen = ({ monitor, delay, failureAction }: Policy): UpdatePolicy => ({
  monitor,
  delay,
  failureAction,
});

function taskSeen(task: Task, service: Service, { speeds: { stop } }: Swarm): TaskSeen {
  const { id, slot, node, createdAt, since, state, desired, template, error, exitCode } = task;
  return {
    id,
    ...(slot === 0 ? {} : { slot }),
    ...(node === undefined ? {} : { nodeId: node }),
    createdAt: textOf(createdAt),
    since: EPOCH + since,
    state,
    desired,
    upToDate: isOfSpec(task, service),
    image: `registry/web:${template.id}`,
    error,
    message: state,
    ...(exitCode === undefined ? {} : { exitCode }),
    stopGrace: stop,
  };
}

/** As Go writes a time: without trailing zeros in the fraction of a second. */
const textOf = (ms: number): string => new Date(EPOCH + ms).toISOString().replace(/\.?0+Z$/, 'Z');

const nodeSeen = ({ now, reportsFrom }: Swarm, { id, zone, down, availability }: SwarmNode): NodeSeen => ({
  id,
  name: id,
  down,
  ...(now < reportsFrom && !down ? { unknown: true as const } : {}),
  availability,
  attributes: { 'node.labels.zone': zone },
});
