/** The meaning and the exit code of every verdict. */
import { EXIT_CODES } from '../errors.ts';
import type { Outcome, SwarmrollError } from '../errors.ts';
import type { PlannedResult } from '../service-spec/planned.ts';
import type { Result } from '../rollout/result.ts';
import type { Verdict } from '../rollout/state.ts';
import { printable } from '../values/printable.ts';

/** Every verdict of a result, with its outcomes (errors.ts has their exit codes). docs/json.md shows this table. */
export const VERDICTS: Readonly<
  Record<
    Result['verdict'] | PlannedResult['verdict'],
    { readonly outcomes: readonly Outcome[]; readonly meaning: string }
  >
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
  planned: {
    outcomes: ['done', 'failed'],
    meaning: '`--dry-run`: what the change would do; 1 if it would be refused; nothing was sent',
  },
  compared: {
    outcomes: ['done', 'differs'],
    meaning: '`diff`: what the last change has done; `stack diff`: what a deployment would change',
  },
  rolledBack: {
    outcomes: ['rolledBack'],
    meaning:
      'the engine rolled the change back, or `--rollback-on-failure` undid it, and what was there before runs',
  },
  paused: { outcomes: ['paused'], meaning: 'the engine paused the update or the rollback' },
  failed: {
    outcomes: ['tasksFailed'],
    meaning: 'tasks keep failing or will not be restarted, or there is no progress',
  },
  superseded: { outcomes: ['notOurs'], meaning: 'another change replaced this one' },
  removed: { outcomes: ['notOurs'], meaning: 'the service was removed' },
  notSent: {
    outcomes: ['failed', 'rolledBack', 'paused', 'tasksFailed', 'notOurs', 'timedOut', 'SIGINT', 'SIGTERM'],
    meaning: 'another service that it waits for did not converge, and has this exit code; nothing was sent',
  },
  timedOut: { outcomes: ['timedOut'], meaning: '`--timeout` passed' },
  interrupted: { outcomes: ['SIGINT', 'SIGTERM'], meaning: 'SIGINT, SIGTERM' },
  lost: { outcomes: ['failed'], meaning: 'the manager was not reached again within the progress deadline' },
  refused: {
    outcomes: ['failed'],
    meaning: 'the manager, or a proxy in front of it, refuses the requests of the watch',
  },
  error: {
    outcomes: ['failed', 'usage', 'notOurs', 'timedOut', 'SIGINT', 'SIGTERM'],
    meaning:
      'there was no rollout to watch: a wrong command line, no such service, a conflict, a signal, `--timeout`',
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

/**
 * The result with the worst exit code; undefined if there are none. All results of an interrupted command have the same.
 * After --rollback-on-failure, 3 means that all is as it was, so whatever could not be undone is worse.
 */
export function worstOf<T extends Pick<Result, 'verdict' | 'exitCode' | 'rollback'>>(
  results: readonly T[],
): T | undefined {
  const wasUndone = results.some(({ rollback }) => rollback !== undefined);
  const rank = ({ exitCode }: T): number =>
    wasUndone && exitCode === EXIT_CODES.rolledBack
      ? WORST_FIRST.indexOf(EXIT_CODES.timedOut) + 0.5
      : WORST_FIRST.indexOf(exitCode);
  // A service that was not sent has the exit code of its cause, and says less.
  const saysLess = ({ verdict }: T): number => Number(verdict === 'notSent');
  return [...results].sort((a, b) => rank(a) - rank(b) || saysLess(a) - saysLess(b))[0];
}

/** The signal that has ended a command, of its World.interrupted. */
export const signalOf = ({ reason }: AbortSignal): 'SIGINT' | 'SIGTERM' =>
  reason === 'SIGTERM' ? 'SIGTERM' : 'SIGINT';

export const isInterrupted = ({ exitCode }: Result): boolean =>
  exitCode === EXIT_CODES.SIGINT || exitCode === EXIT_CODES.SIGTERM;

/** Whether a result makes --rollback-on-failure undo the changes: not a signal, nor another's change. */
export const isToBeUndone = (result: Result): boolean =>
  !isInterrupted(result) && result.exitCode !== EXIT_CODES.done && result.exitCode !== EXIT_CODES.notOurs;

/** The change that a result is about. Without an id, there is no such service. */
export interface Subject extends Pick<Result, 'action'> {
  readonly serviceId?: string;
  readonly name: string;
}

/** The same, as results have it. */
export const subjectOf = ({ action, serviceId, name }: Subject): Pick<Result, 'action' | 'service'> => ({
  action,
  service: { id: serviceId ?? null, name },
});

/** The result of a change that did not become a rollout. */
export function errorResult(change: Subject, error: SwarmrollError, exitCode: number): Result {
  const message = printable(error.message);
  const hint = error.hint === undefined ? {} : { hint: printable(error.hint) };
  return { ...subjectOf(change), verdict: 'error', exitCode, message, error: { message, ...hint } };
}

export function exitCodeOfVerdict(verdict: Verdict): number {
  if (verdict.kind === 'interrupted') return EXIT_CODES[verdict.signal];
  const [outcome] = verdict.kind === 'progressing' ? [] : VERDICTS[verdict.kind].outcomes;
  return EXIT_CODES[outcome ?? 'failed'];
}
