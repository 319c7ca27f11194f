/** Chooses what sends the requests to an engine: fetch in the executable, or dockerode's connection. */
import type { Endpoint } from '../connection/connection.ts';
import type { HttpClient } from './http.ts';

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
