/** A SOCKS 5 client for the CONNECT command (RFC 1928), with user and password (RFC 1929). */
import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import { authority } from './address.ts';
import type { TcpAddress } from './address.ts';
import type { Proxy } from './proxy.ts';

const VERSION = 5;
const CONNECT = 1;
const NO_LOGIN = 0;
const LOGIN = 2;
const IPV4 = 1;
const NAME = 3;
const IPV6 = 4;

/** Error code of the proxy's reply → message (RFC 1928, section 6). */
const REFUSALS: Readonly<Record<number, string>> = {
  2: 'not allowed by the rules of the proxy',
  3: 'no route to the host',
  4: 'no route to the host',
  5: 'connection refused',
  6: 'no answer',
};

/**
 * Asks the SOCKS proxy at the other end of a socket to connect to an address. Afterwards the socket leads to that
 * address. The proxy resolves host names, as with Go's client (golang.org/x/net/internal/socks).
 * @throws Error with a message for people
 */
export async function socksConnect(
  socket: Socket,
  { user, password = '' }: Pick<Proxy, 'user' | 'password'>,
  address: Pick<TcpAddress, 'host'> & { readonly port: number },
): Promise<void> {
  socket.write(Buffer.from(user === undefined ? [VERSION, 1, NO_LOGIN] : [VERSION, 2, NO_LOGIN, LOGIN]));
  const [version, method] = await read(socket, 2);
  if (version !== VERSION) throw new Error('it does not speak SOCKS 5');
  if (method === LOGIN && user !== undefined) {
    socket.write(Buffer.concat([Buffer.from([1]), ...[user, password].map(withLength)]));
    const [, refused] = await read(socket, 2);
    if (refused !== 0) throw new Error('it rejected the user or the password');
  } else if (method !== NO_LOGIN) {
    throw new Error('it requires a login');
  }
  const { host, port } = address;
  socket.write(
    Buffer.concat([
      Buffer.from([VERSION, CONNECT, 0]),
      encodeHost(host),
      Buffer.from([port >> 8, port & 255]),
    ]),
  );
  const [, refusal = 0, , kind] = await read(socket, 4);
  if (refusal !== 0)
    throw new Error(
      `cannot connect to ${authority(address)}: ${REFUSALS[refusal] ?? `SOCKS error ${refusal}`}`,
    );
  // The rest of the reply is the proxy's own address and port, which are not needed.
  const length = kind === IPV4 ? 4 : kind === IPV6 ? 16 : ((await read(socket, 1))[0] ?? 0);
  await read(socket, length + 2);
}

/** The text's bytes after one byte with their number. */
function withLength(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length > 255) throw new Error('a host name, user or password is too long for SOCKS');
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

/** The host as SOCKS encodes it: the type of address, then its bytes. */
function encodeHost(host: string): Buffer {
  if (isIP(host) === 0) return Buffer.concat([Buffer.from([NAME]), withLength(host)]);
  if (isIP(host) === 4) return Buffer.from([IPV4, ...host.split('.').map(Number)]);
  // URL writes an IPv6 address in its shortest form, without an IPv4 part.
  const [before = '', after] = new URL(`http://[${host}]`).hostname.slice(1, -1).split('::');
  const groups = [before, after ?? ''].map((part) => part.split(':').filter((group) => group !== ''));
  const [left = [], right = []] = groups;
  const zeros = Array<string>(8 - left.length - right.length).fill('0');
  const bytes = [...left, ...zeros, ...right].flatMap((group) => [
    parseInt(group, 16) >> 8,
    parseInt(group, 16) & 255,
  ]);
  return Buffer.from([IPV6, ...bytes]);
}

/**
 * Reads exactly `length` bytes; more bytes that have arrived stay in the socket.
 * @throws Error when the socket closes first
 */
async function read(socket: Socket, length: number): Promise<Buffer> {
  let bytes = Buffer.alloc(0);
  while (bytes.length < length) {
    const part = socket.read() as Buffer | null;
    if (part !== null) bytes = Buffer.concat([bytes, part]);
    else if (socket.destroyed) throw new Error('the connection was closed');
    else await readableOrClosed(socket);
  }
  if (bytes.length > length) socket.unshift(bytes.subarray(length));
  return bytes.subarray(0, length);
}

function readableOrClosed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('readable', done).off('close', done);
      resolve();
    };
    socket.on('readable', done).on('close', done);
  });
}
