/** What sends the HTTP requests to an engine: fetch in the executable, dockerode's connection elsewhere. */
import type { Endpoint } from '../connection/connection.ts';
import type { Method } from './errors.ts';

export interface HttpRequest {
  readonly method: Method;
  /** The path and the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpReply {
  readonly status: number;
  /** "" if the reply does not say. */
  readonly contentType: string;
  readonly body: AsyncIterable<Buffer>;
}

export interface HttpClient {
  /** Rejects with Node's error (`code: 'ECONNREFUSED'`) if the connection fails, or if the signal aborts. */
  readonly send: (request: HttpRequest) => Promise<HttpReply>;
  /** Whether several requests can run at once. */
  readonly parallel: boolean;
  /** Kills the processes that were started for the connections. */
  readonly close: () => void;
}

/**
 * Makes the client for an endpoint. It connects to nothing yet.
 * @throws SwarmrollError `failed` when the TLS files can't be used
 */
export async function httpClientFor(endpoint: Endpoint): Promise<HttpClient> {
  // Bun takes 8 ms to load node:http, and none for its fetch. TLS, proxies, named pipes and ssh need node:http, because
  // connection/ makes their connections.
  if ('Bun' in globalThis && isDirect(endpoint))
    return (await import('./http-fetch.ts')).fetchClient(endpoint);
  return (await import('./http-dockerode.ts')).dockerodeClient(endpoint);
}

function isDirect({ address, tls, proxy }: Endpoint): boolean {
  if (address.kind === 'tcp') return tls === undefined && proxy === undefined;
  return address.kind === 'socket' && !address.path.startsWith('\\\\');
}
