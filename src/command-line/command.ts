/** The type of a command: its flags and operands, declared as data, and a function that runs it. */
import type { Given, Flag } from './flag.ts';
import type { CommandWorld } from '../world.ts';

/** One call of a command: its command line, parsed and valid, and the world that it may use. */
export interface Call {
  readonly given: Given;
  readonly operands: readonly string[];
  readonly world: CommandWorld;
}

/** A command as the overview lists it. `load` imports the rest only when this command runs, because that takes time. */
export interface CommandEntry {
  readonly name: string;
  /** True for a command that only programs use: --help does not list it. */
  readonly hidden?: true;
  /** One line; starts with a capital, ends without a full stop. */
  readonly summary: string;
  readonly load: () => Promise<CommandBody>;
}

/** The part of a command that `load` imports. */
export interface CommandBody {
  /** The operands, as the usage line shows them: "SERVICE [SERVICE...]". */
  readonly operands: string;
  readonly minOperands: number;
  readonly maxOperands: number;
  /** The only values that an operand can have. */
  readonly choices?: readonly string[];
  /** True if the first operand ends the flags, because the arguments after it belong to the container. */
  readonly flagsStop?: boolean;
  readonly flags: readonly Flag[];
  /** The connection flags that the command reads. Absent: all of them. */
  readonly connection?: readonly Flag[];
  /** Command lines for the end of --help, each with its purpose. */
  readonly examples: readonly (readonly [commandLine: string, purpose: string])[];
  /** Runs to the end and returns the exit code; throws SwarmrollError. */
  readonly run: (call: Call) => Promise<number>;
}

export type Command = Omit<CommandEntry, 'load'> & CommandBody;

/** Imports the rest of a command. */
export async function loadCommand({ load, ...entry }: CommandEntry): Promise<Command> {
  return { ...entry, ...(await load()) };
}
