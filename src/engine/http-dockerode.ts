/** Sends requests through dockerode's connection. */
import type { IncomingMessage } from 'node:http';
import Docker from 'dockerode';
import type { Endpoint } from '../connection/connection.ts';
import { transportTo } from '../connection/transport.ts';
import type { HttpClient, HttpReply } from './http.ts';

/** docker-modem accepts every status: it drops the content type, which `replyError` needs. */
const EVERY_STATUS: Record<number, true> = new Proxy({}, { get: () => true });

/** @throws SwarmrollError `failed` when the TLS files can't be used */
export async function dockerodeClient(endpoint: Endpoint): Promise<HttpClient> {
  const { agent, headers, prefix, parallel, close } = await transportTo(endpoint);
  // The agent connects. A protocol and an address are given only because docker-modem would else look for an engine
  // itself. A socket path takes 2 ms less than a host, which docker-modem turns into a URL and parses again.
  const docker = new Docker({ protocol: 'http', socketPath: '/', agent } as Docker.DockerOptions);

  /** Sends through docker-modem: dockerode's own createService drops the engine's warnings, inspect drops its query. */
  const send: HttpClient['send'] = (request) =>
    new Promise((resolve, reject) => {
      docker.modem.dial(
        {
          method: request.method,
          // docker-modem removes the last question mark.
          path: `${prefix}${request.path}?`,
          // As a stream, docker-modem does not parse the reply: its numbers stay exact and logs stay bytes.
          isStream: true,
          headers: { ...headers, ...request.headers },
          // As a file, docker-modem does not serialize the body: its numbers stay exact.
          ...(request.body === undefined ? {} : { file: Buffer.from(request.body) }),
          statusCodes: EVERY_STATUS,
          ...(request.signal === undefined ? {} : { abortSignal: request.signal }),
        },
        (error: Error | null, reply: unknown) => {
          if (error) reject(error);
          else resolve(replyOf(reply as IncomingMessage));
        },
      );
    });
  return { send, parallel, close };
}

const replyOf = (reply: IncomingMessage): HttpReply => ({
  status: reply.statusCode ?? 0,
  contentType: reply.headers['content-type'] ?? '',
  header: (name) => reply.headers[name]?.toString(),
  body: reply,
});
