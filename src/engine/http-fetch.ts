/** Sends requests through Bun's fetch, to a unix socket or over plain TCP. Its errors have Node's codes. */
import { authority } from '../connection/address.ts';
import type { Endpoint } from '../connection/connection.ts';
import type { HttpClient } from './http.ts';

/** @param endpoint a unix socket, or TCP without TLS and without a proxy */
export function fetchClient({ address, headers }: Endpoint): HttpClient {
  const socket = address.kind === 'socket' ? { unix: address.path } : {};
  const origin = address.kind === 'tcp' ? `http://${authority(address)}${address.prefix}` : 'http://docker';

  const send: HttpClient['send'] = async (request) => {
    // The names of the user's headers may have another case than ours. As in Node, ours replace them.
    const all = new Headers(headers);
    for (const [name, value] of Object.entries(request.headers)) all.set(name, value);
    const options = {
      ...socket,
      method: request.method,
      headers: all,
      redirect: 'manual' as const,
      // The other options are Bun's. connection/ has found that none of the environment's proxies applies.
      proxy: false,
      // A reply may take any time. The callers have timeouts of their own.
      timeout: false,
      // The body stays as it is. The engine does not compress.
      decompress: false,
      // Requests may have credentials: they are not printed, whatever BUN_CONFIG_VERBOSE_FETCH says.
      verbose: false,
      ...(request.body === undefined ? {} : { body: request.body }),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    };
    const reply = await fetch(origin + request.path, options);
    return {
      status: reply.status,
      contentType: reply.headers.get('content-type') ?? '',
      header: (name) => reply.headers.get(name) ?? undefined,
      body: chunksOf(reply),
    };
  };
  return { send, parallel: true, close: () => undefined };
}

async function* chunksOf({ body }: Response): AsyncGenerator<Buffer> {
  if (body === null) return;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
}
