/** The type of a command: its flags and operands, declared as data, and a function that runs it. */
import type { Given, Flag, NameKind } from './flag.ts';
import type { Exits } from '../errors.ts';
import { splitArguments } from './split-arguments.ts';
import type { GivenFlag } from './split-arguments.ts';
import type { CommandWorld } from '../world.ts';

/** One call of a command: its command line, parsed and valid, and the world that it may use. */
export interface Call {
  readonly given: Given;
  readonly operands: readonly string[];
  readonly world: CommandWorld;
}

/** A command as the overview lists it. `load` imports the rest only when this command runs, because that takes time. */
export interface CommandEntry {
  /** One word, or two: "stack deploy". */
  readonly name: string;
  /** Another name, which docker has too. */
  readonly alias?: string;
  /** True for a command that only programs use: --help does not list it. */
  readonly hidden?: true;
  /** One line; starts with a capital, ends without a full stop. */
  readonly summary: string;
  readonly load: () => Promise<CommandBody>;
}

/** An operand of a command. Parsing, usage lines and completion use it. */
export interface Operand {
  readonly kind: OperandKind;
  /** Whether there can be several. Only the last operand can be many. */
  readonly many?: true;
  readonly optional?: true;
  /** Its only values. */
  readonly choices?: readonly string[];
}

/** The kinds of operands: in capitals, as the usage line shows them; and the names that completion lists. */
const OPERAND_NAMES = {
  service: 'services',
  'service=replicas': 'services',
  stack: 'stacks',
  node: 'nodes',
  image: undefined,
  command: undefined,
  arg: undefined,
  shell: undefined,
  word: undefined,
} as const satisfies Readonly<Record<string, NameKind | undefined>>;
type OperandKind = keyof typeof OPERAND_NAMES;

/** The kind of objects that an operand names, for completion. */
export const namesOfOperand = ({ kind }: Operand): NameKind | undefined => OPERAND_NAMES[kind];

/** The part of a command that `load` imports. */
export interface CommandBody {
  readonly operands: readonly Operand[];
  /** True if the first operand ends the flags, because the arguments after it belong to the container. */
  readonly flagsStop?: boolean;
  readonly flags: readonly Flag[];
  /** The connection flags that the command reads. Absent: all of them. */
  readonly connection?: readonly Flag[];
  /** How it can end, if it watches no rollout. Absent: with every exit code. */
  readonly exits?: Exits;
  /** Command lines for the end of --help, each with its purpose. */
  readonly examples: readonly (readonly [commandLine: string, purpose: string])[];
  /** Runs to the end and returns the exit code; throws SwarmrollError. */
  readonly run: (call: Call) => Promise<number>;
}

export type Command = Omit<CommandEntry, 'load'> & CommandBody;

/** The usage line, without "Usage:". @param program what the user types to run this program */
export const usageLine = ({ name, operands }: Command, program: string): string =>
  [program, name, '[flags]', ...operands.map(shownOperand)].join(' ');

/** An operand in docker's notation: "SERVICE [SERVICE...]". */
function shownOperand({ kind, choices, many, optional }: Operand): string {
  const label = choices?.join('|') ?? kind.toUpperCase();
  const more = many === true ? '...' : '';
  if (optional === true) return `[${label}${more}]`;
  return many === true ? `${label} [${label}...]` : label;
}

/** What a command line names. */
interface CommandFound {
  /** The command; undefined if the words do not name one. */
  readonly entry?: CommandEntry;
  /** The beginning of the command's name that was found: "", or "stack ". */
  readonly start: string;
  /** The word that continues `start`; undefined if there is none. */
  readonly word: string | undefined;
  /** The flags among the words of the name. */
  readonly flags: readonly GivenFlag[];
  /** The arguments after the name. */
  readonly rest: readonly string[];
}

/**
 * Finds the command that the arguments begin with.
 * @param known the flags that are allowed before the command and between the words of its name
 * @param start the beginning of the name, from the words before the arguments
 * @throws SwarmrollError `usage` for a flag that is not in `known`
 */
export function findCommand(
  commands: readonly CommandEntry[],
  argv: readonly string[],
  known: readonly Flag[],
  start = '',
): CommandFound {
  const { flags, operands } = splitArguments(argv, known, true);
  const [word, ...rest] = operands;
  const name = `${start}${word ?? ''}`;
  const entry = commands.find((one) => one.name === name || one.alias === name);
  if (entry !== undefined) return { entry, start, word, flags, rest };
  if (!commands.some((one) => one.name.startsWith(`${name} `))) return { start, word, flags, rest };
  const found = findCommand(commands, rest, known, `${name} `);
  return { ...found, flags: [...flags, ...found.flags] };
}

/** The words that can follow `start` in the name of a command. */
export const nextWords = (commands: readonly CommandEntry[], start: string): readonly string[] => [
  ...new Set(
    commands
      .filter(({ name }) => name.startsWith(start))
      .map(({ name }) => name.slice(start.length).replace(/ .*/, '')),
  ),
];

/** Imports the rest of a command. */
export async function loadCommand({ load, ...entry }: CommandEntry): Promise<Command> {
  return { ...entry, ...(await load()) };
}
