/** The Engine's Swarm API: one function an endpoint, in terms of the wire types of src/api. */
import { EngineError } from '../errors.ts';
import type { ClusterVolume, Distribution, Named, Network, Node, NodeSpec } from '../api/cluster.ts';
import { complete } from '../api/complete-spec.ts';
import type { Service, ServiceSpec, Task } from '../api/service.ts';
import type { Endpoint } from '../connection/connection.ts';
import { parseExact } from '../values/exact-json.ts';
import { httpClientFor } from './http-client.ts';
import { readBytes, readJson, readTaskList, requestSender } from './request.ts';
import type { Caller, EngineRequest, ForwardRequest } from './request.ts';
import type { HttpClient } from './http.ts';

/** Filters of a list: name → accepted values. An item has to match one value of every name. */
export type Filters = Readonly<Record<string, readonly string[]>>;

/** How the engine applies an update. */
export interface UpdateOptions {
  /** Version.Index of the service that was read; the engine refuses the update when it has changed since. */
  readonly version: number;
  /** Go back to the previous spec; the engine ignores the spec that is sent. */
  readonly rollback?: boolean;
  /** "spec": keep the credentials that the engine has stored with the current spec. */
  readonly registryAuthFrom?: 'spec';
  /** The value of X-Registry-Auth; not sent when undefined. */
  readonly registryAuth?: string | undefined;
}

/** What a stack consists of beside services. */
export type ObjectKind = 'networks' | 'secrets' | 'configs';

/**
 * A swarm manager. Every function throws EngineError (kind `unreachable`, `notManager`, `notFound` or `refused`, and a
 * fault), or the signal's reason when `signal` aborted. `registryAuth` is the value of the X-Registry-Auth header.
 */
export interface Engine {
  /** The address as it is shown to people. */
  readonly host: string;
  /**
   * Whether requests run in parallel. Over ssh there is one connection and a request queue, so a request that never
   * ends, such as the event stream, would block all others.
   */
  readonly parallel: boolean;
  /** The API version that DOCKER_API_VERSION sets, "1.41"; undefined when the engine's own version is used. */
  readonly pinnedApiVersion: string | undefined;
  /** The API version in use, "1.51": the pinned one, or the engine's own. */
  apiVersion(signal?: AbortSignal): Promise<string>;
  /** The manager's wall clock: milliseconds since the epoch. */
  systemTime(signal?: AbortSignal): Promise<number>;
  /** The id of the node that this manager runs on; "" when it is in no swarm. */
  ownNodeId(signal?: AbortSignal): Promise<string>;
  /**
   * A service by id, name or unique id prefix; the engine resolves it in that order.
   * @param options `insertDefaults`: the engine fills in the defaults of what the spec leaves out
   */
  service(ref: string, options?: { insertDefaults?: boolean; signal?: AbortSignal }): Promise<Service>;
  services(filters: Filters, signal?: AbortSignal): Promise<Service[]>;
  /** All services, each with the number of its running tasks. Engines before API 1.41 leave that out. */
  servicesWithStatus(signal?: AbortSignal): Promise<Service[]>;
  tasks(filters: Filters, signal?: AbortSignal): Promise<Task[]>;
  /** The tasks with every digit of the numbers in their specs, which `tasks` rounds: for specs that are posted again. */
  exactTasks(filters: Filters, signal?: AbortSignal): Promise<Task[]>;
  nodes(filters: Filters, signal?: AbortSignal): Promise<Node[]>;
  /** The volumes of the swarm, which CSI plugins make. The manager's own volumes are none of them. */
  clusterVolumes(signal?: AbortSignal): Promise<ClusterVolume[]>;
  /** Changes a node. @param version the index that was read */
  updateNode(id: string, version: number, spec: NodeSpec, signal?: AbortSignal): Promise<void>;
  networks(filters: Filters): Promise<Named[]>;
  /** A network of the swarm by name, id or unique id prefix; the engine resolves it. */
  network(ref: string): Promise<Network>;
  secrets(filters: Filters): Promise<Named[]>;
  configs(filters: Filters): Promise<Named[]>;
  /** A spec without a placement is completed before it is sent: by `createService` and by `updateService`. */
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
  removeService(id: string, signal?: AbortSignal): Promise<void>;
  /** Creates a network, secret or config. @returns its id */
  createObject(kind: ObjectKind, spec: object, signal?: AbortSignal): Promise<string>;
  /** Changes the labels of a secret or config. @param version the index that was read */
  updateObject(
    kind: Exclude<ObjectKind, 'networks'>,
    id: string,
    version: number,
    spec: object,
    signal?: AbortSignal,
  ): Promise<void>;
  removeObject(kind: ObjectKind, id: string, signal?: AbortSignal): Promise<void>;
  /** An image's digest and platforms; the engine asks the image's registry. */
  distribution(image: string, registryAuth?: string): Promise<Distribution>;
  /** The event stream from now on, one JSON object a line, until the signal aborts. */
  events(filters: Filters, signal: AbortSignal): Promise<AsyncIterable<Buffer>>;
  /**
   * The end of a task's log: stdout and stderr with timestamps, in the engine's multiplexed format.
   * @param tail how many lines
   */
  taskLogs(id: string, tail: number, signal?: AbortSignal): Promise<Buffer>;
  /** Sends somebody else's GET request as it is. */
  forward: ForwardRequest;
  /** The same manager, asked with another API version, "1.45". */
  at(apiVersion: string): Engine;
  /** Kills the ssh processes that connect to the engine. Called when the process exits. */
  close(): void;
}

