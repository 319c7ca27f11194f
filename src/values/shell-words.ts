/** Splits a text into the words of a shell, and quotes a text as one word. Nothing is expanded. */
import { InvalidValue } from './value.ts';

const WHITESPACE = ' \t\r\n';

/**
 * Splits a text into words, as github.com/google/shlex Split does:
 * - a backslash outside of single quotes makes the next character literal
 * - double and single quotes keep spaces, single quotes keep backslashes too
 * - `#` at the start of a word begins a comment, which ends with the line
 * @throws InvalidValue if a quote is not closed or the text ends with a backslash
 */
export function splitShellWords(text: string): string[] {
  const words: string[] = [];
  const characters = Array.from(text);
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? '';
    if (character === '\\' && quote !== "'") {
      at += 1;
      if (at === characters.length) throw new InvalidValue('must not end with a backslash');
      word = (word ?? '') + (characters[at] ?? '');
    } else if (quote !== '') {
      if (character === quote) quote = '';
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (WHITESPACE.includes(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === '#' && word === undefined) {
      while (at + 1 < characters.length && characters[at + 1] !== '\n') at += 1;
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quote !== '') throw new InvalidValue(`has an unclosed quote: ${quote}`);
  return word === undefined ? words : [...words, word];
}

/** Writes a text as one word of a POSIX shell; it is quoted if that is necessary. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
