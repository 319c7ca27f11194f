/** How bytes get to an engine: by socket, TCP, TLS or ssh. All of them are an agent for Node's HTTP client. */
import http from 'node:http';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { authority } from './address.ts';
import type { Endpoint } from './connection.ts';
import type { Headers } from './http-headers.ts';

export interface Transport {
  readonly agent: http.Agent;
  /** What every request carries: the Host, and what docker's users add. */
  readonly headers: Headers;
  /** What comes before every request's path. */
  readonly prefix: string;
  /** Whether several connections can be open at once. */
  readonly parallel: boolean;
  /** Ends what was started for it, at once. */
  readonly close: () => void;
}

/** However many services are asked for at once, a manager is not flooded. */
const MAX_SOCKETS = 16;
/** Where no address has one, as for sockets. */
const NO_HOST = 'docker';

/**
 * Makes ready to connect; what only TLS or ssh need is loaded only for them.
 * @throws SwarmrollError `failed` when the TLS files can't be used
 */
export async function transportTo(endpoint: Endpoint): Promise<Transport> {
  const { address, tls, headers, proxy } = endpoint;
  const simple = {
    headers: { ...headers, Host: NO_HOST },
    prefix: '',
    parallel: true,
    close: () => undefined,
  };
  switch (address.kind) {
    case 'socket':
      return { ...simple, agent: agentOf(() => net.connect({ path: address.path }), MAX_SOCKETS) };
    case 'tcp': {
      const { host, port } = address;
      const secure =
        tls === undefined ? undefined : (await import('./tls.ts')).tlsOpener(address, tls, endpoint);
      const straight = {
        open: () => secure?.() ?? net.connect({ host, port, noDelay: true }),
        prefix: address.prefix,
        headers: {},
      };
      const way =
        proxy === undefined
          ? straight
          : (await import('./through-proxy.ts')).throughProxy(proxy, address, secure);
      return {
        ...simple,
        headers: { ...headers, ...way.headers, Host: authority(address) },
        prefix: way.prefix,
        agent: agentOf(() => way.open(), MAX_SOCKETS),
      };
    }
    case 'ssh': {
      const { sshOpener } = await import('./ssh.ts');
      const { open, close } = sshOpener(address);
      return { ...simple, agent: agentOf(open, 1), parallel: false, close };
    }
  }
}

/** An agent that gets its connections from `open` and keeps them for the next request. */
function agentOf(open: () => Duplex, maxSockets: number): http.Agent {
  // Where there is no server's name (which is for TLS: tls.ts), Node looks whether the Host header is one: 4 ms.
  const options = { keepAlive: true, maxSockets, servername: '' };
  const agent = new http.Agent(options);
  // A connection is kept for a moment, and the process ends whether or not one is open.
  return Object.assign(agent, { createConnection: open, keepSocketAlive: () => true });
}
