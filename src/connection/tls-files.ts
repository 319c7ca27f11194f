/** Reads the certificates and keys for TLS: the files of flags and environment variables, or those of a context. */
import { join } from 'node:path';
import { SwarmrollError } from '../errors.ts';
import type { ContextEndpoint } from './contexts.ts';
import { configDirOf, readIfThere } from './docker-config.ts';
import type { ConfigSource } from './docker-config.ts';

/** The TLS flags of the command line; undefined when a flag was not given. An empty path means no file. */
export interface TlsOptions {
  readonly tls?: boolean | undefined;
  readonly tlsVerify?: boolean | undefined;
  readonly tlsCaCert?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
}

/** Certificates and keys for TLS, as PEM. */
export interface TlsMaterial {
  /** The certificate of the authority; undefined for the authorities that the system trusts. */
  readonly ca?: Uint8Array | undefined;
  /** The client certificate and its key. */
  readonly client?: { readonly cert: Uint8Array; readonly key: Uint8Array } | undefined;
  /** Whether the engine's certificate is verified. */
  readonly verify: boolean;
}

type Env = ConfigSource['env'];

/** Whether an environment variable is set. Like docker, an empty variable counts as not set. */
export const isSet = (value: string | undefined): boolean => value !== undefined && value !== '';

/**
 * Whether flags or environment variables ask for TLS. Like docker, --tlsverify=false does too: TLS without
 * verification.
 */
export function asksTls({ tls, tlsVerify }: TlsOptions, env: Env): boolean {
  return tlsVerify !== undefined || isSet(env['DOCKER_TLS_VERIFY']) || (tls ?? isSet(env['DOCKER_TLS']));
}

/**
 * Reads the files of --tlscacert, --tlscert and --tlskey. The defaults are ca.pem, cert.pem and key.pem in
 * DOCKER_CERT_PATH or in docker's config folder. Like docker, the default cert.pem and key.pem may be missing, but
 * ca.pem must exist.
 * @throws SwarmrollError `failed` when a file is missing or can't be read
 */
export async function tlsOfFlags(
  options: TlsOptions,
  source: Pick<ConfigSource, 'env' | 'readFile'>,
): Promise<TlsMaterial> {
  const { env, readFile } = source;
  const dir = env['DOCKER_CERT_PATH'] || configDirOf({ env });
  const read = async (flag: string | undefined, defaultName: string, required: boolean) => {
    if (flag === '') return undefined;
    const path = flag ?? join(dir, defaultName);
    const bytes = await readIfThere(path, { readFile });
    if (bytes === undefined && (required || flag !== undefined)) {
      throw new SwarmrollError('failed', `cannot use TLS: there is no file ${path}`, {
        hint: 'give the files with --tlscacert, --tlscert and --tlskey, or their folder with DOCKER_CERT_PATH',
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

/** Reads the files of a context; undefined when the context does not use TLS. */
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

/** Like docker, it ignores a certificate without a key, and a key without a certificate. */
function clientOf(cert: Uint8Array | undefined, key: Uint8Array | undefined): Pick<TlsMaterial, 'client'> {
  return cert === undefined || key === undefined ? {} : { client: { cert, key } };
}
