/**
 * Headers that docker's users add to every request: HttpHeaders of config.json or, in its place, DOCKER_CUSTOM_HEADERS.
 * They may hold secrets, so nothing that is said of them holds a value.
 */
import { join } from 'node:path';
import { SwarmrollError, usageError } from '../errors.ts';
import { parseCsv } from '../values/csv.ts';
import { cut } from '../values/text.ts';
import { configDirOf, readConfig } from './docker-config.ts';
import type { ConfigSource, DockerConfig } from './docker-config.ts';

export type Headers = Readonly<Record<string, string>>;

/**
 * Docker sets its own User-Agent over that of its users (docker/cli cli/command/cli.go, newAPIClientFromEndpoint), and
 * Go's HTTP client writes the others itself (net/http, reqWriteExcludeHeader).
 */
const RESERVED: ReadonlySet<string> = new Set([
  'host',
  'user-agent',
  'content-length',
  'transfer-encoding',
  'trailer',
]);

const NAME = /^[\w!#$%&'*+.^`|~-]+$/;
// eslint-disable-next-line no-control-regex -- control characters are what a value must not have
const NOT_IN_VALUE = /[\0-\x08\x0a-\x1f\x7f]/;

/**
 * The headers, as Node's HTTP client takes them.
 * @throws SwarmrollError `failed` or `usage` for what no HTTP request can carry
 */
export async function customHeaders(source: ConfigSource): Promise<Headers> {
  const text = source.env['DOCKER_CUSTOM_HEADERS'] ?? '';
  const where =
    text === '' ? `HttpHeaders of ${join(configDirOf(source), 'config.json')}` : 'DOCKER_CUSTOM_HEADERS';
  const wanted = text === '' ? await inConfig(source) : inEnvironment(text);
  const taken = wanted.filter(([name]) => !RESERVED.has(name.toLowerCase()));
  for (const [name, value] of taken) {
    if (!NAME.test(name))
      throw new SwarmrollError('failed', `${where}: there is a name that no HTTP header can have`);
    if (NOT_IN_VALUE.test(value))
      throw new SwarmrollError('failed', `${where}: the value of ${name} holds a control character`);
  }
  // Node writes one byte a character; docker sends UTF-8.
  return Object.fromEntries(taken.map(([name, value]) => [name, Buffer.from(value).toString('latin1')]));
}

/** Like docker, settings that can't be read are no reason not to ask, and what is not a text is left out. */
async function inConfig(source: ConfigSource): Promise<[string, string][]> {
  const { HttpHeaders } = await readConfig(source).catch((): DockerConfig => ({}));
  if (typeof HttpHeaders !== 'object' || HttpHeaders === null || Array.isArray(HttpHeaders)) return [];
  return Object.entries(HttpHeaders).filter(
    (entry: [string, unknown]): entry is [string, string] => typeof entry[1] === 'string',
  );
}

/** NAME=VALUE, separated by commas as in CSV (docker/cli cli/command/cli_options.go, withCustomHeadersFromEnv). */
function inEnvironment(text: string): [string, string][] {
  const refused = usageError('DOCKER_CUSTOM_HEADERS must be NAME=VALUE, separated by commas');
  return fieldsOf(text, refused).map((field) => {
    const [name, value] = cut(field, '=');
    if (name.trim() === '' || value === undefined) throw refused;
    return [name.trim(), value];
  });
}

function fieldsOf(text: string, refused: Error): string[] {
  try {
    return parseCsv(text);
  } catch {
    throw refused;
  }
}
