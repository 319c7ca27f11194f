/** How many columns of a terminal a text takes, as docker counts them, and texts cut to a width. */
import { eastAsianWidth } from 'get-east-asian-width';

/** Whether a text is printable ASCII and what a cut leaves: one column a character. */
export function isPlain(text: string): boolean {
  return /^[\x20-\x7e\u2026]*$/.test(text);
}

/** East Asian wide and fullwidth characters take two columns. */
const charWidth = (char: string): number => eastAsianWidth(char.codePointAt(0) ?? 0);

/** The columns that a text takes; every character counts, zero-width ones too. */
export function displayWidth(text: string): number {
  if (isPlain(text)) return text.length;
  let width = 0;
  for (const char of text) width += charWidth(char);
  return width;
}

/** A text cut to so many columns (2 or more), the last of them "…" where something was cut. */
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
