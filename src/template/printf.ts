/** Go's fmt: Sprint and Sprintf. */
import { goFixed, goFloat, goGeneral, goScientific } from '../values/go-number.ts';
import {
  amount,
  fieldValue,
  flag,
  indirect,
  isNil,
  items,
  record,
  string,
  text,
  value,
  whole,
} from './go-types.ts';
import type { Maybe, Value } from './go-types.ts';
import { show, sortedKeys } from './show.ts';

/** Operands one after the other, with a space between two that are no strings. */
export function sprint(args: readonly Maybe[]): string {
  const isString = (arg: Maybe): boolean => arg?.type.kind === 'string';
  return args
    .map((arg, index) => {
      const gap = index > 0 && !isString(arg) && !isString(args[index - 1]);
      return `${gap ? ' ' : ''}${show(arg)}`;
    })
    .join('');
}

/** One verb of a format: `%-8.3f`. */
interface Verb {
  readonly flags: string;
  readonly width: number | undefined;
  readonly precision: number | undefined;
  readonly letter: string;
}

/** The greatest width or precision that an operand may give. */
const LARGEST = 1e6;
/** Written in the format it may have a digit more; beyond that, Go reads no further. */
const TOO_LARGE = '0*(?!1000000\\d(?!\\d))[1-9]\\d{7,}';
const VERBS = new RegExp(
  `%[-+# 0]*(?:(?:\\*|\\d+)?\\.)?${TOO_LARGE}[^]*|` +
    '%([-+# 0]*)(\\*|\\d+)?(?:\\.(\\*|\\d*))?(?:\\[(\\d+)\\])?([^]?)',
  'gu',
);

/** A format with its operands put in; what does not fit is shown in Go's way (`%!d(string=x)`). */
export function sprintf(format: string, args: readonly Maybe[]): string {
  let used = 0;
  /** Operands that were asked for by number: with any, none counts as left over. */
  const asked: number[] = [];
  /** A width or precision, as written or from the next operand; undefined where that gives none. */
  const sizeOf = (written: string | undefined, least = -LARGEST): number | undefined => {
    if (written !== '*') return written === undefined ? undefined : Number(written);
    const arg = args[used];
    used += 1;
    if (arg?.type.kind !== 'int' && arg?.type.kind !== 'uint') return undefined;
    return amount(arg) >= least && amount(arg) <= LARGEST ? amount(arg) : undefined;
  };
  const text = format.replace(
    VERBS,
    (
      _,
      flags: string | undefined,
      width: string | undefined,
      precision: string | undefined,
      index: string | undefined,
      letter: string | undefined,
    ) => {
      if (flags === undefined || letter === undefined || letter === '') return '%!(NOVERB)';
      const wide = sizeOf(width);
      const precise = sizeOf(precision, 0);
      const bad =
        (width === '*' && wide === undefined ? '%!(BADWIDTH)' : '') +
        (precision === '*' && precise === undefined ? '%!(BADPREC)' : '');
      if (letter === '%') return '%';
      if (index !== undefined) {
        used = Number(index) - 1;
        asked.push(used);
      }
      if (used >= args.length) return `${bad}%!${letter}(MISSING)`;
      const isLeft = wide !== undefined && wide < 0;
      const verb: Verb = {
        flags: isLeft ? `${flags}-` : flags,
        width: wide === undefined ? undefined : Math.abs(wide),
        precision: precise,
        letter,
      };
      const arg = args[used];
      used += 1;
      return bad + pad(formatOne(arg, verb), verb, arg);
    },
  );
  if (asked.length > 0 || used >= args.length) return text;
  const extra = args
    .slice(used)
    .map((arg) => (arg === undefined ? '<nil>' : `${arg.type.name}=${show(arg)}`));
  return `${text}%!(EXTRA ${extra.join(', ')})`;
}

function pad(shown: string, { flags, width, precision }: Verb, arg: Maybe): string {
  const missing = (width ?? 0) - Array.from(shown).length;
  if (missing <= 0) return shown;
  if (flags.includes('-')) return shown + ' '.repeat(missing);
  const isWhole = arg !== undefined && ['int', 'uint'].includes(arg.type.kind);
  const isNumber = isWhole || arg?.type.kind === 'float';
  if (!flags.includes('0') || (isWhole && precision !== undefined)) return ' '.repeat(missing) + shown;
  const [sign = ''] = isNumber ? (/^[-+ ]?/.exec(shown) ?? []) : [];
  return sign + '0'.repeat(missing) + shown.slice(sign.length);
}

