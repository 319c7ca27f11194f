/** The verdict on a rollout: the one place where it is decided. */
import { losesAllNodes } from './constraints.ts';
import type { UpdatePolicy, Seen, ServiceSeen, TaskSeen } from './observation.ts';
import { isImage } from './image.ts';
import { isCurrent, isJob, isStarting, isTerminal } from './slots.ts';
import type { RolloutState, Verdict } from './state.ts';

/** Whether a verdict ends the watch. */
export const isOver = (verdict: Verdict): boolean => verdict.kind !== 'progressing';

/** Whether the engine rolls back to the previous spec, by itself or because it was asked to, or has done so. */
export function isRollingBack({ engineRollback, intent, seen }: RolloutState): boolean {
  if (engineRollback !== undefined || intent.action === 'rollback') return true;
  const { state = '' } = seen?.service.update ?? {};
  return state.startsWith('rollback_') && !(intent.isWanted === true && state === 'rollback_completed');
}

/**
 * Whether an update or a rollback is in progress in the engine. The status of a job says nothing: its tasks are not
 * updated, each run has new ones. A rollback that somebody asks for begins one that never ends (seen on 28.5).
 */
export const isRolling = (service: ServiceSeen): boolean =>
  !isJob(service) && (service.update?.state === 'updating' || service.update?.state === 'rollback_started');

/** Whether the engine has paused an update or a rollback. */
export const isPaused = ({ update }: ServiceSeen): boolean =>
  update?.state === 'paused' || update?.state === 'rollback_paused';

/** The policy that counts now: RollbackConfig while the engine rolls back, else UpdateConfig. */
export function policyOf(state: RolloutState, { service }: Seen): UpdatePolicy {
  return isRollingBack(state) ? service.rollbackPolicy : service.updatePolicy;
}

/** The policy that the engine's updater follows: its status says which (swarmkit manager/orchestrator/update/updater.go, Run). */
export const updaterPolicy = ({ update, updatePolicy, rollbackPolicy }: ServiceSeen): UpdatePolicy =>
  update?.state.startsWith('rollback_') === true ? rollbackPolicy : updatePolicy;

/**
 * Decides the verdict: the first of these that holds.
 *
 * 1. superseded   the stored spec is neither what our change set, nor the spec that the engine itself rolled back to; or its
 *                 image is not that of `wait --image`
 * 2. converged    a one-shot that others wait for has completed; `failed` if it will not (`judgeGate`)
 * 3. paused       the engine paused the update or the rollback
 * 4. converged    every wanted slot is satisfied, nothing is left over, and it has stayed so (`stableFrom`); `rolledBack`
 *                 if that is the spec that the engine rolled back to; `failed` if no node is left to a global service. A partial
 *                 poll cannot confirm it: a full one is due
 * 5. failed       a slot failed too often in a row, or its task ended badly and gets no successor, and the engine need not act
 *                 on it first. The next full poll has to confirm it
 * 6. timedOut     `--timeout` has passed
 * 7. failed/lost  nothing has changed, or the manager was not reached, for the progress deadline
 * 8. progressing
 *
 * The observations `removed`, `refused` and `interrupted` bring their own verdict (reduce.ts).
 */
export function judge(state: RolloutState): Verdict {
  const { intent, seen, at } = state;
  const { timeout = Infinity, timeoutFrom = intent.startedAt } = intent;
  const timeoutAt = timeoutFrom + timeout;
  const stuckAt = deadlineOf(state);
  const fromEngine =
    seen === undefined || state.unreachable !== undefined || state.missing === true
      ? undefined
      : judgeSeen(state, seen);
  if (fromEngine !== undefined && isOver(fromEngine)) return fromEngine;
  if (at >= timeoutAt) return { kind: 'timedOut' };
  if (at >= stuckAt) {
    return state.unreachable === undefined
      ? { kind: 'failed', why: 'deadline' }
      : { kind: 'lost', reason: state.unreachable.reason };
  }
  const stableAt = fromEngine?.kind === 'progressing' ? fromEngine.wakeAt : Infinity;
  return { kind: 'progressing', wakeAt: Math.min(timeoutAt, stuckAt, stableAt) };
}

function judgeSeen(state: RolloutState, seen: Seen): Verdict | undefined {
  const { service } = seen;
  const { image } = state.intent;
  const isOtherImage = image !== undefined && !isImage(service.image, image);
  if (service.owned !== state.expected || isOtherImage) return { kind: 'superseded' };
  const gate = state.intent.mustComplete === true ? judgeGate(state, seen) : undefined;
  if (gate !== undefined) return gate;
  if (isPaused(service)) return { kind: 'paused' };
  const stable = stableFrom(state, seen);
  if (stable !== undefined && state.at >= stable) {
    if (seen.partial === true) return { kind: 'progressing', wakeAt: state.at };
    if (hasNoNodeAnyMore(seen)) return { kind: 'failed', why: 'no-node' };
    return { kind: state.engineRollback === undefined ? 'converged' : 'rolledBack' };
  }
  const { failed } = state;
  if (failed !== undefined) {
    // A poll asks for the service and its tasks at the same time, so the service may be older than the failures. Only the
    // next full poll surely shows whether the engine has paused or rolls back because of them, and whether they belong to
    // another change.
    const wakeAt = Math.max(state.at, failed.countsFrom);
    const isConfirmed = failed.since < state.at && wakeAt === state.at && seen.partial !== true;
    return isConfirmed ? failed.verdict : { kind: 'progressing', wakeAt };
  }
  return stable === undefined ? undefined : { kind: 'progressing', wakeAt: stable };
}

