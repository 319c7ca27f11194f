/** Draws the timeline of a service: a lane for each slot, with its tasks along time. Pure. */
import { truncate, pad, widest } from './frame.ts';
import { shortAge, timeScale } from './time-scale.ts';
import type { TimeScale } from './time-scale.ts';

/** One task. Times are milliseconds since the epoch. */
export interface Run {
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
  readonly runs: readonly Run[];
}

export interface Timeline {
  readonly title: string;
  readonly now: number;
  readonly lanes: readonly Lane[];
  /** A line for each task template, in the order of the letters: its id, what it is, its image. */
  readonly legend: readonly (readonly string[])[];
}

export interface Style {
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
  const labels = lanes.map(({ label }) => truncate(label, Math.floor(columns / 3)));
  const left = widest(labels) + 2;
  const times = lanes.flatMap(({ runs }) =>
    runs.flatMap(({ createdAt, endedAt = now }) => [createdAt, endedAt]),
  );
  const scale = timeScale([...times, now], columns - left);
  const body = lanes.map(({ runs }, index) => [
    ...cellsOf(pad(labels[index] ?? '', left)),
    ...laneCells(runs, scale, now, glyphs),
  ]);
  const axis = lanes.length === 0 ? [] : [`${' '.repeat(left)}${axisOf(scale, now, columns - left)}`];
  const lines: (readonly Cell[])[] = [
    ...[title, '', ...axis].map(cellsOf),
    ...body,
    [],
    ...legendLines(legend).map((line, index): Cell[] => cellsOf(line, colourOf(index))),
    ...keyLines(glyphs, columns).map((line) => cellsOf(line)),
  ];
  return lines.map((line) => written(fitted(line, columns), style));
}

/** What the characters mean, in as many lines as it takes. */
function keyLines(glyphs: typeof UNICODE, columns: number): string[] {
  const words = ['starting', 'running', 'complete', 'stopped', 'failed'] as const;
  return words.reduce<string[]>((lines, word) => {
    const line = [...lines.slice(-1), `${glyphs[word]} ${word}`].join('  ');
    return line.length > columns ? [...lines, `${glyphs[word]} ${word}`] : [...lines.slice(0, -1), line];
  }, []);
}

/** The letters, with their columns aligned. */
function legendLines(legend: Timeline['legend']): string[] {
  const widths = legend.reduce<number[]>(
    (widths, cells) => cells.map((cell, index) => Math.max(widths[index] ?? 0, cell.length)),
    [],
  );
  return legend.map((cells, index) =>
    [letterOf(index), ...cells.map((cell, column) => pad(cell, widths[column] ?? 0))].join('  ').trimEnd(),
  );
}

/** The ages along the axis. A tick that finds no space is left out. */
function axisOf(scale: TimeScale, now: number, columns: number): string {
  const taken = new Array<string>(columns).fill(' ');
  for (const time of scale.ticks) {
    const text = time === now ? 'now' : shortAge(now - time);
    const from = Math.min(scale.column(time), columns - text.length);
    const around = taken.slice(Math.max(0, from - 1), from + text.length + 1);
    if (from < 0 || around.some((character) => character !== ' ')) continue;
    taken.splice(from, text.length, ...Array.from(text));
  }
  return taken.join('').trimEnd();
}

/** The cells of a lane. A failure is never covered; else the newer task covers the older one. */
function laneCells(runs: readonly Run[], scale: TimeScale, now: number, glyphs: typeof UNICODE): Cell[] {
  const cells: Cell[] = [];
  const failed = new Set<number>();
  const put = (column: number, character: string, colour: number): void => {
    if (!failed.has(column)) cells[column] = [character, colour];
  };
  for (const { generation, createdAt, startedAt, endedAt, state } of runs) {
    const colour = colourOf(generation);
    const [from, to] = [scale.column(createdAt), scale.column(endedAt ?? now)];
    const ran = state === 'starting' ? Infinity : scale.column(startedAt ?? createdAt);
    for (let column = from; column <= to; column += 1) {
      put(column, column < ran ? glyphs.starting : glyphs.running, colour);
    }
    for (const cut of scale.cuts) if (cut > from && cut < to) put(cut, glyphs.cut, colour);
    if (state === 'failed') {
      cells[to] = [glyphs.failed, RED];
      failed.add(to);
    } else if (state !== 'starting') {
      put(to, state === 'running' ? glyphs.now : glyphs[state], colour);
    }
    let letter = from;
    while (failed.has(letter) && letter < to) letter += 1;
    put(letter, letterOf(generation), colour);
  }
  return Array.from(cells, (cell: Cell | undefined) => cell ?? [' ']);
}

const cellsOf = (text: string, colour?: number): Cell[] =>
  Array.from(text, (character, index) =>
    index === 0 && colour !== undefined ? [character, colour] : [character],
  );

/** Shortens a line to the width. */
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
