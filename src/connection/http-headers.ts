/**
 * Headers that users add to every request: HttpHeaders of config.json, or DOCKER_CUSTOM_HEADERS, which replaces them.
 * They may contain secrets, so errors never contain a value.
 */
import { SwarmrollError, usageError } from '../errors.ts';
import { parseCsv, splitField } from '../values/csv.ts';
import { isObject } from '../values/exact-json.ts';
import { InvalidValue } from '../values/value.ts';
import { configPath, usableConfig } from './docker-config.ts';
import type { ConfigSource } from './docker-config.ts';

/** Header name → value. */
export type Headers = Readonly<Record<string, string>>;

/**
 * Headers that users can't set. Docker overwrites User-Agent (docker/cli cli/command/cli.go, newAPIClientFromEndpoint),
 * and Go's HTTP client sets the others itself (net/http, reqWriteExcludeHeader).
 */
const RESERVED: ReadonlySet<string> = new Set([
  'host',
  'user-agent',
  'content-length',
  'transfer-encoding',
  'trailer',
]);

const NAME = /^[\w!#$%&'*+.^`|~-]+$/;
// eslint-disable-next-line no-control-regex -- the expression finds control characters
const NOT_IN_VALUE = /[\0-\x08\x0a-\x1f\x7f]/;

/**
 * The headers for Node's HTTP client.
 * @throws SwarmrollError `failed` for a name or a value that is not valid in HTTP, `usage` for a DOCKER_CUSTOM_HEADERS
 * that can't be parsed
 */
export async function customHeaders(source: ConfigSource): Promise<Headers> {
  const text = source.env['DOCKER_CUSTOM_HEADERS'] ?? '';
  const where = text === '' ? `HttpHeaders of ${configPath(source)}` : 'DOCKER_CUSTOM_HEADERS';
  // Read in any case, so that a broken file is told.
  const stored = await inConfig(source);
  const wanted = text === '' ? stored : inEnvironment(text);
  const taken = wanted.filter(([name]) => !RESERVED.has(name.toLowerCase()));
  for (const [name, value] of taken) {
    if (!NAME.test(name))
      throw new SwarmrollError('failed', `${where}: one of the names is not a valid HTTP header name`);
    if (NOT_IN_VALUE.test(value))
      throw new SwarmrollError('failed', `${where}: the value of ${name} contains a control character`);
  }
  // Docker sends UTF-8. Node sends each character as one byte, so the UTF-8 bytes become latin1 characters.
  return Object.fromEntries(taken.map(([name, value]) => [name, Buffer.from(value).toString('latin1')]));
}

/** HttpHeaders of config.json, without values that are not strings. */
async function inConfig(source: ConfigSource): Promise<[string, string][]> {
  const { HttpHeaders } = await usableConfig(source);
  if (!isObject(HttpHeaders)) return [];
  return Object.entries(HttpHeaders).filter(
    (entry: [string, unknown]): entry is [string, string] => typeof entry[1] === 'string',
  );
}

/**
 * Parses DOCKER_CUSTOM_HEADERS: NAME=VALUE fields in CSV (docker/cli cli/command/cli_options.go,
 * withCustomHeadersFromEnv).
 */
function inEnvironment(text: string): [string, string][] {
  try {
    return parseCsv(text).map((field) => {
      const [name, value] = splitField(field);
      if (name.trim() === '') throw new InvalidValue('must have a name');
      return [name.trim(), value];
    });
  } catch {
    throw usageError('DOCKER_CUSTOM_HEADERS must be NAME=VALUE, separated by commas');
  }
}
