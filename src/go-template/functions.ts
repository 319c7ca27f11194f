/** The functions that templates may call: Go's own, those that docker adds (docker/cli, templates package), and the engine's. */
import { IN_TEMPLATE, goJson } from '../values/go-json.ts';
import { COMPARISONS } from './compare.ts';
import { ArgumentError, fail } from './error.ts';
import { show, sprint, sprintf } from './printf.ts';
import {
  STRING,
  UINT8,
  amount,
  bool,
  entry,
  indirect,
  int,
  isTrue,
  items,
  listOf,
  record,
  string,
  takes,
  text,
  value,
} from './values.ts';
import type { Functions, GoFunction, Maybe, Value } from './values.ts';

const mustBe = (wanted: string, given: Maybe): never =>
  fail(`expected ${wanted}; got ${given?.type.name ?? 'no value'}`);

function wrongArgument(wanted: string, given: Maybe): never {
  throw new ArgumentError(
    `wrong type for value; expected ${wanted}; got ${given?.type.name ?? 'nil'}`,
    given,
  );
}

/** An argument that has to be a text. Like Go, this refuses string types with a name of their own. */
export const textOf = (given: Maybe): string =>
  given?.type.name === 'string' ? text(given) : wrongArgument('string', given);

/** An argument that has to be a whole number, 0 or more; `1.0` is one. */
function countOf(given: Maybe): number {
  const fits = given?.type.name === 'int' || (given?.type.kind === 'float' && Number.isInteger(given.data));
  const count = given !== undefined && fits ? amount(given) : wrongArgument('integer', given);
  return count < 0 ? fail(`${count} is negative`) : count;
}

function textsOf(given: Maybe): readonly string[] {
  if (given === undefined) return [];
  return given.type.kind === 'slice' ? items(given).map(textOf) : wrongArgument('[]string', given);
}

const onText = (change: (raw: string) => string): GoFunction =>
  takes(1, (raw) => string(change(textOf(raw))));

const print = takes(0, (...args) => string(sprint(args)), Infinity);

const GO_FUNCTIONS: Functions = {
  ...COMPARISONS,
  // Their last argument is the one that decides (evaluate.ts, evaluateWords).
  and: takes(1, (...args) => args.at(-1), Infinity),
  or: takes(1, (...args) => args.at(-1), Infinity),
  not: takes(1, (arg) => bool(!isTrue(arg))),
  len: takes(1, (arg) => int(length(arg))),
  index: takes(1, pick, Infinity),
  slice: takes(1, part, 4),
  print,
  println: takes(0, (...args) => string(`${args.map(show).join(' ')}\n`), Infinity),
  printf: takes(1, (format, ...args) => string(sprintf(textOf(format), args)), Infinity),
};

/** docker's. */
export const FUNCTIONS: Functions = {
  ...GO_FUNCTIONS,
  json: takes(1, (given) => string(toJson(given))),
  lower: onText((raw) => byChar(raw, (char) => Array.from(char.toLowerCase())[0] ?? char)),
  upper: onText((raw) => byChar(raw, upperChar)),
  // Letters, digits, `_` and symbols beyond ASCII make a word.
  title: onText((raw) => raw.replace(/(?<![\p{L}\p{Nd}_]|[^\p{ASCII}\s])\p{L}/gu, upperChar)),
  split: takes(2, (raw, separator) => {
    const mark = textOf(separator);
    return value(listOf(STRING), mark === '' ? Array.from(textOf(raw)) : textOf(raw).split(mark));
  }),
  join: takes(2, (list, separator) => string(textsOf(list).join(textOf(separator)))),
  // An empty text stays empty.
  pad: takes(3, (raw, before, after) => {
    const shown = textOf(raw);
    const [left, right] = [' '.repeat(countOf(before)), ' '.repeat(countOf(after))];
    return string(shown && left + shown + right);
  }),
  // By bytes, as docker cuts it.
  truncate: takes(2, (raw, most) => string(Buffer.from(textOf(raw)).subarray(0, countOf(most)).toString())),
};

