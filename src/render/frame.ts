/** The terminal's picture of a rollout: lines that fit its width, and no more of them than fit its height. */
import stringWidth from 'string-width';
import type { Row, View } from '../rollout/view.ts';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Columns of the longest bar, brackets included: docker's. */
const FULL_BAR = 52;
const SHORTEST_BAR = 12;
/** Columns that the headline's symbol takes. */
const SYMBOL = 2;

/** The lines of the frame: the headline, a line a slot (or groups of them), and what is waited for. */
export function frame(view: View, { columns, rows }: Size): string[] {
  const footer = view.footer === '' ? [] : [cut(view.footer, columns)];
  const image = view.image === '' ? [] : [cut(view.image, columns)];
  // One line each for the headline, the footer, and the cursor below.
  const room = Math.max(1, rows - 3 - image.length);
  const body =
    view.rows.length <= room ? slotLines(view.rows, columns) : groupLines(view.rows, room, columns);
  return [headlineIn(view.headline, columns - SYMBOL), ...image, ...body, ...footer];
}

/** Where the headline doesn't fit, the count at its end is worth more than its beginning. */
function headlineIn(headline: string, columns: number): string {
  return cut(stringWidth(headline) <= columns ? headline : headline.replace(/^\w+ progress: /, ''), columns);
}

export function slotLines(rows: readonly Row[], columns: number): string[] {
  const label = widest(rows.map((row) => row.label)) + 1;
  const state = widest(
    rows.map((row) => row.state),
    9,
  );
  const tails = rows.map(tailOf);
  const left = label + 1 + state + 1;
  const bar = Math.min(
    FULL_BAR,
    columns - left - widest(tails.filter((_, index) => isQuiet(rows[index]))) - 2,
  );
  return rows.map((row, index) => {
    const head = `${pad(`${row.label}:`, label)} ${pad(row.state, state)}`;
    const tail = tails[index] ?? '';
    const drawn = bar < SHORTEST_BAR || !isQuiet(row) ? '' : ` ${pad(barOf(row.progress, bar), bar)}`;
    return cut(`${head}${drawn}${tail === '' ? '' : `  ${tail}`}`, columns).trimEnd();
  });
}

/** Whether there is room for the bar because there is nothing to say. */
const isQuiet = (row: Row | undefined): boolean => row === undefined || wordsOf(row) === '';

/** The node, the image where it is another, and the error: its own, or that of the task before it. */
function tailOf(row: Row): string {
  const { node, label, otherImage } = row;
  return [node === label ? '' : node, otherImage, wordsOf(row)].filter((part) => part !== '').join('  ');
}

const wordsOf = ({ note, past }: Row): string => (note === '' ? past : note);

/** docker's bar: "[=====>     ]", drawn full without a head. */
export function barOf(progress: number | undefined, width: number): string {
  if (progress === undefined) return '';
  const inner = width - 2;
  const done = Math.max(1, Math.round(inner * progress));
  return `[${`${'='.repeat(done - 1)}>`.padEnd(inner)}]`;
}

/** Slots counted by state, and those that fail by name as far as there is room. */
function groupLines(rows: readonly Row[], room: number, columns: number): string[] {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const state =
      row.state === '' ? 'waiting' : row.current ? row.state : `${row.state} (${row.otherImage || 'before'})`;
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  const digits = String(rows.length).length;
  const groups = [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([state, count]) => cut(`${String(count).padStart(digits)} ${state}`, columns));
  const failing = rows.filter((row) => row.failing);
  const space = Math.max(0, room - groups.length);
  const shown = failing.length <= space ? failing : failing.slice(0, Math.max(0, space - 1));
  const rest = failing.length - shown.length;
  const named = shown.length === 0 ? [] : slotLines(shown, columns);
  return [
    ...groups,
    ...named,
    ...(rest === 0 ? [] : [cut(`... and ${rest} more in trouble`, columns)]),
  ].slice(0, room);
}

const widest = (texts: readonly string[], least = 0): number =>
  texts.reduce((width, text) => Math.max(width, stringWidth(text)), least);

export const pad = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - stringWidth(text)));

/** The text in at most so many columns; what is cut off is marked. */
export function cut(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text;
  let kept = '';
  for (const character of text) {
    if (stringWidth(kept + character) > columns - 1) break;
    kept += character;
  }
  return columns < 1 ? '' : `${kept}…`;
}
