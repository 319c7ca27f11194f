/** The Engine's Swarm API through dockerode: one function an endpoint, errors for people, wire types out. */
import { setMaxListeners } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import Docker from 'dockerode';
import { EngineError } from '../errors.ts';
import type { Endpoint } from '../connection/connection.ts';
import { connectionError, notAnEngine, replyError } from './errors.ts';
import type { Method } from './errors.ts';
import { parseExact, stringifyExact } from './exact-json.ts';
import { atOnce, inTurn } from './request-queue.ts';
import { taskReader } from './task-list.ts';
import { transportTo } from '../connection/transport.ts';
import type { ConnectionError } from '../connection/unreachable.ts';
import type { Service, ServiceSpec, Task } from '../api/service.ts';
import type { Distribution, Named, Node } from '../api/cluster.ts';

/** Filters of a list: name → accepted values. */
export type Filters = Readonly<Record<string, readonly string[]>>;

/** How an update is to be taken; `registryAuth` is the base64 header, sent only when given. */
export interface UpdateOptions {
  readonly version: number;
  readonly rollback?: boolean;
  readonly registryAuthFrom?: 'spec';
  readonly registryAuth?: string | undefined;
}

/**
 * A swarm manager. Every function throws EngineError (`unreachable`, `notManager`, `notFound`, `refused`, with a fault),
 * or the signal's reason when `signal` ended it.
 */
export interface Engine {
  /** The address, as a person would write it. */
  readonly host: string;
  /**
   * Whether requests run side by side. Over ssh there is one connection, and they queue: one that never ends, such
   * as a stream of events, would keep all others waiting.
   */
  readonly parallel: boolean;
  /** The engine's own version, "28.5.2". */
  version(): Promise<string>;
  /** The API version that DOCKER_API_VERSION asks for, "1.41"; undefined where the engine's own is spoken. */
  readonly pinnedApiVersion: string | undefined;
  /** The API version that is spoken, "1.51": the one asked for, or the engine's own. */
  apiVersion(signal?: AbortSignal): Promise<string>;
  /** The manager's wall clock: milliseconds since the epoch. */
  systemTime(signal?: AbortSignal): Promise<number>;
  /** The id of the node that answers. */
  ownNodeId(signal?: AbortSignal): Promise<string>;
  /** A service by id, name or unique id prefix; the engine resolves it, in that order. */
  service(ref: string, options?: { insertDefaults?: boolean; signal?: AbortSignal }): Promise<Service>;
  services(filters: Filters, signal?: AbortSignal): Promise<Service[]>;
  tasks(filters: Filters, signal?: AbortSignal): Promise<Task[]>;
  nodes(filters: Filters, signal?: AbortSignal): Promise<Node[]>;
  networks(filters: Filters): Promise<Named[]>;
  /** A network of the swarm by name, id or unique id prefix; the engine resolves it. */
  network(ref: string): Promise<Named>;
  secrets(filters: Filters): Promise<Named[]>;
  configs(filters: Filters): Promise<Named[]>;
  createService(
    spec: ServiceSpec,
    registryAuth?: string,
    signal?: AbortSignal,
  ): Promise<{ ID: string; Warnings: string[] }>;
  updateService(
    id: string,
    spec: ServiceSpec,
    options: UpdateOptions,
    signal?: AbortSignal,
  ): Promise<{ Warnings: string[] }>;
  /** Asks the image's registry, through the engine. */
  distribution(image: string, registryAuth?: string): Promise<Distribution>;
  /** What happens in the swarm from now on, one JSON object a line, until the signal ends it. */
  events(filters: Filters, signal: AbortSignal): Promise<Readable>;
  /** The last lines of a task's log with their times, raw as the engine multiplexes them. */
  taskLogs(id: string, tail: number, signal?: AbortSignal): Promise<Buffer>;
  /** Ends at once what was started to reach the engine (ssh): for the end of the process. */
  close(): void;
}

const asQuery = (filters: Filters): Record<string, string> =>
  Object.keys(filters).length === 0 ? {} : { filters: JSON.stringify(filters) };

