/**
 * Which engine to talk to, in docker's order: -H or --context, DOCKER_HOST, DOCKER_CONTEXT, the current context of
 * config.json, the default socket. Files are read only where that order gets to them.
 */
import { SwarmrollError, usageError } from '../errors.ts';
import { InvalidValue } from '../values/value.ts';
import { DEFAULT_PIPE, DEFAULT_SOCKET, parseAddress, shownAddress, withoutPassword } from './address.ts';
import type { Address, SocketAddress, SshAddress, TcpAddress } from './address.ts';
import { readConfig } from './docker-config.ts';
import type { ConfigSource } from './docker-config.ts';
import { customHeaders } from './http-headers.ts';
import type { Headers } from './http-headers.ts';
import type { Proxy } from './proxy.ts';
import { asksTls, isSet, tlsOfContext, tlsOfFlags } from './tls-files.ts';
import type { TlsMaterial, TlsOptions } from './tls-files.ts';

/** What the command line says of the connection; undefined or empty where a flag was not given. */
export interface ConnectionOptions extends TlsOptions {
  readonly hosts?: readonly string[] | undefined;
  readonly context?: string | undefined;
  readonly configDir?: string | undefined;
}

/** What may be asked of the machine that the command was typed on. */
export interface ConnectionSource extends Omit<ConfigSource, 'configDir'> {
  /** Node's name of the system: "linux", "win32". */
  readonly platform: string;
}

/** Where an engine answers, and how it is to be spoken to. */
export interface Endpoint {
  readonly address: SocketAddress | SshAddress | Required<TcpAddress>;
  /** The address as a person would write it. */
  readonly shown: string;
  /** Who named it: "-H", "DOCKER_HOST", 'context "prod"'; undefined for the default socket. */
  readonly namedBy?: string | undefined;
  /** What TLS is spoken with; undefined for plain text. */
  readonly tls?: TlsMaterial | undefined;
  /** What the connection goes through; undefined where it goes straight there. */
  readonly proxy?: Proxy | undefined;
  /** What every request carries beside its own; secrets may be in it. */
  readonly headers?: Headers | undefined;
  /** DOCKER_API_VERSION, "1.41"; undefined for the engine's own. */
  readonly apiVersion?: string | undefined;
}

/** The context that is no stored one: DOCKER_HOST, or the default socket. */
const DEFAULT_CONTEXT = 'default';

/** Docker's ports where an address names none. */
const PORT = 2375;
const TLS_PORT = 2376;
/** In a context that is an address for a web client, which has other ones. */
const CONTEXT_PORT = 80;
const CONTEXT_TLS_PORT = 443;

/**
 * The engine that the options, the environment and docker's settings name.
 * @throws SwarmrollError `usage` for what can't be, `notFound` for a context that is not there, `failed` for a file
 * that can't be read
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

/** Like docker's, sockets and ssh need none; where the environment has none, nothing is loaded for them. */
async function proxyOf({ address, tls }: Endpoint, env: ConnectionSource['env']): Promise<Proxy | undefined> {
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'];
  if (address.kind !== 'tcp' || !names.some((name) => isSet(env[name]))) return undefined;
  const { proxyFor } = await import('./proxy.ts');
  return proxyFor(address, tls !== undefined, env);
}

/** The context to use: "default" where an address goes before all contexts. */
async function contextName(options: ConnectionOptions, config: ConfigSource): Promise<string> {
  const { hosts = [], context = '' } = options;
  const [host, second] = hosts;
  if (second !== undefined) throw usageError('-H can be given only once');
  if (host !== undefined && context !== '')
    throw usageError('-H and --context each name an engine: only one of them can be given');
  if (context !== '') return context;
  if (host !== undefined || isSet(config.env['DOCKER_HOST'])) return DEFAULT_CONTEXT;
  return config.env['DOCKER_CONTEXT'] || (await currentContext(config)) || DEFAULT_CONTEXT;
}

async function currentContext(config: ConfigSource): Promise<string | undefined> {
  const { currentContext: name } = await readConfig(config);
  return typeof name === 'string' ? name : undefined;
}

/** -H, DOCKER_HOST or the default socket; TLS as flags and environment say. */
async function byAddress(options: ConnectionOptions, source: ConnectionSource): Promise<Endpoint> {
  const { env, platform } = source;
  const [host] = options.hosts ?? [];
  const namedBy = host !== undefined ? '-H' : isSet(env['DOCKER_HOST']) ? 'DOCKER_HOST' : undefined;
  const asked = asksTls(options, env);
  const text = (host ?? env['DOCKER_HOST'] ?? '').trim() || defaultAddress(platform, asked);
  const address = readAddress(text, platform, (why) =>
    usageError(`${namedBy ?? 'the default'}: ${why}`, ADDRESSES),
  );
  if (address.kind !== 'tcp') return { address, shown: shownAddress(address), namedBy };
  const port = address.port ?? (address.secure ? TLS_PORT : PORT);
  // An https:// of its own is a web server's: verified by who the system trusts.
  const wanted = asked ? options : { ...options, tlsVerify: true, tlsCaCert: options.tlsCaCert ?? '' };
  const tls = asked || address.secure ? await tlsOfFlags(wanted, source) : undefined;
  return { address: { ...address, port }, shown: shownAddress({ ...address, port }), namedBy, tls };
}

/** A stored context; flags and environment say nothing of its TLS. */
async function byContext(name: string, source: ConfigSource & ConnectionSource): Promise<Endpoint> {
  const { readContext } = await import('./contexts.ts');
  const context = await readContext(name, source);
  const namedBy = `context ${JSON.stringify(name)}`;
  const text = context.host.trim() || defaultAddress(source.platform, false);
  const address = readAddress(
    text,
    source.platform,
    (why) => new SwarmrollError('failed', `${namedBy}: ${why}`, { hint: ADDRESSES }),
  );
  if (address.kind !== 'tcp') return { address, shown: shownAddress(address), namedBy };
  const stored = await tlsOfContext(context, source);
  // Docker speaks plain text to an https:// without TLS files; we never do.
  const tls = stored ?? (address.secure ? { verify: true } : undefined);
  const port = address.port ?? (tls === undefined ? CONTEXT_PORT : CONTEXT_TLS_PORT);
  return { address: { ...address, port }, shown: shownAddress({ ...address, port }), namedBy, tls };
}

const ADDRESSES = 'write unix://PATH, tcp://HOST:PORT or ssh://[USER@]HOST[:PORT]';

function readAddress(text: string, platform: string, refuse: (why: string) => SwarmrollError): Address {
  try {
    return parseAddress(text, platform);
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    throw refuse(`${JSON.stringify(withoutPassword(text))} ${error.message}`);
  }
}

function defaultAddress(platform: string, tls: boolean): string {
  if (tls) return `tcp://localhost:${TLS_PORT}`;
  return platform === 'win32' ? DEFAULT_PIPE : DEFAULT_SOCKET;
}

/** DOCKER_API_VERSION; docker takes a v before it too. */
function pinnedApiVersion(env: ConnectionSource['env']): string | undefined {
  const text = env['DOCKER_API_VERSION'] ?? '';
  if (text === '') return undefined;
  const [, version] = /^v?(\d+\.\d+)$/.exec(text) ?? [];
  if (version !== undefined) return version;
  throw usageError(
    `DOCKER_API_VERSION: ${JSON.stringify(text)} is not an API version`,
    'write it as 1.41, or unset it to speak the version that the engine has',
  );
}
