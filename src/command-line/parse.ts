/** A command line to a Call's flags and operands; words.ts has docker's grammar. */
import { usageError } from '../errors.ts';
import type { Flag, Given } from './flag.ts';
import { InvalidValue } from '../values/value.ts';
import type { Command } from './command.ts';
import { connectionFlags, help } from './common-flags.ts';
import { splitWords } from './words.ts';
import type { FlagText } from './words.ts';

export interface CommandLine {
  readonly given: Given;
  readonly operands: readonly string[];
}

/** Every flag that a command takes, its own and those of every command. */
export function flagsOf(command: Command): readonly Flag[] {
  return [...command.flags, ...connectionFlags(command.flags), help];
}

/**
 * Reads a command line.
 * @param argv what follows the command's name
 * @param leading the flags that stood before it
 * @throws SwarmrollError `usage`: one line that names the flag and the value
 */
export function parse(
  command: Command,
  argv: readonly string[],
  leading: readonly FlagText[] = [],
): CommandLine {
  const known = flagsOf(command);
  const words = splitWords(argv, known, command.flagsStop === true);
  // Before the command, --host and --config are the connection's, whatever they are after it.
  const shared = leading.filter(([flag]) => known.includes(flag));
  const apart = leading.filter(([flag]) => !known.includes(flag));
  const given = givenOf(apart, [...shared, ...words.flags]);
  if (given.get(help) !== true) checkOperands(command, words.operands);
  return { given, operands: words.operands };
}

/**
 * The values of flags; within a group no two flags have one name.
 * @throws SwarmrollError `usage`
 */
export function givenOf(...groups: readonly (readonly FlagText[])[]): Given {
  const values = new Map(groups.flatMap((flags) => (flags.length === 0 ? [] : [...readFlags(flags)])));
  return {
    has: (flag) => values.has(flag),
    get: <V>(flag: Flag<V>) => values.get(flag) as V | undefined,
  };
}

function readFlags(flags: readonly FlagText[]): Map<Flag, unknown> {
  const texts = new Map<Flag, string[]>();
  for (const [flag, text] of flags) texts.set(flag, [...(texts.get(flag) ?? []), text]);
  return new Map([...texts].map(([flag, all]) => [flag, readValue(flag, all)]));
}

function readValue(flag: Flag, texts: readonly string[]): unknown {
  for (const text of texts) {
    try {
      flag.type.parse([text]);
    } catch (error) {
      if (!(error instanceof InvalidValue)) throw error;
      throw usageError(`invalid argument ${JSON.stringify(text)} for --${flag.name}: ${error.message}`);
    }
  }
  return flag.type.parse(texts);
}

function checkOperands(command: Command, operands: readonly string[]): void {
  const { name, choices, minOperands: min, maxOperands: max } = command;
  if (operands.length >= min && operands.length <= max) {
    const other = operands.find((one) => choices?.includes(one) === false);
    if (other === undefined) return;
    throw usageError(`${name} can't ${JSON.stringify(other)}: there is ${choices?.join(', ') ?? ''}`);
  }
  const wanted = `${min === max ? 'exactly' : 'at least'} ${min} operand${min === 1 ? '' : 's'}`;
  const got = operands.length > max ? `: ${JSON.stringify(operands[max])} is one too many` : '';
  throw usageError(`${name} needs ${wanted}${got}`, `usage: swarmroll ${name} [flags] ${command.operands}`);
}
