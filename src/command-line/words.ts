/**
 * Docker's grammar of a command line (Go's pflag), split into flags and operands. It differs from what yargs
 * reads: a flag that takes a value takes the next word whatever it looks like, switches never do, short ones
 * group, and on `create` flags stop at the first operand.
 */
import { UnknownWord, usageError } from '../errors.ts';
import type { Flag } from './flag.ts';
import { boolean } from '../values/value.ts';

export type FlagText = readonly [flag: Flag, text: string];

export interface Words {
  /** Every flag given, in order, and its text ("true" for a bare switch). */
  readonly flags: readonly FlagText[];
  readonly operands: readonly string[];
}

/**
 * Splits the words of a command line.
 * @param flagsStop true where the first operand ends the flags
 * @throws SwarmrollError `usage` for a flag that is not in `known` or lacks its value
 */
export function splitWords(argv: readonly string[], known: readonly Flag[], flagsStop: boolean): Words {
  const flags: FlagText[] = [];
  const operands: string[] = [];
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') {
      operands.push(...rest);
      break;
    }
    if (word.startsWith('--')) {
      flags.push(longFlag(word, rest, known));
    } else if (word.startsWith('-') && word !== '-') {
      flags.push(...shortFlags(word, rest, known));
    } else {
      operands.push(word);
      if (flagsStop) {
        operands.push(...rest);
        break;
      }
    }
  }
  return { flags, operands };
}

function longFlag(word: string, rest: string[], known: readonly Flag[]): FlagText {
  const [, name = '', text] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
  if (name === '' || name.startsWith('-')) throw usageError(`bad flag syntax: ${word}`);
  const flag = known.find((one) => one.name === name);
  if (flag === undefined) {
    throw new UnknownWord(
      `unknown flag: --${name}`,
      name,
      known.map((one) => one.name),
    );
  }
  if (text !== undefined) return [flag, text];
  if (isSwitch(flag)) return [flag, 'true'];
  const next = rest.shift();
  if (next === undefined) throw usageError(`flag needs an argument: --${name}`);
  return [flag, next];
}

/** `-dq`, `-e VALUE`, `-eVALUE`, `-e=VALUE`, `-d=false`. */
function shortFlags(word: string, rest: string[], known: readonly Flag[]): FlagText[] {
  const found: FlagText[] = [];
  for (let letters = word.slice(1); letters !== ''; letters = letters.slice(1)) {
    const letter = letters.charAt(0);
    const flag = known.find((one) => one.short === letter);
    if (flag === undefined) throw usageError(`unknown shorthand flag: '${letter}' in ${word}`);
    const tail = letters.slice(1);
    if (tail.startsWith('=')) return [...found, [flag, tail.slice(1)]];
    if (isSwitch(flag)) {
      found.push([flag, 'true']);
      continue;
    }
    const text = tail === '' ? rest.shift() : tail;
    if (text === undefined) throw usageError(`flag needs an argument: '${letter}' in ${word}`);
    return [...found, [flag, text]];
  }
  return found;
}

/** Whether a flag stands alone, without a value in the next word. */
export function isSwitch(flag: Flag): boolean {
  return flag.type === boolean;
}
