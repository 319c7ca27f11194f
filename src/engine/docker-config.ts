/** Docker's own settings: config.json, in DOCKER_CONFIG or ~/.docker. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { SwarmrollError } from '../errors.ts';

/** The settings that are read here; all others belong to docker. */
export interface DockerConfig {
  readonly auths?: Readonly<Record<string, StoredAuth>>;
  readonly credsStore?: string;
  readonly credHelpers?: Readonly<Record<string, string>>;
  /** What `ps` and `inspect` print with where no --format is given. */
  readonly tasksFormat?: string;
  readonly serviceInspectFormat?: string;
}

/** What is kept of a registry under docker's names. */
export interface StoredAuth {
  /** base64 of user:password; before username and password, where both are there. */
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly email?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
}

/** Where the settings are. */
export interface ConfigSource {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => Promise<Uint8Array>;
}

/**
 * The settings; none where there is no file.
 * @throws SwarmrollError `failed` when it can't be read; it never holds what was read
 */
export async function readConfig({ env, readFile }: ConfigSource): Promise<DockerConfig> {
  const path = join(env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? homedir(), '.docker'), 'config.json');
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new SwarmrollError('failed', `cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
  try {
    const text = Buffer.from(bytes).toString().trim();
    // To docker an empty file is one without settings.
    return text === '' ? {} : ((JSON.parse(text) as DockerConfig | null) ?? {});
  } catch {
    // The parser's own message quotes what it read.
    throw new SwarmrollError('failed', `${path} is not valid JSON`, {
      hint: 'log in again with: docker login',
    });
  }
}

/** One of the formats, "" where there is none. Like docker, settings that can't be read are no reason to show nothing. */
export async function configuredFormat(
  which: 'tasksFormat' | 'serviceInspectFormat',
  source: ConfigSource,
): Promise<string> {
  const config = await readConfig(source).catch((): DockerConfig => ({}));
  return config[which] ?? '';
}
