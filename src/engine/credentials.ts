/** Registry credentials, from where `docker login` keeps them: config.json, or the helper that it names. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { SwarmrollError } from '../errors.ts';
import { parseReference } from '../values/reference.ts';
import { readConfig } from './docker-config.ts';
import type { ConfigSource, StoredAuth } from './docker-config.ts';

interface Credentials {
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
}

/** Docker Hub's credentials are kept under the address of its first index. */
const HUB_KEY = 'https://index.docker.io/v1/';
/** Milliseconds that a credential helper may take. */
const HELPER_PATIENCE = 30_000;

/**
 * The value of the X-Registry-Auth header for an image's registry; that of no credentials where there are none.
 * @throws SwarmrollError `failed` when config.json or a helper can't be read; it never holds a credential
 */
export async function registryAuth(image: string, source: ConfigSource): Promise<string> {
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
  { env }: ConfigSource,
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
