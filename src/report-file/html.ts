/** The report as one HTML file: no script, no request. Pure. */
import { shortDigest, tagOf } from '../rollout/image.ts';
import type { Result } from '../rollout/result.ts';
import { roundedDuration } from '../values/duration.ts';
import { NOTHING, lines, markup, trusted } from './escape.ts';
import type { Html } from './escape.ts';
import { dateAndTime, errorOf, failureHead, hintOf, messageOf, pendingLines } from './report.ts';
import { servicesOf, stepsOf, titleOf, verdictWords } from './report.ts';
import type { CommandReport } from './report.ts';
import { STYLE } from './style.ts';
import { MARKS, timelineFigure } from './timeline-svg.ts';

/** The page. Its policy lets a browser load nothing; without an icon of its own, a browser would ask for one. */
export function page(report: CommandReport): string {
  const services = servicesOf(report);
  const [only] = services;
  const isOne = services.length === 1 && only !== undefined && errorOf(report) === undefined;
  const main = isOne ? partsOf(only, 2) : [table(services), ...services.map(service)];
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
${header(report, isOne ? only : undefined)}
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
  const message = only === undefined ? (error?.message ?? '') : messageOf(only);
  const facts: readonly (readonly [string, string])[] = [
    ['Exit code', String(ended.exitCode)],
    ...(only === undefined ? [] : factsOf(only)),
  ];
  return markup`<header>
    <p class="over">
      swarmroll ${command}, <time datetime="${date.toISOString()}">${dateAndTime(date)}</time>
    </p>
    <h1>${icon(ended.exitCode)}<span>${titleOf(report)}</span></h1>
    ${message === '' ? NOTHING : markup`<p class="message">${message}</p>`}
    ${errorHint(only?.error ?? error)}${notesOf(only)}
    <dl class="facts">${facts.map(fact)}</dl>
  </header>`;
}

const errorHint = (error: Result['error']): Html =>
  error?.hint === undefined ? NOTHING : markup`<p class="soft">${error.hint}</p>`;

const notesOf = (result: Result | undefined): Html =>
  markup`${(result?.notes ?? []).map((note) => markup`<p class="soft">${note}</p>`)}`;

