/** Words of a shell: a text split into them, with quotes, backslashes and comments but no expansion; and one written. */
import { InvalidValue } from './value.ts';

const BLANK = ' \t\r\n';

/**
 * The words of a text. Double quotes keep blanks and let a backslash take the next letter as it is; single
 * quotes keep everything; `#` at the start of a word begins a comment that ends with the line.
 * @throws InvalidValue when a quote is not closed or a backslash ends the text
 */
export function splitShellWords(text: string): string[] {
  const words: string[] = [];
  const letters = Array.from(text);
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < letters.length; at += 1) {
    const letter = letters[at] ?? '';
    if (letter === '\\' && quote !== "'") {
      at += 1;
      if (at === letters.length) throw new InvalidValue('ends in a backslash');
      word = (word ?? '') + (letters[at] ?? '');
    } else if (quote !== '') {
      if (letter === quote) quote = '';
      else word = (word ?? '') + letter;
    } else if (letter === '"' || letter === "'") {
      quote = letter;
      word ??= '';
    } else if (BLANK.includes(letter)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (letter === '#' && word === undefined) {
      while (at + 1 < letters.length && letters[at + 1] !== '\n') at += 1;
    } else {
      word = (word ?? '') + letter;
    }
  }
  if (quote !== '') throw new InvalidValue(`has a ${quote} that is not closed`);
  return word === undefined ? words : [...words, word];
}

/** A text as one word of a shell, quoted where it has to be. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
