/** Docker's own settings: config.json, in --config, DOCKER_CONFIG or ~/.docker. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { SwarmrollError } from '../errors.ts';

/** The settings that are read here; all others belong to docker. */
export interface DockerConfig {
  readonly auths?: Readonly<Record<string, StoredAuth | null>>;
  readonly credsStore?: string;
  readonly credHelpers?: Readonly<Record<string, string>>;
  /** The context that `docker context use` chose. */
  readonly currentContext?: string;
  /** Headers of every request; anything may stand in it (http-headers.ts). */
  readonly HttpHeaders?: unknown;
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
  /** --config, where it was given. */
  readonly configDir?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => Promise<Uint8Array>;
}

/** The folder of docker's settings. */
export function configDirOf({ configDir, env }: Omit<ConfigSource, 'readFile'>): string {
  return configDir || env['DOCKER_CONFIG'] || join(env['HOME'] || homedir(), '.docker');
}

/**
 * The settings; none where there is no file.
 * @throws SwarmrollError `failed` when it can't be read; it never holds what was read
 */
export async function readConfig(source: ConfigSource): Promise<DockerConfig> {
  const path = join(configDirOf(source), 'config.json');
  const bytes = await readIfThere(path, source);
  const config = bytes === undefined ? {} : parseObject(bytes);
  if (config !== undefined) return config;
  throw new SwarmrollError('failed', `${path} is not valid JSON`, {
    hint: 'mend it, or name another folder with --config or DOCKER_CONFIG',
  });
}

/** A file's bytes; undefined where there is none. @throws SwarmrollError `failed` when it can't be read */
export async function readIfThere(
  path: string,
  { readFile }: Pick<ConfigSource, 'readFile'>,
): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new SwarmrollError('failed', `cannot read ${path}: ${message}`, { cause: error });
  }
}

/** The object that a JSON file holds, or undefined. (The parser's own message would quote what is in it.) */
export function parseObject(json: Uint8Array): object | undefined {
  try {
    const text = Buffer.from(json).toString().trim();
    // To docker an empty file is one without settings, and so is null.
    const value: unknown = text === '' ? {} : (JSON.parse(text) ?? {});
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
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
