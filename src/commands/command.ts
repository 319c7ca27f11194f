/** What a command is: its flags and operands, declared as data, and a function that runs it. */
import type { Given, Flag } from '../spec/flag.ts';
import type { World } from '../world.ts';

/** One call of a command: its command line, read and valid, and the world it may touch. */
export interface Call {
  readonly given: Given;
  readonly operands: readonly string[];
  readonly world: World;
}

export interface Command {
  readonly name: string;
  /** What follows the flags, as usage shows it: "SERVICE [SERVICE...]". */
  readonly operands: string;
  readonly minOperands: number;
  readonly maxOperands: number;
  /** Left out of --help: for programs. */
  readonly hidden?: true;
  /** The fixed words that an operand can be, for completion. */
  readonly choices?: readonly string[];
  /** True where flags stop at the first operand: what follows belongs to the container. */
  readonly flagsStop?: boolean;
  readonly summary: string;
  readonly flags: readonly Flag[];
  /** Command lines for the end of --help, each with a few words. */
  readonly examples: readonly (readonly [commandLine: string, purpose: string])[];
  /** Runs to the end and returns the exit code; throws SwarmrollError. */
  readonly run: (call: Call) => Promise<number>;
}
