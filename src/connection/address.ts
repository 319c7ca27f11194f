/** Addresses of engines, as -H, DOCKER_HOST and contexts hold them: texts to places. */
import { isIPv6 } from 'node:net';
import { printable } from '../values/printable.ts';
import { InvalidValue } from '../values/value.ts';

export type Address = SocketAddress | TcpAddress | SshAddress;

/** A unix socket, or a named pipe of Windows. */
export interface SocketAddress {
  readonly kind: 'socket';
  readonly path: string;
}

export interface TcpAddress {
  readonly kind: 'tcp';
  /** A name or an IP address, without brackets. */
  readonly host: string;
  /** Undefined where the address names none: what it then is depends on who gave the address. */
  readonly port?: number;
  /** What comes before every request's path: "" or "/engine". */
  readonly prefix: string;
  /** Whether the address itself asks for TLS (https://). */
  readonly secure: boolean;
}

export interface SshAddress {
  readonly kind: 'ssh';
  readonly user?: string;
  /** As ssh takes it: a name, an alias of ~/.ssh/config or an IP address without brackets. */
  readonly host: string;
  readonly port?: number;
  /** The engine's socket over there, where it is not the default one. */
  readonly socket?: string;
}

export const DEFAULT_SOCKET = 'unix:///var/run/docker.sock';
export const DEFAULT_PIPE = 'npipe:////./pipe/docker_engine';

/**
 * Reads an address. Like docker: without a scheme it is tcp, without a host it is localhost, and the path of a
 * socket is taken as it is written.
 * @param platform Node's name of the system: named pipes are Windows' alone
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
 * An address without secrets, to be shown. A password may hold anything, and then the address is no longer one: all
 * between the first colon behind the scheme and the last @ is left out.
 */
export function withoutPassword(text: string): string {
  const [, scheme = '', rest = ''] = /^((?:[^/]*?:\/\/)?)(.*)$/s.exec(text) ?? [];
  return scheme + rest.replace(/:.*@/s, ':***@');
}

/** The address as a person would write it, printable and without what looks like a password. */
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
      const who = user === undefined ? '' : `${user}@`;
      return printable(withoutPassword(`ssh://${who}${authority(address)}${socket}`));
    }
  }
}

/** "host:port", with brackets where they belong. */
export function authority({ host, port }: { readonly host: string; readonly port?: number }): string {
  return `${host.includes(':') ? `[${host}]` : host}${port === undefined ? '' : `:${port}`}`;
}

/** What a person types to get to a host by ssh. */
export function sshCommand({ user, host, port }: SshAddress): string {
  return `ssh ${port === undefined ? '' : `-p ${port} `}${user === undefined ? '' : `${user}@`}${host}`;
}

function tcpAddress(rest: string, secure: boolean): TcpAddress {
  if (rest.startsWith('/')) throw new InvalidValue('has no host: the address of a socket is unix://PATH');
  // Node takes 4 ms to make ready for its first isIPv6.
  const written =
    /:.*:/.test(rest) && isIPv6(rest) ? `[${rest}]` : /^(:|$)/.test(rest) ? `localhost${rest}` : rest;
  // Under a scheme that URL has no port for, it keeps port 80 as any other.
  const url = URL.parse(`tcp://${written}`);
  if (url === null || url.hostname === '') throw new InvalidValue('is not an address of an engine');
  return {
    kind: 'tcp',
    host: unbracketed(url.hostname),
    ...portOf(url),
    prefix: url.pathname.replace(/\/$/, ''),
    secure,
  };
}

/** The same refusals as docker's: what ssh would not get is not taken. */
function sshAddress(rest: string): SshAddress {
  const url = URL.parse(`ssh://${rest}`);
  if (url === null || url.hostname === '') throw new InvalidValue('has no host, or one that ssh cannot take');
  // "ann:12/secret@host" reads as port 12 of the host "ann".
  const isCutOff = url.username === '' && url.port !== '' && url.pathname.includes('@');
  if (url.password !== '' || isCutOff)
    throw new InvalidValue('holds a password: ssh takes none, use a key or an agent');
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

const unbracketed = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new InvalidValue('has a % that is no escape');
  }
}
