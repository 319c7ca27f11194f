/** Values that are one record of comma-separated fields, with the quoting rules of Go's encoding/csv. */
import { splitOnce } from './text.ts';
import { InvalidValue } from './value.ts';

/**
 * Splits a record into its fields. Empty lines before the record and lines after it are ignored. A field in double
 * quotes may contain commas, line breaks, and `""` for a quote. A quote in any other field is an error.
 * @throws InvalidValue if a quote is misplaced or not closed, or if there is no record
 */
export function parseCsv(text: string): string[] {
  const record = text.replace(/\r\n/g, '\n').replace(/^\n+/, '');
  if (record === '') throw new InvalidValue('must not be empty');
  const fields: string[] = [];
  const field = /"((?:[^"]|"")*)"(?=[,\n]|$)|([^",\n]*)(?=[,\n]|$)/y;
  for (;;) {
    const match = field.exec(record);
    if (match === null) throw new InvalidValue('has a misplaced or unclosed double quote');
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (record[field.lastIndex] !== ',') return fields;
    field.lastIndex += 1;
  }
}

/**
 * Splits a field `KEY=VALUE`; the value may be empty.
 * @throws InvalidValue if the `=` or the key is missing
 */
export function splitField(field: string): readonly [key: string, value: string] {
  const [key, value] = splitOnce(field, '=');
  if (value === undefined || key === '') {
    throw new InvalidValue(`must have KEY=VALUE in place of ${JSON.stringify(field)}`);
  }
  return [key, value];
}

/** The error for a field whose key does not exist. */
export function unknownKey(key: string): InvalidValue {
  return new InvalidValue(`has an unknown key ${JSON.stringify(key)}`);
}
