/** The width of texts in terminal columns, as docker/cli cli/command/formatter/displayutils.go counts it. */
import { eastAsianWidth } from 'get-east-asian-width';

/**
 * Whether every character takes one column for certain: printable ASCII and "…". A fast path for the functions
 * below.
 */
export function isPlain(text: string): boolean {
  return /^[\x20-\x7e\u2026]*$/.test(text);
}

/** East Asian wide and fullwidth characters take two columns, all others one. */
const charWidth = (char: string): number => eastAsianWidth(char.codePointAt(0) ?? 0);

/** The columns of a text. Every code point counts, combining and zero-width ones too, as in docker. */
export function displayWidth(text: string): number {
  if (isPlain(text)) return text.length;
  let width = 0;
  for (const char of text) width += charWidth(char);
  return width;
}

/**
 * Shortens a text to at most `columns` columns; a shortened text ends with "…" (docker's Ellipsis).
 * @param columns 2 or more
 */
export function ellipsis(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  if (isPlain(text)) return `${text.slice(0, columns - 1)}…`;
  let kept = '';
  let width = 0;
  for (const char of text) {
    width += charWidth(char);
    if (width > columns - 1) break;
    kept += char;
  }
  return `${kept}…`;
}
