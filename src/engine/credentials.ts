/** Registry credentials, from where `docker login` keeps them: config.json, or the helper that it names. */
import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { SwarmrollError } from '../errors.ts';
import { parseReference } from '../values/reference.ts';

/** The parts of docker's config.json that say where credentials are. */
interface DockerConfig {
  readonly auths?: Readonly<Record<string, StoredAuth>>;
  readonly credsStore?: string;
  readonly credHelpers?: Readonly<Record<string, string>>;
}

interface StoredAuth {
  /** base64 of user:password. */
  readonly auth?: string;
  readonly identitytoken?: string;
}

interface Credentials {
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
}

export interface CredentialSource {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => Promise<Uint8Array>;
}

/** Docker Hub's credentials are kept under the address of its first index. */
const HUB_KEY = 'https://index.docker.io/v1/';
/** Milliseconds that a credential helper may take. */
const HELPER_PATIENCE = 30_000;

/**
 * The value of the X-Registry-Auth header for an image's registry; that of no credentials where there are none.
 * @throws SwarmrollError `failed` when config.json or a helper can't be read; it never holds a credential
 */
export async function registryAuth(image: string, source: CredentialSource): Promise<string> {
  const domain = parseReference(image)?.domain ?? 'docker.io';
  const key = domain === 'docker.io' ? HUB_KEY : domain;
  const config = await readConfig(source);
  const helper = config.credHelpers?.[key] ?? config.credsStore;
  const found =
    helper === undefined || helper === ''
      ? fromAuths(config.auths ?? {}, key)
      : await askHelper(helper, key, source);
  const header = found === undefined ? {} : { ...found, serveraddress: key };
  return Buffer.from(JSON.stringify(header)).toString('base64url');
}

async function readConfig({ env, readFile }: CredentialSource): Promise<DockerConfig> {
  const path = join(env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? homedir(), '.docker'), 'config.json');
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new SwarmrollError('failed', `cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
  try {
    return JSON.parse(Buffer.from(bytes).toString()) as DockerConfig;
  } catch {
    // The parser's own message quotes what it read.
    throw new SwarmrollError('failed', `${path} is not valid JSON`, {
      hint: 'log in again with: docker login',
    });
  }
}

/** Keys may be written as addresses: `https://registry.example.com/v1/`. */
function fromAuths(auths: Readonly<Record<string, StoredAuth>>, key: string): Credentials | undefined {
  const host = (address: string): string => address.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
  const stored = auths[key] ?? Object.entries(auths).find(([address]) => host(address) === host(key))?.[1];
  if (stored === undefined) return undefined;
  const { auth = '', identitytoken } = stored;
  const [, username = '', password = ''] =
    /^([^:]*):(.*)$/s.exec(Buffer.from(auth, 'base64').toString()) ?? [];
  return {
    ...(username === '' ? {} : { username, password: password.replace(/\0+$/, '') }),
    ...(identitytoken === undefined ? {} : { identitytoken }),
  };
}

async function askHelper(
  helper: string,
  key: string,
  { env }: CredentialSource,
): Promise<Credentials | undefined> {
  const program = `docker-credential-${helper}`;
  const failed = (why: string): SwarmrollError =>
    new SwarmrollError('failed', `the credential helper ${program} ${why}`, {
      hint: 'it is named in config.json (credsStore, credHelpers)',
    });
  const child = spawn(program, ['get'], {
    env,
    stdio: ['pipe', 'pipe', 'ignore'],
    signal: AbortSignal.timeout(HELPER_PATIENCE),
  });
  child.stdin.on('error', () => undefined).end(`${key}\n`);
  const [output, code] = await Promise.all([
    text(child.stdout),
    new Promise<number | null>((resolve, reject) => {
      child.on('error', (error: NodeJS.ErrnoException) =>
        reject(failed(error.code === 'ENOENT' ? 'is not on the PATH' : 'gave no answer in time')),
      );
      child.on('close', resolve);
    }),
  ]);
  if (code !== 0) {
    if (/credentials not found/i.test(output)) return undefined;
    throw failed(`failed with exit code ${code ?? 'none'}`);
  }
  const reply = parseReply(output);
  if (reply === undefined) throw failed('answered with something that is not a credential');
  return reply.Username === '<token>'
    ? { identitytoken: reply.Secret }
    : { username: reply.Username, password: reply.Secret };
}

function parseReply(output: string): { Username: string; Secret: string } | undefined {
  try {
    const { Username, Secret } = JSON.parse(output) as Record<string, unknown>;
    return typeof Username === 'string' && typeof Secret === 'string' ? { Username, Secret } : undefined;
  } catch {
    return undefined;
  }
}
