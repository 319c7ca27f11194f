/**
 * Makes text from outside safe to print. Characters that a terminal executes, and characters that hide or
 * reorder text, become visible escapes.
 */

/** C0 and C1 controls, DEL, line and paragraph separators, and all bidirectional control characters. */
// eslint-disable-next-line no-control-regex -- this expression must match control characters
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f]/;
const EVERY_UNSAFE = new RegExp(UNSAFE, 'g');

/** Makes a text safe on one line: tabs and line breaks become a space, other unsafe characters an escape ("\x1b"). */
export function printable(text: string): string {
  if (!UNSAFE.test(text)) return text;
  return text.replace(/(?:\t|\r?\n)+/g, ' ').replace(EVERY_UNSAFE, escape);
}

const BREAKS: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Makes a value safe on one line, with nothing joined: tabs and line breaks become an escape too ("\n"). */
export const printableValue = (text: string): string =>
  printable(text.replace(/[\n\r\t]/g, (found) => BREAKS[found] ?? found));

/** Makes a text of several lines safe: tabs and line feeds stay. A JSON text stays JSON of the same data. */
export function printableLines(text: string): string {
  return UNSAFE.test(text) ? text.replace(EVERY_UNSAFE, escapeInLines) : text;
}

/**
 * Copies JSON data and applies `clean` to every string in it, including the keys of objects.
 * @param clean `printable` or `printableLines`
 */
export function printableData<T>(data: T, clean: (text: string) => string): T;
export function printableData(data: unknown, clean: (text: string) => string): unknown {
  if (typeof data === 'string') return clean(data);
  if (Array.isArray(data)) return data.map((item: unknown) => printableData(item, clean));
  if (typeof data !== 'object' || data === null) return data;
  const entries = Object.entries(data).map(([key, item]: [string, unknown]) => [
    clean(key),
    printableData(item, clean),
  ]);
  return Object.fromEntries(entries) as unknown;
}

const escapeInLines = (character: string): string =>
  character === '\n' || character === '\t' ? character : escape(character);

/**
 * Writes one character as an escape. JSON has no "\x" escape, but JSON.stringify has already escaped the C0 controls,
 * so in a JSON text only the second form occurs.
 */
function escape(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x20
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
}
