/** Runs the docker command that is on the PATH. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { ConnectionOptions } from '../connection/connection.ts';
import { SwarmrollError } from '../errors.ts';
import { printable } from '../values/printable.ts';
import type { World } from '../world.ts';

/** The first docker whose `stack deploy` has --detach. */
const OLDEST = '26';
const INSTALL = `install the Docker CLI, version ${OLDEST} or newer: https://docs.docker.com/engine/install/`;

/** The flags that make docker talk to the engine that we talk to. The environment says the rest. */
export function connectionWords(options: ConnectionOptions): readonly string[] {
  const text = (name: string, value: string | undefined): readonly string[] =>
    value === undefined ? [] : [`--${name}=${value}`];
  const flag = (name: string, value: boolean | undefined): readonly string[] => text(name, value?.toString());
  return [
    ...(options.hosts ?? []).flatMap((host) => text('host', host)),
    ...text('context', options.context),
    ...text('config', options.configDir),
    ...flag('tls', options.tls),
    ...flag('tlsverify', options.tlsVerify),
    ...text('tlscacert', options.tlsCaCert),
    ...text('tlscert', options.tlsCert),
    ...text('tlskey', options.tlsKey),
  ];
}

/**
 * Runs docker to its end. It gets our standard input and environment.
 * @param onLine is called with each line that docker prints on stdout
 * @returns what it printed on stderr, when it exits with 0
 * @throws SwarmrollError `failed` with docker's own words when it does not; when there is no docker, or an old one
 */
export async function runDocker(
  words: readonly string[],
  { env, interrupted }: Pick<World, 'env' | 'interrupted'>,
  onLine: (line: string) => void,
): Promise<string> {
  const child = spawn('docker', words, { env: withoutPlugin(env), stdio: ['inherit', 'pipe', 'pipe'] });
  const stop = (): void => {
    child.kill(interrupted.reason === 'SIGTERM' ? 'SIGTERM' : 'SIGINT');
  };
  interrupted.addEventListener('abort', stop, { once: true });
  let said = '';
  createInterface(child.stdout).on('line', (line) => onLine(printable(line)));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    if (code === 0) return said;
  } catch (error) {
    throw new SwarmrollError('failed', `cannot run docker: ${(error as Error).message}`, {
      hint: INSTALL,
      cause: error,
    });
  } finally {
    interrupted.removeEventListener('abort', stop);
  }
  if (/unknown flag: --detach|is not a docker command/.test(said)) {
    throw new SwarmrollError('failed', `the docker on the PATH is too old: ${oneLine(said)}`, {
      hint: INSTALL,
    });
  }
  throw new SwarmrollError('failed', oneLine(said) || 'docker failed and said nothing');
}

const oneLine = (text: string): string => printable(text.trim().replace(/\s*\n\s*/g, ' '));

/** Without what docker tells its plugin: the docker that we run is no plugin. */
function withoutPlugin(env: World['env']): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('DOCKER_CLI_PLUGIN')));
}
