/** The report as one HTML file: no script, no request. Pure. */
import type { FailureReport } from '../rollout/failure-report.ts';
import { shortDigest, tagOf } from '../rollout/image.ts';
import type { Result } from '../rollout/result.ts';
import { roundedDuration } from '../values/duration.ts';
import { NOTHING, lines, markup, trusted } from './escape.ts';
import type { Html } from './escape.ts';
import {
  dateAndTime,
  errorOf,
  failureHead,
  hintOf,
  messageOf,
  onlyServiceOf,
  servicesOf,
  stepsOf,
  tasksText,
  timeText,
  titleOf,
  verdictWords,
  waitingLines,
} from './report.ts';
import type { CommandReport } from './report.ts';
import { STYLE } from './style.ts';
import { MARKS, timelineFigure } from './timeline-svg.ts';

/** The page. Its policy lets a browser load nothing; without an icon of its own, a browser would ask for one. */
export function page(report: CommandReport): string {
  const services = servicesOf(report);
  const only = onlyServiceOf(report);
  const main =
    only === undefined
      ? [table(services), ...services.map(service)]
      : [...partsOf(only, 2), nextStep(only, 2)];
  const { html } = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${titleOf(report)}</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<style>${trusted(STYLE)}</style>
</head>
<body>
${MARKS}
${header(report, only)}
<main>
${lines(main)}
</main>
<footer><p>Made by swarmroll ${report.version} on ${dateAndTime(report.date)}. Times are those of the machine that watched.</p></footer>
</body>
</html>
`;
  return html;
}

function header(report: CommandReport, only: Result | undefined): Html {
  const { command, date, ended } = report;
  const error = errorOf(report);
  const message = only === undefined ? error?.message : messageOf(only);
  return markup`<header>
    <p class="over">
      swarmroll ${command}, <time datetime="${date.toISOString()}">${dateAndTime(date)}</time>
    </p>
    <h1>${icon(ended.exitCode)}<span>${titleOf(report)}</span></h1>
    ${lines([paragraph('message', message), paragraph('soft', (only?.error ?? error)?.hint), notesOf(only)])}
    ${factList([['Exit code', String(ended.exitCode)], ...(only === undefined ? [] : factsOf(only))])}
  </header>`;
}

const paragraph = (name: string, text: string | undefined): Html =>
  text === undefined || text === '' ? NOTHING : markup`<p class="${name}">${text}</p>`;

const notesOf = (result: Result | undefined): Html =>
  lines((result?.notes ?? []).map((note) => paragraph('soft', note)));

type Fact = readonly [name: string, value: string | undefined];

function factList(facts: readonly Fact[]): Html {
  const known = facts.flatMap(([name, value]) =>
    value === undefined ? [] : [markup`<div><dt>${name}</dt><dd>${value}</dd></div>`],
  );
  return known.length === 0 ? NOTHING : markup`<dl class="facts">${lines(known)}</dl>`;
}

/** The facts at the end: after --rollback-on-failure, those of the undo. */
function factsOf(result: Result): readonly Fact[] {
  const { rollback, duration } = result;
  const failed = (result.tasks?.failed ?? 0) + (rollback?.tasks?.failed ?? 0);
  const whole = duration === undefined ? {} : { duration: duration + (rollback?.duration ?? 0) };
  const end = rollback?.tasks === undefined ? result : rollback;
  return [
    ['Tasks as wanted', tasksText(end)],
    ['Failed tasks', failed === 0 ? undefined : String(failed)],
    ['Took', timeText(whole)],
    ['Image at the end', end.image === undefined ? undefined : tagOf(end.image.stored)],
    ['Update status of the engine', end.update?.state.replace('_', ' ')],
  ];
}

const headRow = (names: readonly string[]): Html =>
  markup`<thead><tr>${names.map((name) => markup`<th scope="col">${name}</th>`)}</tr></thead>`;

function table(services: readonly Result[]): Html {
  if (services.length === 0) return NOTHING;
  const row = (result: Result, index: number): Html => {
    const { service, exitCode } = result;
    return markup`<tr>
      <th scope="row"><a href="#service-${index}">${service.name}</a></th>
      <td><span class="${toneOf(exitCode)}">${icon(exitCode)}${verdictWords(result)}</span></td>
      <td>${exitCode}</td>
      <td>${tasksText(result) ?? ''}</td>
      <td>${timeText(result) ?? ''}</td>
    </tr>`;
  };
  return markup`<section aria-labelledby="services">
    <h2 id="services">Services</h2>
    <table class="services">
      ${headRow(['Service', 'Verdict', 'Exit code', 'Tasks as wanted', 'Took'])}
      <tbody>
        ${lines(services.map(row))}
      </tbody>
    </table>
  </section>`;
}

/** One service of several. That of one that converged is folded up. */
function service(result: Result, index: number): Html {
  const { service: subject, exitCode } = result;
  const parts = [...partsOf(result, 3), nextStep(result, 3)];
  const inner = lines([...endOf(result), factList(factsOf(result)), ...parts]);
  const heading = markup`<h2 id="service-${index}">
    ${subject.name}: <span class="${toneOf(exitCode)}">${verdictWords(result)}</span>
  </h2>`;
  const body = exitCode === 0 ? markup`<details><summary>Details</summary>${inner}</details>` : inner;
  return markup`<section aria-labelledby="service-${index}">${heading}${body}</section>`;
}

const endOf = (result: Result): readonly Html[] => [
  paragraph('message', messageOf(result)),
  paragraph('soft', result.error?.hint),
  notesOf(result),
];

/**
 * A part of what there is to say of a service; nothing if its body is empty.
 * @param level of the heading; on level 2, each part is a section
 */
function part(level: number, title: string, body: Html): Html {
  if (body.html === '') return NOTHING;
  const content = markup`${trusted(`<h${level}>`)}${title}${trusted(`</h${level}>`)}${body}`;
  return level === 2 ? markup`<section aria-label="${title}">${content}</section>` : content;
}

/** What changed, the timeline, the failures, what the service waits for, and its undo, which has the same parts. */
function partsOf(result: Result, level: number): readonly Html[] {
  const { changed = [], timeline, failures = [], moreFailures, rollback } = result;
  const more = moreFailures === undefined ? undefined : `And ${moreFailures} other failures.`;
  const undo = rollback === undefined ? [] : [...endOf(rollback), ...partsOf(rollback, level + 1)];
  return [
    part(level, 'What changed', changesTable(changed)),
    part(level, 'Timeline', timeline === undefined ? NOTHING : timelineOf(result.service.name, timeline)),
    part(level, 'Failures', lines([...failures.map(failureBlock), paragraph('soft', more)])),
    part(level, 'Still waiting', block(waitingLines(result))),
    part(level, 'Undo', lines(undo)),
  ];
}

function nextStep(result: Result, level: number): Html {
  const steps = stepsOf(result).map(
    ([command, purpose]) => markup`<li>${lines([paragraph('soft', purpose), block([command])])}</li>`,
  );
  const list = steps.length === 0 ? NOTHING : markup`<ol class="steps">${lines(steps)}</ol>`;
  return part(level, 'Next step', lines([paragraph('hint', hintOf(result)), list]));
}

const block = (list: readonly string[]): Html =>
  list.length === 0
    ? NOTHING
    : markup`<pre>${list.map((line, index) => markup`${index === 0 ? '' : trusted('\n')}${line}`)}</pre>`;

function changesTable(changed: NonNullable<Result['changed']>): Html {
  if (changed.length === 0) return NOTHING;
  const rows = changed.map(({ field, before, after }) => {
    const was = before === undefined ? NOTHING : markup`<del class="mono">${shortDigest(before)}</del>`;
    const is =
      after === undefined
        ? markup`<span class="soft">removed</span>`
        : markup`<ins class="mono">${shortDigest(after)}</ins>`;
    return markup`<tr><th scope="row">${field}</th><td>${was}</td><td>${is}</td></tr>`;
  });
  return markup`<table class="changes">
    ${headRow(['Field', 'Before', 'After'])}
    <tbody>
      ${lines(rows)}
    </tbody>
  </table>`;
}

/** The chart, and what happened beside the tasks. A failure is in the lanes, and has its own block. */
function timelineOf(name: string, timeline: NonNullable<Result['timeline']>): Html {
  const start = Date.parse(timeline.from);
  const events = timeline.events
    .filter(({ type }) => type !== 'failure')
    .map(({ time, text }) => {
      const after = roundedDuration(Math.max(0, Date.parse(time) - start));
      return markup`<li><time datetime="${time}">after ${after}</time><span>${text}</span></li>`;
    });
  const list = events.length === 0 ? NOTHING : markup`<ol class="events">${lines(events)}</ol>`;
  return lines([timelineFigure(name, timeline), list]);
}

function failureBlock(failure: FailureReport): Html {
  const { error, log, noLog, image } = failure;
  return markup`<div class="failure">
    <p><strong>${failureHead(failure)}</strong><br /><span class="soft mono">${shortDigest(image)}</span></p>
    ${lines([
      paragraph('error', error),
      paragraph('soft', log.length === 0 ? undefined : 'The last lines of its log:'),
      block(log),
      paragraph('soft', noLog === undefined ? undefined : `No log: ${noLog}`),
    ])}
  </div>`;
}

/** The colour of an exit code: the icon beside it has the same meaning in another shape. */
const toneOf = (exitCode: number): string =>
  exitCode === 0 ? 'ok' : exitCode === 1 || exitCode === 5 ? 'bad' : 'warn';

/** Check, arrow back, pause, exchange, clock, stop; a cross for all others. */
const ICONS: Readonly<Record<number, string>> = {
  0: '<path d="M4 13l5 5L20 6"/>',
  3: '<path d="M9 5L4 10l5 5M4 10h10a5 5 0 0 1 0 10h-4"/>',
  4: '<path d="M8 5v14M16 5v14"/>',
  7: '<path d="M4 8h15l-4-4M20 16H5l4 4"/>',
  124: '<circle cx="12" cy="12" r="9"/><path d="M12 7v5l4 2"/>',
  130: '<path d="M6 6h12v12H6z"/>',
  143: '<path d="M6 6h12v12H6z"/>',
};
const CROSS = '<path d="M5 5l14 14M19 5L5 19"/>';

const icon = (exitCode: number): Html =>
  trusted(
    `<svg class="icon ${toneOf(exitCode)}" viewBox="0 0 24 24" aria-hidden="true">${ICONS[exitCode] ?? CROSS}</svg>`,
  );