const filtersQuery = (filters: Filters): Record<string, string> =>
  Object.keys(filters).length === 0 ? {} : { filters: JSON.stringify(filters) };

/**
 * The client of the engine at an endpoint. It sends nothing before the first call.
 * @param command `interrupted`: the signal of calls that have none. When it aborts, those calls reject, but their requests
 * go on until the process ends. `waits` knows of these calls
 * @param clientFor makes the HTTP client
 * @throws SwarmrollError `failed` when the TLS files can't be used
 */
export async function connect(
  endpoint: Endpoint,
  command: Caller,
  clientFor = httpClientFor,
): Promise<Engine> {
  return engineOver(endpoint, await clientFor(endpoint), command);
}

function engineOver(endpoint: Endpoint, http: HttpClient, command: Caller): Engine {
  const { send, forward } = requestSender(endpoint, http, command);
  const json = async <T>(request: EngineRequest): Promise<T> => (await send(request, readJson)) as T;
  const get = <T>(path: string, signal?: AbortSignal): Promise<T> => json({ method: 'GET', path, signal });
  const updateIn = async (kind: string, id: string, version: number, body: object, signal?: AbortSignal) => {
    const path = `/${kind}/${encodeURIComponent(id)}/update`;
    await send({ method: 'POST', path, query: { version }, body, signal }, readBytes);
  };
  const removeFrom = async (kind: string, id: string, signal?: AbortSignal): Promise<void> => {
    await send({ method: 'DELETE', path: `/${kind}/${encodeURIComponent(id)}`, signal }, readBytes);
  };
  const tasksBy =
    (parseJson: (text: string) => unknown): Engine['tasks'] =>
    (filters, signal) =>
      send({ method: 'GET', path: '/tasks', query: filtersQuery(filters), signal }, (body) =>
        readTaskList(body, parseJson),
      );
  const list = async <T>(path: string, query: Record<string, string>, signal?: AbortSignal): Promise<T[]> => {
    const found = await json<unknown>({ method: 'GET', path, query, signal });
    // Engines write an empty list as null.
    return Array.isArray(found) ? (found as T[]) : [];
  };

  return {
    host: endpoint.shown,
    parallel: http.parallel,
    pinnedApiVersion: endpoint.apiVersion,
    close: http.close,
    apiVersion: async (signal) =>
      endpoint.apiVersion ?? (await get<{ ApiVersion: string }>('/version', signal)).ApiVersion,
    systemTime: async (signal) => Date.parse((await get<{ SystemTime: string }>('/info', signal)).SystemTime),
    ownNodeId: async (signal) =>
      (await get<{ Swarm?: { NodeID?: string } }>('/info', signal)).Swarm?.NodeID ?? '',
    service: async (ref, { insertDefaults = false, signal } = {}) => {
      // The engine's router would clean such a path and answer with a redirect (gorilla/mux Router.ServeHTTP).
      if (/^\.{0,2}$|\//.test(ref))
        throw new EngineError('notFound', `service ${ref} not found`, { fault: 'gone' });
      return json({
        method: 'GET',
        path: `/services/${encodeURIComponent(ref)}`,
        ...(insertDefaults ? { query: { insertDefaults: 'true' } } : {}),
        signal,
      });
    },
    services: (filters, signal) => list('/services', filtersQuery(filters), signal),
    servicesWithStatus: (signal) => list('/services', { status: 'true' }, signal),
    tasks: tasksBy(JSON.parse),
    exactTasks: tasksBy(parseExact),
    nodes: (filters, signal) => list('/nodes', filtersQuery(filters), signal),
    clusterVolumes: async (signal) => {
      type Listed = Pick<ClusterVolume, 'Name' | 'Driver'> & { ClusterVolume?: Partial<ClusterVolume> };
      const { Volumes } = await get<{ Volumes?: Listed[] | null }>('/volumes', signal);
      return (Volumes ?? []).flatMap(({ Name, Driver, ClusterVolume: own }) =>
        own === undefined ? [] : [{ Name, Driver, Spec: own.Spec ?? {}, Info: own.Info ?? null }],
      );
    },
    updateNode: (id, version, spec, signal) => updateIn('nodes', id, version, spec, signal),
    networks: (filters) => list('/networks', filtersQuery(filters)),
    network: (ref) =>
      json({ method: 'GET', path: `/networks/${encodeURIComponent(ref)}`, query: { scope: 'swarm' } }),
    secrets: (filters) => list('/secrets', filtersQuery(filters)),
    configs: (filters) => list('/configs', filtersQuery(filters)),
    createService: async (spec, registryAuth, signal) => {
      const created = await json<{ ID: string; Warnings?: string[] | null }>({
        method: 'POST',
        path: '/services/create',
        body: complete(spec),
        registryAuth,
        signal,
      });
      return { ID: created.ID, Warnings: created.Warnings ?? [] };
    },
    updateService: async (id, spec, { version, rollback, registryAuthFrom, registryAuth }, signal) => {
      const reply = await json<{ Warnings?: string[] | null }>({
        method: 'POST',
        path: `/services/${encodeURIComponent(id)}/update`,
        query: {
          version,
          ...(registryAuthFrom === undefined ? {} : { registryAuthFrom }),
          ...(rollback === true ? { rollback: 'previous' } : {}),
        },
        body: complete(spec),
        registryAuth,
        signal,
      });
      return { Warnings: reply.Warnings ?? [] };
    },
    removeService: (id, signal) => removeFrom('services', id, signal),
    createObject: async (kind, spec, signal) => {
      const request = { method: 'POST', path: `/${kind}/create`, body: spec, signal } as const;
      const { Id, ID } = await json<{ Id?: string; ID?: string }>(request);
      return Id ?? ID ?? '';
    },
    updateObject: updateIn,
    removeObject: removeFrom,
    forward,
    at: (apiVersion) => engineOver({ ...endpoint, apiVersion }, http, command),
    distribution: (image, registryAuth) =>
      json({
        method: 'GET',
        path: `/distribution/${image}/json`,
        registryAuth,
        waitsFor: `the registry to answer about ${image}`,
      }),
    events: (filters, signal) =>
      send({ method: 'GET', path: '/events', query: filtersQuery(filters), signal }, (reply) => reply),
    taskLogs: (id, tail, signal) => {
      const query = { stdout: 'true', stderr: 'true', timestamps: 'true', tail };
      return send({ method: 'GET', path: `/tasks/${id}/logs`, query, signal }, readBytes);
    },
  };
}
