/** The text of the report on a rollout that did not converge. */
import { refusalText } from '../rollout/evidence.ts';
import { tagOf } from '../rollout/image.ts';
import { exitCodeText } from '../rollout/failure-report.ts';
import type { FailureReport } from '../rollout/failure-report.ts';
import type { Report } from '../rollout/report.ts';

/** The first line of the report. It needs no logs, so it can be printed at once. */
export const verdictLine = (report: Report): string => `swarmroll: ${report.verdict}`;

/** The other lines of the report: the reasons, the failed tasks with their logs, and the next commands. */
export function detailLines(report: Report): string[] {
  // After a rollback by the engine, tasks of both specs may have failed.
  const hasOneImage = new Set(report.failures.map(({ image }) => image)).size <= 1;
  return [
    ...report.facts.map((line) => `  ${line}`),
    ...report.failures.flatMap((failure) => failureLines(failure, hasOneImage)),
    ...(report.moreFailures === 0 ? [] : [`  and ${report.moreFailures} more`]),
    ...report.pending.flatMap(({ slot, state, reason, count, refusedBy }) => {
      const others = count === 1 ? '' : ` (and ${count - 1} more)`;
      const line = `  ${slot} ${state}${others}${reason === '' ? '' : `: ${reason}`}`;
      return refusedBy === undefined ? [line] : [line, `    ${refusalText(refusedBy)}`];
    }),
    ...(report.hint === undefined ? [] : [`  ${report.hint}`]),
    ...report.next.map(([command, purpose]) => `  ${command}   # ${purpose}`),
  ];
}

function failureLines(failure: FailureReport, hasOneImage: boolean): string[] {
  const { slot, task, node, state, error, count, image, log, noLog } = failure;
  const of = hasOneImage ? '' : ` of ${tagOf(image)}`;
  const where = node === '' ? '' : ` on ${node}`;
  const times = count === 1 ? '' : ` (${count} times)`;
  const why = error === '' ? '' : `: ${error}`;
  const place = slot === node ? '' : `${slot} `;
  const head = `  ${place}task ${task}${of}${where} ${state}${times}${why}${exitCodeText(failure)}`;
  const about = noLog === undefined ? log.map((line) => `    | ${line}`) : [`    no log: ${noLog}`];
  return [head, ...about];
}
