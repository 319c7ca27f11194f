/** How a verdict ends the command. */
import type { Outcome } from '../errors.ts';
import type { Verdict } from '../rollout/state.ts';

/** The outcome of a verdict: errors.ts has its exit code. */
export function outcomeOf(verdict: Verdict): Outcome {
  switch (verdict.kind) {
    case 'converged':
      return 'done';
    case 'rolledBack':
    case 'paused':
    case 'timedOut':
      return verdict.kind;
    case 'failed':
      return 'tasksFailed';
    case 'superseded':
    case 'removed':
      return 'notOurs';
    case 'interrupted':
      return verdict.signal;
    case 'lost':
    case 'refused':
    case 'progressing':
      return 'failed';
  }
}
