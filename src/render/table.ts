/** Docker's tables: the one place where columns are laid out. */
import { getBorderCharacters, table } from 'table';
import { displayWidth, isPlain } from '../values/width.ts';

/** Docker's columns are at least this wide, and this far apart. */
const MIN_WIDTH = 10;
const GAP = 3;

/** `table` takes 0.15 ms a row: it lays out up to this many; longer lists take the quick way, 30 times faster. */
const SHORT = 100;

/**
 * Lays out lines of cells, tabs between cells and a line break after each line, as docker does: every cell
 * but the last of a line is padded to its column, which reaches over adjacent lines that have it.
 */
export function drawTable(text: string): string {
  const lines = text.split('\n').map((line) => line.split('\t'));
  // What follows the last line break is not a line.
  const tail = lines.pop() ?? [''];
  const drawn = isRegular(lines) ? drawRegular(lines) : drawElastic(lines);
  return drawn.map((line) => `${line}\n`).join('') + tail.join('');
}

/** Whether `table` gives exactly docker's text: few lines, all with the same cells, of plain characters. */
function isRegular(lines: readonly (readonly string[])[]): boolean {
  const width = lines[0]?.length ?? 0;
  return (
    width > 1 &&
    lines.length <= SHORT &&
    lines.every((line) => line.length === width && line.every((cell) => isPlain(cell)))
  );
}

function drawRegular(lines: readonly (readonly string[])[]): string[] {
  // The last cell of a line is not padded, so it is no column.
  const padded = lines.map((line) => line.slice(0, -1));
  const columns = (padded[0] ?? []).map((_, column) => ({
    width: Math.max(MIN_WIDTH - GAP, ...padded.map((line) => (line[column] ?? '').length)),
  }));
  const drawn = table(padded, {
    border: getBorderCharacters('void'),
    columnDefault: { paddingLeft: 0, paddingRight: GAP },
    columns,
    drawHorizontalLine: () => false,
  });
  return drawn
    .split('\n')
    .slice(0, lines.length)
    .map((line, index) => line + (lines[index]?.at(-1) ?? ''));
}

function drawElastic(lines: readonly (readonly string[])[]): string[] {
  const padded = lines.map((line) => [...line]);
  const columns = lines.reduce((most, line) => Math.max(most, line.length), 0);
  for (let column = 0; column < columns; column += 1) {
    for (const run of runsWith(column, padded)) {
      const widths = run.map((line) => displayWidth(line[column] ?? ''));
      const width = widths.reduce((most, one) => Math.max(most, one + GAP), MIN_WIDTH);
      for (const [index, line] of run.entries()) {
        line[column] = (line[column] ?? '') + ' '.repeat(width - (widths[index] ?? 0));
      }
    }
  }
  return padded.map((line) => line.join(''));
}

/** Runs of adjacent lines that have a cell after this column: they share its width. */
function runsWith(column: number, lines: string[][]): string[][][] {
  const runs: string[][][] = [[]];
  for (const line of lines) {
    if (line.length > column + 1) runs.at(-1)?.push(line);
    else runs.push([]);
  }
  return runs;
}
