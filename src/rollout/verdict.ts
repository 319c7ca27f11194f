/** The verdict on a rollout: the one place where it is decided. */
import type { NodeSeen, UpdatePolicy, Seen, ServiceSeen, TaskSeen } from './observation.ts';
import { isImage } from './image.ts';
import { isCurrent, isJob, isStarting } from './slots.ts';
import type { FailedSlot, RolloutState, Verdict } from './state.ts';

/** Whether a verdict ends the watch. */
export const isOver = (verdict: Verdict): boolean => verdict.kind !== 'progressing';

/** Whether the engine goes back to the previous spec, by itself or because it was asked to. */
export const isRollingBack = ({ reverted, intent, seen }: RolloutState): boolean =>
  reverted !== undefined ||
  intent.action === 'rollback' ||
  seen?.service.update?.state.startsWith('rollback_') === true;

/**
 * Whether an update or a rollback is in progress in the engine. The status of a job says nothing: its tasks are not
 * updated, each run has new ones. A rollback that somebody asks for begins one that never ends (seen on 28.5).
 */
export const isRolling = (service: ServiceSeen): boolean =>
  !isJob(service) && (service.update?.state === 'updating' || service.update?.state === 'rollback_started');

/** The policy that counts now: RollbackConfig while the engine goes back, else UpdateConfig. */
export function policyOf(state: RolloutState, { service }: Seen): UpdatePolicy {
  return isRollingBack(state) ? service.rollbackPolicy : service.updatePolicy;
}

/**
 * Decides the verdict: the first of these that holds.
 *
 * 1. superseded   the stored spec is neither what our change set, nor the spec that the engine itself put back
 * 2. paused       the engine paused the update or the rollback
 * 3. converged    every wanted slot is satisfied, nothing is left over, and it has stayed so (`stableFrom`); `rolledBack`
 *                 if that is the spec that the engine put back. A partial poll cannot confirm it: a full one is due
 * 4. failed       a slot failed too often in a row, or its task ended badly and gets no successor. The next full poll has to
 *                 confirm it
 * 5. timedOut     `--timeout` has passed
 * 6. failed/lost  nothing has changed, or the manager was not reached, for the progress deadline
 * 7. progressing
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
  const update = service.update?.state;
  const { image } = state.intent;
  const isOtherImage = image !== undefined && !isImage(service.image, image);
  if (service.owned !== state.expected || isOtherImage) return { kind: 'superseded' };
  if (update === 'paused' || update === 'rollback_paused') {
    return { kind: 'paused', message: service.update?.message ?? '' };
  }
  const stable = stableFrom(state, seen);
  if (stable !== undefined && state.at >= stable) {
    if (seen.partial === true) return { kind: 'progressing', wakeAt: state.at };
    return { kind: state.reverted === undefined ? 'converged' : 'rolledBack' };
  }
  const { failed } = state;
  if (failed !== undefined) {
    // A poll asks for the service and its tasks at the same time, so the service may be older than the failures. Only the
    // next full poll surely shows whether the engine has paused or rolls back because of them, and whether they belong to
    // another change.
    const isConfirmed = failed.since < state.at && seen.partial !== true;
    return isConfirmed ? failed.verdict : { kind: 'progressing', wakeAt: state.at };
  }
  return stable === undefined ? undefined : { kind: 'progressing', wakeAt: stable };
}

/**
 * From when on a satisfied service counts as converged (ms): at once for a job, and when the engine itself has monitored
 * these tasks and called the update completed; else after the monitor period. Undefined while the service is not
 * satisfied, and while the engine is at work - unless it waits for a task that will never run.
 */
export function stableFrom(state: RolloutState, seen: Seen): number | undefined {
  const { stableSince, slots, hadOutage } = state;
  const { service } = seen;
  if (stableSince === undefined) return undefined;
  if (isRolling(service) && awaitedNodes(seen).length === 0) return undefined;
  const { monitor, failureAction } = policyOf(state, seen);
  const { updateCompletedAt: completedAt } = service;
  const isMonitored =
    completedAt !== undefined &&
    hadOutage !== true &&
    failureAction !== 'continue' &&
    slots.every(({ task }) => task !== undefined && wasMonitored(task, completedAt, monitor));
  return isJob(service) || isMonitored ? stableSince : stableSince + monitor;
}

/**
 * Whether the engine has monitored a task before it called the update completed. Of a task that it restarted, or made for
 * another reason, it did not. Where no task has to be replaced it completes at once, as a rollback of replicas alone does
 * (swarmkit manager/orchestrator/update/updater.go, Run).
 */
function wasMonitored({ createdAt, since }: TaskSeen, completedAt: number, monitor: number): boolean {
  return Date.parse(createdAt) + monitor <= completedAt && (since ?? completedAt) <= completedAt;
}

/**
 * The nodes that went down while a task of the current spec was starting there. The engine's updater waits for that task
 * for ever, although another has replaced it (seen on 28.5; swarmkit manager/orchestrator/update/updater.go, updateTask).
 */
export function awaitedNodes({ service, tasks, nodes }: Seen): readonly NodeSeen[] {
  const awaited = new Set(
    tasks.filter((task) => isStarting(task) && isCurrent(task, service)).map(({ nodeId }) => nodeId),
  );
  return nodes.filter(({ id, down }) => down && awaited.has(id));
}

/** Whether an update is in progress that the engine pauses or rolls back when tasks fail. */
const isEngineActing = (state: RolloutState, seen: Seen): boolean =>
  isRolling(seen.service) && policyOf(state, seen).failureAction !== 'continue';

/**
 * The verdict on a slot that has failed for good. While an update is in progress whose failure action is pause or
 * rollback, a task without successor is left to the engine: it acts within milliseconds, or tolerates the failure.
 */
export function failedSlot(state: RolloutState, seen: Seen): FailedSlot | undefined {
  const { maxFailures } = state.intent;
  for (const slot of state.slots) {
    if (slot.exhausted && !isEngineActing(state, seen))
      return { kind: 'failed', why: 'exhausted', label: slot.label };
    const failures = state.past.get(slot.key)?.failuresInARow ?? 0;
    if (maxFailures > 0 && failures >= maxFailures)
      return { kind: 'failed', why: 'max-failures', label: slot.label };
  }
  return undefined;
}

/**
 * When the lack of progress becomes a verdict (ms). The engine's own delays between batches do not count as a lack of
 * progress, nor does the monitor period of a satisfied service.
 */
function deadlineOf(state: RolloutState): number {
  const { progressDeadline } = state.intent;
  if (progressDeadline === 0) return Infinity;
  if (state.unreachable !== undefined) return state.unreachable.since + progressDeadline;
  const { seen } = state;
  if (seen === undefined) return state.intent.startedAt + progressDeadline;
  const { delay, monitor } = policyOf(state, seen);
  const idle = state.slots.every(({ task }) => task?.state === 'running' || task?.state === 'complete');
  const engineWait = seen.service.update !== undefined && idle ? delay + monitor : 0;
  const ownWait = state.stableSince === undefined ? 0 : monitor;
  return state.progressedAt + Math.max(progressDeadline, engineWait, ownWait);
}