function formatOne(arg: Maybe, verb: Verb): string {
  const { letter } = verb;
  if (letter === 'T') return arg === undefined ? '<nil>' : arg.type.name;
  if (arg === undefined) return letter === 'v' ? '<nil>' : `%!${letter}(<nil>)`;
  if (letter === 'v') return formatValue(arg, verb);
  const { type, data } = arg;
  if ('own' in type && 'sqxX'.includes(letter)) return formatText(type.own.shows(arg), verb) ?? '';
  const inner = (one: Value): string => formatOne(one, verb);
  switch (type.kind) {
    case 'pointer':
      if (!isNil(arg)) return inner(indirect(arg));
      break;
    case 'slice':
      return `[${items(arg)
        .map((item) => inner(value(type.elem, item)))
        .join(' ')}]`;
    case 'struct':
      return `{${type.fields.map((field) => inner(fieldValue(field, data))).join(' ')}}`;
    case 'map': {
      const entries = sortedKeys(arg).map(
        (key) => `${inner(string(key))}:${inner(value(type.elem, record(data)[key]))}`,
      );
      return `map[${entries.join(' ')}]`;
    }
    default:
  }
  return formatScalar(arg, verb) ?? `%!${letter}(${type.name}=${show(arg)})`;
}

/** %v, %+v with the names of fields, and %#v as far as it is a text's. */
function formatValue(arg: Value, verb: Verb): string {
  if (verb.flags.includes('#') && arg.type.kind === 'string') return JSON.stringify(text(arg));
  return signed(show(arg, { fieldNames: verb.flags.includes('+') }), verb, arg);
}

function formatScalar(arg: Value, verb: Verb): string | undefined {
  switch (arg.type.kind) {
    case 'string':
      return formatText(text(arg), verb);
    case 'bool':
      return verb.letter === 't' ? String(flag(arg)) : undefined;
    case 'int':
    case 'uint':
      return formatInt(whole(arg), verb, arg);
    case 'float':
      return formatFloat(amount(arg), verb, arg);
    default:
      return undefined;
  }
}

function formatText(raw: string, { letter, precision, flags }: Verb): string | undefined {
  const cut = precision === undefined ? raw : Array.from(raw).slice(0, precision).join('');
  const hex = (): string => {
    const bytes = Buffer.from(raw).subarray(0, precision).toString('hex');
    return flags.includes(' ') ? bytes.replace(/..(?=.)/g, '$& ') : bytes;
  };
  switch (letter) {
    case 's':
      return cut;
    case 'q':
      return JSON.stringify(cut);
    case 'x':
      return hex();
    case 'X':
      return hex().toUpperCase();
    default:
      return undefined;
  }
}

const BASES: Readonly<Record<string, readonly [base: number, prefix: string]>> = {
  d: [10, ''],
  b: [2, '0b'],
  o: [8, '0'],
  O: [8, ''],
  x: [16, '0x'],
  X: [16, '0X'],
};

function formatInt(data: bigint, verb: Verb, arg: Value): string | undefined {
  const { letter, flags, precision } = verb;
  if (letter === 'c') return runeOf(data);
  if (letter === 'q') return `'${runeOf(data)}'`;
  if (letter === 'U') return `U+${BigInt.asUintN(64, data).toString(16).toUpperCase().padStart(4, '0')}`;
  const [base, prefix] = BASES[letter] ?? [];
  if (base === undefined) return undefined;
  if (precision === 0 && data === 0n) return '';
  const digits = (data < 0n ? -data : data).toString(base).padStart(precision ?? 0, '0');
  const body = `${letter === 'O' ? '0o' : flags.includes('#') ? (prefix ?? '') : ''}${digits}`;
  return signed(`${data < 0n ? '-' : ''}${letter === 'X' ? body.toUpperCase() : body}`, verb, arg);
}

/** A character by its number; where there is none, the one that stands for it. */
function runeOf(code: bigint): string {
  const isRune = code >= 0n && code <= 0x10ffffn && !(code >= 0xd800n && code <= 0xdfffn);
  return isRune ? String.fromCodePoint(Number(code)) : '\ufffd';
}

function formatFloat(data: number, verb: Verb, arg: Value): string | undefined {
  const { letter, precision } = verb;
  if (!Number.isFinite(data)) return signed(goFloat(data), verb, arg);
  const shown = (): string | undefined => {
    switch (letter.toLowerCase()) {
      case 'f':
        return goFixed(data, precision ?? 6);
      case 'e':
        return goScientific(data, precision ?? 6);
      case 'g':
        return precision === undefined ? goFloat(data) : goGeneral(data, precision);
      default:
        return undefined;
    }
  };
  const text = shown();
  return text && signed(letter === letter.toLowerCase() ? text : text.toUpperCase(), verb, arg);
}

/** `+` and the space flag say the sign of what is not negative. */
function signed(shown: string, { flags }: Verb, { type }: Value): string {
  if (!['int', 'uint', 'float'].includes(type.kind) || shown.startsWith('-')) return shown;
  return `${flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''}${shown}`;
}
