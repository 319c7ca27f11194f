/** One record of comma-separated fields, with the quoting rules of Go's encoding/csv. */
import { InvalidValue } from './value.ts';

/**
 * The fields of the first line that is not empty. A field in double quotes may hold commas and line breaks,
 * and `""` for a quote; in any other field a quote is an error.
 * @throws InvalidValue for a misplaced or unclosed quote, or when there is no record at all
 */
export function parseCsv(text: string): string[] {
  const record = text.replace(/\r\n/g, '\n').replace(/^\n+/, '');
  if (record === '') throw new InvalidValue('must not be empty');
  const fields: string[] = [];
  const field = /"((?:[^"]|"")*)"(?=[,\n]|$)|([^",\n]*)(?=[,\n]|$)/y;
  for (;;) {
    const match = field.exec(record);
    if (match === null) throw new InvalidValue('has a double quote in the wrong place');
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (record[field.lastIndex] !== ',') return fields;
    field.lastIndex += 1;
  }
}