const fact = ([name, value]: readonly [string, string]): Html =>
  markup`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;

/** The facts at the end: after --rollback-on-failure, those of the undo. */
function factsOf(result: Result): readonly (readonly [string, string])[] {
  const { rollback } = result;
  const failed = (result.tasks?.failed ?? 0) + (rollback?.tasks?.failed ?? 0);
  const duration = result.duration === undefined ? undefined : result.duration + (rollback?.duration ?? 0);
  const { tasks, image, update } = rollback?.tasks === undefined ? result : rollback;
  return [
    ...(tasks === undefined ? [] : ([['Tasks as wanted', `${tasks.done} of ${tasks.wanted}`]] as const)),
    ...(failed === 0 ? [] : ([['Failed tasks', String(failed)]] as const)),
    ...(duration === undefined ? [] : ([['Took', roundedDuration(duration)]] as const)),
    ...(image === undefined ? [] : ([['Image at the end', tagOf(image.stored)]] as const)),
    ...(update === undefined
      ? []
      : ([['Update status of the engine', update.state.replace('_', ' ')]] as const)),
  ];
}

/** The services of a command on several. */
function table(services: readonly Result[]): Html {
  if (services.length === 0) return NOTHING;
  const row = (result: Result, index: number): Html => {
    const { service, tasks, duration, exitCode } = result;
    return markup`<tr>
      <th scope="row"><a href="#service-${index}">${service.name}</a></th>
      <td><span class="${toneOf(exitCode)}">${icon(exitCode)}${verdictWords(result)}</span></td>
      <td>${exitCode}</td>
      <td>${tasks === undefined ? '' : `${tasks.done} of ${tasks.wanted}`}</td>
      <td>${duration === undefined ? '' : roundedDuration(duration)}</td>
    </tr>`;
  };
  return markup`<section aria-labelledby="services">
    <h2 id="services">Services</h2>
    <table class="services">
      <thead>
        <tr>
          ${['Service', 'Verdict', 'Exit code', 'Tasks as wanted', 'Took'].map((name) => markup`<th scope="col">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${lines(services.map(row))}
      </tbody>
    </table>
  </section>`;
}

/** One service of several. That of one that converged is folded up. */
function service(result: Result, index: number): Html {
  const { service: subject, exitCode } = result;
  const inner = lines([
    markup`<p class="message">${messageOf(result)}</p>
      ${errorHint(result.error)}${notesOf(result)}`,
    markup`<dl class="facts">${factsOf(result).map(fact)}</dl>`,
    ...partsOf(result, 3),
  ]);
  const heading = markup`<h2 id="service-${index}">
    ${subject.name}: <span class="${toneOf(exitCode)}">${verdictWords(result)}</span>
  </h2>`;
  const body =
    exitCode === 0
      ? markup`<details>
          <summary>Details</summary>
          ${inner}
        </details>`
      : inner;
  return markup`<section aria-labelledby="service-${index}">${heading}${body}</section>`;
}

/**
 * What there is to say of a service: what changed, the timeline, the failures, what it waits for, and what to do.
 * @param level of the headings; on level 2, each part is a section
 */
function partsOf(result: Result, level: 2 | 3): Html[] {
  const { changed = [], timeline, failures = [], moreFailures, pending = [], waiting = [] } = result;
  const { service: subject, rollback } = result;
  const [hint, next] = [hintOf(result), stepsOf(result)];
  const part = (title: string, body: Html): Html => {
    const heading = trusted(`<h${level}>`);
    const end = trusted(`</h${level}>`);
    const content = markup`${heading}${title}${end}${body}`;
    return level === 2 ? markup`<section aria-label="${title}">${content}</section>` : content;
  };
  return [
    ...(changed.length === 0 ? [] : [part('What changed', changesTable(changed))]),
    ...(timeline === undefined
      ? []
      : [part('Timeline', lines([timelineFigure(subject.name, timeline), eventList(timeline)]))]),
    ...(failures.length === 0
      ? []
      : [
          part(
            'Failures',
            lines([
              ...failures.map(failureBlock),
              moreFailures === undefined
                ? NOTHING
                : markup`<p class="soft">And ${moreFailures} other failures.</p>`,
            ]),
          ),
        ]),
    ...(pending.length + waiting.length === 0
      ? []
      : [
          part(
            'Still waiting',
            block([...pending.flatMap(pendingLines), ...waiting.map(({ text }) => text)]),
          ),
        ]),
    ...(rollback === undefined ? [] : undoLines(rollback, part)),
    ...(next.length === 0 && hint === undefined
      ? []
      : [
          part(
            'Next step',
            markup`${hint === undefined ? NOTHING : markup`<p>${hint}</p>`}
              <ol class="steps">
                ${next.map(
                  ([command, purpose]) =>
                    markup`<li>
                      <p class="soft">${purpose}</p>
                      ${block([command])}
                    </li>`,
                )}
              </ol>`,
          ),
        ]),
  ];
}

/** With --rollback-on-failure: the verdict on the undo, its timeline and its failures. */
function undoLines(rollback: Result, part: (title: string, body: Html) => Html): Html[] {
  const { message, timeline, failures = [], service: subject } = rollback;
  return [
    part(
      'Undo',
      lines([
        markup`<p>${message}</p>`,
        timeline === undefined ? NOTHING : timelineFigure(subject.name, timeline),
        ...failures.map(failureBlock),
      ]),
    ),
  ];
}

const block = (list: readonly string[]): Html =>
  markup`<pre>${list.map((line, index) => markup`${index === 0 ? '' : trusted('\n')}${line}`)}</pre>`;

const changesTable = (changed: NonNullable<Result['changed']>): Html =>
  markup`<table class="changes">
    <thead>
      <tr>
        <th scope="col">Field</th>
        <th scope="col">Before</th>
        <th scope="col">After</th>
      </tr>
    </thead>
    <tbody>
      ${lines(
        changed.map(
          ({ field, before, after }) =>
            markup`<tr>
              <th scope="row">${field}</th>
              <td>
                ${before === undefined ? NOTHING : markup`<del class="mono">${shortDigest(before)}</del>`}
              </td>
              <td>
                ${after === undefined ? markup`<span class="soft">removed</span>` : markup`<ins class="mono">${shortDigest(after)}</ins>`}
              </td>
            </tr>`,
        ),
      )}
    </tbody>
  </table>`;

/** What happened beside the tasks. A failure is in the lanes, and has its own block. */
function eventList({ events, from }: NonNullable<Result['timeline']>): Html {
  const told = events.filter(({ type }) => type !== 'failure');
  if (told.length === 0) return NOTHING;
  const start = Date.parse(from);
  return markup`<ol class="events">
    ${lines(
      told.map(
        ({ time, text }) =>
          markup`<li>
            <time datetime="${time}">after ${roundedDuration(Math.max(0, Date.parse(time) - start))}</time
            ><span>${text}</span>
          </li>`,
      ),
    )}
  </ol>`;
}

function failureBlock(failure: NonNullable<Result['failures']>[number]): Html {
  const { error, log, noLog, image } = failure;
  return markup`<div class="failure">
    <p><strong>${failureHead(failure)}</strong><br /><span class="soft mono">${shortDigest(image)}</span></p>
    ${error === '' ? NOTHING : markup`<p>${error}</p>`}${
      log.length === 0
        ? NOTHING
        : markup`<p class="soft">The last lines of its log:</p>
            ${block(log)}`
    }${noLog === undefined ? NOTHING : markup`<p class="soft">No log: ${noLog}</p>`}
  </div>`;
}

/** The colour of an exit code: the icon beside it has the same meaning in another shape. */
const toneOf = (exitCode: number): string =>
  exitCode === 0 ? 'ok' : exitCode === 1 || exitCode === 5 ? 'bad' : 'warn';

/** Check, arrow back, pause, clock, stop, exchange, cross. */
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
