/** Tasks sorted into the places that a service wants filled: slots, nodes, or a job's completions. */
import { isEligible } from './constraints.ts';
import type { Mode, Seen, ServiceSeen, TaskSeen } from './observation.ts';

/** One wanted place and how far it is. */
export interface Slot {
  /** The slot's number or the node's id. */
  readonly key: string;
  /** As progress names it: "1/4", or the node's name. */
  readonly label: string;
  /** The task that speaks for the slot: the newest of the new spec, else of the old; none before the first. */
  readonly task?: TaskSeen;
  /** It has a task of the new spec in the wanted state. */
  readonly satisfied: boolean;
  /** Its last task ended badly and the engine will not start another. */
  readonly exhausted: boolean;
  /** Of a global service: the engine has a task on a node that should have none. One of us two is behind. */
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
/** The states on a task's way to running, in their order; jobs go on to complete. */
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
const ON_NODE: ReadonlySet<string> = new Set(TASK_STATES.slice(TASK_STATES.indexOf('assigned')));
const ENDING: ReadonlySet<string> = new Set(['shutdown', 'remove']);

/** Whether a task is on its way to running. */
export const isStarting = (task: TaskSeen): boolean =>
  task.state !== 'running' && TASK_STATES.includes(task.state);

/** Whether a task is over. */
export const isTerminal = (task: TaskSeen): boolean => TERMINAL.has(task.state);

const isRunning = (task: TaskSeen): boolean => task.state === 'running';

/** Whether a task ended badly. */
export const isFailed = (task: TaskSeen): boolean => task.state === 'failed' || task.state === 'rejected';

/** Whether a task ended badly for its service: it failed, or it ended though the service is meant to go on. */
export function endedBadly(task: TaskSeen, service: ServiceSeen): boolean {
  return isFailed(task) || (task.state === 'complete' && service.restart === 'any' && !isJob(service));
}

/** Whether a service is a job: its tasks are meant to end. */
export const isJob = ({ mode }: ServiceSeen): boolean =>
  mode.kind === 'replicated-job' || mode.kind === 'global-job';

/** Whether the wanted places are the eligible nodes. */
export const isOnNodes = (mode: Mode): mode is Extract<Mode, { kind: 'global' | 'global-job' }> =>
  mode.kind === 'global' || mode.kind === 'global-job';

/** Whether a task belongs to the service's current spec and, of a job, to its current run. */
export function isCurrent(task: TaskSeen, service: ServiceSeen): boolean {
  return isJob(service) ? task.jobIteration === service.jobIteration : task.upToDate;
}

/** The wanted places, in the order in which they are shown. */
export function slotsOf(seen: Seen): readonly Slot[] {
  const { service, tasks } = seen;
  const down = downNodes(seen);
  const byKey = new Map<string, TaskSeen[]>();
  for (const task of tasks) {
    if (task.desired === 'remove') continue;
    const key = keyOf(task, service);
    byKey.set(key, [...(byKey.get(key) ?? []), task]);
  }
  return wantedPlaces(seen, byKey).map(({ key, label, disputed }) => {
    const own = byKey.get(key) ?? [];
    const task = representativeOf(own, service);
    return {
      key,
      label,
      ...(task === undefined ? {} : { task }),
      satisfied: disputed !== true && task !== undefined && isSatisfied(task, service, down),
      exhausted: task !== undefined && isExhausted(task, service),
      ...(disputed === true ? { disputed } : {}),
    };
  });
}

/**
 * Tasks that are still on a node that is up though nothing wants them: of older specs, of slots scaled down. The engine
 * may not have come to telling them so.
 */
export function leftovers(seen: Seen, slots: readonly Slot[]): readonly TaskSeen[] {
  const { service, tasks } = seen;
  const down = downNodes(seen);
  const wanted = service.mode.kind === 'replicated' ? new Set(slots.map(({ key }) => key)) : undefined;
  return tasks.filter(
    (task) =>
      ON_NODE.has(task.state) &&
      !down.has(task.nodeId ?? '') &&
      (ENDING.has(task.desired) || !isCurrent(task, service) || wanted?.has(keyOf(task, service)) === false),
  );
}

function downNodes(seen: Seen): ReadonlySet<string> {
  return new Set(seen.nodes.filter(({ down }) => down).map(({ id }) => id));
}

/** The key of the place that a task is in. */
export function keyOf(task: TaskSeen, service: ServiceSeen): string {
  return isOnNodes(service.mode) ? (task.nodeId ?? '') : String(task.slot ?? 0);
}

function wantedPlaces({ service, nodes }: Seen, byKey: ReadonlyMap<string, readonly TaskSeen[]>): Place[] {
  const { mode } = service;
  if (isOnNodes(mode)) return wantedNodes({ service, nodes }, byKey);
  const wanted = mode.kind === 'replicated' ? mode.replicas : mode.completions;
  // The engine numbers slots from 1 (jobs: from 0) but keeps any after a scale down, so the numbers may have
  // gaps. When there are more than are wanted it keeps those whose task runs, then those whose task should.
  const places = [...byKey].map(([key, tasks]) => {
    const live = tasks.filter((task) => !ENDING.has(task.desired));
    return { key: Number(key), rank: live.some(isRunning) ? 2 : Math.min(live.length, 1) };
  });
  const kept = places
    .sort((a, b) => b.rank - a.rank || a.key - b.key)
    .slice(0, wanted)
    .map(({ key }) => key);
  const taken = new Set(kept);
  const first = mode.kind === 'replicated' ? 1 : 0;
  for (let number = first; kept.length < wanted; number += 1) {
    if (!taken.has(number)) kept.push(number);
  }
  return kept
    .sort((a, b) => a - b)
    .map((key, index) => ({ key: String(key), label: `${index + 1}/${wanted}` }));
}

/**
 * The nodes that should have a task, and those that the engine has one on all the same: where the two differ, either
 * the engine is not done or we read a constraint in another way than it does.
 */
function wantedNodes(
  { service, nodes }: Pick<Seen, 'service' | 'nodes'>,
  byKey: ReadonlyMap<string, readonly TaskSeen[]>,
): Place[] {
  const known = new Map(nodes.map((node) => [node.id, node]));
  const eligible = nodes
    .filter((node) => isEligible(node, service.constraints, byKey.has(node.id)))
    .map(({ id, name }): Place => ({ key: id, label: name }));
  const wanted = new Set(eligible.map(({ key }) => key));
  const disputed = [...byKey]
    .filter(
      ([key, tasks]) => key !== '' && !wanted.has(key) && known.get(key)?.down !== true && tasks.some(isLive),
    )
    .map(([key]): Place => ({ key, label: known.get(key)?.name ?? key, disputed: true }));
  return [...eligible, ...disputed].sort((a, b) => (a.label < b.label ? -1 : Number(a.label > b.label)));
}

/** Whether the engine means a task to run on. */
const isLive = (task: TaskSeen): boolean => !isTerminal(task) && !ENDING.has(task.desired);

interface Place {
  readonly key: string;
  readonly label: string;
  readonly disputed?: true;
}

/**
 * The task of the new spec that should run; where there is none, the newest of all. (History may hold finished
 * tasks of the same spec from before: a rollback's spec is an old one.)
 */
function representativeOf(tasks: readonly TaskSeen[], service: ServiceSeen): TaskSeen | undefined {
  const speaks = (task: TaskSeen): number => (isCurrent(task, service) && !ENDING.has(task.desired) ? 1 : 0);
  return [...tasks].sort((a, b) => speaks(b) - speaks(a) || newestFirst(a, b))[0];
}

/** Go cuts trailing zeros off fractions of seconds, so times compare as numbers, then as text. */
function newestFirst(a: TaskSeen, b: TaskSeen): number {
  return Date.parse(b.createdAt) - Date.parse(a.createdAt) || (a.createdAt < b.createdAt ? 1 : -1);
}

function isSatisfied(task: TaskSeen, service: ServiceSeen, down: ReadonlySet<string>): boolean {
  if (!isCurrent(task, service)) return false;
  if (isJob(service)) return task.state === 'complete';
  if (task.state === 'running') return task.desired === 'running' && !down.has(task.nodeId ?? '');
  // Ran to its end, and the engine leaves it there: it shuts a task down for good before it decides on another.
  return task.state === 'complete' && ENDING.has(task.desired) && service.restart !== 'any';
}

/**
 * The restart supervisor sets a finished task to "shutdown" and makes its successor in one transaction, so a
 * finished task that is to be shut down and still speaks for its slot has no successor (swarmkit
 * manager/orchestrator/restart, Restart). Under the condition "none" it may have none, whatever is still to be written.
 */
function isExhausted(task: TaskSeen, service: ServiceSeen): boolean {
  const isLast = ENDING.has(task.desired) || (service.restart === 'none' && isFailed(task));
  return isCurrent(task, service) && isLast && endedBadly(task, service);
}
