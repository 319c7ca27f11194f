/** Whether a slot has failed for good, and from when on that is a verdict. */
import type { Seen } from './observation.ts';
import { isJob } from './slots.ts';
import type { Slot } from './slots.ts';
import type { FailedSlot, RolloutState } from './state.ts';
import { isRolling, policyOf, updaterPolicy } from './verdict.ts';
import { engineReadsFailuresAt } from './waiting.ts';

/**
 * The first slot that has failed for good, with the verdict on it; undefined if there is none.
 *
 * While an update is in progress whose failure action is pause or rollback, the engine decides about a task without a successor:
 * it acts within milliseconds, or tolerates the failure. Failures in a row count once the engine has had its turn.
 *
 * @param before what this gave for the last poll
 */
export function failedSlot(
  state: RolloutState,
  seen: Seen,
  before: FailedSlot | undefined,
): FailedSlot | undefined {
  const { maxFailures } = state.intent;
  const isEngineActing = isRolling(seen.service) && updaterPolicy(seen.service).failureAction !== 'continue';
  const since = before?.since ?? seen.at;
  for (const slot of state.slots) {
    const { label } = slot;
    if (slot.exhausted && !isEngineActing)
      return {
        verdict: { kind: 'failed', why: 'exhausted', label },
        since,
        countsFrom: exhaustedFrom(slot, state, seen),
      };
    const failures = state.past.get(slot.key)?.failuresInARow ?? 0;
    if (maxFailures > 0 && failures >= maxFailures)
      return {
        verdict: { kind: 'failed', why: 'max-failures', label },
        since,
        countsFrom: isEngineActing ? engineReadsFailuresAt(state, seen) : seen.at,
      };
  }
  return undefined;
}

/**
 * From when on (ms) a slot whose task has no successor counts as failed. For jobs, the engine makes another task with the next event of the
 * service, whatever the restart condition (swarmkit manager/orchestrator/jobs; seen on 28.5). So those get the monitor period.
 */
function exhaustedFrom({ key, task }: Slot, state: RolloutState, seen: Seen): number {
  if (!isJob(seen.service) || task?.state === 'complete') return seen.at;
  return (state.past.get(key)?.representative?.since ?? seen.at) + policyOf(state, seen).monitor;
}
