/** Docker's tables of a --format that asks for one. */
import { getBorderCharacters, table } from 'table';
import { isPlain } from '../values/width.ts';
import { GAP, MIN_WIDTH, drawText } from './columns.ts';

/** `table` takes 0.14 ms a row, and 1 ms to load: it lays out up to this many. */
const SHORT = 100;

/** Lays out lines of cells, tabs between cells and a line break after each line (drawText). */
export function drawTable(text: string): string {
  const lines = text.split('\n').map((line) => line.split('\t'));
  const [tail = []] = lines.splice(-1);
  return tail.join('') === '' && isRegular(lines) ? drawRegular(lines) : drawText(text);
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

function drawRegular(lines: readonly (readonly string[])[]): string {
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
    .map((line, index) => `${line}${lines[index]?.at(-1) ?? ''}\n`)
    .join('');
}
