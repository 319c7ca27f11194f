/**
 * JSON in which whole numbers keep every digit. The engine's have 64 bits, and a double holds 53: what it would
 * round is a bigint here, so that an update writes back what it has read.
 */

/** Marks the digits of a bigint inside a string, where a JSON text has none of its own. */
const MARK = '\u0000';
/** Strings, which are left alone, and whole numbers of 16 digits and more. */
const LONG = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

/** @throws SyntaxError where the text is not JSON */
export function parseExact(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  const marked = text.replace(LONG, (token) =>
    token.startsWith('"') || String(Number(token)) === token ? token : `"\\u0000${token}"`,
  );
  if (marked === text) return JSON.parse(text);
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === 'string' && /^\0-?\d+$/.test(value) ? BigInt(value.slice(1)) : value,
  );
}

/** The text of a value that may hold bigints. */
export function stringifyExact(value: unknown): string {
  const text = JSON.stringify(value, (_key, one: unknown) =>
    typeof one === 'bigint' ? `${MARK}${one}` : one,
  );
  return text.replace(/"\\u0000(-?\d+)"/g, '$1');
}
