/** The two commands of docker that a deployment needs: what it would write, and what its Compose files say of the order. */
import { statSync } from 'node:fs';
import type { Call } from '../command-line/command.ts';
import { connectionOptions } from '../command-line/common-flags.ts';
import { usageError } from '../errors.ts';
import { dependenciesIn, mayHaveOrder } from './depends-on.ts';
import type { Dependencies } from './depends-on.ts';
import { configFlag, runDocker, withoutVariables } from './docker-command.ts';
import { imagesOfFile } from './likely-images.ts';

/** What docker reads. */
export interface StackFiles {
  readonly stack: string;
  /** The flags of `docker stack deploy`. */
  readonly dockerFlags: readonly string[];
  /** Whether services wait for others. */
  readonly isOrdered: boolean;
  /** The stack file that `--compose` makes. docker reads it instead of the files in `dockerFlags`. */
  readonly made?: {
    readonly text: Uint8Array;
    readonly dependencies: Dependencies;
    /** The variables that docker must not have. */
    readonly hiddenVariables: readonly string[];
  };
}

interface DockerRuns {
  /** Runs `docker stack deploy` against a host, any number of times. Resolves with what it printed on stderr. */
  readonly deploy: (host: string) => Promise<string>;
  /** `depends_on` of the services, by their names in the Compose file. It is read while docker deploys. */
  readonly dependencies: () => Promise<Dependencies>;
  /** The images that docker is likely to look up. */
  readonly images: () => Promise<readonly string[]>;
}

/** A Compose file that can be read only once: standard input, or the pipe of a shell's `<(...)`. */
const STREAM = /^(-|\/dev\/stdin|\/(?:dev|proc\/self)\/fd\/\d+)$/;

const COMPOSE_FILE = '--compose-file=';

/** Compose files, of which one may be standard input. */
interface ComposeFiles {
  /** As docker and Compose get them: "-" for the one that can be read only once. */
  readonly paths: readonly string[];
  /** What "-" stands for. */
  readonly input: Uint8Array | undefined;
}

/**
 * Reads the Compose file that can be read only once.
 * @throws SwarmrollError `usage` if there are two
 */
export async function composeFiles(paths: readonly string[], world: Call['world']): Promise<ComposeFiles> {
  const [stream, another] = paths.filter(isStream);
  if (another !== undefined) {
    throw usageError(
      `${stream} and ${another}: only one Compose file can come from standard input or from a pipe`,
    );
  }
  if (stream === undefined) return { paths, input: undefined };
  const isInput = stream === '-' || stream === '/dev/stdin';
  const read = isInput ? world.readInput(world.interrupted) : world.readFile(stream);
  const input = await world.waits(`the Compose file from ${stream}`, read);
  return { paths: paths.map((path) => (path === stream ? '-' : path)), input };
}

/** What docker says of a file that its own schema does not allow (docker/cli cli/compose/schema/schema.go). */
const NOT_IN_SCHEMA =
  /Additional property \S+ is not allowed|must be an? \w+|Configuration contains forbidden properties|Compose file contains unsupported options/;

/** What to do with a file that docker refuses by its schema. */
function schemaHint(errors: string): string | undefined {
  if (!NOT_IN_SCHEMA.test(errors)) return undefined;
  return /depends_on must be a list/.test(errors)
    ? 'add --compose, list the names alone, or name them in the label swarmroll.depends_on below deploy.labels'
    : 'if Docker Compose takes this file: add --compose';
}

/** @throws SwarmrollError `usage` if two Compose files can be read only once */
export async function dockerRuns(
  { given, world }: Call,
  { stack, dockerFlags, isOrdered, made }: StackFiles,
): Promise<DockerRuns> {
  const config = configFlag(connectionOptions(given).configDir);
  const hintFor = made === undefined ? schemaHint : undefined;
  const dockerWorld = made === undefined ? world : withoutVariables(world, made.hiddenVariables);
  const named = dockerFlags.flatMap((flag) =>
    flag.startsWith(COMPOSE_FILE) ? [flag.slice(COMPOSE_FILE.length)] : [],
  );
  const { paths, input } =
    made === undefined ? await composeFiles(named, world) : { paths: ['-'], input: made.text };
  const others = dockerFlags.filter((flag) => !flag.startsWith(COMPOSE_FILE));
  const files = paths.map((path) => `${COMPOSE_FILE}${path}`);

  /** Undefined if a file cannot be read: docker says why. (It also takes "A,B" for two files.) */
  const reading = Promise.all(
    paths.map(async (path) => (path === '-' ? input : world.readFile(path).catch(() => undefined))),
  );
  const readOrder = async (host: string): Promise<Dependencies> => {
    if (!isOrdered) return new Map();
    if (made !== undefined) return made.dependencies;
    const isWithout = (await reading).every((file) => file !== undefined && !mayHaveOrder(file));
    if (isWithout) return new Map();
    const words = [`--host=${host}`, ...config, 'stack', 'config', ...files];
    return dependenciesIn((await runDocker(words, world, input, schemaHint)).output);
  };
  let dependencies: Promise<Dependencies> | undefined;
  return {
    deploy: async (host) => {
      dependencies ??= readOrder(host);
      // If both fail, the error is that of the deployment.
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
      return (await runDocker(words, dockerWorld, input, hintFor)).errors;
    },
    dependencies: async () => (await dependencies) ?? new Map(),
    images: async () => (await reading).flatMap((file) => (file === undefined ? [] : imagesOfFile(file))),
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
