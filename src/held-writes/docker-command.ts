/** Runs the docker command on the PATH, and other programs of Docker. */
import { spawn } from 'node:child_process';
import { SwarmrollError, TimeoutError } from '../errors.ts';
import { printable } from '../values/printable.ts';
import type { CommandWorld, World } from '../world.ts';

/** The first version of docker whose `stack deploy` has --detach. */
const OLDEST_DOCKER = '26';
const INSTALL = `install the Docker CLI, version ${OLDEST_DOCKER} or newer: https://docs.docker.com/engine/install/`;

/** How a program has ended. */
interface Ended {
  /** null: a signal has ended it. */
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

type ProgramWorld = Pick<CommandWorld, 'env' | 'interrupted' | 'waits'>;

/**
 * Runs a program to its end. It gets the environment of this process. A signal is passed on to it.
 * @param shown what the command waits for: "docker stack deploy"
 * @param input what it gets on standard input. Absent: the standard input of this process
 * @throws Error that of Node if it cannot be started
 * @throws TimeoutError if --timeout has ended it; the reason of the signal, if that has
 */
export async function runProgram(
  program: string,
  argv: readonly string[],
  shown: string,
  { env, interrupted, waits }: ProgramWorld,
  input?: Uint8Array,
): Promise<Ended> {
  interrupted.throwIfAborted();
  const child = spawn(program, argv, {
    env: ownEnvironment(env),
    stdio: [input === undefined ? 'inherit' : 'pipe', 'pipe', 'pipe'],
  });
  // A program that ends early does not read it.
  child.stdin?.on('error', () => undefined).end(input);
  const stop = (): void => {
    child.kill(interrupted.reason === 'SIGINT' ? 'SIGINT' : 'SIGTERM');
  };
  interrupted.addEventListener('abort', stop, { once: true });
  let output = '';
  let errors = '';
  /** Ends the current wait for a line, and begins the next. */
  let heard = (): void => undefined;
  const wait = (): void => {
    heard();
    const next = new Promise<void>((resolve) => (heard = resolve));
    void waits(`${shown} to go on`, next);
  };
  wait();
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    wait();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    const timedOut: unknown = interrupted.reason;
    if (code !== 0 && timedOut instanceof TimeoutError) {
      throw new TimeoutError(timedOut.wait, `${program} was stopped, and nothing was sent`, {
        hint: 'run it again with a longer --timeout, or without',
      });
    }
    // A program that a signal has ended has no error to tell.
    if (code !== 0) interrupted.throwIfAborted();
    return { code, output, errors };
  } finally {
    heard();
    interrupted.removeEventListener('abort', stop);
  }
}

/**
 * Runs docker to its end.
 * @param input what it gets on standard input. Absent: the standard input of this process
 * @returns what docker printed on stdout and on stderr, if it exits with 0
 * @throws SwarmrollError `failed` if docker fails (the message is docker's), is not there, or is too old
 */
export async function runDocker(
  argv: readonly string[],
  world: ProgramWorld,
  input?: Uint8Array,
): Promise<{ readonly output: string; readonly errors: string }> {
  const command = argv
    .filter((word) => !word.startsWith('-'))
    .slice(0, 2)
    .join(' ');
  const ended = await runProgram('docker', argv, `docker ${command}`, world, input).catch(
    (error: unknown) => {
      if (error instanceof SwarmrollError || world.interrupted.aborted) throw error;
      throw new SwarmrollError('failed', `cannot run docker: ${(error as Error).message}`, {
        hint: INSTALL,
        cause: error,
      });
    },
  );
  const { code, output, errors } = ended;
  if (code === 0) return { output, errors };
  if (/unknown flag: --detach|is not a docker command/.test(errors)) {
    throw new SwarmrollError('failed', `the docker command on the PATH is too old: ${oneLine(errors)}`, {
      hint: INSTALL,
    });
  }
  const hint = /depends_on must be a list/.test(errors)
    ? 'list the names alone, or name them in the label swarmroll.depends_on below deploy.labels'
    : undefined;
  throw new SwarmrollError('failed', oneLine(errors) || 'docker failed without an error message', { hint });
}

/** The text on one line. */
export const oneLine = (text: string): string => printable(text.trim().replace(/\s*\n\s*/g, ' '));

/**
 * The environment without the variables that docker sets for its plugins: the docker that runs here is not one. And without
 * those of TLS: it connects to a socket. What else begins with DOCKER_ may be used by a Compose file.
 */
function ownEnvironment(env: World['env']): NodeJS.ProcessEnv {
  const isLeftOut = (name: string): boolean =>
    name.startsWith('DOCKER_CLI_PLUGIN') || name === 'DOCKER_TLS_VERIFY' || name === 'DOCKER_TLS';
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isLeftOut(name)));
}
