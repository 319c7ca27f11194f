/** The text of the rows of a listing, whole and row by row. */
import type { SwarmrollError } from '../errors.ts';
import { printable, printableData, printableLines } from '../values/printable.ts';

/** A listing as it was read. Its texts depend on the time of day (ms since the epoch), because they have ages. */
export interface Listing {
  /** What the command prints. @param columns the width that there is, if that is not the whole terminal's */
  readonly whole: (now: number, columns?: number) => string;
  /** The text of each row alone, by its key. */
  readonly rows: (now: number) => ReadonlyMap<string, string>;
  /** What went wrong although there is something to print. */
  readonly error?: SwarmrollError;
}

/** Rows with an id, and how they are printed. */
interface Rows<Row extends { readonly ID: string }> {
  readonly at: (now: number) => readonly Row[];
  readonly print: (rows: readonly Row[]) => string;
  /** --format, "" without */
  readonly format: string;
  readonly isTTY: boolean | undefined;
}

/**
 * A listing of rows. A terminal gets printable text, as with ls; pipes get the same bytes as from docker. The rows are made
 * printable, not the output: the columns then have the right widths, and the user's template may print colours. JSON is the
 * exception, because it has its own escapes.
 */
export function listingOf<Row extends { readonly ID: string }>({
  at,
  print,
  format,
  isTTY,
}: Rows<Row>): Listing {
  const text = (rows: readonly Row[]): string => {
    if (isTTY !== true) return print(rows);
    return format === 'json' ? printableLines(print(rows)) : print(printableData(rows, printable));
  };
  return {
    whole: (now) => text(at(now)),
    rows: (now) => {
      const rows = at(now);
      const seen = new Map<string, number>();
      const keys = rows.map(({ ID }) => {
        const count = seen.get(ID) ?? 0;
        seen.set(ID, count + 1);
        return `${ID} ${count}`;
      });
      const titles = linesOf(text([]));
      const all = linesOf(text(rows)).slice(titles.length);
      // In a table, the line of each row has the widths of all. A template may make several lines of a row.
      const lines =
        all.length === rows.length
          ? all
          : rows.map((row) =>
              linesOf(text([row]))
                .slice(titles.length)
                .join(''),
            );
      return new Map(keys.map((key, index) => [key, lines[index] ?? '']));
    },
  };
}

/** A listing that has no rows of its own. */
export const wholeListing = (whole: Listing['whole']): Listing => ({
  whole,
  rows: (now) => new Map([['', whole(now)]]),
});

/** Lines with their line breaks. */
const linesOf = (text: string): string[] => text.split(/(?<=\n)/).filter((line) => line !== '');
