/** The tables of --format 'table TEMPLATE', laid out as docker does. */
import { getBorderCharacters, table } from 'table';
import { isPlain } from '../values/width.ts';
import { GAP, MIN_WIDTH, drawText } from './columns.ts';

/** The most lines that the package `table` lays out: it takes 0.14 ms for each line. */
const MAX_LINES = 100;

/** Lays out a text of cells, with the same result as drawText. */
export function drawTable(text: string): string {
  const lines = text.split('\n').map((line) => line.split('\t'));
  const [tail = []] = lines.splice(-1);
  return tail.join('') === '' && isRegular(lines) ? drawRegular(lines) : drawText(text);
}

/** Whether `table` gives the same text as docker: few lines, all with the same number of cells, of plain characters. */
function isRegular(lines: readonly (readonly string[])[]): boolean {
  const width = lines[0]?.length ?? 0;
  return (
    width > 1 &&
    lines.length <= MAX_LINES &&
    lines.every((line) => line.length === width && line.every((cell) => isPlain(cell)))
  );
}

function drawRegular(lines: readonly (readonly string[])[]): string {
  // The last cell of a line is not padded, so `table` does not get it.
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
