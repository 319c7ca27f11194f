/** The end of a rollout: the closed set of verdicts, and the one place where they are weighed. */
import type { NodeSeen, UpdatePolicy, Seen, ServiceSeen } from './observation.ts';
import { isCurrent, isJob, isStarting } from './slots.ts';
import type { RolloutState, Verdict } from './state.ts';

/** Whether the watching ends with it. */
export const isOver = (verdict: Verdict): boolean => verdict.kind !== 'progressing';

/** Whether the engine goes back to the spec before, by itself or asked to. */
export const isRollingBack = ({ reverted, intent, seen }: RolloutState): boolean =>
  reverted !== undefined ||
  intent.action === 'rollback' ||
  seen?.service.update?.state.startsWith('rollback_') === true;

/** Whether the engine is at work on an update or a rollback. */
export const isRolling = ({ update }: ServiceSeen): boolean =>
  update?.state === 'updating' || update?.state === 'rollback_started';

/** The direction the engine rolls in: its rollback's rules count while it goes back, asked for or not. */
export function policyOf(state: RolloutState, { service }: Seen): UpdatePolicy {
  return isRollingBack(state) ? service.rollbackPolicy : service.updatePolicy;
}

/**
 * Weighs what is known. The first that holds, in this order:
 *
 * 1. superseded   what our change set is not stored any more, nor is the spec that the engine itself put back
 * 2. paused       the engine stopped, of the update or of the rollback
 * 3. converged    every wanted slot satisfied, nothing left over, and it has stayed so (`stableFrom`); `rolledBack`
 *                 where that is the spec that the engine put back. After a partial poll a full one is due at once
 * 4. failed       a slot failed too often in a row, or ended badly with no successor to come
 * 5. timedOut     the whole time allowed has passed
 * 6. failed/lost  nothing moved, or the manager was away, for the progress deadline
 * 7. progressing
 *
 * `removed`, `refused` and `interrupted` come from observations of their own and end the rollout (reduce.ts).
 */
export function judge(state: RolloutState): Verdict {
  const { intent, seen, at } = state;
  const timeoutAt = intent.timeout === undefined ? Infinity : intent.startedAt + intent.timeout;
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
  if (service.owned !== state.expected) return { kind: 'superseded' };
  if (update === 'paused' || update === 'rollback_paused') {
    return { kind: 'paused', message: service.update?.message ?? '' };
  }
  const stable = stableFrom(state, seen);
  if (stable !== undefined && state.at >= stable) {
    if (seen.partial === true) return { kind: 'progressing', wakeAt: state.at };
    return { kind: state.reverted === undefined ? 'converged' : 'rolledBack' };
  }
  const failed = failedSlot(state, seen);
  if (failed !== undefined) return failed;
  return stable === undefined ? undefined : { kind: 'progressing', wakeAt: stable };
}

/**
 * When a satisfied rollout counts as converged: at once when it is a job or the engine has monitored these tasks itself
 * and said so; after the monitor period otherwise. Undefined while it isn't satisfied or the engine is at work, other
 * than on a task that it will wait for in vain.
 */
export function stableFrom(state: RolloutState, seen: Seen): number | undefined {
  const { stableSince, slots } = state;
  const { service } = seen;
  if (stableSince === undefined) return undefined;
  if (isRolling(service) && awaitedNodes(seen).length === 0) return undefined;
  const { monitor, failureAction } = policyOf(state, seen);
  const { updateCompletedAt: completedAt } = service;
  const isMonitored =
    completedAt !== undefined &&
    failureAction !== 'continue' &&
    slots.every(({ task }) => task !== undefined && Date.parse(task.createdAt) <= completedAt);
  return isJob(service) || isMonitored ? stableSince : stableSince + monitor;
}

/**
 * Nodes that are down and were given a task of the new spec that never came to run. The engine's updater waits for it
 * for ever, though another has taken its place (seen on 28.5; swarmkit manager/orchestrator/update, updateTask).
 */
export function awaitedNodes({ service, tasks, nodes }: Seen): readonly NodeSeen[] {
  const awaited = new Set(
    tasks.filter((task) => isStarting(task) && isCurrent(task, service)).map(({ nodeId }) => nodeId),
  );
  return nodes.filter(({ id, down }) => down && awaited.has(id));
}

/**
 * A slot that has failed for good. Where the engine is rolling and acts on failures itself (pause, rollback),
 * a slot without successor is left to it: it judges within milliseconds, or goes on because it may.
 */
function failedSlot(state: RolloutState, seen: Seen): Verdict | undefined {
  const { maxFailures } = state.intent;
  const engineActs = isRolling(seen.service) && policyOf(state, seen).failureAction !== 'continue';
  for (const slot of state.slots) {
    if (slot.exhausted && !engineActs) return { kind: 'failed', why: 'exhausted', label: slot.label };
    const failures = state.past.get(slot.key)?.failuresInARow ?? 0;
    if (maxFailures > 0 && failures >= maxFailures)
      return { kind: 'failed', why: 'max-failures', label: slot.label };
  }
  return undefined;
}

/**
 * When the lack of movement becomes a verdict. The engine's own waits between batches are no lack of movement,
 * and neither is a stable service's monitor period.
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
