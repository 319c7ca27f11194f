/** Everything a command may touch of the world; cli.ts makes the real one, tests make their own. */
import type { Program } from './command-line/docker-plugin.ts';
import type { Engine } from './engine/client.ts';
import type { ConnectionOptions } from './connection/connection.ts';
import type { Local } from './service-spec/flag.ts';

/** Time as it passes, the time of day, and a sleep that ends early (resolving) when the signal aborts. */
export interface Clock {
  /** Milliseconds by a clock that only goes forward, whatever is done to the time of day: for deadlines. */
  now(): number;
  /** The time of day: only to be shown. */
  date(): Date;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A stream for output: Node's WriteStream has this shape. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

export interface World extends Local {
  /** Takes the lines of a trace (rollout/trace.ts) when one is recorded. */
  readonly trace?: (line: string) => void;
  readonly stdout: Output;
  readonly stderr: NodeJS.WriteStream;
  /** The program's own version. */
  readonly version: string;
  /** What its user types to call it. */
  readonly program: Program;
  /** The path of its executable, without symbolic links. */
  readonly executable: string;
  readonly clock: Clock;
  /** Aborts when the process is asked to stop; its reason is the signal's name ('SIGINT', 'SIGTERM'). */
  readonly interrupted: AbortSignal;
  /** Makes the client of an engine; asks nothing of it yet. Throws SwarmrollError where there can't be one. */
  readonly connect: (options: ConnectionOptions) => Promise<Engine>;
}
