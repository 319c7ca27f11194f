/** A TCP proxy in front of the engine, for benchmarks. It adds the delay of a slow link and counts bytes. */
import net from 'node:net';
import { setTimeout } from 'node:timers';
import { SOCKET } from './engine.mjs';

/**
 * Starts a proxy on a free port.
 * @param {number} roundTrip the delay in milliseconds of a request and its reply together; each gets half of it
 * @param {string} path the socket of the engine
 * @returns {Promise<{host: string, received: () => number, close: () => void}>} `host` is the value for DOCKER_HOST;
 *   `received` is the number of bytes that clients have got
 */
export async function proxy(roundTrip = 0, path = SOCKET) {
  let received = 0;
  const sockets = new Set();

  /** Forwards data half a round trip later. The order stays the same, because timers of the same length fire in order. */
  const pipe = (from, to) => {
    const later = roundTrip === 0 ? (act) => act() : (act) => setTimeout(act, roundTrip / 2);
    from.on('data', (data) => {
      later(() => to.write(data));
    });
    from.on('end', () => later(() => to.end()));
    from.on('error', () => to.destroy());
    from.on('close', () => {
      sockets.delete(from);
      if (!from.readableEnded) to.destroy();
    });
    sockets.add(from.setNoDelay(true));
  };
  const server = net.createServer({ allowHalfOpen: true }, (client) => {
    const upstream = net.connect({ path, allowHalfOpen: true });
    pipe(client, upstream);
    pipe(upstream, client);
    upstream.on('data', (data) => (received += data.length));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `tcp://127.0.0.1:${server.address().port}`,
    received: () => received,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
