/** Go's fmt, as far as templates use it: how values print, Sprint and Sprintf. */
import { goFixed, goFloat } from '../values/go-number.ts';
import { amount, entries, fieldValue, indirect, isNil, items, string, text, whole } from './values.ts';
import type { Field, Maybe, Value } from './values.ts';

/** One verb of a format, such as `%-8.3f`. */
interface Verb {
  readonly letter: string;
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
}

const PLAIN: Verb = { letter: 'v', flags: '', width: 0, precision: undefined };

/** A value as %v prints it. */
export const show = (given: Maybe): string => format(given, PLAIN);

/** A value as an action prints it: what a pointer points to, and `<no value>` for none. */
export const printed = (given: Maybe): string => (given === undefined ? '<no value>' : show(indirect(given)));

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

/** A verb: flags, width, precision and letter. */
const VERBS = /%([-+# 0]*)(\*|\d{1,6})?(?:\.(\*|\d{0,7}))?([^]?)/gu;

/** A format with its operands put in; what does not fit is shown in Go's way (`%!d(string=x)`). */
export function sprintf(layout: string, args: readonly Maybe[]): string {
  const rest = [...args];
  /** A width or precision, as written or from the next operand. */
  const sizeOf = (written: string | undefined): number | undefined => {
    if (written !== '*') return written === undefined ? undefined : Number(written);
    const arg = rest.shift();
    return arg === undefined ? 0 : Math.min(amount(arg), 1e6);
  };
  const filled = layout.replace(VERBS, (_, flags: string, ...parts: (string | undefined)[]) => {
    const [wide, precise, letter = ''] = parts;
    const [width = 0, precision] = [sizeOf(wide), sizeOf(precise)];
    if (letter === '') return '%!(NOVERB)';
    if (letter === '%') return '%';
    if (rest.length === 0) return `%!${letter}(MISSING)`;
    const verb = { letter, flags: width < 0 ? `${flags}-` : flags, width: Math.abs(width), precision };
    return format(rest.shift(), verb);
  });
  const extra = rest.map((arg) => (arg === undefined ? '<nil>' : `${arg.type.name}=${show(arg)}`));
  return extra.length === 0 ? filled : `${filled}%!(EXTRA ${extra.join(', ')})`;
}

function format(arg: Maybe, verb: Verb): string {
  const { letter, flags } = verb;
  if (letter === 'T') return pad(arg?.type.name ?? '<nil>', verb);
  if (arg === undefined || (arg.type.kind === 'pointer' && isNil(arg))) {
    return letter === 'v' ? pad('<nil>', verb) : mismatch(arg, letter);
  }
  const { type, data } = arg;
  const inner = (one: Value): string => format(one, verb);
  if (type.own !== undefined && 'vsqxX'.includes(letter)) return inner(string(type.own.shows(arg)));
  switch (type.kind) {
    case 'pointer': {
      const target = indirect(arg);
      // Of pointers inside, Go prints addresses, which differ at every run. We print what they point to.
      const marked = ['struct', 'slice', 'map'].includes(target.type.kind) && target.type.own === undefined;
      return `${marked ? '&' : ''}${inner(target)}`;
    }
    case 'slice':
      return `[${items(arg).map(inner).join(' ')}]`;
    case 'map':
      return `map[${Array.from(entries(arg), (pair) => pair.map(inner).join(':')).join(' ')}]`;
    case 'struct': {
      const nameOf = ({ name }: Field): string => (letter === 'v' && flags.includes('+') ? `${name}:` : '');
      return `{${type.fields.map((field) => nameOf(field) + inner(fieldValue(field, data))).join(' ')}}`;
    }
    default: {
      const shown = formatScalar(arg, verb);
      return shown === undefined ? mismatch(arg, letter) : pad(shown, verb, type.kind);
    }
  }
}

/** What Go prints where a verb does not fit its operand. */
const mismatch = (arg: Maybe, letter: string): string =>
  `%!${letter}(${arg === undefined ? '' : `${arg.type.name}=`}${show(arg)})`;

/** Fills up to the verb's width: with spaces, or with zeros between the sign and the digits of a number. */
function pad(shown: string, { flags, width, precision }: Verb, kind = 'string'): string {
  const missing = Math.max(0, width - Array.from(shown).length);
  if (flags.includes('-')) return shown + ' '.repeat(missing);
  const zeros = flags.includes('0') && !(/int/.test(kind) && precision !== undefined);
  if (!zeros) return ' '.repeat(missing) + shown;
  const [sign = ''] = (/int|float/.test(kind) && /^[-+ ]/.exec(shown)) || [];
  return sign + '0'.repeat(missing) + shown.slice(sign.length);
}

/** Undefined where the verb is none for that kind of value. */
function formatScalar(arg: Value, verb: Verb): string | undefined {
  switch (arg.type.kind) {
    case 'string':
      return formatText(text(arg), verb);
    case 'bool':
      return 'tv'.includes(verb.letter) ? String(arg.data === true) : undefined;
    default: {
      const shown = arg.type.kind === 'float' ? formatFloat(arg, verb) : formatInt(whole(arg), verb);
      // With %v, `+` asks for the names of fields.
      const plus = /\+/.test(verb.flags) && verb.letter !== 'v' ? '+' : verb.flags.includes(' ') ? ' ' : '';
      return shown === undefined || shown.startsWith('-') ? shown : plus + shown;
    }
  }
}

function formatText(raw: string, { letter, precision, flags }: Verb): string | undefined {
  const cut = precision === undefined ? raw : Array.from(raw).slice(0, precision).join('');
  if (letter === 'q' || (letter === 'v' && flags.includes('#'))) return JSON.stringify(cut);
  if (letter === 's' || letter === 'v') return cut;
  if (letter !== 'x' && letter !== 'X') return undefined;
  const hex = Buffer.from(raw).subarray(0, precision).toString('hex');
  const spaced = flags.includes(' ') ? hex.replace(/..(?=.)/g, '$& ') : hex;
  return letter === 'x' ? spaced : spaced.toUpperCase();
}

const BASES: Readonly<Record<string, number>> = { v: 10, d: 10, b: 2, o: 8, x: 16, X: 16 };

function formatInt(data: bigint, { letter, flags, precision = 1 }: Verb): string | undefined {
  const base = BASES[letter];
  if (base === undefined) return undefined;
  const digits = precision === 0 && data === 0n ? '' : (data < 0n ? -data : data).toString(base);
  const prefix = flags.includes('#') && base === 16 ? '0x' : '';
  const shown = `${data < 0n ? '-' : ''}${prefix}${digits.padStart(precision, '0')}`;
  return letter === 'X' ? shown.toUpperCase() : shown;
}

function formatFloat(arg: Value, { letter, precision = 6 }: Verb): string | undefined {
  if (letter === 'f') return goFixed(amount(arg), precision);
  return letter === 'v' ? goFloat(Number(arg.data ?? 0)) : undefined;
}
