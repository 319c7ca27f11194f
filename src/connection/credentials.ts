/** Registry credentials, from where `docker login` keeps them: config.json, or the helper that it names. */
import { execFile } from 'node:child_process';
import type { ExecFileException } from 'node:child_process';
import { SwarmrollError } from '../errors.ts';
import { parseReference } from '../values/reference.ts';
import { parseObject, readConfig } from './docker-config.ts';
import type { ConfigSource, DockerConfig } from './docker-config.ts';

/** What an engine reads of the X-Registry-Auth header, under docker's names. */
interface Credentials {
  readonly username?: string;
  readonly password?: string;
  readonly email?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
}

/** Where credentials come from; a helper's answer is waited for until `interrupted` aborts. */
export interface CredentialSource extends ConfigSource {
  readonly interrupted: AbortSignal;
}

/** Docker Hub's credentials are kept under the address of its first index. */
const HUB_KEY = 'https://index.docker.io/v1/';
/** Milliseconds that a credential helper may take, and the bytes that it may answer with. */
const HELPER_PATIENCE = 30_000;
const HELPER_ANSWER = 1024 * 1024;

/**
 * The value of the X-Registry-Auth header for an image's registry; that of no credentials where there are none.
 * @throws SwarmrollError `failed` when config.json, DOCKER_AUTH_CONFIG or a helper can't be read; it never holds a credential
 */
export async function registryAuth(image: string, source: CredentialSource): Promise<string> {
  const domain = parseReference(image)?.domain ?? 'docker.io';
  const key = domain === 'docker.io' ? HUB_KEY : domain;
  const found = inEnvironment(source, key) ?? (await inConfig(source, key));
  return base64url(JSON.stringify(found ?? {}));
}

/** DOCKER_AUTH_CONFIG holds `auths` as config.json does, and comes before it (docker 28.3 and newer). */
function inEnvironment({ env }: CredentialSource, key: string): object | undefined {
  const config = parseObject(Buffer.from(env['DOCKER_AUTH_CONFIG'] ?? ''));
  if (config === undefined) throw new SwarmrollError('failed', 'DOCKER_AUTH_CONFIG is not valid JSON');
  return stored(config, key, 'DOCKER_AUTH_CONFIG');
}

async function inConfig(source: CredentialSource, key: string): Promise<object | undefined> {
  const config = await readConfig(source);
  const helper = config.credHelpers?.[key] ?? config.credsStore ?? '';
  return helper === '' ? stored(config, key, 'config.json') : askHelper(helper, key, source);
}

/** With the padding that engines insist on: without, some take the header for none at all. */
function base64url(text: string): string {
  return Buffer.from(text).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

/** The entry of `auths`. Its key may be written as an address: `https://registry.example.com/v1/`. */
function stored({ auths }: DockerConfig, key: string, where: string): object | undefined {
  const entries = Object.entries(auths ?? {});
  const host = (address: string): string => address.replace(/^[a-z]+:\/\//, '').replace(/\/.*$/s, '');
  const [serveraddress, entry] =
    entries.find(([address]) => address === key) ?? entries.find(([address]) => host(address) === key) ?? [];
  if (entry === undefined) return undefined;
  const { auth, ...others } = entry ?? {};
  const own = (auth ?? '') === '' ? {} : userAndPassword(auth, key, where);
  return { ...given(others), ...given(own), serveraddress };
}

/** @param auth base64 of user:password */
function userAndPassword(auth: unknown, key: string, where: string): Credentials {
  const text = typeof auth === 'string' ? Buffer.from(auth, 'base64').toString() : '';
  const [, username, password] = /^([^:]+):(.*)$/s.exec(text) ?? [];
  if (username === undefined || password === undefined) {
    throw new SwarmrollError('failed', `the credentials of ${key} in ${where} can't be read`, {
      hint: `log in again with: docker login ${key}`,
    });
  }
  return { username, password: password.replace(/\0+$/, '') };
}

/** What an engine reads, as far as it says something. */
function given({ username, password, email, identitytoken, registrytoken }: Credentials): Credentials {
  const all = { username, password, email, identitytoken, registrytoken };
  return Object.fromEntries(
    Object.entries(all).filter(([, text]) => typeof text === 'string' && text !== ''),
  );
}

async function askHelper(helper: string, key: string, source: CredentialSource): Promise<object | undefined> {
  const program = `docker-credential-${helper}`;
  const { failure, output } = await run(program, key, source);
  // The protocol's words for "never logged in": https://github.com/docker/docker-credential-helpers
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
  return { ...given(found), serveraddress: key };
}

/** Runs a helper as docker does: the registry on its stdin. Of a failure only its kind is told, never its output. */
function run(
  program: string,
  key: string,
  { env, interrupted }: CredentialSource,
): Promise<{ readonly failure?: string; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const limits = { timeout: HELPER_PATIENCE, maxBuffer: HELPER_ANSWER, signal: interrupted };
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
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return 'answered with more than a credential';
  if (killed === true) return `gave no answer in ${HELPER_PATIENCE / 1000} s`;
  if (typeof signal === 'string') return `was ended by ${signal}`;
  return `failed with exit code ${code ?? 'unknown'}`;
}

/** `{"ServerURL": ..., "Username": ..., "Secret": ...}`; like docker, in any case of letters. */
function parseAnswer(output: string): Readonly<Partial<Record<string, string>>> | undefined {
  try {
    const answer: unknown = JSON.parse(output);
    if (!(answer instanceof Object) || Array.isArray(answer)) return undefined;
    const fields = Object.entries(answer);
    const texts = fields.every(([, value]) => typeof value === 'string');
    return texts ? Object.fromEntries(fields.map(([name, value]) => [name.toLowerCase(), value])) : undefined;
  } catch {
    return undefined;
  }
}
