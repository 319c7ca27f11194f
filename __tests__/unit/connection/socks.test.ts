/** The bytes that are sent to a SOCKS proxy, and how its replies are read. */
import { once } from 'node:events';
import net from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { socksConnect } from '../../../src/connection/socks.ts';

const ends: (() => unknown)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** Connects through a proxy that replies to each chunk with the next of `answers`; 'end' closes the connection. */
async function through(
  answers: readonly (readonly number[] | 'end')[],
  host: string,
  login: { user?: string; password?: string } = {},
): Promise<{ got: number[][]; socket: net.Socket }> {
  const got: number[][] = [];
  const left = [...answers];
  const server = net.createServer((peer) => {
    peer.on('data', (part) => {
      got.push([...part]);
      const answer = left.shift();
      if (answer !== undefined && answer !== 'end') peer.write(Buffer.from(answer));
      if (answer === 'end' || left[0] === 'end') peer.end();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const socket = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  ends.push(
    () => socket.destroy(),
    () => server.close(),
  );
  await once(socket, 'connect');
  await socksConnect(socket, login, { host, port: 2376 });
  return { got, socket };
}

const DONE = [5, 0, 0, 1, 0, 0, 0, 0, 0, 0];
const PORT = [9, 72];

test.each([
  ['engine', [3, 6, ...Buffer.from('engine'), ...PORT]],
  ['10.0.0.1', [1, 10, 0, 0, 1, ...PORT]],
  ['fd00::1', [4, 0xfd, 0, ...Array<number>(13).fill(0), 1, ...PORT]],
  ['::1', [4, ...Array<number>(15).fill(0), 1, ...PORT]],
  ['::', [4, ...Array<number>(16).fill(0), ...PORT]],
  ['1:2:3:4:5:6:7:8', [4, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8, ...PORT]],
  ['::ffff:10.0.0.1', [4, ...Array<number>(10).fill(0), 255, 255, 10, 0, 0, 1, ...PORT]],
])('%s', async (host, wanted) => {
  const { got } = await through([[5, 0], DONE], host);
  expect(got).toEqual([
    [5, 1, 0],
    [5, 1, 0, ...wanted],
  ]);
});

test('user and password are sent when the proxy asks for them', async () => {
  const { got } = await through([[5, 2], [1, 0], DONE], 'a', { user: 'ann', password: 'x' });
  expect(got.slice(0, 2)).toEqual([
    [5, 2, 0, 2],
    [1, 3, ...Buffer.from('ann'), 1, ...Buffer.from('x')],
  ]);
});

test('bytes after the reply are data of the connection', async () => {
  const { socket } = await through(
    [
      [5, 0],
      [5, 0, 0, 3, 1, 97, 0, 0, 1, 2, 3],
    ],
    'a',
  );
  const [part] = (await once(socket, 'data')) as [Buffer];
  expect([...part]).toEqual([1, 2, 3]);
});

test.each<[string, (number[] | 'end')[], { user?: string; password?: string }, string]>([
  ['a proxy that does not speak SOCKS 5', [[72, 84]], {}, 'it does not speak SOCKS 5'],
  ['a proxy that accepts no login method', [[5, 255]], {}, 'it requires a login'],
  ['a login method that was not offered', [[5, 2]], {}, 'it requires a login'],
  [
    'a wrong login',
    [
      [5, 2],
      [1, 1],
    ],
    { user: 'ann' },
    'it rejected the user or the password',
  ],
  [
    'a refusal',
    [
      [5, 0],
      [5, 5, 0, 1],
    ],
    {},
    'cannot connect to a:2376: connection refused',
  ],
  [
    'a refusal with an unknown code',
    [
      [5, 0],
      [5, 9, 0, 1],
    ],
    {},
    'cannot connect to a:2376: SOCKS error 9',
  ],
  ['a closed connection', [[5, 0], 'end'], {}, 'the connection was closed'],
  ['a connection that is closed within a reply', [[5], 'end'], {}, 'the connection was closed'],
])('%s', async (_, answers, login, message) => {
  await expect(through(answers, 'a', login)).rejects.toThrow(message);
});