interface Call {
  readonly method: Method;
  readonly path: string;
  readonly query?: Record<string, string | number>;
  readonly body?: object;
  readonly registryAuth?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The status of a reply is judged here, not in docker-modem, which loses whether the engine itself said it. */
const EVERY_STATUS: Record<number, true> = new Proxy({}, { get: () => true });

/** Takes the parts of a reply until its end. (Node's own stream/consumers go through a Blob: 2 ms more for the first.) */
function drain(reply: Readable, take: (part: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    reply.on('data', take);
    reply.on('end', resolve);
    reply.on('error', reject);
  });
}

async function bytesOf(reply: Readable): Promise<Buffer> {
  const parts: Buffer[] = [];
  await drain(reply, (part) => parts.push(part));
  return Buffer.concat(parts);
}

const jsonOf = async (reply: Readable): Promise<unknown> => parseExact((await bytesOf(reply)).toString());

/** Numbers of tasks need not be exact: none that is read is so large that a double rounds it, and none is written back. */
async function tasksOf(reply: Readable): Promise<Task[]> {
  const { add, end } = taskReader();
  const text = new StringDecoder('utf8');
  await drain(reply, (part) => add(text.write(part)));
  return end();
}

/**
 * The engine at an endpoint. Nothing is asked of it until the first call. A call without a signal of its own is, once
 * `interrupted` aborts, only no longer waited for: its request goes on until the process ends.
 * @throws SwarmrollError `failed` when TLS files can't be used
 */
