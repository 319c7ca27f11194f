/** What a person sees on GitHub without opening the log: one annotation for each service that failed. Pure. */
import { printable } from '../values/printable.ts';
import type { Result } from '../rollout/result.ts';
import { errorOf, failureHead, servicesOf, verdictWords } from './report.ts';
import type { CommandReport } from './report.ts';
import { errorCommand, withoutCommands } from './workflow-commands.ts';

/** GitHub shows at most this many annotations of one step. */
const MAX_ANNOTATIONS = 10;
/** The most characters of one text in an annotation: it is for a first glance. */
const MAX_LENGTH = 1_000;

/** The workflow commands, each a line. The services after the tenth are counted in its annotation. */
export function annotations(report: CommandReport): string {
  const title = `swarmroll ${report.command}`;
  const error = errorOf(report);
  const ofError =
    error === undefined ? [] : [{ title: `${title}: error`, lines: [error.message, error.hint ?? ''] }];
  // A service that was not sent says less than the one that it waits for.
  const failed = servicesOf(report)
    .filter(({ exitCode }) => exitCode !== 0)
    .sort((a, b) => Number(a.verdict === 'notSent') - Number(b.verdict === 'notSent'));
  const all = [
    ...ofError,
    ...failed.map((result) => ({
      title: `${title}: ${result.service.name} ${verdictWords(result)}`,
      lines: linesOf(result),
    })),
  ];
  const left = all.length - MAX_ANNOTATIONS;
  return all
    .slice(0, MAX_ANNOTATIONS)
    .map((one, index) => {
      const more =
        index === MAX_ANNOTATIONS - 1 && left > 0 ? [`and ${left} more services did not converge`] : [];
      const lines = [...one.lines, ...more].filter((line) => line !== '').map(shortened);
      return errorCommand(shortened(one.title), lines.join('\n'));
    })
    .join('');
}

/** The verdict, the first failure or what holds a task up, and the last line of a log. */
function linesOf({ message, failures = [], pending = [] }: Result): string[] {
  const [failure] = failures;
  const [waits] = pending;
  if (failure === undefined)
    return [message, waits === undefined ? '' : `${waits.slot} ${waits.state}: ${waits.reason}`];
  const why = failure.error === '' ? '' : `: ${failure.error}`;
  const log = failure.log.at(-1);
  return [message, `${failureHead(failure)}${why}`, log === undefined ? '' : `| ${log}`];
}

/** One line of at most MAX_LENGTH characters. GitHub repeats it in the log, so workflow commands in it are escaped. */
function shortened(text: string): string {
  const line = withoutCommands(printable(text));
  return line.length <= MAX_LENGTH ? line : `${line.slice(0, MAX_LENGTH)}...`;
}
