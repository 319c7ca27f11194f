/** The meaning and the exit code of every verdict. */
import { EXIT_CODES } from '../errors.ts';
import type { Outcome } from '../errors.ts';
import type { Result } from '../rollout/result.ts';
import type { Verdict } from '../rollout/state.ts';

/** Every verdict of a result, with its outcomes (errors.ts has their exit codes). docs/json.md shows this table. */
export const VERDICTS: Readonly<
  Record<Result['verdict'], { readonly outcomes: readonly Outcome[]; readonly meaning: string }>
> = {
  converged: { outcomes: ['done'], meaning: 'the tasks of the spec run' },
  accepted: {
    outcomes: ['done'],
    meaning: '`--detach`: the engine accepted the change, nothing was watched',
  },
  unchanged: {
    outcomes: ['done'],
    meaning: 'the service already has this spec and its tasks run; nothing was sent',
  },
  rolledBack: { outcomes: ['rolledBack'], meaning: 'the engine put the previous spec back, and it runs' },
  paused: { outcomes: ['paused'], meaning: 'the engine paused the update or the rollback' },
  failed: {
    outcomes: ['tasksFailed'],
    meaning: 'tasks keep failing or will not be restarted, or there is no progress',
  },
  superseded: { outcomes: ['notOurs'], meaning: 'another change replaced this one' },
  removed: { outcomes: ['notOurs'], meaning: 'the service was removed' },
  timedOut: { outcomes: ['timedOut'], meaning: '`--timeout` passed' },
  interrupted: { outcomes: ['SIGINT', 'SIGTERM'], meaning: 'SIGINT, SIGTERM' },
  lost: { outcomes: ['failed'], meaning: 'the manager was not reached again within the progress deadline' },
  refused: {
    outcomes: ['failed'],
    meaning: 'the manager, or a proxy in front of it, refuses the requests of the watch',
  },
  error: {
    outcomes: ['failed', 'usage', 'notOurs', 'SIGINT', 'SIGTERM'],
    meaning: 'there was no rollout to watch: a wrong command line, no such service, a conflict, a signal',
  },
};

/** Exit codes from worst to best. A command on several services ends with the worst one. */
const WORST_FIRST: readonly number[] = [
  EXIT_CODES.failed,
  EXIT_CODES.tasksFailed,
  EXIT_CODES.paused,
  EXIT_CODES.rolledBack,
  EXIT_CODES.notOurs,
  EXIT_CODES.timedOut,
  EXIT_CODES.done,
];

/** The result with the worst exit code; undefined if there are none. All results of an interrupted command have the same. */
export function worstOf(results: readonly Result[]): Result | undefined {
  const rank = ({ exitCode }: Result): number => WORST_FIRST.indexOf(exitCode);
  return [...results].sort((a, b) => rank(a) - rank(b))[0];
}

/** The exit code of a verdict. */
export function exitCodeOfVerdict(verdict: Verdict): number {
  if (verdict.kind === 'interrupted') return EXIT_CODES[verdict.signal];
  const [outcome] = verdict.kind === 'progressing' ? [] : VERDICTS[verdict.kind].outcomes;
  return EXIT_CODES[outcome ?? 'failed'];
}
