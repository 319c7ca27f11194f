/** Reads docker's config.json in the folder of --config or DOCKER_CONFIG, or in ~/.docker. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { SwarmrollError } from '../errors.ts';
import { objectIn } from '../values/exact-json.ts';

/** The settings that this program uses. */
export interface DockerConfig {
  /** The credentials of each registry. What an entry has is checked in credentials.ts. */
  readonly auths?: Readonly<Record<string, Readonly<Record<string, unknown>> | null>>;
  readonly credsStore?: string;
  readonly credHelpers?: Readonly<Record<string, string>>;
  /** The context that `docker context use` has set. */
  readonly currentContext?: string;
  /** Additional headers of every request. Its type is checked in http-headers.ts. */
  readonly HttpHeaders?: unknown;
  /** The default --format of `ps` and of `inspect`. */
  readonly tasksFormat?: string;
  readonly serviceInspectFormat?: string;
}

/** Where the settings are read from. */
export interface ConfigSource {
  /** The value of --config; undefined when it was not given. */
  readonly configDir?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => Promise<Uint8Array>;
}

/** The folder of docker's settings: --config, DOCKER_CONFIG or ~/.docker. */
export function configDirOf({ configDir, env }: Omit<ConfigSource, 'readFile'>): string {
  return configDir || env['DOCKER_CONFIG'] || join(env['HOME'] || homedir(), '.docker');
}

/**
 * Reads config.json; an empty object when there is no file.
 * @throws SwarmrollError `failed` when it can't be read. The error never contains the file's content.
 */
export async function readConfig(source: ConfigSource): Promise<DockerConfig> {
  const path = join(configDirOf(source), 'config.json');
  const bytes = await readIfThere(path, source);
  const config = bytes === undefined ? {} : parseObject(bytes);
  if (config !== undefined) return config;
  throw new SwarmrollError('failed', `${path} is not valid JSON`, {
    hint: 'correct the file, or choose another folder with --config or DOCKER_CONFIG',
  });
}

/** A file's bytes; undefined when there is no such file. @throws SwarmrollError `failed` when it can't be read */
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

/** The object in a JSON file; undefined when it is anything else. Like docker, an empty file and null mean no settings. */
export function parseObject(json: Uint8Array): Record<string, unknown> | undefined {
  const text = Buffer.from(json).toString().trim();
  return text === '' || text === 'null' ? {} : objectIn(text);
}

/**
 * A default format from config.json; "" when it is not set. Like docker, it ignores a config.json that can't be read.
 */
export async function configuredFormat(
  which: 'tasksFormat' | 'serviceInspectFormat',
  source: ConfigSource,
): Promise<string> {
  const config = await readConfig(source).catch((): DockerConfig => ({}));
  return config[which] ?? '';
}
