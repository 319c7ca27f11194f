/** A socket that only this user can reach, and what answers the requests on it. */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createPipe } from 'node:net';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { World } from '../world.ts';
import { withPrivateFolder } from './private-folder.ts';

/** A socket's path has at most so many bytes on every system (sun_path of unix(7), less on macOS). */
const MAX_PATH = 100;

export interface SocketRequest {
  readonly method: string;
  /** The path with the query. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface SocketReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** If it is a stream, each part is sent when it comes, and no more is read than the client takes. */
  readonly body: string | Buffer | AsyncIterable<Buffer>;
}

/**
 * Sends the reply to a request. Resolves when it is sent, or when the client has gone.
 * @throws the error of the body. Then the connection is broken: what has come must not look like the whole reply
 */
export type Respond = (reply: SocketReply) => Promise<void>;

/** Answers a request with one reply. It must not throw. */
export type AnswerRequest = (asked: SocketRequest, respond: Respond) => Promise<void>;

/**
 * Listens on a private socket while `use` runs: in a folder that only this user can enter, or on Windows a named pipe with a
 * name that nobody can guess.
 * @param use gets the address for `docker --host`
 * @throws SwarmrollError `failed` if there is no place for the socket
 */
export async function withPrivateSocket<T>(
  answer: AnswerRequest,
  world: Pick<World, 'atExit'>,
  use: (host: string) => Promise<T>,
): Promise<T> {
  if (sep === '\\') {
    const name = `swarmroll-${randomBytes(16).toString('hex')}`;
    return listening(`\\\\.\\pipe\\${name}`, answer, () => use(`npipe:////./pipe/${name}`));
  }
  return withPrivateFolder(shortFolder(), 'the socket of docker', world, (folder) => {
    const path = join(folder, 'docker.sock');
    return listening(path, answer, () => use(`unix://${path}`));
  });
}

/** Listens on a socket while `use` runs. */
async function listening<T>(path: string, answer: AnswerRequest, use: () => Promise<T>): Promise<T> {
  const http = createServer((request, response) => void serve(request, response, answer));
  // Bun's HTTP server cannot listen on a named pipe (seen with 1.4).
  const server = createPipe((connection) => http.emit('connection', connection));
  try {
    await new Promise<void>((resolve, reject) => {
      server.on('error', reject);
      server.listen(path, resolve);
    });
    return await use();
  } finally {
    // docker has ended, and so have its connections.
    server.close();
  }
}

/** The folder for temporary files; /tmp if a socket in it would have too long a path. */
function shortFolder(): string {
  const folder = tmpdir();
  return Buffer.byteLength(folder) > MAX_PATH - '/swarmroll-XXXXXX/docker.sock'.length ? '/tmp' : folder;
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  answer: AnswerRequest,
): Promise<void> {
  const { method = '', url = '', headers } = request;
  const respond: Respond = async ({ status, headers: own, body }) => {
    response.writeHead(status, own);
    if (typeof body === 'string' || Buffer.isBuffer(body)) {
      response.end(method === 'HEAD' ? undefined : body);
      return;
    }
    response.flushHeaders();
    let failure: { readonly error: unknown } | undefined;
    const parts = async function* (): AsyncGenerator<Buffer> {
      try {
        yield* body;
      } catch (error) {
        failure = { error };
        throw error;
      }
    };
    await pipeline(parts, response).catch(() => undefined);
    if (failure !== undefined) throw failure.error;
  };
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    await answer({ method, url, headers, body: Buffer.concat(chunks).toString() }, respond);
  } catch {
    // The client has gone, or its reply has been broken off.
    response.destroy();
  }
}
