/** Everything outside the program that a command may use. cli.ts makes the real one, tests make their own. */
import type { Clock, Waits } from './clock.ts';
import type { Engine } from './engine/client.ts';
import type { ConfigSource } from './connection/docker-config.ts';
import type { ConnectionOptions } from './connection/connection.ts';
import type { Result, SeveralResult } from './rollout/result.ts';

/** An output stream; Node's WriteStream has this shape. */
export interface Output {
  write(text: string): unknown;
  /**
   * Writes the text as it is, or nothing. Absent: `write` never changes a text.
   * @returns false if a runner of GitHub would take a part of it for a workflow command. Then nothing is written
   */
  writeExact?(text: string): boolean;
  /** Whether it is a regular file. */
  readonly isFile?: boolean;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number;
  readonly rows?: number;
}

/** The command that the user has typed: docker runs its plugin `docker-swarmroll` for `docker swarmroll`. */
export type Program = 'swarmroll' | 'docker swarmroll';

/** How a program is started. */
export interface ProgramStart {
  /** Its path, or its name on the PATH of `env`. */
  readonly program: string;
  readonly argv: readonly string[];
  readonly env: World['env'];
  /** What it gets on standard input. Undefined: the standard input of this process. */
  readonly input: Uint8Array | undefined;
  /** Gets what it prints on stdout, part by part. */
  readonly onOutput: (text: string) => void;
  /** The same for stderr. */
  readonly onErrors: (text: string) => void;
  /** Sends SIGINT to it if the reason is 'SIGINT', else SIGTERM. */
  readonly interrupted: AbortSignal;
}

export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The working directory, absolute. */
  readonly cwd: string;
  /** A file's bytes. Rejects with Node's error when the file can't be read. */
  readonly readFile: (path: string) => Promise<Uint8Array>;
  /** All of the standard input. Rejects when the signal aborts. */
  readonly readInput: (signal: AbortSignal) => Promise<Uint8Array>;
  /** For the result only. */
  readonly stdout: Output;
  /** For progress, warnings and errors. */
  readonly stderr: Output;
  /** The program's version, from package.json. */
  readonly version: string;
  /** The commit that it was built from, "ddf7c91c2f8a"; "" if that is not known. */
  readonly commit: string;
  /** How the program was started; of a command: with the connection flags (command-line/common-flags.ts). */
  readonly program: string;
  /** The path of the executable, with symbolic links resolved. */
  readonly executable: string;
  readonly clock: Clock;
  /**
   * Calls a function when the process exits, also after a second signal, which does not wait for commands.
   * @returns cancels it
   */
  readonly atExit: (run: () => void) => () => void;
  /**
   * Aborts when the process gets a signal. Its reason is the signal's name, 'SIGINT' or 'SIGTERM'. In a
   * CommandWorld it also aborts when --timeout passes before the watch; then the reason is the error that ends the command.
   */
  readonly interrupted: AbortSignal;
  /** Aborts when the reader of stdout has gone. That is known after something was written. */
  readonly outputEnded: AbortSignal;
  /**
   * Makes the client of an engine and sends nothing yet. Rejects with SwarmrollError when the options are not usable.
   */
  readonly connect: (
    options: ConnectionOptions,
    command: Pick<CommandWorld, 'interrupted' | 'waits'> & Pick<ConfigSource, 'warn'>,
  ) => Promise<Engine>;
  /**
   * Runs a program to its end. Rejects with Node's error when it cannot be started.
   * @returns its exit code; null if a signal has ended it
   */
  readonly spawn: (start: ProgramStart) => Promise<number | null>;
}

/** What a report shows beside results: nothing (there is none), what a change has changed, or also what the watch has seen over time. */
export type ReportDetail = 'nothing' | 'changes' | 'timeline';

/** The world of one command (command-world.ts). */
export interface CommandWorld extends World {
  /** When the command began (ms, by the clock). */
  readonly startedAt: number;
  /** For every wait outside of a watch. */
  readonly waits: Waits;
  /** The names of the services whose change the engine has accepted. */
  readonly accepted: string[];
  /** For the report (--report): what it shows beside the result, and the result of the command. */
  readonly forReport: { readonly detail: ReportDetail; result?: Result | SeveralResult };
  /** From here on, the watch itself keeps to --timeout. */
  readonly watches: () => void;
  /**
   * Makes the client of the engine that the command line names. Rejects as `connect`.
   * @param interrupted the signal of requests that have none. Absent: that of the command
   */
  readonly engine: (interrupted?: AbortSignal) => Promise<Engine>;
}

/** The same world with other fields. Getters stay getters, which read only when they are used. */
export const withFields = <W extends object, F extends object>(world: W, fields: F): W & F =>
  Object.defineProperties({} as W & F, {
    ...Object.getOwnPropertyDescriptors(world),
    ...Object.getOwnPropertyDescriptors(fields),
  });
