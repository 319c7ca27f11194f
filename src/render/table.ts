/** Docker's tables: the one place where columns are laid out. */
import { displayWidth, isPlain } from '../values/width.ts';

/** Docker's columns are at least this wide, and this far apart. */
const MIN_WIDTH = 10;
const GAP = 3;

/**
 * Lays out lines of cells, tabs between cells and a line break after each line, as docker does: every cell
 * but the last of a line is padded to its column, which reaches over adjacent lines that have it.
 */
export function drawTable(text: string): string {
  const lines = text.split('\n').map((line) => line.split('\t'));
  // What follows the last line break is not a line.
  const tail = lines.pop() ?? [''];
  // Asked once, not for each of thousands of cells.
  const plain = isPlain(lines.map((line) => line.join('')).join(''));
  const widthOf = plain ? (text: string) => text.length : displayWidth;
  const columns = lines.reduce((most, line) => Math.max(most, line.length), 0);
  for (let column = 0; column < columns; column += 1) {
    for (const run of runsWith(column, lines)) {
      let width = MIN_WIDTH;
      for (const line of run) width = Math.max(width, widthOf(line[column] ?? '') + GAP);
      for (const line of run) {
        const cell = line[column] ?? '';
        line[column] = cell + ' '.repeat(width - widthOf(cell));
      }
    }
  }
  return lines.map((line) => `${line.join('')}\n`).join('') + tail.join('');
}

/** Runs of adjacent lines that have a cell after this column: they share its width. */
function runsWith(column: number, lines: readonly string[][]): string[][][] {
  const runs: string[][][] = [[]];
  for (const line of lines) {
    if (line.length > column + 1) runs.at(-1)?.push(line);
    else runs.push([]);
  }
  return runs;
}
