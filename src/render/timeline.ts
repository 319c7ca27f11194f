/** Draws the timeline of a service: a lane for each slot, with its tasks along time. Pure. */
import { tagOf } from '../rollout/image.ts';
import { truncate, pad, widest } from './frame.ts';
import { shortAge, timeScale } from './time-scale.ts';
import type { TimeScale } from './time-scale.ts';

/** One task. Times are milliseconds since the epoch. */
export interface TaskRun {
  /** The generation, as an index of the legend. */
  readonly generation: number;
  readonly createdAt: number;
  /** When it started to run; absent if it did not, or if that is no longer known. */
  readonly startedAt?: number;
  /** When it ended; absent if it has not. */
  readonly endedAt?: number;
  readonly state: 'starting' | 'running' | 'complete' | 'stopped' | 'failed';
}

export interface Lane {
  readonly label: string;
  /** From the oldest to the newest. */
  readonly runs: readonly TaskRun[];
}

export interface Timeline {
  readonly title: string;
  readonly now: number;
  readonly lanes: readonly Lane[];
  /** The task templates, in the order of the letters. `is` is "current", "previous" or empty. */
  readonly legend: readonly { readonly id: string; readonly image: string; readonly is: string }[];
}

interface Style {
  /** The width of the terminal. */
  readonly columns: number;
  /** Whether the terminal shows more than ASCII. */
  readonly unicode: boolean;
  readonly colour: boolean;
}

const UNICODE = { running: '━', starting: '┄', stopped: '┤', failed: '✗', complete: '✓', now: '▶', cut: '≈' };
const ASCII: typeof UNICODE = {
  running: '=',
  starting: '.',
  stopped: '|',
  failed: 'x',
  complete: '*',
  now: '>',
  cut: '~',
};
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** SGR colours of the generations: cyan, green, yellow, magenta, blue. */
const COLOURS = [36, 32, 33, 35, 34];
const RED = 31;
const MIN_COLUMNS = 20;

/** A character and its SGR colour. */
type Cell = readonly [character: string, colour?: number];

const letterOf = (generation: number): string => LETTERS[generation] ?? '#';
const colourOf = (generation: number): number => COLOURS[generation % COLOURS.length] ?? 0;

/** The lines of the timeline. None is wider than the terminal (at least 20 columns). */
export function drawTimeline({ title, now, lanes, legend }: Timeline, style: Style): string[] {
  const columns = Math.max(MIN_COLUMNS, style.columns);
  const glyphs = style.unicode ? UNICODE : ASCII;
  const labels = lanes.map(({ label }) => shortLabel(label, Math.floor(columns / 3)));
  const left = widest(labels) + 2;
  const times = lanes.flatMap(({ runs }) =>
    runs.flatMap(({ createdAt, endedAt = now }) => [createdAt, endedAt]),
  );
  const scale = timeScale([...times, now], columns - left);
  const body = lanes.map(({ runs }, index) => [
    ...cellsOf(pad(labels[index] ?? '', left)),
    ...laneCells(runs, scale, now, glyphs),
  ]);
  const axis =
    lanes.length === 0 ? [] : [`${' '.repeat(left)}${axisOf(scale, now, columns - left, glyphs.cut)}`];
  const lines: (readonly Cell[])[] = [
    ...[title, '', ...axis].map(cellsOf),
    ...body,
    [],
    ...legendLines(legend, columns).map((line, index): Cell[] => cellsOf(line, colourOf(index))),
    ...keyLines(glyphs, columns).map((line) => cellsOf(line)),
  ];
  return lines.map((line) => written(fitted(line, columns), style));
}

/** A label of at most so many columns. The id behind a name that several nodes have stays: only it tells them apart. */
function shortLabel(label: string, columns: number): string {
  const [id = ''] = / \(\w+\)$/.exec(label) ?? [];
  const name = label.slice(0, label.length - id.length);
  return widest([label]) <= columns || id.length >= columns
    ? truncate(label, columns)
    : `${truncate(name, columns - id.length)}${id}`;
}

