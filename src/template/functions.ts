/** The functions of Go's templates. */
import { show, sortedKeys } from './show.ts';
import { sprint, sprintf } from './printf.ts';
import {
  UINT8,
  amount,
  bool,
  entry,
  indirect,
  int,
  isNil,
  isTrue,
  items,
  string,
  text,
  value,
} from './go-types.ts';
import type { Maybe, Value } from './go-types.ts';

/** What a function takes: `any` takes everything, even no value. */
export type Param = 'any' | 'string' | 'int' | 'strings';

export interface GoFunction {
  readonly params: readonly Param[];
  /** True where the last parameter stands for any number of arguments. */
  readonly variadic?: boolean;
  /** Throws FunctionError, whose message Go puts after "error calling NAME: ". */
  readonly call: (...args: Maybe[]) => Maybe;
}

/** Functions by name; the evaluator itself sees to `and` and `or`, which don't look at all of their arguments. */
export type Functions = Readonly<Record<string, GoFunction>>;

export class FunctionError extends Error {}

export const fail = (message: string): never => {
  throw new FunctionError(message);
};

const printing = (print: (args: readonly Maybe[]) => string): GoFunction => ({
  params: ['any'],
  variadic: true,
  call: (...args) => string(print(args)),
});

const escaping = (escape: (text: string) => string): GoFunction =>
  printing((args) => escape(sprint(args.map((arg) => arg && indirect(arg)))));

export const GO_FUNCTIONS: Functions = {
  and: { params: ['any', 'any'], variadic: true, call: (arg) => arg },
  or: { params: ['any', 'any'], variadic: true, call: (arg) => arg },
  // Nothing that a template sees here is a function.
  call: {
    params: ['any', 'any'],
    variadic: true,
    call: (arg) => fail(arg === undefined ? 'call of nil' : `non-function of type ${arg.type.name}`),
  },
  not: { params: ['any'], call: (arg) => bool(!isTrue(arg)) },
  len: { params: ['any'], call: (arg) => int(length(arg)) },
  index: {
    params: ['any', 'any'],
    variadic: true,
    call: (item, ...keys) => keys.reduce(element, item ?? fail('index of untyped nil')),
  },
  slice: { params: ['any', 'any'], variadic: true, call: part },
  print: printing(sprint),
  println: printing((args) => `${args.map((arg) => show(arg)).join(' ')}\n`),
  printf: {
    params: ['string', 'any'],
    variadic: true,
    call: (format, ...args) => string(sprintf(format === undefined ? '' : text(format), args)),
  },
  html: escaping((raw) =>
    raw.replace(/[\0'"&<>]/g, (char) => (char === '\0' ? '\ufffd' : (HTML[char] ?? char))),
  ),
  js: escaping((raw) =>
    raw.replace(
      /[\\'"<>&=\p{Cc}]/gu,
      (char) => JS[char] ?? `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
    ),
  ),
  urlquery: escaping((raw) =>
    encodeURIComponent(raw)
      .replaceAll('%20', '+')
      .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`),
  ),
};

const HTML: Readonly<Record<string, string>> = {
  "'": '&#39;',
  '"': '&#34;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
};
const JS: Readonly<Record<string, string>> = { '\\': '\\\\', "'": "\\'", '"': '\\"' };

function length(arg: Maybe): number {
  if (arg === undefined) return fail('reflect: call of reflect.Value.Type on zero Value');
  const item = indirect(arg);
  switch (item.type.kind) {
    case 'string':
      return Buffer.byteLength(text(item));
    case 'slice':
      return items(item).length;
    case 'map':
      return sortedKeys(item).length;
    case 'pointer':
      return fail('len of nil pointer');
    default:
      return fail(`len of type ${item.type.name}`);
  }
}

function element(container: Value, key: Maybe): Value {
  const item = indirect(container);
  const { type, data } = item;
  switch (type.kind) {
    case 'pointer':
      return fail('index of nil pointer');
    case 'slice':
      return value(type.elem, items(item)[position(key, items(item).length, false)]);
    case 'string': {
      const bytes = Buffer.from(text(item));
      return value(UINT8, bytes[position(key, bytes.length, false)]);
    }
    case 'map':
      if (key === undefined) return fail('value is nil; should be of type string');
      if (key.type.name !== 'string') return fail(`value has type ${key.type.name}; should be string`);
      return value(type.elem, entry(data, text(key)));
    default:
      return fail(`can't index item of type ${type.name}`);
  }
}

/** An index into something of a length; `isBound` where the length itself is one too. */
function position(key: Maybe, length: number, isBound: boolean): number {
  if (key === undefined) return fail('cannot index slice/array with nil');
  if (key.type.kind !== 'int' && key.type.kind !== 'uint') {
    return fail(`cannot index slice/array with type ${key.type.name}`);
  }
  const index = amount(key);
  return index < 0 || index > length || (index === length && !isBound)
    ? fail(`index out of range: ${index}`)
    : index;
}

function part(arg: Maybe, ...keys: Maybe[]): Value {
  if (arg === undefined) return fail('slice of untyped nil');
  const item = indirect(arg);
  if (keys.length > 3) return fail(`too many slice indexes: ${keys.length}`);
  if (item.type.kind !== 'slice' && item.type.kind !== 'string') {
    return fail(isNil(item) ? 'slice of nil pointer' : `can't slice item of type ${item.type.name}`);
  }
  if (item.type.kind === 'string' && keys.length === 3) return fail('cannot 3-index slice a string');
  const all = item.type.kind === 'string' ? Buffer.from(text(item)) : items(item);
  const [start = 0, end = all.length] = keys.map((key) => position(key, all.length, true));
  if (start > end) return fail(`invalid slice index: ${start} > ${end}`);
  return value(item.type, Buffer.isBuffer(all) ? all.subarray(start, end).toString() : all.slice(start, end));
}
