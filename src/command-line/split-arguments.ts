/**
 * Splits command-line arguments into flags and operands, with the grammar of docker (Go's package
 * github.com/spf13/pflag). It differs from the grammar of yargs: a flag with a value takes the next argument, even if that
 * starts with a dash; a boolean flag never takes the next argument; short flags can be grouped; and on `create`, the
 * first operand ends the flags.
 */
import { UnknownName, usageError } from '../errors.ts';
import type { Flag } from './flag.ts';
import { boolean } from '../values/value.ts';

/** A flag and the text of its value. */
export type GivenFlag = readonly [flag: Flag, text: string];

export interface SplitArguments {
  /** Every flag that was given, in order. The text of a boolean flag without a value is "true". */
  readonly flags: readonly GivenFlag[];
  readonly operands: readonly string[];
}

/**
 * @param known the flags that are allowed
 * @param flagsStop true if the first operand ends the flags
 * @throws SwarmrollError `usage` for a flag that is not in `known` or lacks its value
 */
export function splitArguments(
  argv: readonly string[],
  known: readonly Flag[],
  flagsStop: boolean,
): SplitArguments {
  const flags: GivenFlag[] = [];
  const operands: string[] = [];
  const rest = [...argv];
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    if (argument === '--') {
      operands.push(...rest);
      break;
    }
    if (argument.startsWith('--')) {
      flags.push(longFlag(argument, rest, known));
    } else if (argument.startsWith('-') && argument !== '-') {
      flags.push(...shortFlags(argument, rest, known));
    } else {
      operands.push(argument);
      if (flagsStop) {
        operands.push(...rest);
        break;
      }
    }
  }
  return { flags, operands };
}

/** Reads `--flag`, `--flag=VALUE` or `--flag VALUE`. Takes the value out of `rest`. */
function longFlag(argument: string, rest: string[], known: readonly Flag[]): GivenFlag {
  const [, name = '', text] = /^--([^=]*)(?:=(.*))?$/s.exec(argument) ?? [];
  if (name === '' || name.startsWith('-')) throw usageError(`bad flag syntax: ${argument}`);
  const flag = known.find((one) => one.name === name);
  if (flag === undefined) {
    throw new UnknownName(
      `unknown flag: --${name}`,
      name,
      known.map((one) => one.name),
    );
  }
  if (text !== undefined) return [flag, text];
  if (isBoolean(flag)) return [flag, 'true'];
  const next = rest.shift();
  if (next === undefined) throw usageError(`flag needs an argument: --${name}`);
  return [flag, next];
}

/** Reads `-dq`, `-e VALUE`, `-eVALUE`, `-e=VALUE` or `-d=false`. Takes the value out of `rest`. */
function shortFlags(argument: string, rest: string[], known: readonly Flag[]): GivenFlag[] {
  const found: GivenFlag[] = [];
  for (let letters = argument.slice(1); letters !== ''; letters = letters.slice(1)) {
    const letter = letters.charAt(0);
    const flag = known.find((one) => one.short === letter);
    if (flag === undefined) throw usageError(`unknown shorthand flag: '${letter}' in ${argument}`);
    const tail = letters.slice(1);
    if (tail.startsWith('=')) return [...found, [flag, tail.slice(1)]];
    if (isBoolean(flag)) {
      found.push([flag, 'true']);
      continue;
    }
    const text = tail === '' ? rest.shift() : tail;
    if (text === undefined) throw usageError(`flag needs an argument: '${letter}' in ${argument}`);
    return [...found, [flag, text]];
  }
  return found;
}

const isBoolean = ({ type }: Flag): boolean => type === boolean;
