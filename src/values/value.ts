/** The value types of flags: how a person writes a value, and what it is parsed to. */
import { parseCpus } from './cpus.ts';
import { parseDuration } from './duration.ts';
import { parseFloatText } from './float.ts';
import { exactNumber, parseSigned, parseUnsigned } from './integer.ts';
import { parseSize } from './size.ts';

/**
 * The error for a value that cannot be parsed. The message is the end of a sentence about the value and does
 * not repeat it: "must be a whole number".
 */
export class InvalidValue extends Error {}

/** A value type. Flags refer to these objects; one object serves many flags. */
export interface ValueType<V> {
  /** The name of the type in --help ("duration"), as pflag's Value.Type; empty for switches. */
  readonly label: string;
  /** True if every occurrence of the flag adds to the value. Otherwise the last occurrence wins. */
  readonly many: boolean;
  /**
   * Parses all occurrences of the flag on a command line, in their order.
   * @param texts one or more
   * @throws InvalidValue
   */
  readonly parse: (texts: readonly string[]) => V;
  /** All possible values if the type is an enumeration, for help and completion. */
  readonly choices?: readonly string[];
}

/** Makes a type with one value: the last occurrence wins. */
export function single<V>(label: string, parseOne: (text: string) => V): ValueType<V> {
  return {
    label,
    many: false,
    parse: (texts) => parseOne(texts.at(-1) ?? ''),
  };
}

/** Makes a type with a list of values, one for each occurrence. */
export function listOf<V>(label: string, parseOne: (text: string) => V): ValueType<V[]> {
  return { label, many: true, parse: (texts) => texts.map((text) => parseOne(text)) };
}

/**
 * Makes a type with one value from a parser that returns undefined for an invalid text.
 * @param message the message of the InvalidValue
 */
export function parsedBy<V>(
  label: string,
  parser: (text: string) => V | undefined,
  message: string,
): ValueType<V> {
  return single(label, (text) => {
    const value = parser(text);
    if (value === undefined) throw new InvalidValue(message);
    return value;
  });
}

export const string: ValueType<string> = single('string', (text) => text);
export const strings: ValueType<string[]> = listOf('list', (text) => text);

/** A name or id of something that exists. Every id begins with an empty text, so that would mean any. */
export const nonEmpty: ValueType<string> = single('string', (text) => {
  if (text === '') throw new InvalidValue('must not be empty');
  return text;
});
export const nonEmptyTexts: ValueType<string[]> = listOf('list', (text) => nonEmpty.parse([text]));

/**
 * A switch: `--flag` or `--flag=false`. The next word is never its value. The texts are those of Go's
 * strconv.ParseBool.
 */
export const boolean: ValueType<boolean> = single('', (text) => {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false;
  throw new InvalidValue('must be true or false');
});

/** A whole number from 0 to 2^64 - 1, in any of Go's notations (10, 0x0a). */
export const uint: ValueType<number> = single('uint', (text) => {
  const amount = parseUnsigned(text);
  if (amount === undefined || amount >= 2n ** 64n)
    throw new InvalidValue('must be a whole number, 0 or more');
  return exactNumber(amount);
});

/** A whole number from -2^63 to 2^63 - 1, in any of Go's notations. */
export const int: ValueType<number> = single('int', (text) => {
  const amount = parseSigned(text);
  if (amount === undefined || BigInt.asIntN(64, amount) !== amount) {
    throw new InvalidValue('must be a whole number');
  }
  return exactNumber(amount);
});

/** A number that fits in a 32-bit float, as the engine stores ratios (swarmkit UpdateConfig.max_failure_ratio). */
export const float: ValueType<number> = single('float', (text) => {
  const amount = parseFloatText(text);
  if (amount === undefined || !Number.isFinite(Math.fround(amount)))
    throw new InvalidValue('must be a number');
  return amount;
});

/** A size in bytes. */
export const size: ValueType<number> = parsedBy('bytes', parseSize, 'must be a size such as 64m or 1.5GiB');

/** A number of CPUs, in nano-CPUs. */
export const cpus: ValueType<number> = parsedBy(
  'decimal',
  parseCpus,
  'must be a number of CPUs such as 0.5, with at most nine decimals',
);

/** A duration in nanoseconds; negative durations are allowed. */
export const duration: ValueType<number> = parsedBy(
  'duration',
  parseDuration,
  'must be a duration such as 10s, 1m30s or 500ms',
);

/** A duration in nanoseconds, 0 or more. */
export const positiveDuration: ValueType<number> = single('duration', (text) => {
  const parsed = duration.parse([text]);
  if (parsed < 0) throw new InvalidValue('must not be negative');
  return parsed;
});

/** Makes an enumeration: one of these texts. */
export function oneOf<C extends string>(...choices: readonly C[]): ValueType<C> {
  const type = single<C>('string', (text) => {
    const choice = choices.find((candidate) => candidate === text);
    if (choice === undefined) throw new InvalidValue(`must be one of ${choices.join(', ')}`);
    return choice;
  });
  return { ...type, choices };
}

/** Makes a type that also accepts the empty text, which means the engine's default. */
export function orEmpty<C extends string>(type: ValueType<C>): ValueType<C | ''> {
  return {
    ...single(type.label, (text) => (text === '' ? '' : type.parse([text]))),
    choices: type.choices ?? [],
  };
}
