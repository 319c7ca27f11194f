/** The end of a rollout: the closed set of verdicts, and the one place where they are weighed. */
import type { Rolling, Seen, ServiceSeen } from './observation.ts';
import { isJob } from './slots.ts';
import type { RolloutState } from './state.ts';

/** Why a rollout failed: see the cases of `judge`. */
export type FailedWhy = 'max-failures' | 'exhausted' | 'deadline';

export type Verdict =
  /** Not over; `wakeAt` (ms since the epoch) is when time alone can change that. */
  | { readonly kind: 'progressing'; readonly wakeAt: number }
  | { readonly kind: 'converged' }
  | { readonly kind: 'rolledBack' }
  | { readonly kind: 'paused'; readonly message: string }
  | { readonly kind: 'failed'; readonly why: FailedWhy; readonly label?: string }
  | { readonly kind: 'superseded' }
  | { readonly kind: 'removed' }
  | { readonly kind: 'timedOut' }
  | { readonly kind: 'interrupted'; readonly signal: 'SIGINT' | 'SIGTERM' }
  /** The manager was not reached again within the progress deadline. */
  | { readonly kind: 'lost'; readonly reason: string };

/** Whether the watching ends with it. */
export const isOver = (verdict: Verdict): boolean => verdict.kind !== 'progressing';

/** Whether the engine goes back to the spec before, by itself or asked to. */
export const goesBack = ({ reverted, intent }: RolloutState): boolean =>
  reverted !== undefined || intent.action === 'rollback';

/** Whether the engine is at work on an update or a rollback. */
export const isRolling = ({ update }: ServiceSeen): boolean =>
  update?.state === 'updating' || update?.state === 'rollback_started';

/** The direction the engine rolls in: its rollback's rules count while it goes back, asked for or not. */
export function rollingOf(state: RolloutState, { service }: Seen): Rolling {
  return goesBack(state) ? service.rollingBack : service.updating;
}

/**
 * Weighs what is known. The first that holds, in this order:
 *
 * 1. superseded   the stored spec is not ours, nor the one that the engine itself put back
 * 2. rolledBack   the engine finished putting the previous spec back, whatever the counts say
 * 3. paused       the engine stopped, of the update or of the rollback
 * 4. converged    every wanted slot satisfied, nothing left over, and it has stayed so (`stableFrom`); where the look
 *                 was partial, another at everything is due at once
 * 5. failed       a slot failed too often running, or ended badly with no successor to come
 * 6. timedOut     the whole time allowed has passed
 * 7. failed/lost  nothing moved, or the manager was away, for the progress deadline
 * 8. progressing
 *
 * `removed` and `interrupted` come from observations of their own and end the rollout at once (reduce.ts).
 */
export function judge(state: RolloutState): Verdict {
  const { intent, seen, at } = state;
  const timeoutAt = intent.timeout === undefined ? Infinity : intent.startedAt + intent.timeout;
  const stuckAt = deadlineOf(state);
  const fromEngine =
    seen === undefined || state.unreachable !== undefined ? undefined : judgeSeen(state, seen);
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
  if (service.spec !== state.expected) return { kind: 'superseded' };
  if (state.reverted !== undefined && update === 'rollback_completed') return { kind: 'rolledBack' };
  if (update === 'paused' || update === 'rollback_paused') {
    return { kind: 'paused', message: service.update?.message ?? '' };
  }
  const stable = stableFrom(state, seen);
  if (stable !== undefined && state.at >= stable) {
    return seen.partial === true ? { kind: 'progressing', wakeAt: state.at } : { kind: 'converged' };
  }
  const failed = failedSlot(state, seen);
  if (failed !== undefined) return failed;
  return stable === undefined ? undefined : { kind: 'progressing', wakeAt: stable };
}

/**
 * When a satisfied rollout counts as converged: at once when it is a job or the engine has monitored it itself
 * and said so; after the monitor period otherwise. Undefined while it isn't satisfied or the engine is at work.
 */
export function stableFrom(state: RolloutState, seen: Seen): number | undefined {
  if (state.stableSince === undefined || isRolling(seen.service)) return undefined;
  const { monitor, failureAction } = rollingOf(state, seen);
  const engineSaysSo = seen.service.update !== undefined && failureAction !== 'continue';
  return isJob(seen.service) || engineSaysSo ? state.stableSince : state.stableSince + monitor;
}

/**
 * A slot that has failed for good. Where the engine is rolling and acts on failures itself (pause, rollback),
 * a slot without successor is left to it: it judges within milliseconds, or goes on because it may.
 */
function failedSlot(state: RolloutState, seen: Seen): Verdict | undefined {
  const { maxFailures } = state.intent;
  const engineActs = isRolling(seen.service) && rollingOf(state, seen).failureAction !== 'continue';
  for (const slot of state.slots) {
    if (slot.exhausted && !engineActs) return { kind: 'failed', why: 'exhausted', label: slot.label };
    const failures = state.past.get(slot.key)?.failuresRunning ?? 0;
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
  const { delay, monitor } = rollingOf(state, seen);
  const idle = state.slots.every(({ task }) => task?.state === 'running' || task?.state === 'complete');
  const engineWait = seen.service.update !== undefined && idle ? delay + monitor : 0;
  const ownWait = state.stableSince === undefined ? 0 : monitor;
  return state.movedAt + Math.max(progressDeadline, engineWait, ownWait);
}