/** The engine's own in the templates of a spec (swarmkit template/template.go): the separator comes first. */
export const SPEC_FUNCTIONS: Functions = {
  ...GO_FUNCTIONS,
  // Go's own as well. Nobody sees the text that they escape.
  html: print,
  js: print,
  urlquery: print,
  join: takes(1, (separator, ...texts) => string(texts.map(textOf).join(textOf(separator))), Infinity),
};

const INTACT = ['json', 'lower', 'upper', 'title', 'split', 'join', 'truncate'];

/**
 * The functions for the header of a table: like docker's, most leave a title as it is, so that it stays readable, and take nothing
 * but a title.
 */
export const HEADER_FUNCTIONS: Functions = Object.fromEntries(
  Object.entries(FUNCTIONS).map(([name, one]) => [
    name,
    INTACT.includes(name) ? { ...one, call: (title) => string(textOf(title)) } : one,
  ]),
);

/** Go changes letter by letter: none ever becomes two ("ß" stays). */
const byChar = (raw: string, change: (char: string) => string): string => Array.from(raw, change).join('');

function upperChar(char: string): string {
  const upper = char.toUpperCase();
  return Array.from(upper).length === 1 ? upper : char;
}

const ZEROS: ReadonlyMap<string, string> = new Map(
  Object.entries({ string: '""', bool: 'false', int: '0', uint: '0', float: '0', struct: '{}' }),
);

/** A value as JSON: what the engine sent, and zero values for what it left out. */
function toJson(given: Maybe): string {
  if (given === undefined) return 'null';
  const { type, data } = indirect(given);
  if (type.own?.json !== undefined) return type.own.json(given);
  return data === undefined ? (ZEROS.get(type.kind) ?? 'null') : goJson(data, IN_TEMPLATE);
}

/** What `len` counts, `index` picks from and `slice` cuts: the items of a list or the bytes of a text. */
function elements(item: Value): readonly Value[] {
  if (item.type.kind === 'string') return Array.from(Buffer.from(text(item)), (byte) => value(UINT8, byte));
  return item.type.kind === 'slice' ? items(item) : mustBe('list or string', item);
}

function length(arg: Maybe): number {
  const item = indirect(arg ?? mustBe('list, map or string', arg));
  return item.type.kind === 'map' ? Object.keys(record(item.data)).length : elements(item).length;
}

function pick(container: Maybe, ...keys: Maybe[]): Value {
  return keys.reduce(element, container ?? mustBe('list or map', container));
}

function element(container: Value, key: Maybe): Value {
  const item = indirect(container);
  if (item.type.kind === 'map') return value(item.type.elem, entry(item.data, keyOf(key)));
  const all = elements(item);
  return all[position(key, all.length - 1)] ?? mustBe('list or string', item);
}

const keyOf = (key: Maybe): string =>
  key?.type.name === 'string'
    ? text(key)
    : fail(`value has type ${key?.type.name ?? 'nil'}; should be string`);

/** An index from 0 to the last one that is allowed. */
function position(key: Maybe, last: number): number {
  const index = key?.type.kind === 'int' || key?.type.kind === 'uint' ? amount(key) : mustBe('integer', key);
  return index < 0 || index > last ? fail(`index out of range: ${index}`) : index;
}

function part(arg: Maybe, ...keys: Maybe[]): Value {
  const item = indirect(arg ?? mustBe('list or string', arg));
  if (keys.length > 2) fail('cannot 3-index slice');
  const all = elements(item).map(({ data }) => data);
  const [start = 0, end = all.length] = keys.map((key) => position(key, all.length));
  if (start > end) return fail(`invalid slice index: ${start} > ${end}`);
  const taken = all.slice(start, end);
  return value(item.type, item.type.kind === 'string' ? Buffer.from(taken as number[]).toString() : taken);
}
