/** Lays out cells in columns, as docker does: with the rules of Go's package text/tabwriter. */
import { displayWidth, isPlain } from '../values/width.ts';

/** The smallest width of a column, with the gap (docker/cli cli/command/formatter/formatter.go). */
export const MIN_WIDTH = 10;
/** The smallest gap between columns. */
export const GAP = 3;

/**
 * Lays out a text of cells. Every cell except the last one of its line is padded to the width of its column. A column
 * consists of the adjacent lines that have a cell there.
 * @param text cells are separated by tabs, and each line ends with a line break
 */
export function drawText(text: string): string {
  const lines = text.split('\n').map((line) => line.split('\t'));
  // The text after the last line break is not a line.
  const tail = lines.pop() ?? [''];
  return layOut(lines) + tail.join('');
}

/**
 * Lays out lines that all have the same number of cells, with the same result as drawText. With thousands of tasks, most
 * lines end like the line above. The text of that end is then reused, which takes a third of the time.
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
  // This is wrong if a cell contains a tab, a line break, or characters that are two columns wide.
  return isPlain(cells) ? text : drawText(lines.map((line) => `${line.join('\t')}\n`).join(''));
}

/** The widths of the columns, if all cells are plain. */
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

function layOut(lines: readonly string[][]): string {
  const columns = lines.reduce((most, line) => Math.max(most, line.length), 0);
  for (let column = 0; column < columns - 1; column += 1) {
    for (const run of runsWith(column, lines)) pad(run, column);
  }
  return lines.map((line) => `${line.join('')}\n`).join('');
}

/** Pads the cells of one column to the same width. */
function pad(lines: readonly string[][], column: number): void {
  const widths = lines.map((line) => displayWidth(line[column] ?? '') + GAP);
  const width = widths.reduce((most, own) => Math.max(most, own), MIN_WIDTH);
  for (const line of lines) {
    const cell = line[column] ?? '';
    line[column] = cell.padEnd(width - displayWidth(cell) + cell.length);
  }
}

/** Groups adjacent lines that have another cell after this column: the column has one width in each group. */
function runsWith(column: number, lines: readonly string[][]): (readonly string[][])[] {
  const runs: string[][][] = [[]];
  for (const line of lines) {
    if (line.length > column + 1) runs.at(-1)?.push(line);
    else runs.push([]);
  }
  return runs;
}
