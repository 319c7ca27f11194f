/**
 * Chooses the proxy from the environment by the rules of Go's HTTP client, which docker uses for tcp:// (go-connections
 * sockets/sockets.go, ConfigureTransport; golang.org/x/net/http/httpproxy): HTTP_PROXY, HTTPS_PROXY for TLS, and
 * NO_PROXY. Lower-case names work too; upper case takes precedence.
 */
import { BlockList, isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { usageError } from '../errors.ts';
import { authority, unbracketed } from './address.ts';
import type { TcpAddress } from './address.ts';

export interface Proxy {
  readonly kind: 'http' | 'https' | 'socks5';
  /** A host name or an IP address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** The value of the Proxy-Authorization header; undefined without a login. */
  readonly authorization?: string;
  readonly user?: string;
  readonly password?: string;
  /** "http://host:port", without user and password. */
  readonly shown: string;
  /** The environment variable that it is from. */
  readonly variable: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** URL scheme → the kind of proxy and its default port. */
const KINDS: Readonly<Record<string, readonly [kind: Proxy['kind'], port: number]>> = {
  'http:': ['http', 80],
  'https:': ['https', 443],
  'socks5:': ['socks5', 1080],
  // Go lets every SOCKS proxy resolve host names, so socks5 and socks5h are the same.
  'socks5h:': ['socks5', 1080],
};

/**
 * The proxy for an engine's address; undefined for a direct connection.
 * @param tls whether the connection to the engine uses TLS
 * @throws SwarmrollError `usage` when the variable's value is not a proxy's address. The error does not contain the
 * value.
 */
export function proxyFor({ host, port }: Required<TcpAddress>, tls: boolean, env: Env): Proxy | undefined {
  const [variable, text] = variableOf(tls ? 'HTTPS_PROXY' : 'HTTP_PROXY', env);
  if (text === '' || isDirect(host.toLowerCase(), port, variableOf('NO_PROXY', env)[1])) return undefined;
  return readProxy(text, variable);
}

/** The variable's name and value: the upper-case name unless it is empty, else the lower-case name. */
function variableOf(name: string, env: Env): readonly [name: string, text: string] {
  const lower = name.toLowerCase();
  return (env[name] ?? '') === '' ? [lower, env[lower] ?? ''] : [name, env[name] ?? ''];
}

function readProxy(text: string, variable: string): Proxy {
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  const [kind, defaultPort] = KINDS[url?.protocol ?? ''] ?? [];
  if (url === null || url.hostname === '' || kind === undefined || defaultPort === undefined) {
    throw usageError(
      `${variable} is not the address of a proxy`,
      'write it as http://[USER:PASSWORD@]HOST:PORT with special characters of the password as %XX, or unset it',
    );
  }
  const host = unbracketed(url.hostname);
  const port = url.port === '' ? defaultPort : Number(url.port);
  const [user, password] = [decoded(url.username), decoded(url.password)];
  const login = Buffer.from(`${user}:${password}`).toString('base64');
  return {
    kind,
    host,
    port,
    ...(user === '' && password === '' ? {} : { authorization: `Basic ${login}`, user, password }),
    shown: `${url.protocol}//${authority({ host, port })}`,
    variable,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Whether a host is connected to directly: the local machine always is, and the hosts in NO_PROXY are. */
function isDirect(host: string, port: number, noProxy: string): boolean {
  const family = isIP(host) === 6 ? 'ipv6' : 'ipv4';
  const isAddress = isIP(host) !== 0;
  if (host === 'localhost' || (isAddress && LOOPBACK.check(host, family))) return true;
  return noProxy.split(',').some((one) => {
    const entry = one.trim().toLowerCase();
    if (entry === '' || entry === '*') return entry === '*';
    const [, base = '', bits = ''] = /^([^/]*)\/(\d+)$/.exec(entry) ?? [];
    if (isSubnet(base, Number(bits))) return isAddress && subnet(base, Number(bits)).check(host, family);
    const [, bracketed, name, entryPort = ''] = /^(?:\[(.*)\]|([^:]*)):([^:]*)$/.exec(entry) ?? [];
    const named = bracketed ?? name ?? entry;
    if (named === '' || (entryPort !== '' && entryPort !== String(port))) return false;
    if (isIP(named) !== 0)
      return isAddress && subnet(named, isIP(named) === 6 ? 128 : 32).check(host, family);
    return !isAddress && isInDomain(host, named);
  });
}

const subnet = (base: string, bits: number): BlockList => {
  const list = new BlockList();
  list.addSubnet(base, bits, isIP(base) === 6 ? 'ipv6' : 'ipv4');
  return list;
};

const LOOPBACK = subnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

const isSubnet = (base: string, bits: number): boolean =>
  isIP(base) !== 0 && bits <= (isIP(base) === 6 ? 128 : 32);

/** "corp" matches the host corp and its subdomains; ".corp" and "*.corp" match the subdomains only. */
function isInDomain(host: string, named: string): boolean {
  const [, subdomainsOnly = '', domain = ''] = /^(\*?\.)?(.*)$/.exec(named) ?? [];
  const ascii = domainToASCII(domain) || domain;
  return host.endsWith(`.${ascii}`) || (subdomainsOnly === '' && host === ascii);
}
