/**
 * JSON that keeps every digit of integers. The engine's integers have 64 bits, a double has 53. An integer that a
 * double would round is a bigint here, so an update posts exactly the values that it has read.
 */

/** Marks a string that stands for a bigint. A raw NUL can't occur in JSON text. */
const MARK = '\u0000';
/** Strings, which are skipped, and integers of 16 or more digits. */
const STRING_OR_LONG_INTEGER = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

/** Parses JSON; integers that a double would round become bigints. @throws SyntaxError when the text is not JSON */
export function parseExact(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  const marked = text.replace(STRING_OR_LONG_INTEGER, (token) =>
    token.startsWith('"') || String(Number(token)) === token ? token : `"\\u0000${token}"`,
  );
  if (marked === text) return JSON.parse(text);
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === 'string' && /^\0-?\d+$/.test(value) ? BigInt(value.slice(1)) : value,
  );
}

/** Whether a value of a JSON text is an object: no list, and not null. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The object of a JSON text; undefined if the text is no JSON, or has another value. The error is dropped: it quotes the text,
 * which may contain secrets.
 */
export function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value = parseExact(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Writes a value as JSON; bigints become integers. */
export function stringifyExact(value: unknown): string {
  const text = JSON.stringify(value, (_key, one: unknown) =>
    typeof one === 'bigint' ? `${MARK}${one}` : one,
  );
  return text.replace(/"\\u0000(-?\d+)"/g, '$1');
}
