/** The frame on a terminal for one service. No line is wider than the terminal, and there are fewer lines than rows. */
import stringWidth from 'string-width';
import type { Row, View } from '../rollout/view.ts';
import { groupBy } from '../values/group-by.ts';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** The width of the longest bar with its brackets, in columns, as docker's. */
const MAX_BAR = 52;
const MIN_BAR = 12;
/** The width of the symbol before the headline, in columns. */
const SYMBOL = 2;

/** The lines of the frame: the headline, the image, a line for each slot (or groups of slots), and the footer. */
export function frameOfService(view: View, { columns, rows }: Size): string[] {
  const footer = view.footer === '' ? [] : [truncate(view.footer, columns)];
  const image = view.image === '' ? [] : [truncate(view.image, columns)];
  // The headline, the footer, and the cursor below the frame take one row each.
  const height = Math.max(1, rows - 3 - image.length);
  const body =
    view.rows.length <= height ? slotLines(view.rows, columns) : groupLines(view.rows, height, columns);
  return [headlineIn(view.headline, columns - SYMBOL), ...image, ...body, ...footer];
}

/** If the headline is too long, its beginning is left out: the count at its end is more important. */
function headlineIn(headline: string, columns: number): string {
  const isShort = stringWidth(headline) <= columns;
  return truncate(isShort ? headline : headline.replace(/^\w+ progress: /, ''), columns);
}

/** A line for each slot, in aligned columns: the label, the state, the bar, and a tail (tailOf). */
export function slotLines(rows: readonly Row[], columns: number): string[] {
  const label = widest(rows.map((row) => row.label)) + 1;
  const state = Math.max(9, widest(rows.map((row) => row.state)));
  const tails = rows.map(tailOf);
  const left = label + 1 + state + 1;
  const bar = Math.min(MAX_BAR, columns - left - widest(tails.filter((_, index) => hasBar(rows[index]))) - 2);
  return rows.map((row, index) => {
    const head = `${pad(`${row.label}:`, label)} ${pad(row.state, state)}`;
    const tail = tails[index] ?? '';
    const drawn = bar < MIN_BAR || !hasBar(row) ? '' : ` ${pad(barOf(row.progress, bar), bar)}`;
    return truncate(`${head}${drawn}${tail === '' ? '' : `  ${tail}`}`, columns).trimEnd();
  });
}

/** A slot with a remark has no bar: the remark needs the columns. */
const hasBar = (row: Row | undefined): boolean => row === undefined || remarkOf(row) === '';

/** The end of a slot's line: the node, the image if it is not the wanted one, and the remark. */
function tailOf(row: Row): string {
  const { node, label, otherImage } = row;
  return [node === label ? '' : node, otherImage, remarkOf(row)].filter((part) => part !== '').join('  ');
}

/** The note on the slot's task or, if there is none, on the task before it. */
const remarkOf = ({ note, past }: Row): string => (note === '' ? past : note);

/**
 * docker's progress bar: "[=====>     ]".
 * @param progress from 0 to 1; if it is undefined, the bar is empty text
 * @param width in columns, with the brackets
 */
export function barOf(progress: number | undefined, width: number): string {
  if (progress === undefined) return '';
  const inner = width - 2;
  const done = Math.max(1, Math.round(inner * progress));
  return `[${`${'='.repeat(done - 1)}>`.padEnd(inner)}]`;
}

/** At most `height` lines: the number of slots in each state, then the failing slots. */
function groupLines(rows: readonly Row[], height: number, columns: number): string[] {
  const states = groupBy(rows, ({ state, current, otherImage }) =>
    state === '' ? 'waiting' : current ? state : `${state} (${otherImage || 'before'})`,
  );
  const digits = String(rows.length).length;
  const groups = [...states]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([state, { length }]) => truncate(`${String(length).padStart(digits)} ${state}`, columns));
  const failing = rows.filter((row) => row.failing);
  const space = Math.max(0, height - groups.length);
  const shown = failing.length <= space ? failing : failing.slice(0, Math.max(0, space - 1));
  const rest = failing.length - shown.length;
  const named = shown.length === 0 ? [] : slotLines(shown, columns);
  return [
    ...groups,
    ...named,
    ...(rest === 0 ? [] : [truncate(`... and ${rest} more with errors`, columns)]),
  ].slice(0, height);
}

/** The width of the widest text, in columns. */
export const widest = (texts: readonly string[]): number =>
  texts.reduce((width, text) => Math.max(width, stringWidth(text)), 0);

/** The text with spaces up to a width, in columns. */
export const pad = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - stringWidth(text)));

/** What a reader sees as one character. */
const GRAPHEMES = new Intl.Segmenter();

/** Shortens a text to at most so many columns. A shortened text ends with "…". */
export function truncate(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text;
  let short = '';
  let width = 0;
  for (const { segment } of GRAPHEMES.segment(text)) {
    width += stringWidth(segment);
    if (width > columns - 1) break;
    short += segment;
  }
  return columns < 1 ? '' : `${short}…`;
}

/** How many rows of a terminal the lines take: a line that is wider than the terminal takes several. */
export const rowsOf = (lines: readonly string[], columns: number): number =>
  lines.reduce((total, line) => total + Math.max(1, Math.ceil(stringWidth(line) / columns)), 0);
