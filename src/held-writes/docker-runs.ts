/** The two runs of docker that a deployment needs: what it would write, and what its Compose files say of the order. */
import { statSync } from 'node:fs';
import type { Call } from '../command-line/command.ts';
import { connectionOptions } from '../command-line/common-flags.ts';
import { usageError } from '../errors.ts';
import { dependenciesIn, mayHaveOrder } from './depends-on.ts';
import type { Dependencies } from './depends-on.ts';
import { runDocker } from './docker-command.ts';

/** What docker reads. */
export interface StackFiles {
  readonly stack: string;
  /** The flags of `docker stack deploy`. */
  readonly dockerFlags: readonly string[];
  /** Whether services wait for others. */
  readonly isOrdered: boolean;
}

export interface DockerRuns {
  /** Runs `docker stack deploy` against a host, any number of times. Resolves with what it printed on stderr. */
  readonly deploy: (host: string) => Promise<string>;
  /** `depends_on` of the services, by their names in the Compose file. It is read while docker deploys. */
  readonly dependencies: () => Promise<Dependencies>;
}

/** A Compose file that can be read only once: standard input, or the pipe of a shell's `<(...)`. */
const STREAM = /^(-|\/dev\/stdin|\/(?:dev|proc\/self)\/fd\/\d+)$/;

const COMPOSE_FILE = '--compose-file=';

/** @throws SwarmrollError `usage` if two Compose files can be read only once */
export async function dockerRuns(
  { given, world }: Call,
  { stack, dockerFlags, isOrdered }: StackFiles,
): Promise<DockerRuns> {
  const { configDir } = connectionOptions(given);
  const config = configDir === undefined ? [] : [`--config=${configDir}`];
  const paths = dockerFlags.flatMap((flag) =>
    flag.startsWith(COMPOSE_FILE) ? [flag.slice(COMPOSE_FILE.length)] : [],
  );
  const [stream, ...more] = paths.filter(isStream);
  if (more.length > 0) throw usageError('only one Compose file can come from standard input or from a pipe');
  const read = async (from: string): Promise<Uint8Array> =>
    from === '-' || from === '/dev/stdin' ? world.readInput(world.interrupted) : world.readFile(from);
  const input =
    stream === undefined ? undefined : await world.waits(`the Compose file from ${stream}`, read(stream));
  const others = dockerFlags.filter((flag) => !flag.startsWith(COMPOSE_FILE));
  const files = paths.map((path) => `${COMPOSE_FILE}${path === stream ? '-' : path}`);

  /** Whether any of the files can have an order. docker says why one of them cannot be read, and it takes "A,B" for two. */
  const mayWait = async (): Promise<boolean> => {
    const texts = paths.map(async (path) =>
      path === stream ? input : world.readFile(path).catch(() => undefined),
    );
    return (await Promise.all(texts)).some((file) => file === undefined || mayHaveOrder(file));
  };
  const readOrder = async (host: string): Promise<Dependencies> => {
    if (!isOrdered || !(await mayWait())) return new Map();
    const words = [`--host=${host}`, ...config, 'stack', 'config', ...files];
    return dependenciesIn((await runDocker(words, world, input)).output);
  };
  let dependencies: Promise<Dependencies> | undefined;
  return {
    deploy: async (host) => {
      dependencies ??= readOrder(host);
      // If both fail, the error of the deployment is told.
      dependencies.catch(() => undefined);
      const words = [
        `--host=${host}`,
        ...config,
        'stack',
        'deploy',
        '--detach=true',
        ...others,
        ...files,
        stack,
      ];
      return (await runDocker(words, world, input)).errors;
    },
    dependencies: async () => (await dependencies) ?? new Map(),
  };
}

function isStream(path: string): boolean {
  if (STREAM.test(path)) return true;
  try {
    return statSync(path).isFIFO();
  } catch {
    return false;
  }
}
