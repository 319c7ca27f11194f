/**
 * Text from outside, made safe to show: characters that a terminal acts on, or that hide or reorder what is there, are
 * shown as escapes.
 */

/** C0 and C1 controls, DEL, line and paragraph separators, and all marks of the direction of writing. */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f]/;
const EVERY_UNSAFE = new RegExp(UNSAFE, 'g');

/** On one line: tabs and line breaks become a space, what is unsafe an escape ("\x1b", "\u202e"). */
export function printable(text: string): string {
  if (!UNSAFE.test(text)) return text;
  return text.replace(/(?:\t|\r?\n)+/g, ' ').replace(EVERY_UNSAFE, escape);
}

/** In lines: tabs and line feeds stay. Of a JSON text it makes JSON of the same data. */
export function printableLines(text: string): string {
  return UNSAFE.test(text) ? text.replace(EVERY_UNSAFE, escapeInLines) : text;
}

/** Data whose every text, keys included, is cleaned. */
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

/** JSON knows no "\x": there C0 controls are escaped already, and all others have its form here. */
function escape(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x20
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
}
