/**
 * Chooses the engine in docker's order: -H or --context, DOCKER_HOST, DOCKER_CONTEXT, the current context of
 * config.json, the default socket (docker/cli cli/command/cli.go, resolveContextName). A file is read only when this
 * order needs it.
 */
import { SwarmrollError, usageError } from '../errors.ts';
import { shellWord } from '../values/shell-words.ts';
import { InvalidValue } from '../values/value.ts';
import { DEFAULT_PIPE, DEFAULT_SOCKET, parseAddress, shownAddress, withoutPassword } from './address.ts';
import type { Address, SocketAddress, SshAddress, TcpAddress } from './address.ts';
import { configPath, readConfig } from './docker-config.ts';
import type { ConfigSource } from './docker-config.ts';
import { customHeaders } from './http-headers.ts';
import type { Headers } from './http-headers.ts';
import type { Proxy } from './proxy.ts';
import { asksTls, isSet, tlsOfContext, tlsOfFlags } from './tls-files.ts';
import type { TlsMaterial, TlsOptions } from './tls-files.ts';

/** The connection flags of the command line; undefined or empty when a flag was not given. */
export interface ConnectionOptions extends TlsOptions {
  /** The values of -H. */
  readonly hosts?: readonly string[] | undefined;
  readonly context?: string | undefined;
  readonly configDir?: string | undefined;
}

/** The environment, the files and the platform of the local machine. */
interface ConnectionSource extends Omit<ConfigSource, 'configDir'> {
  /** `process.platform`: "linux", "win32". */
  readonly platform: string;
}

/** The address of an engine, and everything needed to connect to it. */
export interface Endpoint {
  readonly address: SocketAddress | SshAddress | Required<TcpAddress>;
  /** The address as it is shown to people. */
  readonly shown: string;
  /** Where the address is from: "-H", "DOCKER_HOST", 'context "prod"'; undefined for the default socket. */
  readonly namedBy?: string | undefined;
  /** Of a context with a tcp address: the docker command that sets its address again, "docker context update a --docker host=tcp://b:1". */
  readonly contextUpdate?: string | undefined;
  /** The TLS certificates and keys; undefined for a connection without TLS. */
  readonly tls?: TlsMaterial | undefined;
  /** The proxy; undefined for a direct connection. */
  readonly proxy?: Proxy | undefined;
  /** Additional headers of every request. They may contain secrets. */
  readonly headers?: Headers | undefined;
  /** DOCKER_API_VERSION, "1.41"; undefined to use the engine's own version. */
  readonly apiVersion?: string | undefined;
}

/** Docker's built-in context: -H, DOCKER_HOST or the default socket. It is not stored in a file. */
const DEFAULT_CONTEXT = 'default';

/** The default ports of -H and DOCKER_HOST. */
const PORT = 2375;
const TLS_PORT = 2376;
/** The default ports of an address in a context: there docker leaves the port to Go's HTTP client. */
const CONTEXT_PORT = 80;
const CONTEXT_TLS_PORT = 443;

/**
 * Finds the engine from the flags, the environment and docker's settings. Connects to nothing.
 * @throws SwarmrollError `usage` for an invalid flag or variable, `notFound` for a context that does not exist,
 * `failed` for a file that can't be read
 */
export async function findEndpoint(options: ConnectionOptions, source: ConnectionSource): Promise<Endpoint> {
  const config = { ...source, configDir: options.configDir };
  const apiVersion = pinnedApiVersion(source.env);
  const context = await contextName(options, config);
  const found =
    context === DEFAULT_CONTEXT ? await byAddress(options, source) : await byContext(context, config);
  const proxy = await proxyOf(found, source.env);
  return { ...found, apiVersion, proxy, headers: await customHeaders(config) };
}

/** The proxy for an endpoint. Like docker, sockets and ssh use none. proxy.ts is loaded only when a variable is set. */
async function proxyOf({ address, tls }: Endpoint, env: ConnectionSource['env']): Promise<Proxy | undefined> {
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'];
  if (address.kind !== 'tcp' || !names.some((name) => isSet(env[name]))) return undefined;
  const { proxyFor } = await import('./proxy.ts');
  return proxyFor(address, tls !== undefined, env);
}

