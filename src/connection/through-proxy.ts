/** Connections that go through a proxy. */
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { authority } from './address.ts';
import type { TcpAddress } from './address.ts';
import { AS_SOCKET } from './as-socket.ts';
import type { Headers } from './http-headers.ts';
import type { Proxy } from './proxy.ts';
import { PROXY_FAILED, explainConnection } from './unreachable.ts';
import type { ConnectionError } from './unreachable.ts';

/** What a transport is made of. */
export interface Way {
  readonly open: () => Duplex;
  /** What comes before the path of every request. */
  readonly prefix: string;
  /** What every request carries for the proxy. */
  readonly headers: Headers;
}

/**
 * The way to an engine through a proxy, as Go's HTTP client takes it: where the engine speaks TLS, a tunnel (CONNECT);
 * else requests for the whole URL, which the proxy makes in our place. A SOCKS proxy makes a tunnel for both.
 * @param secure speaks TLS over a socket that leads to the engine; undefined for plain text
 */
export function throughProxy(
  proxy: Proxy,
  address: Required<TcpAddress>,
  secure: ((socket: net.Socket) => TLSSocket) | undefined,
): Way {
  if (secure === undefined && proxy.kind !== 'socks5') {
    const { authorization } = proxy;
    return {
      open: () => connectionOf((signal) => toProxy(proxy, signal)),
      prefix: `http://${authority(address)}${address.prefix}`,
      headers: authorization === undefined ? {} : { 'Proxy-Authorization': authorization },
    };
  }
  const open = async (signal: AbortSignal): Promise<net.Socket> => {
    const socket = await toProxy(proxy, signal);
    await tunnel(socket, proxy, address);
    return secure === undefined ? socket : opened(secure(socket), 'secureConnect', signal);
  };
  return { open: () => connectionOf(open), prefix: address.prefix, headers: {} };
}

async function toProxy(proxy: Proxy, signal: AbortSignal): Promise<net.Socket> {
  const { kind, host, port, shown } = proxy;
  const tls = kind === 'https' ? { verify: true } : undefined;
  try {
    if (tls === undefined) return await opened(net.connect({ host, port, noDelay: true }), 'connect', signal);
    const { tlsOpener } = await import('./tls.ts');
    return await opened(tlsOpener({ host, port }, tls, { shown })(), 'secureConnect', signal);
  } catch (error) {
    const address = { kind: 'tcp', host, port, prefix: '', secure: false } as const;
    throw failure(proxy, explainConnection(error as ConnectionError, { address, shown, tls }).reason);
  }
}

/** A socket once it is ready. The signal, which is that of one connection, ends it then too. */
async function opened<T extends net.Socket>(socket: T, ready: string, signal: AbortSignal): Promise<T> {
  signal.addEventListener('abort', () => socket.destroy(), { once: true });
  // Whoever waits for the next step hears of its end.
  socket.on('error', () => undefined);
  await once(socket, ready, { signal });
  return socket;
}

/** Has the proxy connect a socket to an address. */
async function tunnel(socket: net.Socket, proxy: Proxy, address: Required<TcpAddress>): Promise<void> {
  try {
    if (proxy.kind === 'socks5') await (await import('./socks.ts')).socksConnect(socket, proxy, address);
    else await httpConnect(socket, proxy, authority(address));
  } catch (error) {
    throw failure(proxy, (error as Error).message);
  }
}

function httpConnect(socket: net.Socket, { authorization }: Proxy, target: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const login = authorization === undefined ? {} : { 'Proxy-Authorization': authorization };
    const request = http.request({
      method: 'CONNECT',
      path: target,
      headers: { Host: target, Connection: 'keep-alive', ...login },
      createConnection: () => socket,
    });
    request.on('connect', ({ statusCode = 0, statusMessage = '' }: http.IncomingMessage, _, rest: Buffer) => {
      if (statusCode < 200 || statusCode > 299) {
        const why = statusCode === 407 ? 'it wants a login' : `HTTP ${statusCode} ${statusMessage}`;
        reject(new Error(`no way to ${target}: ${why}`));
        return;
      }
      socket.unshift(rest);
      resolve();
    });
    request.on('error', reject);
    request.end();
  });
}

const failure = ({ shown, variable }: Proxy, why: string): Error =>
  Object.assign(new Error(`the proxy ${shown} (${variable}): ${why}`), { code: PROXY_FAILED });

/** A connection at once, of a socket that is still being made: what is written to it waits. */
function connectionOf(make: (signal: AbortSignal) => Promise<net.Socket>): Duplex {
  const gone = new AbortController();
  let socket: net.Socket | undefined;
  let waiting: ((socket: net.Socket) => void) | undefined;
  /** A stream has one write, or its end, under way at a time. */
  const withSocket = (use: (socket: net.Socket) => void): void => {
    if (socket === undefined) waiting = use;
    else use(socket);
  };
  const connection = new Duplex({
    allowHalfOpen: false,
    read: () => void socket?.resume(),
    write: (chunk: Buffer, _encoding, done) => withSocket((made) => made.write(chunk, done)),
    final: (done) => withSocket((made) => made.end(done)),
    destroy: (error, done) => {
      gone.abort();
      done(error);
    },
  });
  make(gone.signal).then(
    (made) => {
      socket = made;
      made.on('data', (chunk) => {
        if (!connection.push(chunk)) made.pause();
      });
      made.on('end', () => connection.push(null));
      made.on('error', (error) => connection.destroy(error));
      waiting?.(made);
    },
    (error: unknown) => connection.destroy(error as Error),
  );
  return Object.assign(connection, AS_SOCKET);
}
