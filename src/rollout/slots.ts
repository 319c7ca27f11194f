/** The tasks of a service, sorted into slots. A slot is a replica, a node of a global service, or a completion of a job. */
import { groupBy } from '../values/group-by.ts';
import { isEligible } from './constraints.ts';
import type { Mode, NodeSeen, Seen, ServiceSeen, TaskSeen } from './observation.ts';

/** One wanted slot and how far it is. */
export interface Slot {
  /** The slot's number or the node's id. */
  readonly key: string;
  /** As progress names it: "1/4", or the node's name. */
  readonly label: string;
  /** The representative task: the newest of the current spec, else the newest of all. Absent before the first task. */
  readonly task?: TaskSeen;
  /** It has a task of the new spec in the wanted state. */
  readonly satisfied: boolean;
  /** The last task ended badly and the engine will not start another. */
  readonly exhausted: boolean;
  /** The engine has a task of a global service on a node that, by the constraints, should have none. */
  readonly disputed?: true;
}

const TERMINAL: ReadonlySet<string> = new Set([
  'complete',
  'shutdown',
  'failed',
  'rejected',
  'remove',
  'orphaned',
]);
/** The states of a task up to running, in order. A task of a job goes on to `complete`. */
export const TASK_STATES: readonly string[] = [
  'new',
  'allocated',
  'pending',
  'assigned',
  'accepted',
  'preparing',
  'ready',
  'starting',
  'running',
];
/** A node is at work on a task in one of these states. */
export const ON_NODE: ReadonlySet<string> = new Set(TASK_STATES.slice(TASK_STATES.indexOf('assigned')));
/** The desired states of a task that is to end. */
export const ENDING: ReadonlySet<string> = new Set(['shutdown', 'remove']);

/** Whether a task is on its way to running. */
export const isStarting = (task: TaskSeen): boolean =>
  task.state !== 'running' && TASK_STATES.includes(task.state);

export const isTerminal = (task: TaskSeen): boolean => isTerminalState(task.state);

export const isTerminalState = (state: string): boolean => TERMINAL.has(state);

/** The ids of the nodes of which the manager does not know whether their tasks still run. */
export const silentNodes = ({ nodes }: Pick<Seen, 'nodes'>): ReadonlySet<string> =>
  new Set(nodes.filter(({ down, unknown }) => down || unknown === true).map(({ id }) => id));

export const isFailed = (task: TaskSeen): boolean => task.state === 'failed' || task.state === 'rejected';

/**
 * Whether a task ended badly: it failed, it completed although the service should go on running, or its health check has
 * stopped it.
 * @param unhealthy the ids of the tasks that a health check has stopped (unhealthy.ts)
 */
export function endedBadly(task: TaskSeen, service: ServiceSeen, unhealthy: ReadonlySet<string>): boolean {
  if (isFailed(task)) return true;
  return (
    task.state === 'complete' && ((service.restart === 'any' && !isJob(service)) || unhealthy.has(task.id))
  );
}

/** The error of a task that its health check has stopped. The engine gives none. */
const STOPPED_BY_CHECK = 'stopped because its health check failed (it exited with 0)';

/** The task, with the reason that the engine does not give. */
export const explained = (task: TaskSeen, unhealthy: ReadonlySet<string>): TaskSeen =>
  task.error === '' && unhealthy.has(task.id) ? { ...task, error: STOPPED_BY_CHECK } : task;

/** Whether a service is a job: its tasks are meant to end. */
export const isJob = ({ mode }: ServiceSeen): boolean =>
  mode.kind === 'replicated-job' || mode.kind === 'global-job';

/** Whether a service has one slot for each eligible node. */
export const isGlobal = (mode: Mode): mode is Extract<Mode, { kind: 'global' | 'global-job' }> =>
  mode.kind === 'global' || mode.kind === 'global-job';

/** Whether a task belongs to the current spec; for a job: to its current run. */
export function isCurrent(task: TaskSeen, service: ServiceSeen): boolean {
  return isJob(service) ? task.jobIteration === service.jobIteration : task.upToDate;
}

/**
 * The wanted slots, in the order in which they are shown.
 * @param unhealthy the ids of the tasks that a health check has stopped (unhealthy.ts)
 * @param mustComplete whether a task that runs is not enough: it has to complete, as that of a job
 */
export function slotsOf(seen: Seen, unhealthy: ReadonlySet<string>, mustComplete = false): readonly Slot[] {
  const { service, tasks } = seen;
  const silent = silentNodes(seen);
  const kept = tasks.filter(({ desired }) => desired !== 'remove');
  const byKey = groupBy(kept, (task) => keyOf(task, service));
  return wantedSlots(seen, byKey).map(({ key, label, disputed }) => {
    const own = byKey.get(key) ?? [];
    const task = representativeOf(own, service);
    return {
      key,
      label,
      ...(task === undefined ? {} : { task: explained(task, unhealthy) }),
      satisfied:
        disputed !== true &&
        task !== undefined &&
        !unhealthy.has(task.id) &&
        !(mustComplete && task.state !== 'complete') &&
        isSatisfied(task, service, silent),
      exhausted: task !== undefined && isExhausted(task, service, unhealthy),
      ...(disputed === true ? { disputed } : {}),
    };
  });
}

export function keyOf(task: TaskSeen, service: ServiceSeen): string {
  return isGlobal(service.mode) ? (task.nodeId ?? '') : String(task.slot ?? 0);
}