export async function connect(endpoint: Endpoint, interrupted: AbortSignal): Promise<Engine> {
  const { shown, apiVersion: pinned } = endpoint;
  const { agent, headers, prefix, parallel, close } = await transportTo(endpoint);
  const root = pinned === undefined ? prefix : `${prefix}/v${pinned}`;
  // The agent knows where to connect; this is only so that docker-modem does not look for an engine itself. A socket
  // rather than a host, because of a host it makes an address and takes it apart again: 2 ms for the first request.
  const docker = new Docker({ protocol: 'http', socketPath: '/', agent } as Docker.DockerOptions);

  /**
   * One request through dockerode's connection, and its answer as a stream. dockerode's own service calls can't be
   * used everywhere (createService loses the engine's warnings, inspect drops its query), so all go through here.
   */
  const open = (
    { method, path, query, body, registryAuth }: Call,
    signal: AbortSignal,
  ): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      docker.modem.dial(
        {
          method,
          path: `${root}${path}?`,
          options: { _query: query ?? {} },
          // As a stream, so that numbers are read exactly and logs as they are; likewise what is sent.
          isStream: true,
          headers: { ...headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
          ...(body === undefined ? {} : { file: Buffer.from(stringifyExact(body)) }),
          statusCodes: EVERY_STATUS,
          ...(registryAuth === undefined ? {} : { authconfig: { key: registryAuth } }),
          // To listen to a signal costs the first request 1 ms; what ends with the process need not.
          ...(signal === interrupted ? {} : { abortSignal: signal }),
        },
        (error: Error | null, data: unknown) => {
          if (error) reject(error);
          else resolve(data as IncomingMessage);
        },
      );
    });
  const turns = parallel ? atOnce : inTurn();
  const gone = new Promise<never>((_, reject) => {
    interrupted.addEventListener('abort', () => reject(interrupted.reason as Error), { once: true });
  });
  gone.catch(() => undefined);
  /** The reply, once its status says that the request was served. */
  const served = async (request: Call, signal: AbortSignal): Promise<Readable> => {
    const reply = await open(request, signal);
    const { statusCode: status = 0, headers } = reply;
    if (status >= 200 && status < 300) return reply;
    const body = (await bytesOf(reply)).toString();
    throw replyError({ status, contentType: headers['content-type'] ?? '', body }, request.method, endpoint);
  };
  const dial = async <T>(request: Call, read: (reply: Readable) => T | Promise<T>): Promise<T> => {
    const { signal = interrupted, method } = request;
    // A signal may be shared by any number of requests; many listeners Node would take for a leak.
    if (signal !== interrupted) setMaxListeners(0, signal);
    try {
      signal.throwIfAborted();
      const answer = turns(signal, async (until) => read(await served(request, until)));
      return await (signal === interrupted ? Promise.race([answer, gone]) : answer);
    } catch (error) {
      if (signal.aborted || error instanceof EngineError) throw error;
      if (error instanceof SyntaxError) throw notAnEngine(error, method, endpoint);
      throw connectionError(error as ConnectionError, method, endpoint);
    }
  };
  const call = async <T>(request: Call): Promise<T> => (await dial(request, jsonOf)) as T;
  const list = async <T>(path: string, filters: Filters, signal?: AbortSignal): Promise<T[]> => {
    const found = await call<unknown>({ method: 'GET', path, query: asQuery(filters), signal });
    return Array.isArray(found) ? (found as T[]) : [];
  };

  return {
    host: shown,
    parallel,
    pinnedApiVersion: pinned,
    close,
    version: async () => (await call<{ Version: string }>({ method: 'GET', path: '/version' })).Version,
    apiVersion: async (signal) =>
      pinned ?? (await call<{ ApiVersion: string }>({ method: 'GET', path: '/version', signal })).ApiVersion,
    systemTime: async (signal) =>
      Date.parse((await call<{ SystemTime: string }>({ method: 'GET', path: '/info', signal })).SystemTime),
    ownNodeId: async (signal) =>
      (await call<{ Swarm?: { NodeID?: string } }>({ method: 'GET', path: '/info', signal })).Swarm?.NodeID ??
      '',
    service: async (ref, { insertDefaults = false, signal } = {}) => {
      // The engine would take such a path apart and answer with a redirect.
      if (/^\.{0,2}$|\//.test(ref))
        throw new EngineError('notFound', `service ${ref} not found`, { fault: 'gone' });
      return call({
        method: 'GET',
        path: `/services/${encodeURIComponent(ref)}`,
        ...(insertDefaults ? { query: { insertDefaults: 'true' } } : {}),
        signal,
      });
    },
    services: (filters, signal) => list('/services', filters, signal),
    tasks: (filters, signal) =>
      dial({ method: 'GET', path: '/tasks', query: asQuery(filters), signal }, tasksOf),
    nodes: (filters, signal) => list('/nodes', filters, signal),
    networks: (filters) => list('/networks', filters),
    network: (ref) =>
      call({ method: 'GET', path: `/networks/${encodeURIComponent(ref)}`, query: { scope: 'swarm' } }),
    secrets: (filters) => list('/secrets', filters),
    configs: (filters) => list('/configs', filters),
    createService: async (spec, registryAuth, signal) => {
      const made = await call<{ ID: string; Warnings?: string[] | null }>({
        method: 'POST',
        path: '/services/create',
        body: spec,
        registryAuth,
        signal,
      });
      return { ID: made.ID, Warnings: made.Warnings ?? [] };
    },
    updateService: async (id, spec, { version, rollback, registryAuthFrom, registryAuth }, signal) => {
      const reply = await call<{ Warnings?: string[] | null }>({
        method: 'POST',
        path: `/services/${encodeURIComponent(id)}/update`,
        query: {
          version,
          ...(registryAuthFrom === undefined ? {} : { registryAuthFrom }),
          ...(rollback === true ? { rollback: 'previous' } : {}),
        },
        body: spec,
        registryAuth,
        signal,
      });
      return { Warnings: reply.Warnings ?? [] };
    },
    distribution: (image, registryAuth) =>
      call({ method: 'GET', path: `/distribution/${image}/json`, registryAuth }),
    events: (filters, signal) =>
      dial({ method: 'GET', path: '/events', query: asQuery(filters), signal }, (reply) => reply),
    taskLogs: (id, tail, signal) => {
      const query = { stdout: 'true', stderr: 'true', timestamps: 'true', tail };
      return dial({ method: 'GET', path: `/tasks/${id}/logs`, query, signal }, bytesOf);
    },
  };
}
