/**
 * Forward proxies like those of companies: HTTP with CONNECT, or SOCKS 5. Only they can resolve the tests' host names.
 */
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { Server, Socket } from 'node:net';
import type { Certificate } from './certificates.ts';

export interface ForwardProxy {
  readonly port: number;
  /** The requests that it got: "CONNECT engine.invalid:2376", "GET http://engine.invalid:2375/info". */
  readonly requests: string[];
  readonly close: () => void;
}

export interface ForwardOptions {
  /** The hosts that it can reach: "engine.invalid:2375" → a port on 127.0.0.1. */
  readonly routes: Readonly<Record<string, number>>;
  /** The "user:password" that it requires; undefined for none. */
  readonly login?: string;
  /** Its certificate when it uses TLS itself; undefined for none. */
  readonly certificate?: Certificate;
}

async function listening(
  server: Server,
  requests: string[],
  sockets: ReadonlySet<Socket>,
): Promise<ForwardProxy> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  const close = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port, requests, close };
}

function tracked(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.on('close', () => sockets.delete(socket));
  });
  return sockets;
}

export function httpProxy({ routes, login, certificate }: ForwardOptions): Promise<ForwardProxy> {
  const requests: string[] = [];
  const wanted = login === undefined ? undefined : `Basic ${Buffer.from(login).toString('base64')}`;
  const server =
    certificate === undefined
      ? http.createServer()
      : https.createServer({ cert: readFileSync(certificate.cert), key: readFileSync(certificate.key) });
  server.on('request', (request: http.IncomingMessage, response: http.ServerResponse) => {
    const { method = '', url = '', headers } = request;
    requests.push(`${method} ${url}`);
    const { 'proxy-authorization': authorization, ...others } = headers;
    if (wanted !== undefined && authorization !== wanted) {
      response.writeHead(407, { 'content-type': 'text/html' }).end('<h1>Who are you?</h1>');
      return;
    }
    const { host, pathname, search } = new URL(url);
    const port = routes[host];
    if (port === undefined) {
      response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>No such host</h1>');
      return;
    }
    const onward = http.request(
      { host: '127.0.0.1', port, method, path: pathname + search, headers: others },
      (reply) => {
        response.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  server.on('connect', ({ url = '', headers }: http.IncomingMessage, socket: Socket, head: Buffer) => {
    requests.push(`CONNECT ${url}`);
    const port = routes[url];
    if (wanted !== undefined && headers['proxy-authorization'] !== wanted)
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    else if (port === undefined) socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    else {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      join(socket, port, head);
    }
  });
  return listening(server, requests, tracked(server));
}

/** A SOCKS 5 proxy with what HTTP clients use: CONNECT, host names, IPv4, user and password. */
export function socksProxy({ routes, login }: ForwardOptions): Promise<ForwardProxy> {
  const requests: string[] = [];
  const server = net.createServer((socket) => {
    void serve(socket).catch(() => socket.destroy());
  });
  const serve = async (socket: Socket): Promise<void> => {
    const [, methods = 0] = await take(socket, 2);
    const offered = await take(socket, methods);
    const method = login === undefined ? 0 : 2;
    if (!offered.includes(method)) {
      socket.end(Buffer.from([5, 0xff]));
      return;
    }
    socket.write(Buffer.from([5, method]));
    if (method === 2) {
      const user = await text(socket, (await take(socket, 2))[1] ?? 0);
      const password = await text(socket, (await take(socket, 1))[0] ?? 0);
      const isRight = `${user}:${password}` === login;
      socket.write(Buffer.from([1, isRight ? 0 : 1]));
      if (!isRight) {
        socket.end();
        return;
      }
    }
    const [, , , kind] = await take(socket, 4);
    const host =
      kind === 1 ? (await take(socket, 4)).join('.') : await text(socket, (await take(socket, 1))[0] ?? 0);
    const target = `${host}:${(await take(socket, 2)).readUInt16BE()}`;
    requests.push(`CONNECT ${target}`);
    const port = routes[target];
    socket.write(Buffer.from([5, port === undefined ? 4 : 0, 0, 1, 0, 0, 0, 0, 0, 0]));
    if (port === undefined) socket.end();
    else join(socket, port, Buffer.alloc(0));
  };
  return listening(server, requests, tracked(server));
}

function join(socket: Socket, port: number, head: Buffer): void {
  const onward = net.connect(port, '127.0.0.1');
  onward.write(head);
  for (const [one, other] of [
    [socket, onward],
    [onward, socket],
  ] as const) {
    one.pipe(other);
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
}

const text = async (socket: Socket, length: number): Promise<string> =>
  (await take(socket, length)).toString();

async function take(socket: Socket, length: number): Promise<Buffer> {
  for (;;) {
    const bytes = socket.read(length) as Buffer | null;
    if (bytes !== null) return bytes;
    await new Promise((resolve) => socket.once('readable', resolve));
  }
}
