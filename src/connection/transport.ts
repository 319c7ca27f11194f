/** Agents for Node's HTTP client that connect to an engine over a unix socket, TCP, TLS or ssh. */
import http from 'node:http';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { authority } from './address.ts';
import type { Endpoint } from './connection.ts';
import type { Headers } from './http-headers.ts';

interface Transport {
  readonly agent: http.Agent;
  /** Headers of every request: Host, those that the user has configured, and those for a proxy. */
  readonly headers: Headers;
  /** The prefix of every request's path. */
  readonly prefix: string;
  /** Whether several connections can be open at once. */
  readonly parallel: boolean;
  /** Kills the processes that were started for the connections. */
  readonly close: () => void;
}

/** The largest number of connections, so that many requests don't flood a manager. */
const MAX_SOCKETS = 16;
/** The Host header for sockets and ssh, which have no host. */
const DEFAULT_HOST = 'docker';

/**
 * Prepares the connections to an endpoint. It connects to nothing yet, and loads the TLS, proxy and ssh code only when
 * the endpoint needs it.
 * @throws SwarmrollError `failed` when the TLS files can't be used
 */
export async function transportTo(endpoint: Endpoint): Promise<Transport> {
  const { address, tls, headers, proxy } = endpoint;
  const defaults = {
    headers: { ...headers, Host: DEFAULT_HOST },
    prefix: '',
    parallel: true,
    close: () => undefined,
  };
  switch (address.kind) {
    case 'socket':
      return { ...defaults, agent: agentOf(() => net.connect({ path: address.path }), MAX_SOCKETS) };
    case 'tcp': {
      const { host, port } = address;
      const secure =
        tls === undefined ? undefined : (await import('./tls.ts')).tlsOpener(address, tls, endpoint);
      const direct = {
        open: () => secure?.() ?? net.connect({ host, port, noDelay: true }),
        prefix: address.prefix,
        headers: {},
      };
      const route =
        proxy === undefined
          ? direct
          : (await import('./through-proxy.ts')).throughProxy(proxy, address, secure);
      return {
        ...defaults,
        headers: { ...headers, ...route.headers, Host: authority(address) },
        prefix: route.prefix,
        agent: agentOf(() => route.open(), MAX_SOCKETS),
      };
    }
    case 'ssh': {
      const { sshOpener } = await import('./ssh.ts');
      const { open, close } = sshOpener(address);
      return { ...defaults, agent: agentOf(open, 1), parallel: false, close };
    }
  }
}

/** An agent that gets its connections from `open` and keeps them for the next request. */
function agentOf(open: () => Duplex, maxSockets: number): http.Agent {
  // tls.ts sets the server name for TLS. Without one here, Node checks whether the Host header is an IP address: 4 ms.
  const options = { keepAlive: true, maxSockets, servername: '' };
  const agent = new http.Agent(options);
  // Every connection is kept for the next request. The process exits even when connections are open.
  return Object.assign(agent, { createConnection: open, keepSocketAlive: () => true });
}
