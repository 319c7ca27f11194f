/** The timeline of a service as SVG: a lane for each slot, its tasks along time, and what was waited for. Pure. */
import { tagOf } from '../rollout/image.ts';
import { WAITS } from '../rollout/state.ts';
import type { WaitReason } from '../rollout/state.ts';
import type { RolloutTimeline, TimelineSlot, TimelineTask } from '../rollout/timeline.ts';
import { roundedDuration } from '../values/duration.ts';
import { ellipsis } from '../values/width.ts';
import { NOTHING, lines, markup, trusted } from './escape.ts';
import type { Html } from './escape.ts';

/** The greatest number of slots, and of tasks in all, that are drawn. */
const MAX_LANES = 400;
const MAX_TASKS = 2_400;
/** If there are more slots, those in which all went well are folded up. */
const MANY = 24;
/** Pixels. */
const LANE = 24;
const BAR = 12;
const AXIS = 22;
const WAIT = 30;
const HEADING = 36;
/** The characters of a label beside a lane. */
const LABEL = 13;

/** Waits that the lanes already show (`turn`, `complete`), and `oldTask`, which means the same as `stop`. */
const SHOWN_BY_LANES: ReadonlySet<string> = new Set(['turn', 'complete', 'oldTask']);

/** The marks that the charts use; once in a page. */
export const MARKS: Html = trusted(
  '<svg class="marks" width="0" height="0" aria-hidden="true"><defs>' +
    '<pattern id="old" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">' +
    '<rect class="old-ground" width="6" height="6"/><rect class="old-stripe" width="2.4" height="6"/></pattern>' +
    '<path id="failed" class="mark-failed" d="M-5-5L5 5M-5 5L5-5"/>' +
    '<path id="ended" class="mark-ended" d="M0-7V7"/>' +
    '<path id="complete" class="mark-complete" d="M-5 0L-1.5 4L5-5"/>' +
    '</defs></svg>',
);

/** The position of a time (RFC 3339) from the left, in percent. */
type Position = (time: string) => number;

const percent = (value: number): string => `${Number(value.toFixed(2))}%`;

/**
 * The figure: the chart, its legend, and what was waited for.
 * @param name of the service
 */
export function timelineFigure(name: string, timeline: RolloutTimeline): Html {
  const start = Date.parse(timeline.from);
  const total = Math.max(1, Date.parse(timeline.to) - start);
  const position: Position = (time) => Math.min(100, Math.max(0, ((Date.parse(time) - start) / total) * 100));
  const { slots, waits } = timeline;
  const each = Math.max(2, Math.floor(MAX_TASKS / Math.max(1, Math.min(slots.length, MAX_LANES))));
  const bad = slots.filter(hasTrouble);
  const isLong = slots.length > MANY && bad.length < slots.length;
  const [open, folded] = isLong ? [bad, slots.filter((slot) => !hasTrouble(slot))] : [slots, []];
  const shown = open.slice(0, MAX_LANES);
  const rest = folded.slice(0, MAX_LANES - shown.length);
  const left = slots.length - shown.length - rest.length;
  const draw = (
    list: readonly TimelineSlot[],
    title: string,
    shownWaits: RolloutTimeline['waits'] = [],
  ): Html => chart(list, { title, total, position, each, waits: shownWaits });
  const told = waits.filter(({ reason }) => !SHOWN_BY_LANES.has(reason));
  const parts = [
    shown.length === 0 && told.length === 0
      ? markup`<p>${slots.length === 0 ? 'No task was seen.' : 'All went well in every slot.'}</p>`
      : draw(
          shown,
          `${name}: tasks over ${roundedDuration(total)}, ${slots.length} slots, ${bad.length} with trouble`,
          told,
        ),
    rest.length === 0
      ? NOTHING
      : markup`<details><summary>${rest.length} more slots, in which nothing failed</summary>${draw(rest, `${name}: the slots in which nothing failed`)}</details>`,
    left === 0 ? NOTHING : markup`<p>${left} more slots are not drawn.</p>`,
    legend(timeline),
  ];
  return markup`<figure class="timeline">${lines(parts)}</figure>`;
}

