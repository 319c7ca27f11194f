/** Prints the rows of a listing on stdout. */
import { printable, printableData, printableLines } from '../values/printable.ts';

interface Stdout {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/**
 * Prints rows. A terminal gets printable text, as with ls; pipes get the same bytes as from docker. The rows are made
 * printable, not the output: the columns then have the right widths, and the user's template may print colours. JSON is the
 * exception, because it has its own escapes.
 */
export function printRows<Row>(
  { stdout }: { readonly stdout: Stdout },
  rows: readonly Row[],
  print: (rows: readonly Row[]) => string,
  format: string,
): void {
  if (stdout.isTTY !== true) stdout.write(print(rows));
  else stdout.write(format === 'json' ? printableLines(print(rows)) : print(printableData(rows, printable)));
}
