/** The functions that docker adds to Go's templates. */
import type { Functions } from './functions.ts';
import { fail } from './functions.ts';
import { STRINGS, amount, items, string, text, value } from './go-types.ts';
import type { Maybe } from './go-types.ts';
import { toJson } from './show.ts';

const textOf = (given: Maybe): string => (given === undefined ? '' : text(given));
const amountOf = (given: Maybe): number => (given === undefined ? 0 : amount(given));

const onText = (change: (raw: string) => string): Functions[string] => ({
  params: ['string'],
  call: (raw) => string(change(textOf(raw))),
});

export const DOCKER_FUNCTIONS: Functions = {
  json: { params: ['any'], call: (given) => string(toJson(given)) },
  lower: onText((raw) => byChar(raw, (char) => Array.from(char.toLowerCase())[0] ?? char)),
  upper: onText((raw) => byChar(raw, upperChar)),
  title: onText(titled),
  split: {
    params: ['string', 'string'],
    call: (raw, separator) => value(STRINGS, split(textOf(raw), textOf(separator))),
  },
  join: {
    params: ['strings', 'string'],
    call: (list, separator) => string((list === undefined ? [] : items(list)).join(textOf(separator))),
  },
  pad: {
    params: ['string', 'int', 'int'],
    call: (raw, before, after) => string(padded(textOf(raw), amountOf(before), amountOf(after))),
  },
  truncate: {
    params: ['string', 'int'],
    call: (raw, length) => string(truncated(textOf(raw), amountOf(length))),
  },
};

/** Go changes letter by letter: none ever becomes two ("ß" stays). */
const byChar = (raw: string, change: (char: string) => string): string => Array.from(raw, change).join('');

function upperChar(char: string): string {
  const [first = char, ...more] = Array.from(char.toUpperCase());
  return more.length === 0 ? first : char;
}

/** The first letter of every word in upper case; letters, digits, `_` and symbols beyond ASCII make a word. */
function titled(raw: string): string {
  return raw.replace(/(?<![\p{L}\p{Nd}_]|[^\p{ASCII}\s])\p{L}/gu, upperChar);
}

function split(raw: string, separator: string): string[] {
  return separator === '' ? Array.from(raw) : raw.split(separator);
}

/** An empty text stays empty. */
function padded(raw: string, before: number, after: number): string {
  if (raw === '') return raw;
  if (before < 0 || after < 0) return fail('strings: negative Repeat count');
  return ' '.repeat(before) + raw + ' '.repeat(after);
}

/** By bytes, as docker cuts it. */
function truncated(raw: string, length: number): string {
  if (length < 0) return fail(`runtime error: slice bounds out of range [:${length}]`);
  return Buffer.from(raw).subarray(0, length).toString();
}

const intact: Functions[string]['call'] = (raw) => raw;
/** What the functions do to the header of a table: nothing, so that it stays readable. `pad` still pads. */
export const HEADER_FUNCTIONS: Functions = {
  ...DOCKER_FUNCTIONS,
  json: { params: ['string'], call: intact },
  lower: { params: ['string'], call: intact },
  upper: { params: ['string'], call: intact },
  title: { params: ['string'], call: intact },
  split: { params: ['string', 'string'], call: intact },
  join: { params: ['string', 'string'], call: intact },
  truncate: { params: ['string', 'int'], call: intact },
};
