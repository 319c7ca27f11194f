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

/** The same of lines with as many cells each; thousands of plain ones, as of tasks, are laid out three times as fast. */
export function drawCells(lines: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const line of lines) {
    for (let column = 0; column < line.length; column += 1) {
      const own = (line[column] ?? '').length + GAP;
      if (own > (widths[column] ?? MIN_WIDTH)) widths[column] = own;
    }
  }
  let cells = '';
  let text = '';
  for (const line of lines) {
    const last = line.length - 1;
    for (let column = 0; column < last; column += 1) {
      const cell = line[column] ?? '';
      cells += cell;
      text += cell.padEnd(widths[column] ?? MIN_WIDTH);
    }
    cells += line[last] ?? '';
    text += `${line[last] ?? ''}\n`;
  }
  // A tab or a line break in a cell makes two of it, and there are characters that take two columns.
  return isPlain(cells) ? text : drawText(lines.map((line) => `${line.join('\t')}\n`).join(''));
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
