/**
 * Reads the contexts that `docker context create` has stored in docker's config folder (docker/cli cli/context/store).
 */
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SwarmrollError } from '../errors.ts';
import { shellWord } from '../values/shell-words.ts';
import { configDirOf, parseObject, readIfThere } from './docker-config.ts';
import type { ConfigSource } from './docker-config.ts';

/** The docker endpoint of a context. */
export interface ContextEndpoint {
  /** The address; "" means the default socket. */
  readonly host: string;
  /** The folder of its TLS files ca.pem, cert.pem and key.pem. Each of them may be missing. */
  readonly tlsDir: string;
  readonly skipTlsVerify: boolean;
}

/**
 * A context's endpoint.
 * @throws SwarmrollError `notFound` when there is no such context, `failed` when its file is broken
 */
export async function readContext(name: string, source: ConfigSource): Promise<ContextEndpoint> {
  const id = createHash('sha256').update(name).digest('hex');
  const store = join(configDirOf(source), 'contexts');
  const path = join(store, 'meta', id, 'meta.json');
  const bytes = await readIfThere(path, source);
  if (bytes === undefined) {
    throw new SwarmrollError('notFound', `there is no context ${JSON.stringify(name)} in ${store}`, {
      hint: `list them with: ${dockerContext(source)} ls`,
    });
  }
  const command = dockerContext(source);
  const word = shellWord(name);
  const broken = (what: string): SwarmrollError =>
    new SwarmrollError('failed', `the context ${JSON.stringify(name)} ${what}: ${path}`, {
      hint: `create it again: ${command} rm --force ${word}; ${command} create ${word} --docker host=...`,
    });
  // The file may contain anything, so the types are checked.
  const meta = parseObject(bytes) as { Endpoints?: { docker?: unknown } | null } | undefined;
  if (meta === undefined) throw broken('has a file that is not a JSON object');
  const endpoint = meta.Endpoints?.docker;
  if (typeof endpoint !== 'object' || endpoint === null) throw broken('has no docker endpoint');
  const { Host = '', SkipTLSVerify } = endpoint as { Host?: unknown; SkipTLSVerify?: unknown };
  if (typeof Host !== 'string') throw broken('has a docker endpoint without an address');
  return {
    host: Host,
    tlsDir: join(store, 'tls', id, 'docker'),
    skipTlsVerify: SkipTLSVerify === true,
  };
}

/** The docker command for the contexts of the same folder. DOCKER_CONFIG is in the environment of the user's shell. */
export const dockerContext = ({ configDir = '' }: Pick<ConfigSource, 'configDir'>): string =>
  `docker ${configDir === '' ? '' : `${shellWord(`--config=${configDir}`)} `}context`;

/** The names of all contexts, docker's own `default` among them; broken ones are left out. */
export async function contextNames(source: ConfigSource): Promise<string[]> {
  const store = join(configDirOf(source), 'contexts', 'meta');
  const ids = await readdir(store).catch(() => []);
  const names = await Promise.all(
    ids.map(async (id) => {
      const bytes = await readIfThere(join(store, id, 'meta.json'), source).catch(() => undefined);
      const { Name } = (bytes === undefined ? {} : (parseObject(bytes) ?? {})) as { Name?: unknown };
      return typeof Name === 'string' ? [Name] : [];
    }),
  );
  return ['default', ...names.flat()];
}
