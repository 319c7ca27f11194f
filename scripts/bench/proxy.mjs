/** A TCP proxy in front of an engine, for measuring: adds the delay of a slow link, counts bytes and requests. */
import net from 'node:net';
import { setTimeout } from 'node:timers';
import { URL } from 'node:url';

/** The first line of a request as a client sends it. */
const REQUEST = /^(?:GET|HEAD|POST|PUT|DELETE) (\S+) HTTP\/1\.1\r$/gm;

/**
 * Starts one on a free port.
 * @param {string} engine the engine's address: "tcp://HOST:PORT" or "unix://PATH"
 * @param {number} roundTrip milliseconds that a request and its answer take longer, half of it each way
 * @returns {Promise<{host: string, counts: () => {sent: number, received: number, requests: string[]}, close: () => void}>}
 *   `host` is what DOCKER_HOST has to be; `counts` are the bytes and the requests' paths since the last time it was
 *   asked, as a client sees them
 */
export async function proxy(engine, roundTrip = 0) {
  const { protocol, hostname, port, pathname } = new URL(engine);
  const target = protocol === 'unix:' ? { path: pathname } : { host: hostname, port: Number(port) };
  const fresh = () => ({ sent: 0, received: 0, requests: [] });
  let counts = fresh();
  const sockets = new Set();

  /** Passes on what comes, half a round trip later; timers of the same length fire in their order. */
  const pipe = (from, to, count) => {
    const later = roundTrip === 0 ? (act) => act() : (act) => setTimeout(act, roundTrip / 2);
    from.on('data', (data) => {
      count(data);
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
    const upstream = net.connect({ ...target, allowHalfOpen: true });
    pipe(client, upstream, (data) => {
      counts.sent += data.length;
      for (const [, path] of data.toString('latin1').matchAll(REQUEST)) counts.requests.push(path);
    });
    pipe(upstream, client, (data) => {
      counts.received += data.length;
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `tcp://127.0.0.1:${server.address().port}`,
    counts: () => {
      const counted = counts;
      counts = fresh();
      return counted;
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