/** Whether a slot has a task that failed, or that has not come to run. */
const hasTrouble = ({ tasks, earlier = 0 }: TimelineSlot): boolean => {
  const last = tasks.at(-1);
  const isDone = last?.running !== undefined || last?.end === 'complete';
  return earlier > 0 || !isDone || tasks.some(({ failed }) => failed === true);
};

interface Drawing {
  /** For screen readers. */
  readonly title: string;
  /** Milliseconds. */
  readonly total: number;
  readonly position: Position;
  /** The most tasks of a lane. */
  readonly each: number;
  readonly waits: RolloutTimeline['waits'];
}

function chart(slots: readonly TimelineSlot[], { title, total, position, each, waits }: Drawing): Html {
  const rows = waitRows(waits);
  const bottom = AXIS + slots.length * LANE;
  const height = bottom + (rows.length > 0 ? HEADING + rows.length * WAIT : 0);
  const parts = [
    ...ticks(total).map(
      ({ at, text, anchor }) =>
        markup`<line class="tick" x1="${at}" x2="${at}" y1="${AXIS - 6}" y2="${height}"/><text class="axis" x="${at}" y="11" text-anchor="${anchor}">${text}</text>`,
    ),
    ...slots.map((slot, index) => lane(slot, AXIS + index * LANE, position, each)),
    rows.length === 0
      ? NOTHING
      : markup`<text class="axis" x="0" y="${bottom + HEADING - 8}">Waited for</text>`,
    ...rows.map((row, index) => waitRow(row, bottom + HEADING + index * WAIT, position)),
  ];
  return markup`<svg class="chart" height="${height}" role="img" aria-label="${title}">${lines(parts)}</svg>`;
}

/** The times on the axis: about four, at round numbers. */
function ticks(total: number): { readonly at: string; readonly text: string; readonly anchor: string }[] {
  const seconds = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400];
  const steps = [50, 100, 200, 500, ...seconds.map((one) => one * 1_000)];
  const step = steps.find((one) => total / one <= 4.5) ?? total / 4;
  const count = Math.floor(total / step);
  return Array.from({ length: count + 1 }, (_, index) => {
    const at = ((index * step) / total) * 100;
    return {
      at: percent(at),
      text: index === 0 ? '0' : roundedDuration(index * step),
      anchor: index === 0 ? 'start' : at > 94 ? 'end' : 'middle',
    };
  });
}

function lane(
  { slot, earlier = 0, tasks }: TimelineSlot,
  top: number,
  position: Position,
  each: number,
): Html {
  const middle = top + LANE / 2;
  const drawn = tasks.slice(-each);
  const marks = drawn.map((task) => taskMarks(task, middle, position));
  const hidden = earlier + tasks.length - drawn.length;
  const label = ellipsis(slot, LABEL);
  const full = label === slot ? NOTHING : markup`<title>${slot}</title>`;
  return lines([
    markup`<text class="lane" x="-10" y="${middle + 4}" text-anchor="end">${label}${full}</text><line class="ground" x1="0" x2="100%" y1="${middle}" y2="${middle}"/>`,
    hidden === 0
      ? NOTHING
      : markup`<text class="more" x="2" y="${top + 8}">${hidden} earlier tasks are not drawn</text>`,
    // The lines come first: the line of a task that waits is drawn behind the bar of the task before it.
    ...marks.map(({ line }) => line),
    ...marks.map(({ bar }) => bar),
    ...marks.map(({ mark }) => mark),
  ]);
}

/** A task: a thin line until it runs, a bar while it runs, a mark at its end. */
function taskMarks(
  task: TimelineTask,
  middle: number,
  position: Position,
): { readonly line: Html; readonly bar: Html; readonly mark: Html } {
  const { spec, from, running, to } = task;
  const [begin, end] = [position(from), to === undefined ? 100 : position(to)];
  const run = running === undefined ? end : position(running);
  const mark =
    task.failed === true ? 'failed' : to === undefined ? '' : task.end === 'complete' ? 'complete' : 'ended';
  const title = markup`<title>${taskText(task)}</title>`;
  return {
    line:
      run > begin
        ? markup`<line class="starting ${spec}" x1="${percent(begin)}" x2="${percent(run)}" y1="${middle}" y2="${middle}">${title}</line>`
        : NOTHING,
    bar:
      running === undefined
        ? NOTHING
        : markup`<rect class="${spec}" x="${percent(run)}" y="${middle - BAR / 2}" width="${percent(end - run)}" height="${BAR}" rx="2">${title}</rect>`,
    mark:
      mark === '' ? NOTHING : markup`<use href="#${mark}" x="${percent(end)}" y="${middle}">${title}</use>`,
  };
}

