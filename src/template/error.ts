/** A template that can't be read, or that failed on what it was given; the message is Go's and holds the position. */
export class TemplateError extends Error {}

/** "U+0041 'A'": how Go names a character. */
export function nameOfChar(char: string): string {
  const code = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `U+${code}${/^[\p{C}\p{Z}]$/u.test(char) && char !== ' ' ? '' : ` '${char}'`}`;
}
