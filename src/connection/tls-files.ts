/** The files that TLS is spoken with: those that flags and environment name, or those of a context. */
import { join } from 'node:path';
import { SwarmrollError } from '../errors.ts';
import type { ContextEndpoint } from './contexts.ts';
import { configDirOf, readIfThere } from './docker-config.ts';
import type { ConfigSource } from './docker-config.ts';

/** What the command line says of TLS; undefined where a flag was not given. Paths may be "", for none. */
export interface TlsOptions {
  readonly tls?: boolean | undefined;
  readonly tlsVerify?: boolean | undefined;
  readonly tlsCaCert?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
}

/** What TLS is spoken with; the files are PEM. */
export interface TlsMaterial {
  /** Without an authority, those that the system trusts count. */
  readonly ca?: Uint8Array | undefined;
  readonly client?: { readonly cert: Uint8Array; readonly key: Uint8Array } | undefined;
  /** Whether the engine's certificate is verified. */
  readonly verify: boolean;
}

type Env = ConfigSource['env'];

/** Whether a variable of the environment says something; to docker an empty one is none. */
export const isSet = (value: string | undefined): boolean => value !== undefined && value !== '';

/** Whether flags or environment ask for TLS. Like docker, even --tlsverify=false does: with TLS, unverified. */
export function asksTls({ tls, tlsVerify }: TlsOptions, env: Env): boolean {
  return tlsVerify !== undefined || isSet(env['DOCKER_TLS_VERIFY']) || (tls ?? isSet(env['DOCKER_TLS']));
}

/**
 * The files of --tlscacert, --tlscert and --tlskey, by default ca.pem, cert.pem and key.pem in DOCKER_CERT_PATH or
 * the folder of docker's settings. Like docker, of the default ones only the authority's has to be there.
 * @throws SwarmrollError `failed` for a file that is not there or can't be read
 */
export async function tlsOfFlags(
  options: TlsOptions,
  source: Pick<ConfigSource, 'env' | 'readFile'>,
): Promise<TlsMaterial> {
  const { env, readFile } = source;
  const dir = env['DOCKER_CERT_PATH'] || configDirOf({ env });
  const read = async (named: string | undefined, usual: string, required: boolean) => {
    if (named === '') return undefined;
    const path = named ?? join(dir, usual);
    const bytes = await readIfThere(path, { readFile });
    if (bytes === undefined && (required || named !== undefined)) {
      throw new SwarmrollError('failed', `cannot speak TLS: there is no file ${path}`, {
        hint: 'name the files with --tlscacert, --tlscert and --tlskey, or their folder with DOCKER_CERT_PATH',
      });
    }
    return bytes;
  };
  const [ca, cert, key] = await Promise.all([
    read(options.tlsCaCert, 'ca.pem', true),
    read(options.tlsCert, 'cert.pem', false),
    read(options.tlsKey, 'key.pem', false),
  ]);
  return { ca, ...clientOf(cert, key), verify: options.tlsVerify ?? isSet(env['DOCKER_TLS_VERIFY']) };
}

/** The files of a context; undefined where it has none, and so speaks plain text. */
export async function tlsOfContext(
  { tlsDir, skipTlsVerify }: ContextEndpoint,
  source: Pick<ConfigSource, 'readFile'>,
): Promise<TlsMaterial | undefined> {
  const [ca, cert, key] = await Promise.all(
    ['ca.pem', 'cert.pem', 'key.pem'].map((name) => readIfThere(join(tlsDir, name), source)),
  );
  if (ca === undefined && cert === undefined && key === undefined && !skipTlsVerify) return undefined;
  return { ca, ...clientOf(cert, key), verify: !skipTlsVerify };
}

/** Like docker's, a certificate without its key is none. */
function clientOf(cert: Uint8Array | undefined, key: Uint8Array | undefined): Pick<TlsMaterial, 'client'> {
  return cert === undefined || key === undefined ? {} : { client: { cert, key } };
}