/**
 * The verdict on a one-shot that others wait for, once its tasks have ended. The engine's updater counts
 * every task that ends early as failed, even one that completed, and pauses (swarmkit manager/orchestrator/update/updater.go,
 * updateTask).
 */
function judgeGate(
  { stableSince, slots, engineRollback, at }: RolloutState,
  seen: Seen,
): Verdict | undefined {
  if (isJob(seen.service) || engineRollback !== undefined) return undefined;
  if (stableSince !== undefined)
    return seen.partial === true ? { kind: 'progressing', wakeAt: at } : { kind: 'converged' };
  const ended = slots.find(({ exhausted }) => exhausted);
  if (ended === undefined || seen.service.update?.state !== 'paused') return undefined;
  return { kind: 'failed', why: 'exhausted', label: ended.label };
}

/**
 * From when on a satisfied service counts as converged (ms): at once for a job, and when the engine itself has monitored
 * these tasks and called the update completed; else after the monitor period. Undefined while the service is not
 * satisfied, and while the engine is at work - unless it waits for a task that will never run.
 */
function stableFrom(state: RolloutState, seen: Seen): number | undefined {
  const { stableSince, slots, hadOutage, past } = state;
  const { service } = seen;
  if (stableSince === undefined) return undefined;
  const { monitor, failureAction } = policyOf(state, seen);
  if (hasNothingToReplace(seen)) return Math.max(stableSince + monitor, endOfWaits(state) + BUSY_ENGINE);
  if (isRolling(service) && awaitedTasks(seen).length === 0) return undefined;
  const { updateCompletedAt: completedAt } = service;
  const isMonitored =
    completedAt !== undefined &&
    hadOutage !== true &&
    failureAction !== 'continue' &&
    // The successor of a failed task may have been made early, and have begun to run just before the update was completed.
    slots.every(({ key }) => past.get(key)?.failedSince === undefined) &&
    slots.every(({ task }) => task !== undefined && wasMonitored(task, completedAt, monitor));
  return isJob(service) || isMonitored ? stableSince : stableSince + monitor;
}

/**
 * Whether the engine monitored a task before it called the update completed. It does not monitor tasks that it restarted, or made
 * outside of the update. If no task has to be replaced, the update completes at once, for example a rollback that changes only
 * the replicas (swarmkit manager/orchestrator/update/updater.go, Run).
 */
function wasMonitored({ createdAt, since }: TaskSeen, completedAt: number, monitor: number): boolean {
  return Date.parse(createdAt) + monitor <= completedAt && (since ?? completedAt) <= completedAt;
}

/**
 * The tasks of the current spec that were starting on a node that went down. The engine's updater waits for such a task
 * until the node is back, although another has replaced it (seen on 28.5; swarmkit
 * manager/orchestrator/update/updater.go, updateTask).
 */
export function awaitedTasks({ service, tasks, nodes }: Seen): readonly TaskSeen[] {
  if (!isRolling(service)) return [];
  const down = new Set(nodes.filter((node) => node.down).map(({ id }) => id));
  if (down.size === 0) return [];
  return tasks.filter((task) => isStarting(task) && isCurrent(task, service) && down.has(task.nodeId ?? ''));
}

/**
 * Whether a rollback may never end in the engine: a global service had no task that could be updated when it began. Then the
 * engine makes all tasks anew, its updater gets none of them, and the status stays (seen on 28.5; swarmkit
 * manager/orchestrator/global/global.go, reconcileServices).
 */
export const hasNothingToReplace = ({ service, tasks }: Seen): boolean =>
  service.mode.kind === 'global' &&
  service.update?.state === 'rollback_started' &&
  tasks.every((task) => isTerminal(task) || isCurrent(task, service));

/** When (ms) the last wait is over that ends by itself; without one, when something last changed. */
const endOfWaits = ({ waits, progressedAt }: RolloutState): number =>
  waits.reduce((last, { until }) => Math.max(last, until ?? 0), progressedAt);

/** Within this time (ms) also an engine that is short of processor time calls a rollback completed. */
const BUSY_ENGINE = 5_000;

/** The engine acts on what it sees, and its status can be read, within this time (ms). */
export const ENGINE_REACTION = 1_000;

function hasNoNodeAnyMore({ service, nodes, tasks }: Seen): boolean {
  const { mode, constraints, previousConstraints: before } = service;
  if (mode.kind !== 'global' || before === undefined) return false;
  // A paused node keeps the task that it has, and gets no other.
  const withTask = new Set(tasks.filter((task) => !isTerminal(task)).map(({ nodeId }) => nodeId));
  return losesAllNodes(nodes, [before, constraints], withTask);
}

/**
 * When the lack of progress becomes a verdict (ms): the progress deadline after the last change, and after the end of every
 * wait that ends by itself.
 */
function deadlineOf(state: RolloutState): number {
  const { intent, unreachable, seen } = state;
  const { progressDeadline } = intent;
  if (progressDeadline === 0) return Infinity;
  if (unreachable !== undefined) return unreachable.since + progressDeadline;
  if (seen === undefined) return intent.startedAt + progressDeadline;
  return endOfWaits(state) + progressDeadline;
}
