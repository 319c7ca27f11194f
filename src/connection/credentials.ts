/** Registry credentials from where `docker login` stores them: config.json, or a credential helper. */
import { execFile } from 'node:child_process';
import type { ExecFileException } from 'node:child_process';
import { SwarmrollError } from '../errors.ts';
import { objectIn } from '../values/exact-json.ts';
import { parseReference } from '../values/reference.ts';
import { checkedConfig, parseObject } from './docker-config.ts';
import type { ConfigSource, DockerConfig } from './docker-config.ts';

/** The fields of the X-Registry-Auth header that an engine reads (moby api/types/registry, AuthConfig). */
const FIELDS = ['username', 'password', 'email', 'identitytoken', 'registrytoken'];

type Fields = Readonly<Record<string, unknown>>;

/** Where credentials are read from. A running credential helper is killed when `interrupted` aborts. */
interface CredentialSource extends ConfigSource {
  readonly interrupted: AbortSignal;
}

/** The key of Docker Hub's credentials in config.json: the address of its first index server. */
const HUB_KEY = 'https://index.docker.io/v1/';
/** The timeout of a credential helper in milliseconds, and the largest output in bytes. */
const HELPER_TIMEOUT = 30_000;
const HELPER_MAX_OUTPUT = 1024 * 1024;

/**
 * The value of the X-Registry-Auth header for an image's registry: base64url JSON; `{}` when there are no credentials.
 * @throws SwarmrollError `failed` when config.json, DOCKER_AUTH_CONFIG or a helper's output can't be read. The error
 * never contains a credential.
 */
export async function registryAuth(image: string, source: CredentialSource): Promise<string> {
  const domain = parseReference(image)?.domain ?? 'docker.io';
  const key = domain === 'docker.io' ? HUB_KEY : domain;
  const found = inEnvironment(source, key) ?? (await inConfig(source, key));
  const base64 = Buffer.from(JSON.stringify(found ?? {})).toString('base64');
  // With padding: some engines ignore a header without it, as if it were not sent.
  return base64.replaceAll('+', '-').replaceAll('/', '_');
}

/**
 * The credentials in DOCKER_AUTH_CONFIG, which has `auths` like config.json and precedes it (docker 28.3 and newer).
 */
function inEnvironment({ env }: CredentialSource, key: string): object | undefined {
  const config = parseObject(Buffer.from(env['DOCKER_AUTH_CONFIG'] ?? ''));
  if (config === undefined) throw new SwarmrollError('failed', 'DOCKER_AUTH_CONFIG is not valid JSON');
  return stored(config, key, 'DOCKER_AUTH_CONFIG');
}

/** The credentials from config.json or from the helper that it names. */
async function inConfig(source: CredentialSource, key: string): Promise<object | undefined> {
  const config = await checkedConfig(source);
  const helper = config.credHelpers?.[key] ?? config.credsStore ?? '';
  return helper === '' ? stored(config, key, 'config.json') : askHelper(helper, key, source);
}

/** A registry's entry in `auths`. The entry's key may be a URL: `https://registry.example.com/v1/`. */
function stored({ auths }: DockerConfig, key: string, where: string): object | undefined {
  const entries = Object.entries(auths ?? {});
  const host = (address: string): string => address.replace(/^[a-z]+:\/\//, '').replace(/\/.*$/s, '');
  const [serveraddress, entry] =
    entries.find(([address]) => address === key) ?? entries.find(([address]) => host(address) === key) ?? [];
  if (entry === undefined) return undefined;
  const { auth = '', ...others } = entry ?? {};
  // It takes precedence over `username` and `password`.
  const own = auth === '' || auth === null ? {} : userAndPassword(auth, key, where);
  return { ...nonEmptyFields(others), ...nonEmptyFields(own), serveraddress };
}

/** Decodes `auth`, which is base64 of user:password. @throws SwarmrollError `failed` for anything else */
function userAndPassword(auth: unknown, key: string, where: string): Fields {
  const text = typeof auth === 'string' ? Buffer.from(auth, 'base64').toString() : '';
  const [, username, password] = /^([^:]+):(.*)$/s.exec(text) ?? [];
  if (username === undefined || password === undefined) {
    throw new SwarmrollError('failed', `the credentials of ${key} in ${where} can't be read`, {
      hint: `log in again with: docker login ${key}`,
    });
  }
  return { username, password: password.replace(/\0+$/, '') };
}

/** The fields that an engine reads, without empty ones and ones that are not strings. */
function nonEmptyFields(given: Fields): Fields {
  const all = FIELDS.map((name) => [name, given[name]] as const);
  return Object.fromEntries(all.filter(([, text]) => typeof text === 'string' && text !== ''));
}

/** The credentials from a helper; undefined when it has none for this registry. */
async function askHelper(helper: string, key: string, source: CredentialSource): Promise<object | undefined> {
  const program = `docker-credential-${helper}`;
  const { failure, output } = await run(program, key, source);
  // The helper's message when it has no credentials (github.com/docker/docker-credential-helpers,
  // credentials/error.go).
  if (failure !== undefined && output.trim() === 'credentials not found in native keychain') return undefined;
  const answer = failure === undefined ? parseAnswer(output) : undefined;
  if (answer === undefined) {
    const why = failure ?? 'answered with something that is not a credential';
    throw new SwarmrollError('failed', `the credential helper ${program} ${why}`, {
      hint: `config.json names it (credsStore, credHelpers); try it with: echo ${key} | ${program} get`,
    });
  }
  const { username = '', secret = '' } = answer;
  const found = username === '<token>' ? { identitytoken: secret } : { username, password: secret };
  return { ...nonEmptyFields(found), serveraddress: key };
}

/**
 * Runs a helper as docker does, with the registry on its stdin. `failure` says what kind of failure it was and never
 * contains the helper's output, which may hold a credential.
 */
function run(
  program: string,
  key: string,
  { env, interrupted }: CredentialSource,
): Promise<{ readonly failure?: string; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const limits = { timeout: HELPER_TIMEOUT, maxBuffer: HELPER_MAX_OUTPUT, signal: interrupted };
    const child = execFile(program, ['get'], { env, ...limits }, (error, output) => {
      if (error === null) resolve({ output });
      else if (interrupted.aborted) reject(new Error('interrupted', { cause: error }));
      else resolve({ output, failure: failureOf(error) });
    });
    child.stdin?.on('error', () => undefined).end(key);
  });
}

function failureOf({ code, killed, signal }: ExecFileException): string {
  if (code === 'ENOENT') return 'is not on the PATH';
  if (code === 'EACCES') return 'is not executable';
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
    return `printed more than ${HELPER_MAX_OUTPUT / 1024 / 1024} MiB`;
  if (killed === true) return `gave no answer in ${HELPER_TIMEOUT / 1000} s`;
  if (typeof signal === 'string') return `was killed by ${signal}`;
  return `failed with exit code ${code ?? 'unknown'}`;
}

/**
 * Parses `{"ServerURL": ..., "Username": ..., "Secret": ...}` into lower-case names. Like docker, it ignores the names'
 * case.
 */
function parseAnswer(output: string): Readonly<Partial<Record<string, string>>> | undefined {
  const answer = objectIn(output) as Record<string, string> | undefined;
  if (answer === undefined || Object.values<unknown>(answer).some((text) => typeof text !== 'string'))
    return undefined;
  return Object.fromEntries(Object.entries(answer).map(([name, text]) => [name.toLowerCase(), text]));
}
