/** What a command is: its flags and operands, declared as data, and a function that runs it. */
import type { Given, Flag } from './flag.ts';
import type { World } from '../world.ts';

/** One call of a command: its command line, read and valid, and the world it may touch. */
export interface Call {
  readonly given: Given;
  readonly operands: readonly string[];
  readonly world: World;
}

/** A command as the overview names it; `load` brings the rest, which takes time that no other command needs. */
export interface CommandEntry {
  readonly name: string;
  /** Left out of --help: for programs. */
  readonly hidden?: true;
  readonly summary: string;
  readonly load: () => Promise<CommandBody>;
}

export interface CommandBody {
  /** What follows the flags, as usage shows it: "SERVICE [SERVICE...]". */
  readonly operands: string;
  readonly minOperands: number;
  readonly maxOperands: number;
  /** The fixed words that an operand can be, for completion. */
  readonly choices?: readonly string[];
  /** True where flags stop at the first operand: what follows belongs to the container. */
  readonly flagsStop?: boolean;
  readonly flags: readonly Flag[];
  /** Command lines for the end of --help, each with a few words. */
  readonly examples: readonly (readonly [commandLine: string, purpose: string])[];
  /** Runs to the end and returns the exit code; throws SwarmrollError. */
  readonly run: (call: Call) => Promise<number>;
}

export type Command = Omit<CommandEntry, 'load'> & CommandBody;

/** A command with all that belongs to it. */
export async function loadCommand({ load, ...entry }: CommandEntry): Promise<Command> {
  return { ...entry, ...(await load()) };
}