/** "ping:1.1 on worker1, task abc, ran after 1.2s, failed after 3s" */
function taskText({ task, image, node, from, running, to, end = '', failed }: TimelineTask): string {
  const since = (time: string): string => roundedDuration(Date.parse(time) - Date.parse(from));
  return [
    `${tagOf(image)}${node === '' ? '' : ` on ${node}`}, task ${task.slice(0, 12)}`,
    running === undefined ? 'never ran' : running === from ? '' : `ran after ${since(running)}`,
    to === undefined ? '' : `${failed === true && end === 'complete' ? 'ended' : end} after ${since(to)}`,
  ]
    .filter(Boolean)
    .join(', ');
}

/** The waits for one reason: one row. */
interface WaitRow {
  readonly reason: WaitReason;
  readonly waits: RolloutTimeline['waits'];
}

const waitRows = (waits: RolloutTimeline['waits']): WaitRow[] =>
  [...new Set(waits.map(({ reason }) => reason))].map((reason) => ({
    reason,
    waits: waits.filter((wait) => wait.reason === reason),
  }));

/** "health check, 12s" */
function waitedText({ reason, waits }: WaitRow): string {
  const total = waits.reduce((sum, { from, to }) => sum + Date.parse(to) - Date.parse(from), 0);
  const count = Math.max(...waits.map((wait) => wait.count));
  const tasks = count > 1 ? `, up to ${count} tasks` : '';
  return `${WAITS[reason]}${tasks}, ${roundedDuration(total)}`;
}

function waitRow(row: WaitRow, top: number, position: Position): Html {
  const y = top + 18;
  const bars = row.waits.map(
    ({ from, to }) =>
      markup`<line class="waiting" x1="${percent(position(from))}" x2="${percent(position(to))}" y1="${y}" y2="${y}"/>`,
  );
  return markup`<text class="wait" x="0" y="${top + 10}">${waitedText(row)}</text><line class="ground" x1="0" x2="100%" y1="${y}" y2="${y}"/>${bars}`;
}

/** The legend: what the marks mean that are drawn. */
function legend({ slots }: RolloutTimeline): Html {
  const tasks = slots.flatMap((slot) => slot.tasks);
  const has = (test: (task: TimelineTask) => boolean): boolean => tasks.some(test);
  const image = (spec: TimelineTask['spec']): string => {
    const tags = new Set(tasks.filter((task) => task.spec === spec).map((task) => tagOf(task.image)));
    const [only = ''] = tags;
    return tags.size === 1 ? `: ${only}` : '';
  };
  const key = (drawing: Html, text: string): Html =>
    markup`<li><svg class="key" width="28" height="14" aria-hidden="true">${drawing}</svg>${text}</li>`;
  const bar = (spec: string): Html =>
    markup`<rect class="${spec}" x="1" y="1" width="26" height="${BAR}" rx="2"/>`;
  const items = [
    has(({ spec }) => spec === 'before') ? key(bar('before'), `before${image('before')}`) : NOTHING,
    has(({ spec }) => spec === 'new') ? key(bar('new'), `new${image('new')}`) : NOTHING,
    key(markup`<line class="starting new" x1="1" x2="27" y1="7" y2="7"/>`, 'starting'),
    has(({ failed }) => failed === true)
      ? key(markup`<use href="#failed" x="14" y="7"/>`, 'failed')
      : NOTHING,
    has(({ to, failed, end }) => to !== undefined && failed !== true && end !== 'complete')
      ? key(markup`<use href="#ended" x="14" y="7"/>`, 'stopped')
      : NOTHING,
    has(({ end, failed }) => end === 'complete' && failed !== true)
      ? key(markup`<use href="#complete" x="14" y="7"/>`, 'complete')
      : NOTHING,
  ];
  return markup`<figcaption><ul class="legend">${items}</ul></figcaption>`;
}