/** What the characters mean, in as many lines as it takes. */
function keyLines(glyphs: typeof UNICODE, columns: number): string[] {
  const words = ['starting', 'running', 'complete', 'stopped', 'failed'] as const;
  return words.reduce<string[]>((lines, word) => {
    const line = [...lines.slice(-1), `${glyphs[word]} ${word}`].join('  ');
    return line.length > columns ? [...lines, `${glyphs[word]} ${word}`] : [...lines.slice(0, -1), line];
  }, []);
}

/** The letters and what they mean. If the columns are too few, the images have only the last parts of their names. */
function legendLines(legend: Timeline['legend'], columns: number): string[] {
  const lines = (images: readonly string[]): string[] => {
    const width = widest(images);
    return legend.map(({ id, is }, index) =>
      `${letterOf(index)}  ${id}  ${pad(images[index] ?? '', width)}  ${is}`.trimEnd(),
    );
  };
  const full = lines(legend.map(({ image }) => image));
  return widest(full) <= columns ? full : lines(legend.map(({ image }) => tagOf(image)));
}

/** The ages along the axis. A tick that finds no space is left out. */
function axisOf(scale: TimeScale, now: number, columns: number, glyph: string): string {
  const taken = Array.from({ length: columns }, () => ' ');
  for (const time of scale.ticks) {
    const text = time === now ? 'now' : shortAge(now - time);
    const from = Math.min(scale.column(time), columns - text.length);
    const around = taken.slice(Math.max(0, from - 1), from + text.length + 1);
    if (from < 0 || around.some((character) => character !== ' ')) continue;
    taken.splice(from, text.length, ...Array.from(text));
  }
  for (const cut of scale.cuts) if (taken[cut] === ' ') taken[cut] = glyph;
  return taken.join('').trimEnd();
}

/** The cells of a lane. The newer task covers the older one, but no letter and no failure. */
function laneCells(runs: readonly TaskRun[], scale: TimeScale, now: number, glyphs: typeof UNICODE): Cell[] {
  const cells: Cell[] = [];
  /** The columns of letters and failures. */
  const fixed = new Set<number>();
  for (const { generation, createdAt, startedAt, endedAt, state } of runs) {
    const put = (column: number, character: string, colour = colourOf(generation)): void => {
      if (!fixed.has(column)) cells[column] = [character, colour];
    };
    const [from, to] = [scale.column(createdAt), scale.column(endedAt ?? now)];
    const ran = state === 'starting' ? Infinity : scale.column(startedAt ?? createdAt);
    for (let column = from; column <= to; column += 1) {
      put(column, column < ran ? glyphs.starting : glyphs.running);
    }
    for (const cut of scale.cuts) if (cut > from && cut < to) put(cut, glyphs.cut);
    if (state === 'running') put(to, glyphs.now);
    else if (state !== 'starting') put(to, glyphs[state]);
    if (state === 'failed') {
      cells[to] = [glyphs.failed, RED];
      fixed.add(to);
    }
    // The letter of a short task that failed stands before its mark, if there is space.
    const free = Array.from({ length: to - from + 1 }, (_, index) => from + index).find(
      (at) => !fixed.has(at),
    );
    const letter = free ?? from - 1;
    if (letter < 0 || fixed.has(letter)) continue;
    put(letter, letterOf(generation));
    fixed.add(letter);
  }
  return Array.from(cells, (cell: Cell | undefined) => cell ?? [' ']);
}

const cellsOf = (text: string, colour?: number): Cell[] =>
  Array.from(text, (character, index) =>
    index === 0 && colour !== undefined ? [character, colour] : [character],
  );

function fitted(line: readonly Cell[], columns: number): readonly Cell[] {
  const text = line.map(([character]) => character).join('');
  const shown = Array.from(truncate(text, columns));
  return shown.length === line.length
    ? line
    : shown.map((character, index) => [character, line[index]?.[1]] as Cell);
}

/** A line as text; neighbours of one colour share an escape sequence. */
function written(line: readonly Cell[], { unicode, colour }: Style): string {
  let text = '';
  let last: number | undefined;
  for (const [character, own] of line) {
    if (colour && own !== last) text += `\u001b[${own ?? 0}m`;
    last = own;
    text += unicode || character <= '~' ? character : '?';
  }
  return colour && last !== undefined ? `${text}\u001b[0m` : text.trimEnd();
}