function wantedSlots(
  { service, nodes }: Seen,
  byKey: ReadonlyMap<string, readonly TaskSeen[]>,
): WantedSlot[] {
  const { mode } = service;
  if (isGlobal(mode)) return wantedNodes({ service, nodes }, byKey);
  const wanted = mode.kind === 'replicated' ? mode.replicas : mode.completions;
  // The engine numbers slots from 1 (jobs: from 0). After a scale down any of them may be left, so the numbers can have
  // gaps. It keeps slots with a running task first, then slots with a task that should run (swarmkit
  // manager/orchestrator/replicated/services.go, reconcile).
  const places = [...byKey].map(([key, tasks]) => {
    const live = tasks.filter((task) => !ENDING.has(task.desired));
    return {
      key: Number(key),
      rank: live.some(({ state }) => state === 'running') ? 2 : Math.min(live.length, 1),
    };
  });
  const chosen = places
    .sort((a, b) => b.rank - a.rank || a.key - b.key)
    .slice(0, wanted)
    .map(({ key }) => key);
  const taken = new Set(chosen);
  const first = mode.kind === 'replicated' ? 1 : 0;
  for (let number = first; chosen.length < wanted; number += 1) {
    if (!taken.has(number)) chosen.push(number);
  }
  return chosen
    .sort((a, b) => a - b)
    .map((key, index) => ({ key: String(key), label: `${index + 1}/${wanted}` }));
}

/**
 * The eligible nodes, and the nodes on which the engine has a live task all the same. Where these differ, the engine is
 * not done yet, or it reads a constraint in another way than we do. Such a slot is not satisfied: the verdict waits.
 */
function wantedNodes(
  { service, nodes }: Pick<Seen, 'service' | 'nodes'>,
  byKey: ReadonlyMap<string, readonly TaskSeen[]>,
): WantedSlot[] {
  const known = new Map(nodes.map((node) => [node.id, node]));
  // Down or drained, a node keeps its task of a global job, and the engine makes no other (seen on 28.5).
  const hasTask = ({ id }: NodeSeen): boolean =>
    byKey.get(id)?.some((task) => isCurrent(task, service) && (isJob(service) || isLive(task))) === true;
  const eligible = nodes
    .filter(
      (node) => (isJob(service) && hasTask(node)) || isEligible(node, service.constraints, hasTask(node)),
    )
    .map(({ id, name }): WantedSlot => ({ key: id, label: name }));
  const wanted = new Set(eligible.map(({ key }) => key));
  const disputed = [...byKey]
    .filter(
      ([key, tasks]) =>
        key !== '' && !wanted.has(key) && isDisputed(known.get(key), service) && tasks.some(isLive),
    )
    .map(([key]): WantedSlot => ({ key, label: known.get(key)?.name ?? key, disputed: true }));
  return [...eligible, ...disputed].sort((a, b) => (a.label < b.label ? -1 : Number(a.label > b.label)));
}

/** Not on a node that is down, nor on a paused one, where the engine leaves tasks of older specs alone. */
const isDisputed = (node: NodeSeen | undefined, { constraints }: ServiceSeen): boolean =>
  node === undefined || !(node.down || keepsOldTasks(node, constraints));

/**
 * Whether the engine leaves tasks of older specs of a global service alone on this node: it is paused (swarmkit
 * manager/orchestrator/global/global.go, reconcileServices).
 */
export const keepsOldTasks = (node: NodeSeen, constraints: readonly string[]): boolean =>
  node.availability === 'pause' && isEligible(node, constraints, true);

/** Whether the engine wants a task to go on running. */
export const isLive = (task: TaskSeen): boolean => !isTerminal(task) && !ENDING.has(task.desired);

/** A wanted slot before its tasks are looked at. */
type WantedSlot = Pick<Slot, 'key' | 'label' | 'disputed'>;

/**
 * The representative task: the newest task of the current spec that should run. One that has failed comes after the
 * others: the engine may not have noted its end yet. If there is none, the newest task of all. (The history may hold
 * finished tasks of the same spec, because a rollback brings an old spec back.)
 */
function representativeOf(tasks: readonly TaskSeen[], service: ServiceSeen): TaskSeen | undefined {
  const rank = (task: TaskSeen): number =>
    !isCurrent(task, service) || ENDING.has(task.desired) ? 0 : isFailed(task) ? 1 : 2;
  return [...tasks].sort((a, b) => rank(b) - rank(a) || newestFirst(a, b))[0];
}

/** Go leaves out trailing zeros of a fraction of a second, so compare times as numbers first, then as texts. */
function newestFirst(a: TaskSeen, b: TaskSeen): number {
  return Date.parse(b.createdAt) - Date.parse(a.createdAt) || (a.createdAt < b.createdAt ? 1 : -1);
}

function isSatisfied(task: TaskSeen, service: ServiceSeen, silent: ReadonlySet<string>): boolean {
  if (!isCurrent(task, service)) return false;
  if (isJob(service)) return task.state === 'complete';
  if (task.state === 'running') return task.desired === 'running' && !silent.has(task.nodeId ?? '');
  // It completed, and the engine will start no other. It sets the desired state before it decides whether it starts one.
  return task.state === 'complete' && ENDING.has(task.desired) && service.restart !== 'any';
}

/**
 * Whether a slot's task ended badly and gets no successor. The engine sets the desired state of an ended task to
 * "shutdown" and creates its successor in one transaction (swarmkit manager/orchestrator/restart/restart.go, Restart). So
 * an ended task with that desired state that is still the newest has no successor. With the restart condition "none"
 * there never is one, even before the engine has set the desired state.
 */
function isExhausted(task: TaskSeen, service: ServiceSeen, unhealthy: ReadonlySet<string>): boolean {
  const isLast =
    ENDING.has(task.desired) ||
    (service.restart === 'none' && isFailed(task)) ||
    // To the engine, a task of a job that completes is done.
    (isJob(service) && task.state === 'complete');
  return isCurrent(task, service) && isLast && endedBadly(task, service, unhealthy);
}
