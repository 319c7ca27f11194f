/** The kinds of value that flags take: how a person writes them and what they become. */
import { parseCpus } from './cpus.ts';
import { parseDuration } from './duration.ts';
import { parseFloatText } from './float.ts';
import { exactly, parseSigned, parseUnsigned } from './integer.ts';
import { parseSize } from './size.ts';

/** Why a value was refused: short, without the value itself ("must be a whole number"). */
export class InvalidValue extends Error {}

/**
 * A kind of value. `label` is what --help shows ("duration"); empty for switches.
 * `parse` gets every occurrence of the flag in order (never none) and throws InvalidValue.
 */
export interface ValueType<V> {
  readonly label: string;
  /** May be given several times, each adding to the value; otherwise the last one counts. */
  readonly many: boolean;
  readonly parse: (texts: readonly string[]) => V;
  /** The fixed values, where there are only these: for help and completion. */
  readonly choices?: readonly string[];
}

/** A kind of which the last occurrence counts; like docker, each occurrence must be valid. */
export function single<V>(label: string, parseOne: (text: string) => V): ValueType<V> {
  return {
    label,
    many: false,
    parse: (texts) => {
      const [last, ...before] = [...texts].reverse();
      before.forEach(parseOne);
      return parseOne(last ?? '');
    },
  };
}

/** A kind that collects: one value an occurrence. */
export function listOf<V>(label: string, parseOne: (text: string) => V): ValueType<V[]> {
  return { label, many: true, parse: (texts) => texts.map((text) => parseOne(text)) };
}

export const string: ValueType<string> = single('string', (text) => text);
export const strings: ValueType<string[]> = listOf('list', (text) => text);

/** A switch: `--flag` or `--flag=false`; never takes the next word. */
export const boolean: ValueType<boolean> = single('', (text) => {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false;
  throw new InvalidValue('must be true or false');
});

/** A whole number of at least 0, in any of Go's notations (10, 0x0a). */
export const uint: ValueType<number> = single('uint', (text) => {
  const amount = parseUnsigned(text);
  if (amount === undefined || amount >= 2n ** 64n)
    throw new InvalidValue('must be a whole number, 0 or more');
  return exactly(amount);
});

/** A whole number of any sign. */
export const int: ValueType<number> = single('int', (text) => {
  const amount = parseSigned(text);
  if (amount === undefined || BigInt.asIntN(64, amount) !== amount) {
    throw new InvalidValue('must be a whole number');
  }
  return exactly(amount);
});

/** A decimal number that fits in 32 bits, as engines keep ratios. */
export const float: ValueType<number> = single('float', (text) => {
  const amount = parseFloatText(text);
  if (amount === undefined || !Number.isFinite(Math.fround(amount)))
    throw new InvalidValue('must be a number');
  return amount;
});

/** Whole bytes. */
export const size: ValueType<number> = single('bytes', (text) => {
  const bytes = parseSize(text);
  if (bytes === undefined) throw new InvalidValue('must be a size such as 64m or 1.5GiB');
  return bytes;
});

/** 1e-9 cpus. */
export const cpus: ValueType<number> = single('decimal', (text) => {
  const nano = parseCpus(text);
  if (nano === undefined) {
    throw new InvalidValue('must be a number of CPUs such as 0.5, of at most nine decimals');
  }
  return nano;
});

/** Nanoseconds, of any sign. */
export const duration: ValueType<number> = single('duration', (text) => {
  const parsed = parseDuration(text);
  if (parsed === undefined) throw new InvalidValue('must be a duration such as 10s, 1m30s or 500ms');
  return parsed;
});

/** Nanoseconds, 0 or more. */
export const positiveDuration: ValueType<number> = single('duration', (text) => {
  const parsed = duration.parse([text]);
  if (parsed < 0) throw new InvalidValue('must not be negative');
  return parsed;
});

/** One of a few words. */
export function oneOf<C extends string>(...choices: readonly C[]): ValueType<C> {
  const type = single<C>('string', (text) => {
    const choice = choices.find((one) => one === text);
    if (choice === undefined) throw new InvalidValue(`must be one of ${choices.join(', ')}`);
    return choice;
  });
  return { ...type, choices };
}

/** The same, or nothing: empty stands for the engine's default. */
export function orEmpty<C extends string>(type: ValueType<C>): ValueType<C | ''> {
  return {
    ...single(type.label, (text) => (text === '' ? '' : type.parse([text]))),
    choices: type.choices ?? [],
  };
}
