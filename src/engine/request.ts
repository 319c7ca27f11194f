/** Requests to the engine. Failures become EngineErrors. */
import { setMaxListeners } from 'node:events';
import { StringDecoder } from 'node:string_decoder';
import { EngineError } from '../errors.ts';
import type { Task } from '../api/service.ts';
import type { Endpoint } from '../connection/connection.ts';
import type { ConnectionError } from '../connection/unreachable.ts';
import { connectionError, notAnEngine, notManagerOf, replyError } from './errors.ts';
import type { Method } from './errors.ts';
import type { Waits } from '../clock.ts';
import { printable } from '../values/printable.ts';
import { parseExact, stringifyExact } from '../values/exact-json.ts';
import type { HttpClient, HttpReply } from './http.ts';
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
  /** What is waited for; absent: the engine. */
  readonly waitsFor?: string;
}

/** Who sends requests. */
export interface Caller {
  readonly interrupted: AbortSignal;
  readonly waits: Waits;
}

/**
 * Sends a request, and lets `read` make the result from the reply's body.
 * @throws EngineError, or the signal's reason when the signal aborted
 */
type SendRequest = <T>(
  request: EngineRequest,
  read: (body: AsyncIterable<Buffer>) => T | Promise<T>,
) => Promise<T>;

/**
 * Sends somebody else's GET request as it is, API version included, and gives the reply to `read`, whatever its status.
 * @param read reads the body to its end, or closes it: the connection may be the only one. Its errors are those of the body
 * @throws EngineError if no reply came, or not all of it, or the signal's reason when the signal aborted
 */
export type ForwardRequest = <T>(
  path: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
  read: (reply: HttpReply) => Promise<T>,
) => Promise<T>;

/**
 * Makes the functions that send requests to an endpoint. Nothing is sent yet.
 * @param interrupted the signal of requests that have none. When it aborts, their callers are rejected, but the
 * requests go on until the process ends.
 * @param waits knows of these requests: nothing else limits their time
 */
export function requestSender(
  endpoint: Endpoint,
  http: HttpClient,
  { interrupted, waits }: Caller,
): { readonly send: SendRequest; readonly forward: ForwardRequest } {
  const { apiVersion } = endpoint;
  const root = apiVersion === undefined ? '' : `/v${apiVersion}`;

  let hasReplied = false;

  const successfulReply = async (
    { method, path, query, body, registryAuth }: EngineRequest,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Buffer>> => {
    const reply = await http.send({
      method,
      path: `${root}${path}${query === undefined ? '' : `?${queryText(query)}`}`,
      headers: {
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(registryAuth === undefined ? {} : { 'X-Registry-Auth': registryAuth }),
      },
      body: body === undefined ? undefined : stringifyExact(body),
      // A listener on a signal adds 1 ms to the first request. These requests end with the process anyway.
      signal: signal === interrupted ? undefined : signal,
    });
    hasReplied = true;
    const { status, contentType } = reply;
    if (status >= 200 && status < 300) return reply.body;
    const text = (await readBytes(reply.body)).toString();
    throw replyError({ status, contentType, body: text }, { method, path }, endpoint);
  };

  const queue = http.parallel ? unlimited : serialQueue();
  const interruption = new Promise<never>((_, reject) => {
    interrupted.addEventListener('abort', () => reject(interrupted.reason as Error), { once: true });
  });
  // Node ends the process over a rejection that nobody handles.
  interruption.catch(() => undefined);

  /** The same error, with the addresses of the managers that the engine knows, if it says them. */
  const withManagers = async (error: EngineError, signal: AbortSignal): Promise<EngineError> => {
    try {
      const info = { method: 'GET', path: '/info' } as const;
      const { Swarm } = (await queue(signal, async (until) =>
        readJson(await successfulReply(info, until)),
      )) as {
        Swarm?: { RemoteManagers?: readonly { readonly Addr: string }[] | null };
      };
      return notManagerOf(error, Swarm?.RemoteManagers?.map(({ Addr }) => Addr) ?? []);
    } catch {
      return error;
    }
  };

  const forward: ForwardRequest = async (path, headers, signal, read) => {
    try {
      return await queue(signal, async (until) => {
        const reply = await http.send({ method: 'GET', path, headers, signal: until });
        hasReplied = true;
        return read(reply);
      });
    } catch (error) {
      if (signal.aborted) throw error;
      throw connectionError(error as ConnectionError, 'GET', endpoint, hasReplied);
    }
  };

  const send: SendRequest = async (request, read) => {
    const { signal = interrupted, method, path } = request;
    // Any number of requests may share a signal. Node warns of a leak from 11 listeners on.
    if (signal !== interrupted) setMaxListeners(0, signal);
    try {
      signal.throwIfAborted();
      const result = queue(signal, async (until) => read(await successfulReply(request, until)));
      if (signal !== interrupted) return await result;
      const { waitsFor = `${endpoint.shown} to answer ${method} ${printable(path)}` } = request;
      return await waits(waitsFor, Promise.race([result, interruption]));
    } catch (error) {
      if (signal.aborted) throw error;
      if (error instanceof EngineError)
        throw error.kind === 'notManager' ? await withManagers(error, signal) : error;
      if (error instanceof SyntaxError) throw notAnEngine(error, method, endpoint);
      throw connectionError(error as ConnectionError, method, endpoint, hasReplied);
    }
  };
  return { send, forward };
}

/** The query as the engine's router decodes it. */
const queryText = (query: Record<string, string | number>): string =>
  Object.entries(query)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');

export async function readBytes(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The body's JSON value; large integers are bigints (exact-json.ts). @throws SyntaxError when it is not JSON */
export const readJson = async (body: AsyncIterable<Buffer>): Promise<unknown> =>
  parseExact((await readBytes(body)).toString());

/**
 * The tasks of a list. Large integers are rounded: most callers do not read such fields, and of thousands of tasks, exact
 * parsing takes long.
 * @param parseJson `parseExact`, if large integers are to be bigints
 * @throws SyntaxError when the body is not JSON
 */
export async function readTaskList(
  body: AsyncIterable<Buffer>,
  parseJson: (text: string) => unknown,
): Promise<Task[]> {
  const { add, end } = taskReader(parseJson);
  const decoder = new StringDecoder('utf8');
  for await (const chunk of body) add(decoder.write(chunk));
  return end();
}
