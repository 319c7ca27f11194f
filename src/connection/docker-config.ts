/** Reads docker's config.json in the folder of --config or DOCKER_CONFIG, or in ~/.docker. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { SwarmrollError } from '../errors.ts';
import { isObject, objectIn } from '../values/exact-json.ts';

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
  /** Gets what is wrong with a config.json that is not needed to go on. Absent: nobody is told. */
  readonly warn?: ((text: string) => void) | undefined;
}

const isText = (value: unknown): boolean => typeof value === 'string';

/** The types of the settings. The fields of `auths` are checked in credentials.ts. */
const TYPES: Readonly<Record<keyof DockerConfig, (value: unknown) => boolean>> = {
  auths: (value) => isObject(value) && Object.values(value).every((one) => one === null || isObject(one)),
  credsStore: isText,
  credHelpers: isTexts,
  currentContext: isText,
  HttpHeaders: isTexts,
  tasksFormat: isText,
  serviceInspectFormat: isText,
};

function isTexts(value: unknown): boolean {
  return isObject(value) && Object.values(value).every((one) => one === null || isText(one));
}

/** The folder of docker's settings: --config, DOCKER_CONFIG or ~/.docker. */
export function configDirOf({ configDir, env }: Pick<ConfigSource, 'configDir' | 'env'>): string {
  return configDir || env['DOCKER_CONFIG'] || join(env['HOME'] || homedir(), '.docker');
}

/**
 * Reads config.json; an empty object when there is no file.
 * @throws SwarmrollError `failed` when it can't be read. The error never contains the file's content.
 */
export async function readConfig(source: ConfigSource): Promise<DockerConfig> {
  const path = configPath(source);
  const bytes = await readIfThere(path, source);
  const config = bytes === undefined ? {} : parseObject(bytes);
  if (config !== undefined) return config;
  throw new SwarmrollError('failed', `${path} is not valid JSON`, {
    hint: 'correct the file, or choose another folder with --config or DOCKER_CONFIG',
  });
}

export const configPath = (source: Pick<ConfigSource, 'configDir' | 'env'>): string =>
  join(configDirOf(source), 'config.json');

/**
 * Reads config.json without the settings of a wrong type, each of which brings a warning. Of HttpHeaders, the other headers
 * stay. Like docker, null is no setting.
 * @throws SwarmrollError as readConfig
 */
export async function checkedConfig(source: ConfigSource): Promise<DockerConfig> {
  const config = await readConfig(source);
  const isWrong = ([name, value]: readonly [string, unknown]): boolean =>
    Object.hasOwn(TYPES, name) && value !== null && !TYPES[name as keyof DockerConfig](value);
  const given = Object.entries(config).filter(([, value]) => value !== null);
  for (const [name] of given.filter(isWrong))
    source.warn?.(`${name} in ${configPath(source)} has a wrong type, and is not used`);
  return Object.fromEntries(given.filter((entry) => entry[0] === 'HttpHeaders' || !isWrong(entry)));
}

/** The same, but like docker it goes on, with a warning, if config.json cannot be read. */
export async function usableConfig(source: ConfigSource): Promise<DockerConfig> {
  try {
    return await checkedConfig(source);
  } catch (error) {
    if (!(error instanceof SwarmrollError)) throw error;
    source.warn?.(`${error.message}; it is not used`);
    return {};
  }
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
 * A default format from config.json; "" when it is not set or cannot be read.
 */
export async function configuredFormat(
  which: 'tasksFormat' | 'serviceInspectFormat',
  source: ConfigSource,
): Promise<string> {
  const config = await usableConfig(source);
  return config[which] ?? '';
}
