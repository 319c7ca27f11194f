/** Runs the docker command on the PATH. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { SwarmrollError } from '../errors.ts';
import { printable } from '../values/printable.ts';
import type { World } from '../world.ts';

/** The first version of docker whose `stack deploy` has --detach. */
const OLDEST_DOCKER = '26';
const INSTALL = `install the Docker CLI, version ${OLDEST_DOCKER} or newer: https://docs.docker.com/engine/install/`;

/**
 * Runs docker to its end. It gets the standard input and the environment of this process. A signal is passed on to it.
 * @param onLine is called with each line that docker prints on stdout, made printable
 * @returns what docker printed on stderr, if it exits with 0
 * @throws SwarmrollError `failed` if docker fails (the message is docker's), is not there, or is too old
 */
export async function runDocker(
  argv: readonly string[],
  { env, interrupted }: Pick<World, 'env' | 'interrupted'>,
  onLine: (line: string) => void,
): Promise<string> {
  const child = spawn('docker', argv, { env: withoutPlugin(env), stdio: ['inherit', 'pipe', 'pipe'] });
  const stop = (): void => {
    child.kill(interrupted.reason === 'SIGTERM' ? 'SIGTERM' : 'SIGINT');
  };
  interrupted.addEventListener('abort', stop, { once: true });
  let errors = '';
  createInterface(child.stdout).on('line', (line) => onLine(printable(line)));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    if (code === 0) return errors;
  } catch (error) {
    throw new SwarmrollError('failed', `cannot run docker: ${(error as Error).message}`, {
      hint: INSTALL,
      cause: error,
    });
  } finally {
    interrupted.removeEventListener('abort', stop);
  }
  if (/unknown flag: --detach|is not a docker command/.test(errors)) {
    throw new SwarmrollError('failed', `the docker command on the PATH is too old: ${oneLine(errors)}`, {
      hint: INSTALL,
    });
  }
  throw new SwarmrollError('failed', oneLine(errors) || 'docker failed without an error message');
}

const oneLine = (text: string): string => printable(text.trim().replace(/\s*\n\s*/g, ' '));

/** The environment without the variables that docker sets for its plugins: the docker that runs here is not one. */
function withoutPlugin(env: World['env']): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('DOCKER_CLI_PLUGIN')));
}
