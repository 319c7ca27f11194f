/** Parses and prints the addresses of engines that -H, DOCKER_HOST and contexts contain. */
import { printable } from '../values/printable.ts';
import { InvalidValue } from '../values/value.ts';

export type Address = SocketAddress | TcpAddress | SshAddress;

/** A unix socket, or a named pipe on Windows. */
export interface SocketAddress {
  readonly kind: 'socket';
  readonly path: string;
}

export interface TcpAddress {
  readonly kind: 'tcp';
  /** A host name or an IP address; IPv6 without brackets. */
  readonly host: string;
  /** Undefined when the address has none. The default then depends on where the address is from (connection.ts). */
  readonly port?: number;
  /** The prefix of every request's path: "" or "/engine". */
  readonly prefix: string;
  /** Whether the scheme itself asks for TLS (https://). */
  readonly secure: boolean;
}

export interface SshAddress {
  readonly kind: 'ssh';
  readonly user?: string;
  /** A host name, an alias from ~/.ssh/config, or an IP address; IPv6 without brackets. */
  readonly host: string;
  readonly port?: number;
  /** The path of the engine's socket on the remote host; undefined for the default socket. */
  readonly socket?: string;
}

export const DEFAULT_SOCKET = 'unix:///var/run/docker.sock';
export const DEFAULT_PIPE = 'npipe:////./pipe/docker_engine';

/**
 * Parses an address by docker's rules: the default scheme is tcp, the default host is localhost, and the path of a
 * socket is not decoded (docker/cli opts/hosts.go, ParseHost).
 * @param platform `process.platform`: only "win32" has named pipes
 * @throws InvalidValue
 */
export function parseAddress(text: string, platform: string): Address {
  const [, scheme = 'tcp', rest = ''] = /^(?:([^/]*?):\/\/)?(.*)$/s.exec(text.trim()) ?? [];
  switch (scheme) {
    case 'unix':
      return { kind: 'socket', path: rest === '' ? DEFAULT_SOCKET.slice('unix://'.length) : rest };
    case 'npipe':
      if (platform !== 'win32') throw new InvalidValue('is a named pipe, which only Windows has');
      return { kind: 'socket', path: rest.replaceAll('/', '\\') };
    case 'tcp':
    case 'http':
    case 'https':
      return tcpAddress(rest, scheme === 'https');
    case 'ssh':
      return sshAddress(rest);
    default:
      throw new InvalidValue('is not an address of an engine');
  }
}

/**
 * Hides the password of an address. The address may be invalid, because a password can contain any character. So
 * everything between the first colon after the scheme and the last @ is replaced.
 */
export function withoutPassword(text: string): string {
  const [, scheme = '', rest = ''] = /^((?:[^/]*?:\/\/)?)(.*)$/s.exec(text) ?? [];
  return scheme + rest.replace(/:.*@/s, ':***@');
}

/**
 * An address for a command that a hint names. User and password of a tcp address are left out, because the parser
 * ignores them. An ssh address keeps its user.
 */
export function withoutLogin(text: string): string {
  if (!text.includes('@')) return text;
  try {
    const address = parseAddress(text, 'win32');
    return address.kind === 'tcp' ? shownAddress(address) : text;
  } catch {
    return withoutPassword(text);
  }
}

/** The address as people write it: printable, with a password hidden. */
export function shownAddress(address: Address): string {
  switch (address.kind) {
    case 'socket': {
      const { path } = address;
      return printable(path.startsWith('\\\\') ? `npipe://${path.replaceAll('\\', '/')}` : `unix://${path}`);
    }
    case 'tcp': {
      const { secure, prefix } = address;
      return printable(withoutPassword(`${secure ? 'https' : 'tcp'}://${authority(address)}${prefix}`));
    }
    case 'ssh': {
      const { user, socket = '' } = address;
      const login = user === undefined ? '' : `${user}@`;
      return printable(withoutPassword(`ssh://${login}${authority(address)}${socket}`));
    }
  }
}

/** "host:port", with brackets around an IPv6 address; "host" when there is no port. */
export function authority({ host, port }: { readonly host: string; readonly port?: number }): string {
  return `${host.includes(':') ? `[${host}]` : host}${port === undefined ? '' : `:${port}`}`;
}

/** The ssh command that connects to a host, for hints: "ssh -p 22 ann@host". */
export function sshCommand({ user, host, port }: SshAddress): string {
  return `ssh ${port === undefined ? '' : `-p ${port} `}${user === undefined ? '' : `${user}@`}${host}`;
}

function tcpAddress(rest: string, secure: boolean): TcpAddress {
  if (rest.startsWith('/')) throw new InvalidValue('has no host: the address of a socket is unix://PATH');
  // node:net has isIPv6, but takes 4 ms of every start: Bun loads the module, Node calls it for the first time.
  const withHost =
    /^[^@]*:[^@]*:[^@]*$/.test(rest) && URL.canParse(`http://[${rest}]`)
      ? `[${rest}]`
      : /^(:|$)/.test(rest)
        ? `localhost${rest}`
        : rest;
  // URL drops a scheme's default port. It knows none for tcp, so port 80 is kept.
  const url = URL.parse(`tcp://${withHost}`);
  if (url === null || url.hostname === '') throw new InvalidValue('is not an address of an engine');
  return {
    kind: 'tcp',
    host: unbracketed(url.hostname),
    ...portOf(url),
    prefix: url.pathname.replace(/\/$/, ''),
    secure,
  };
}

/** Parses what follows "ssh://". Like docker, it refuses parts that ssh does not get. */
function sshAddress(rest: string): SshAddress {
  const url = URL.parse(`ssh://${rest}`);
  if (url === null || url.hostname === '') throw new InvalidValue('has no host, or its host is not valid');
  // In "ann:12/secret@host" the password contains a slash, and URL parses it as host "ann", port 12.
  const isPasswordWithSlash = url.username === '' && url.port !== '' && url.pathname.includes('@');
  if (url.password !== '' || isPasswordWithSlash)
    throw new InvalidValue(
      'contains a password: ssh does not accept one in the address, use a key or an ssh agent',
    );
  if (url.search !== '' || url.hash !== '') throw new InvalidValue('has more than user, host, port and path');
  const user = decoded(url.username);
  const socket = decoded(url.pathname);
  return {
    kind: 'ssh',
    ...(user === '' ? {} : { user }),
    host: unbracketed(decoded(url.hostname)),
    ...portOf(url),
    ...(socket === '' || socket === '/' ? {} : { socket }),
  };
}

const portOf = ({ port }: URL): { port?: number } => (port === '' ? {} : { port: Number(port) });

/** An IPv6 address without its brackets, as node:net takes it; other hosts as they are. */
export const unbracketed = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new InvalidValue('contains a % that does not start an escape like %20');
  }
}
