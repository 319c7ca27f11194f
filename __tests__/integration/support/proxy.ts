/** A proxy in front of the real engine, to make it fail at a chosen moment. */
import http from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { swarm } from './swarm.ts';

export interface Proxy {
  /** What DOCKER_HOST has to be to go through it. */
  readonly host: string;
  /** The requests so far: "POST /services/x/update?version=3". */
  readonly requests: readonly string[];
  close(): void;
}

/**
 * Decides over a request before the engine gets it: gives nothing to let it pass, or answers it itself. A promise
 * holds the request back until it is settled.
 */
export type Interference = (
  request: IncomingMessage,
  response: ServerResponse,
) => 'answered' | undefined | Promise<undefined>;

/** Starts one on a free port. */
export async function proxy(interfere: Interference): Promise<Proxy> {
  const requests: string[] = [];
  const { hostname, port } = new URL(swarm.host);
  const server = http.createServer((request, response) => {
    const { method = '', url: path = '', headers } = request;
    requests.push(`${method} ${path}`);
    const pass = (): void => {
      const onward = http.request({ hostname, port, method, path, headers }, (reply) => {
        response.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(response);
      });
      onward.on('error', () => response.destroy());
      // A stream of events would go on for ever.
      response.on('close', () => onward.destroy());
      request.pipe(onward);
    };
    const decided = interfere(request, response);
    if (decided instanceof Promise) decided.then(pass, () => response.destroy());
    else if (decided === undefined) pass();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    host: `tcp://127.0.0.1:${address.port}`,
    requests,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
