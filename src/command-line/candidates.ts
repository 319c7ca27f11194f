/** Completion candidates for the last argument of a command line, from the declarations of commands and flags. */
import type { Flag, NameKind } from './flag.ts';
import { findCommand, loadCommand, namesOfOperand, nextWords } from './command.ts';
import type { CommandEntry } from './command.ts';
import { connectionFlags, help } from './common-flags.ts';
import { flagsOf } from './parse.ts';
import { splitArguments } from './split-arguments.ts';
import type { GivenFlag } from './split-arguments.ts';

export interface Candidates {
  /** Fixed candidates: commands, flags, and choices of a value. */
  readonly fixed: readonly string[];
  /** The kind of objects whose names are candidates too. */
  readonly names?: NameKind | undefined;
  /** The text before a name in the same argument: `--network=`. */
  readonly prefix: string;
  /** The operands so far, which belong to the command: the service of `rollback SERVICE --to ID`. */
  readonly operands?: readonly string[];
  /** The connection flags so far: they select the engine that lists the names. */
  readonly connection: readonly GivenFlag[];
}

/** A placeholder for the argument that is being typed. No real argument can contain it. */
const HERE = '\0';

/**
 * Finds the candidates for the last argument. They are not yet filtered by what the user has typed of it.
 * @param commands the commands that completion offers
 * @param argv the arguments after the program's name; the last one as far as it is typed
 * @throws SwarmrollError `usage` if the arguments before the last are wrong
 */
export async function candidates(
  commands: readonly CommandEntry[],
  argv: readonly string[],
): Promise<Candidates> {
  const last = argv.at(-1) ?? '';
  const prefix = /^--[^=]+=/.exec(last)?.[0] ?? '';
  const typesFlag = last.startsWith('-');
  const known = [...connectionFlags([]), help];
  const leading = splitArguments([...argv.slice(0, -1), prefix + HERE], known, true);
  const asksHelp = leading.operands[0] === 'help';
  const { entry, start, word, rest, ...found } = findCommand(
    commands,
    leading.operands.slice(asksHelp ? 1 : 0),
    known,
  );
  const before = [...leading.flags, ...found.flags];
  const none = { fixed: [], prefix, connection: [] };

  if (entry === undefined) {
    if (word === undefined) return valuesOf(before, prefix);
    if (word !== HERE) return none;
    return { ...none, fixed: typesFlag && !asksHelp ? spelled(known) : nextWords(commands, start) };
  }
  if (asksHelp) return none;

  const command = await loadCommand(entry);
  const { flagsStop = false } = command;
  const { flags, operands } = splitArguments(rest, flagsOf(command), flagsStop);
  const all = [...before, ...flags];
  const here = operands.indexOf(HERE);
  if (here === -1) return { ...valuesOf(all, prefix), operands };
  const connection = connectionTexts(all);
  const takesFlags = !rest.includes('--') && (!flagsStop || here === 0);
  if (typesFlag && takesFlags) return { fixed: spelled(flagsOf(command)), prefix, connection };
  const final = command.operands.at(-1);
  const operand = command.operands[here] ?? (final?.many === true ? final : undefined);
  if (operand === undefined) return { ...none, connection };
  return { fixed: operand.choices ?? [], names: namesOfOperand(operand), prefix, connection };
}

/** The candidates for the value of the flag that is being typed. */
function valuesOf(flags: readonly GivenFlag[], prefix: string): Candidates {
  const flag = flags.find(([, text]) => text === HERE)?.[0];
  const fixed = (flag?.type.choices ?? []).map((choice) => prefix + choice);
  return { fixed, names: flag?.names, prefix, connection: connectionTexts(flags) };
}

const connectionTexts = (flags: readonly GivenFlag[]): readonly GivenFlag[] =>
  flags.filter(([{ group }, text]) => group === 'Connection' && text !== HERE);

/** Flags as the user types them. A flag without a long name is `-X`. */
const spelled = (flags: readonly Flag[]): string[] =>
  flags.map(({ name, short }) => (name === short ? `-${name}` : `--${name}`));
