/** Runs the docker command on the PATH, and other programs of Docker. */
import { sep } from 'node:path';
import { SwarmrollError, TimeoutError } from '../errors.ts';
import { withFields } from '../world.ts';
import type { CommandWorld, World } from '../world.ts';
import { failureIn } from './messages.ts';

/** The first version of docker whose `stack deploy` has --detach. */
const OLDEST_DOCKER = '26';
const INSTALL = `install the Docker CLI, version ${OLDEST_DOCKER} or newer: https://docs.docker.com/engine/install/`;

/** How a program has ended. */
export interface ProgramEnd {
  /** null: a signal has ended it. */
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

type ProgramWorld = Pick<CommandWorld, 'env' | 'interrupted' | 'waits' | 'spawn'>;

/**
 * Runs a program to its end. A signal is passed on to it.
 * @param shown what the command waits for: "docker stack deploy"
 * @param input what it gets on standard input. Absent: the standard input of this process
 * @throws Error that of Node if it cannot be started
 * @throws TimeoutError if --timeout has ended it; the reason of the signal, if that has
 */
export async function runProgram(
  program: string,
  argv: readonly string[],
  shown: string,
  { env, interrupted, waits, spawn }: ProgramWorld,
  input?: Uint8Array,
): Promise<ProgramEnd> {
  interrupted.throwIfAborted();
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
  try {
    const code = await spawn({
      ...{ program, argv, input, interrupted },
      // docker sets these for its plugins: what runs here is none.
      env: without(env, (name) => name.startsWith('DOCKER_CLI_PLUGIN')),
      onOutput: (text) => {
        output += text;
        wait();
      },
      onErrors: (text) => (errors += text),
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
  }
}

/**
 * Runs docker to its end.
 * @param input what it gets on standard input. Absent: the standard input of this process
 * @param hintFor the hint for what docker printed on stderr, if docker fails
 * @returns what docker printed on stdout and on stderr, if it exits with 0
 * @throws SwarmrollError `failed` if docker fails (the message is docker's), is not there, or is too old
 */
export async function runDocker(
  argv: readonly string[],
  world: ProgramWorld,
  input?: Uint8Array,
  hintFor: (errors: string) => string | undefined = () => undefined,
): Promise<{ readonly output: string; readonly errors: string }> {
  const command = argv
    .filter((word) => !word.startsWith('-'))
    .slice(0, 2)
    .join(' ');
  // It connects to a socket of ours, without TLS. What else begins with DOCKER_ may be used by a Compose file.
  const isOfTls = (name: string): boolean => name === 'DOCKER_TLS_VERIFY' || name === 'DOCKER_TLS';
  const env = argv.some((word) => word.startsWith('--host=')) ? without(world.env, isOfTls) : world.env;
  const shown = `docker ${command}`;
  const ended = await runProgram('docker', argv, shown, withFields(world, { env }), input).catch(
    (error: unknown) => {
      throw startError('docker', command, error, INSTALL);
    },
  );
  const { code, output, errors } = ended;
  if (code === 0) return { output, errors };
  const { warnings, error } = failureIn(errors);
  if (/unknown flag: --detach|is not a docker command/.test(errors)) {
    throw new SwarmrollError('failed', `the docker command on the PATH is too old: ${error}`, {
      hint: INSTALL,
    });
  }
  throw new SwarmrollError('failed', error || endWithoutMessage(shown, ended), {
    ...{ hint: hintFor(errors), warnings },
  });
}

/** The message for a program that has failed and printed nothing on stderr. */
export const endWithoutMessage = (shown: string, { code }: ProgramEnd): string =>
  code === null
    ? `${shown} was ended by a signal`
    : `${shown} ended with exit code ${code} and no error message`;

/**
 * The error for a program that cannot be started, made of Node's. Other errors are returned as they are.
 * @param use what needs it: "stack deploy"
 */
export function startError(program: string, use: string, error: unknown, hint: string): unknown {
  const { code, message = '' } = (error ?? {}) as Partial<NodeJS.ErrnoException>;
  if (typeof code !== 'string') return error;
  const text =
    code === 'ENOENT'
      ? `the ${program} command is not on the PATH: ${use} needs it`
      : `cannot run ${program}: ${message}`;
  return new SwarmrollError('failed', text, { hint, cause: error });
}

/** The flag of docker for the folder of its configuration. */
export const configFlag = (folder: string | undefined): readonly string[] =>
  folder === undefined ? [] : [`--config=${folder}`];

const without = (env: World['env'], isLeftOut: (name: string) => boolean): World['env'] =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !isLeftOut(name)));

/** The name of a variable as the system compares it: Windows ignores the case. */
export const variableName = (name: string): string => (sep === '\\' ? name.toUpperCase() : name);

/** The same world without some variables of the environment. */
export function withoutVariables(world: ProgramWorld, names: readonly string[]): ProgramWorld {
  const leftOut = new Set(names.map(variableName));
  return withFields(world, { env: without(world.env, (name) => leftOut.has(variableName(name))) });
}
