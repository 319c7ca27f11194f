/** Requests to the engine through dockerode's connection. Failures become EngineErrors. */
import { setMaxListeners } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import Docker from 'dockerode';
import { EngineError } from '../errors.ts';
import type { Task } from '../api/service.ts';
import type { Endpoint } from '../connection/connection.ts';
import type { Transport } from '../connection/transport.ts';
import type { ConnectionError } from '../connection/unreachable.ts';
import { connectionError, notAnEngine, replyError } from './errors.ts';
import type { Method } from './errors.ts';
import { parseExact, stringifyExact } from './exact-json.ts';
import { serialQueue, unlimited } from './request-queue.ts';
import { taskReader } from './task-list.ts';

/** One request to the engine's API. */
export interface EngineRequest {
  readonly method: Method;
  /** The path without the API version, such as "/services/create". Names and ids in it are URI-encoded. */
  readonly path: string;
  readonly query?: Record<string, string | number>;
  /** Sent as JSON; it may hold bigints (exact-json.ts). */
  readonly body?: object;
  /** The value of X-Registry-Auth: credentials as base64 JSON. */
  readonly registryAuth?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends a request, and lets `read` make the result from the reply's body.
 * @throws EngineError, or the signal's reason when the signal aborted
 */
export type SendRequest = <T>(
  request: EngineRequest,
  read: (reply: Readable) => T | Promise<T>,
) => Promise<T>;

/** docker-modem accepts every status: it drops the content type, which `replyError` needs. */
const EVERY_STATUS: Record<number, true> = new Proxy({}, { get: () => true });

/**
 * Makes the function that sends requests to an endpoint. Nothing is sent yet.
 * @param interrupted the signal of requests that have none. When it aborts, their callers are rejected, but the
 * requests go on until the process ends.
 */
export function requestSender(
  endpoint: Endpoint,
  { agent, headers, prefix, parallel }: Transport,
  interrupted: AbortSignal,
): SendRequest {
  const { apiVersion } = endpoint;
  const root = apiVersion === undefined ? prefix : `${prefix}/v${apiVersion}`;
  // The agent connects. A protocol and an address are given only because docker-modem would else look for an engine
  // itself. A socket path takes 2 ms less than a host, which docker-modem turns into a URL and parses again.
  const docker = new Docker({ protocol: 'http', socketPath: '/', agent } as Docker.DockerOptions);

  /** Sends through docker-modem: dockerode's own createService drops the engine's warnings, inspect drops its query. */
  const dial = (
    { method, path, query, body, registryAuth }: EngineRequest,
    signal: AbortSignal,
  ): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      docker.modem.dial(
        {
          method,
          path: `${root}${path}?`,
          options: { _query: query ?? {} },
          // As a stream, docker-modem does not parse the reply: its numbers stay exact and logs stay bytes.
          isStream: true,
          headers: { ...headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
          // As a file, docker-modem does not serialize the body: its numbers stay exact.
          ...(body === undefined ? {} : { file: Buffer.from(stringifyExact(body)) }),
          statusCodes: EVERY_STATUS,
          ...(registryAuth === undefined ? {} : { authconfig: { key: registryAuth } }),
          // A listener on a signal adds 1 ms to the first request. These requests end with the process anyway.
          ...(signal === interrupted ? {} : { abortSignal: signal }),
        },
        (error: Error | null, data: unknown) => {
          if (error) reject(error);
          else resolve(data as IncomingMessage);
        },
      );
    });

  const successfulReply = async (request: EngineRequest, signal: AbortSignal): Promise<Readable> => {
    const reply = await dial(request, signal);
    const { statusCode: status = 0, headers } = reply;
    if (status >= 200 && status < 300) return reply;
    const body = (await readBytes(reply)).toString();
    throw replyError({ status, contentType: headers['content-type'] ?? '', body }, request.method, endpoint);
  };

  const queue = parallel ? unlimited : serialQueue();
  const interruption = new Promise<never>((_, reject) => {
    interrupted.addEventListener('abort', () => reject(interrupted.reason as Error), { once: true });
  });
  // Node ends the process over a rejection that nobody handles.
  interruption.catch(() => undefined);

  return async (request, read) => {
    const { signal = interrupted, method } = request;
    // Any number of requests may share a signal. Node warns of a leak from 11 listeners on.
    if (signal !== interrupted) setMaxListeners(0, signal);
    try {
      signal.throwIfAborted();
      const result = queue(signal, async (until) => read(await successfulReply(request, until)));
      return await (signal === interrupted ? Promise.race([result, interruption]) : result);
    } catch (error) {
      if (signal.aborted || error instanceof EngineError) throw error;
      if (error instanceof SyntaxError) throw notAnEngine(error, method, endpoint);
      throw connectionError(error as ConnectionError, method, endpoint);
    }
  };
}

/**
 * Calls `onChunk` with each chunk until the stream ends. (Node's stream/consumers use a Blob, which takes 2 ms more.)
 */
function readChunks(reply: Readable, onChunk: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    reply.on('data', onChunk);
    reply.on('end', resolve);
    reply.on('error', reject);
  });
}

/** The whole body. */
export async function readBytes(reply: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await readChunks(reply, (chunk) => chunks.push(chunk));
  return Buffer.concat(chunks);
}

/** The body's JSON value; large integers are bigints (exact-json.ts). @throws SyntaxError when it is not JSON */
export const readJson = async (reply: Readable): Promise<unknown> =>
  parseExact((await readBytes(reply)).toString());

/**
 * The tasks of a list. Large integers are rounded: most callers do not read such fields, and of thousands of tasks, exact
 * parsing takes long. @throws SyntaxError when the body is not JSON
 */
export const readTaskList = (reply: Readable): Promise<Task[]> => readTasksWith(reply, taskReader());

/** The tasks of a list; large integers are bigints (exact-json.ts). @throws SyntaxError when the body is not JSON */
export const readExactTaskList = (reply: Readable): Promise<Task[]> =>
  readTasksWith(reply, taskReader(parseExact));

async function readTasksWith(reply: Readable, { add, end }: ReturnType<typeof taskReader>): Promise<Task[]> {
  const decoder = new StringDecoder('utf8');
  await readChunks(reply, (chunk) => add(decoder.write(chunk)));
  return end();
}
