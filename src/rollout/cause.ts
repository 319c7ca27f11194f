/** The cause of a bad end in a few words, for a message of one line. */
import { ellipsis } from '../values/width.ts';
import { exitCodeText } from './failure-report.ts';
import type { Result } from './result.ts';

/** The longest log line in a message, in columns. */
const MAX_LINE = 120;

/**
 * The first failure with its exit code and the last line of its log or, if no task failed, the first task that waits:
 * `task: non-zero exit (3), log: "cannot open /etc/app.conf"`. Empty if neither is known.
 */
export function causeOf({ failures = [], pending = [] }: Pick<Result, 'failures' | 'pending'>): string {
  const [failure] = failures;
  const [waiting] = pending;
  if (failure === undefined) {
    if (waiting === undefined) return '';
    const { slot, state, reason } = waiting;
    return `${slot} ${state}${reason === '' ? '' : `: ${reason}`}`;
  }
  const { error, state, log } = failure;
  const line = log.at(-1);
  return `${error === '' ? state : error}${exitCodeText(failure)}${line === undefined ? '' : `, log: "${ellipsis(line, MAX_LINE)}"`}`;
}
