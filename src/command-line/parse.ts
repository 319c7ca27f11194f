/** Parses the arguments of a command into flags with values, and operands. */
import { usageError } from '../errors.ts';
import type { Flag, Given } from './flag.ts';
import { groupBy } from '../values/group-by.ts';
import { InvalidValue } from '../values/value.ts';
import { namesOfOperand, usageLine } from './command.ts';
import type { Command, Operand } from './command.ts';
import { connectionFlags, help } from './common-flags.ts';
import { splitArguments } from './split-arguments.ts';
import type { GivenFlag } from './split-arguments.ts';

export interface CommandLine {
  readonly given: Given;
  readonly operands: readonly string[];
}

/** Every flag that is allowed after a command's name: its own flags and the common ones. */
export function flagsOf(command: Command): readonly Flag[] {
  const { flags, connection } = command;
  const shared = connectionFlags(flags).filter((flag) => connection?.includes(flag) !== false);
  return [...flags, ...shared, help];
}

/**
 * Parses a command line. With --help, the number of operands is not checked.
 * @param argv the arguments after the command's name
 * @param program what the user types to run this program
 * @param leading the flags before the command's name
 * @throws SwarmrollError `usage`; the message is one line that names the flag and the value
 */
export function parse(
  command: Command,
  argv: readonly string[],
  program: string,
  leading: readonly GivenFlag[] = [],
): CommandLine {
  const known = flagsOf(command);
  const { flags, operands } = splitArguments(argv, known, command.flagsStop === true);
  // Flags are told apart by their entries: before the command's name, --host and --config are always connection flags.
  const given = givenOf([...leading, ...flags]);
  if (given.get(help) !== true) checkOperands(command, operands, program);
  return { given, operands };
}

/** Parses the values of flags. @throws SwarmrollError `usage` for an invalid value */
export function givenOf(flags: readonly GivenFlag[]): Given {
  const occurrences = groupBy(flags, ([flag]) => flag);
  const values = new Map([...occurrences].map(([flag, all]) => [flag, readValue(flag, all)]));
  return {
    has: (flag) => values.has(flag),
    get: <V>(flag: Flag<V>) => values.get(flag) as V | undefined,
  };
}

/** As in pflag, every occurrence of a flag must be valid, also one that a later one replaces. */
function readValue(flag: Flag, all: readonly GivenFlag[]): unknown {
  const texts = all.map(([, text]) => text);
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

function checkOperands(command: Command, given: readonly string[], program: string): void {
  const { name, operands } = command;
  const min = operands.filter(({ optional }) => optional !== true).length;
  const max = operands.at(-1)?.many === true ? Infinity : operands.length;
  if (given.length >= min && given.length <= max) {
    for (const [index, text] of given.entries()) {
      const operand = operands[Math.min(index, operands.length - 1)];
      if (operand !== undefined) checkOperand(name, operand, text);
    }
    return;
  }
  const wanted =
    max === 0
      ? 'takes no operands'
      : `needs ${min === max ? 'exactly' : 'at least'} ${min} operand${min === 1 ? '' : 's'}`;
  const got = given.length > max ? `: unexpected operand ${JSON.stringify(given[max])}` : '';
  throw usageError(`${name} ${wanted}${got}`, `usage: ${usageLine(command, program)}`);
}

function checkOperand(command: string, operand: Operand, text: string): void {
  const { kind, choices } = operand;
  // Every id begins with an empty text: it would mean the only service, say.
  if (text === '' && namesOfOperand(operand) !== undefined)
    throw usageError(`the name of the ${kind} is empty`);
  if (choices?.includes(text) !== false) return;
  const allowed = choices.join(', ');
  throw usageError(`invalid operand ${JSON.stringify(text)} for ${command}: must be one of ${allowed}`);
}