/** The name of the context to use: "default" when -H or DOCKER_HOST gives an address. */
async function contextName(options: ConnectionOptions, config: ConfigSource): Promise<string> {
  const { hosts = [], context = '' } = options;
  const [host, second] = hosts;
  if (second !== undefined) throw usageError('-H can be given only once');
  if (host !== undefined && context !== '')
    throw usageError('-H and --context each choose an engine: give only one of them');
  if (context !== '') return context;
  if (host !== undefined || isSet(config.env['DOCKER_HOST'])) return DEFAULT_CONTEXT;
  const named: unknown = config.env['DOCKER_CONTEXT'] || (await readConfig(config)).currentContext || '';
  if (typeof named !== 'string')
    throw new SwarmrollError(
      'failed',
      `currentContext in ${configPath(config)} is not the name of a context`,
      {
        hint: 'correct the file, or choose the engine with -H or --context',
      },
    );
  return named || DEFAULT_CONTEXT;
}

/** The endpoint of -H, DOCKER_HOST or the default socket. Flags and environment variables decide about TLS. */
async function byAddress(options: ConnectionOptions, source: ConnectionSource): Promise<Endpoint> {
  const { env, platform } = source;
  const [host] = options.hosts ?? [];
  const namedBy = host !== undefined ? '-H' : isSet(env['DOCKER_HOST']) ? 'DOCKER_HOST' : undefined;
  const tlsAsked = asksTls(options, env);
  const text = (host ?? env['DOCKER_HOST'] ?? '').trim() || defaultAddress(platform, tlsAsked);
  const address = readAddress(text, platform, 'usage', namedBy);
  if (address.kind !== 'tcp') return { address, shown: shownAddress(address), namedBy };
  // With https:// alone, the certificate is verified with the system's authorities, like that of any web server.
  const tlsOptions = tlsAsked ? options : { ...options, tlsVerify: true, tlsCaCert: options.tlsCaCert ?? '' };
  const tls = tlsAsked || address.secure ? await tlsOfFlags(tlsOptions, source) : undefined;
  const found = { ...address, port: address.port ?? (address.secure ? TLS_PORT : PORT) };
  return { address: found, shown: shownAddress(found), namedBy, tls };
}

/** The endpoint of a stored context. Its own files decide about TLS; flags and environment variables don't. */
async function byContext(name: string, source: ConfigSource & ConnectionSource): Promise<Endpoint> {
  const { dockerContext, readContext } = await import('./contexts.ts');
  const context = await readContext(name, source);
  const namedBy = `context ${JSON.stringify(name)}`;
  const text = context.host.trim() || defaultAddress(source.platform, false);
  const address = readAddress(text, source.platform, 'failed', namedBy);
  if (address.kind !== 'tcp') return { address, shown: shownAddress(address), namedBy };
  const stored = await tlsOfContext(context, source);
  // For https:// without TLS files docker connects without TLS. This program always uses TLS for https://.
  const tls = stored ?? (address.secure ? { verify: true } : undefined);
  const found = { ...address, port: address.port ?? (tls === undefined ? CONTEXT_PORT : CONTEXT_TLS_PORT) };
  const shown = shownAddress(found);
  const contextUpdate = `${dockerContext(source)} update ${shellWord(name)} --docker host=${shown}`;
  return { address: found, shown, namedBy, contextUpdate, tls };
}

function readAddress(
  text: string,
  platform: string,
  kind: 'usage' | 'failed',
  namedBy = 'the default',
): Address {
  try {
    return parseAddress(text, platform);
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    const why = `${namedBy}: ${JSON.stringify(withoutPassword(text))} ${error.message}`;
    throw new SwarmrollError(kind, why, {
      hint: 'write unix://PATH, tcp://HOST:PORT or ssh://[USER@]HOST[:PORT]',
    });
  }
}

function defaultAddress(platform: string, tls: boolean): string {
  if (tls) return `tcp://localhost:${TLS_PORT}`;
  return platform === 'win32' ? DEFAULT_PIPE : DEFAULT_SOCKET;
}

/** DOCKER_API_VERSION as "1.41". Like docker, it accepts "v1.41" too. */
function pinnedApiVersion(env: ConnectionSource['env']): string | undefined {
  const text = env['DOCKER_API_VERSION'] ?? '';
  if (text === '') return undefined;
  const [, version] = /^v?(\d+\.\d+)$/.exec(text) ?? [];
  if (version !== undefined) return version;
  throw usageError(
    `DOCKER_API_VERSION: ${JSON.stringify(text)} is not an API version`,
    "write it like 1.41, or unset it to use the engine's own version",
  );
}
