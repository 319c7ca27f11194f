/** How a rolling command ends, by its verdict: the outcome, whose exit code errors.ts has, and what it means. */
import { EXIT_CODES } from '../errors.ts';
import type { Outcome } from '../errors.ts';
import type { Result } from '../rollout/result.ts';
import type { Verdict } from '../rollout/state.ts';

/** Every verdict of a result; docs/json.md shows this table. A signal has an outcome of its own name. */
export const VERDICTS: Readonly<
  Record<Result['verdict'], { readonly outcomes: readonly Outcome[]; readonly meaning: string }>
> = {
  converged: { outcomes: ['done'], meaning: 'the service is as asked' },
  accepted: { outcomes: ['done'], meaning: '`--detach`: the engine has the change, nothing was watched' },
  unchanged: {
    outcomes: ['done'],
    meaning: 'the spec is as asked already and its tasks run; nothing was sent',
  },
  rolledBack: { outcomes: ['rolledBack'], meaning: 'the engine put the previous spec back, and it runs' },
  paused: { outcomes: ['paused'], meaning: 'the engine paused the update or the rollback' },
  failed: {
    outcomes: ['tasksFailed'],
    meaning: 'tasks keep failing, will not be restarted, or nothing moves',
  },
  superseded: { outcomes: ['notOurs'], meaning: 'another change replaced this one' },
  removed: { outcomes: ['notOurs'], meaning: 'the service is gone' },
  timedOut: { outcomes: ['timedOut'], meaning: '`--timeout` passed' },
  interrupted: { outcomes: ['SIGINT', 'SIGTERM'], meaning: 'SIGINT, SIGTERM' },
  lost: { outcomes: ['failed'], meaning: 'the manager was not reached again within the progress deadline' },
  refused: {
    outcomes: ['failed'],
    meaning: 'the manager, or what stands before it, refuses to say how the service is',
  },
  error: {
    outcomes: ['failed', 'usage', 'notOurs', 'SIGINT', 'SIGTERM'],
    meaning: 'there was no rollout to watch: a wrong command line, no such service, a conflict, a signal',
  },
};

/** The order in which the verdict of several services is that of the worst (CONTRACT "Exit codes"). */
const WORST_FIRST: readonly number[] = [
  EXIT_CODES.failed,
  EXIT_CODES.tasksFailed,
  EXIT_CODES.paused,
  EXIT_CODES.rolledBack,
  EXIT_CODES.notOurs,
  EXIT_CODES.timedOut,
  EXIT_CODES.done,
];

/** The worst of several results: the one whose exit code is the command's. A signal ends all of them. */
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
