/** Cells in columns, laid out as docker does. */
import { displayWidth, isPlain } from '../values/width.ts';

/** Docker's columns are at least this wide, and this far apart. */
export const MIN_WIDTH = 10;
export const GAP = 3;

/**
 * Lays out lines of cells, tabs between cells and a line break after each line, as docker does: every cell
 * but the last of a line is padded to its column, which reaches over adjacent lines that have it.
 */
export function drawText(text: string): string {
  const lines = text.split('\n').map((line) => line.split('\t'));
  // What follows the last line break is not a line.
  const tail = lines.pop() ?? [''];
  return layOut(lines, displayWidth) + tail.join('');
}

/**
 * The same of lines with as many cells each. Where there are thousands, as of tasks, a line most often ends as the one
 * above it, and that end is laid out once: a third of the time.
 */
export function drawCells(lines: readonly (readonly string[])[]): string {
  const widths = widthsOf(lines);
  const last = (lines[0] ?? []).length - 1;
  let cells = '';
  let text = '';
  let above: readonly string[] = [];
  /** The line above, from each column to its end. */
  const ends: string[] = [];
  for (const line of lines) {
    let column = last;
    while (column >= 0 && line[column] === above[column]) column -= 1;
    let end = ends[column + 1] ?? '\n';
    for (; column >= 0; column -= 1) {
      const cell = line[column] ?? '';
      cells += cell;
      end = (column === last ? cell : cell.padEnd(widths[column] ?? MIN_WIDTH)) + end;
      ends[column] = end;
    }
    text += end;
    above = line;
  }
  // A tab or a line break in a cell makes two of it, and there are characters that take two columns.
  return isPlain(cells) ? text : drawText(lines.map((line) => `${line.join('\t')}\n`).join(''));
}

/** Of plain cells. */
function widthsOf(lines: readonly (readonly string[])[]): number[] {
  const widths: number[] = [];
  for (const line of lines) {
    for (let column = 0; column < line.length; column += 1) {
      const own = (line[column] ?? '').length + GAP;
      if (own > (widths[column] ?? MIN_WIDTH)) widths[column] = own;
    }
  }
  return widths;
}

function layOut(lines: readonly string[][], widthOf: (cell: string) => number): string {
  const columns = lines.reduce((most, line) => Math.max(most, line.length), 0);
  for (let column = 0; column < columns - 1; column += 1) {
    for (const run of runsWith(column, lines)) pad(run, column, widthOf);
  }
  return lines.map((line) => `${line.join('')}\n`).join('');
}

/** Pads the lines' cells in a column to one width. */
function pad(lines: readonly string[][], column: number, widthOf: (cell: string) => number): void {
  let width = MIN_WIDTH;
  for (const line of lines) {
    const own = widthOf(line[column] ?? '') + GAP;
    if (own > width) width = own;
  }
  for (const line of lines) {
    const cell = line[column] ?? '';
    line[column] = cell.padEnd(width - widthOf(cell) + cell.length);
  }
}

/** Runs of adjacent lines that have a cell after this column: they share its width. */
function runsWith(column: number, lines: readonly string[][]): (readonly string[][])[] {
  if (lines.every((line) => line.length > column + 1)) return [lines];
  const runs: string[][][] = [[]];
  for (const line of lines) {
    if (line.length > column + 1) runs.at(-1)?.push(line);
    else runs.push([]);
  }
  return runs;
}
