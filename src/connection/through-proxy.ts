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

/** How to connect, and what the requests on these connections need. */
interface Route {
  readonly open: () => Duplex;
  /** The prefix of every request's path. */
  readonly prefix: string;
  /** Headers of every request, for the proxy. */
  readonly headers: Headers;
}

/**
 * The route to an engine through a proxy, the same as that of Go's HTTP client (net/http transport.go, dialConn). An
 * HTTP proxy gets a CONNECT request (a tunnel) when the engine uses TLS, else requests with the full URL. A SOCKS proxy
 * always makes a tunnel.
 * @param secure starts TLS on a socket that leads to the engine; undefined without TLS
 */
export function throughProxy(
  proxy: Proxy,
  address: Required<TcpAddress>,
  secure: ((socket: net.Socket) => TLSSocket) | undefined,
): Route {
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

/** A socket to the proxy. @throws Error (code PROXY_FAILED) when the proxy can't be reached */
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

/** Waits until a socket is ready. When `signal` aborts, also later, the socket is destroyed. */
async function opened<T extends net.Socket>(socket: T, ready: string, signal: AbortSignal): Promise<T> {
  signal.addEventListener('abort', () => socket.destroy(), { once: true });
  // Without a listener an error would end the process. The next step notices that the socket is closed.
  socket.on('error', () => undefined);
  await once(socket, ready, { signal });
  return socket;
}

/** Asks the proxy to connect a socket to an address. @throws Error (code PROXY_FAILED) when the proxy does not */
async function tunnel(socket: net.Socket, proxy: Proxy, address: Required<TcpAddress>): Promise<void> {
  try {
    if (proxy.kind === 'socks5') await (await import('./socks.ts')).socksConnect(socket, proxy, address);
    else await httpConnect(socket, proxy, authority(address));
  } catch (error) {
    throw failure(proxy, (error as Error).message);
  }
}

/** Sends a CONNECT request. @param target "host:port" */
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
        const why = statusCode === 407 ? 'it requires a login' : `HTTP ${statusCode} ${statusMessage}`;
        reject(new Error(`cannot connect to ${target}: ${why}`));
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

/** Returns a stream for a socket that is still connecting. Data written to it waits for the socket. */
function connectionOf(make: (signal: AbortSignal) => Promise<net.Socket>): Duplex {
  const destroyed = new AbortController();
  let socket: net.Socket | undefined;
  /** The write or the end that waits for the socket. A stream has only one in progress. */
  let waiting: ((socket: net.Socket) => void) | undefined;
  const withSocket = (use: (socket: net.Socket) => void): void => {
    if (socket === undefined) waiting = use;
    else use(socket);
  };
  const connection = new Duplex({
    allowHalfOpen: false,
    read: () => void socket?.resume(),
    write: (chunk: Buffer, _encoding, done) => withSocket((connected) => connected.write(chunk, done)),
    final: (done) => withSocket((connected) => connected.end(done)),
    destroy: (error, done) => {
      destroyed.abort();
      done(error);
    },
  });
  make(destroyed.signal).then(
    (connected) => {
      socket = connected;
      connected.on('data', (chunk) => {
        if (!connection.push(chunk)) connected.pause();
      });
      connected.on('end', () => connection.push(null));
      connected.on('error', (error) => connection.destroy(error));
      waiting?.(connected);
    },
    (error: unknown) => connection.destroy(error as Error),
  );
  return Object.assign(connection, AS_SOCKET);
}
