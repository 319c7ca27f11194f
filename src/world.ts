/** Everything a command may touch of the world; cli.ts makes the real one, tests make their own. */
import type { Clock } from './clock.ts';
import type { Engine } from './engine/client.ts';
import type { ConnectionOptions } from './connection/connection.ts';

/** A stream for output: Node's WriteStream has this shape. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** How people call us: docker finds its plugin `docker-swarmroll`, and calls it for `docker swarmroll`. */
export type Program = 'swarmroll' | 'docker swarmroll';

export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The working directory, absolute. */
  readonly cwd: string;
  /** The bytes of a file; throws Node's error when it can't be read. */
  readonly readFile: (path: string) => Promise<Uint8Array>;
  /** Takes the lines of a trace (engine/record.ts) when one is recorded. */
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
