/** A TCP proxy in front of the engine, for measuring: adds the delay of a slow link, counts bytes. */
import net from 'node:net';
import { setTimeout } from 'node:timers';
import { SOCKET } from './engine.mjs';

/**
 * Starts one on a free port.
 * @param {number} roundTrip milliseconds that a request and its answer take longer, half of it each way
 * @returns {Promise<{host: string, received: () => number, close: () => void}>} `host` is what DOCKER_HOST has to be;
 *   `received` are the bytes that clients got
 */
export async function proxy(roundTrip = 0) {
  let received = 0;
  const sockets = new Set();

  /** Passes on what comes, half a round trip later; timers of the same length fire in their order. */
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
    const upstream = net.connect({ path: SOCKET, allowHalfOpen: true });
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
