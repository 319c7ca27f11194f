/**
 * An engine in memory that answers the wire of the Engine API: services with versions, tasks that the model of a swarm moves as
 * the fake clock goes on, and faults that a test injects. integration/fake-engine.test.ts compares it with the real one.
 */
import http from 'node:http';
import type { NodeSpec } from '../../../src/api/cluster.ts';
import type { Service, ServiceSpec, Task } from '../../../src/api/service.ts';
import type { HttpClient } from '../../../src/engine/http.ts';
import { splitOnce } from '../../../src/values/text.ts';
import { makeSwarm } from '../../unit/rollout/support/swarm/swarm.ts';
import type { SwarmNode } from '../../unit/rollout/support/swarm/model.ts';
import { fakeClock } from '../fake-clock.ts';
import type { FakeClock } from '../fake-clock.ts';
import { hangUp } from './faults.ts';
import { digestOf } from './images.ts';
import type { Fault, Reply } from './faults.ts';
import type { Objects } from './objects.ts';
import {
  createStored,
  nodesOf,
  proceed,
  removeStored,
  rollBackStored,
  serviceOf,
  setNode,
  tasksOf,
  updateStored,
} from './services.ts';
import type { Listed, Stored } from './services.ts';
import { answerTo } from './wire.ts';

/** A request that the engine has got. */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The JSON value of the body. */
  readonly body?: unknown;
}

/** A network, secret or config of the fake engine: its id is its name with "-id". */
type Kind = 'networks' | 'secrets' | 'configs';

/** What the engine has, as wire.ts answers with it. */
export interface Store {
  readonly clock: FakeClock;
  readonly services: () => readonly Service[];
  readonly tasks: () => readonly Listed[];
  readonly nodes: () => ReturnType<typeof nodesOf>;
  readonly updateNode: (id: string, spec: NodeSpec) => void;
  readonly names: Readonly<Record<Kind, Set<string>>>;
  /** The configs and secrets that were created over the wire. */
  readonly objects: Objects;
  /** A number that it has not given before. */
  readonly nextNumber: () => number;
  /** @param at when (ms, by the clock); absent: now */
  readonly create: (spec: ServiceSpec, at?: number) => Service;
  readonly update: (id: string, spec: ServiceSpec | 'previous') => void;
  readonly remove: (id: string) => void;
}

export interface FakeEngine {
  readonly clock: FakeClock;
  /** The client of this engine, as src/engine has it. */
  readonly http: HttpClient;
  /** The changes that it was asked for, with their bodies. */
  readonly changes: readonly Request[];
  /** The same in short: "create", "update web registryAuthFrom=spec", "update web rollback=previous", "remove web". */
  readonly sent: () => readonly string[];
  /** All requests: "GET /services/x". */
  readonly requests: readonly string[];
  /**
   * Stores a service that has run for a minute: one task, short waits. @param changes parts of its spec that are different
   * @returns its id
   */
  readonly given: (name: string, image?: string, changes?: Partial<ServiceSpec>) => string;
  /** A service by its name, as it is stored now. @throws if there is none */
  readonly stored: (name: string) => Service;
  /** Its tasks. */
  readonly tasks: (name: string) => readonly Task[];
  /** How many tasks are wanted or complete: `{'ping:1.0 running': 2}`. */
  readonly states: (name: string) => Record<string, number>;
  readonly names: Store['names'];
  readonly objects: Objects;
  /** A change by somebody else, at this moment. */
  readonly change: (name: string, change: (spec: ServiceSpec) => void) => void;
  readonly remove: (name: string) => void;
  readonly setNode: (id: string, to: SwarmNode['availability'] | 'down') => void;
  /** The spec of a node as it is stored now. */
  readonly node: (id: string) => NodeSpec;
  /**
   * Makes the requests fail from now on whose "METHOD /path?query" matches, after the first `skip` of them, and at most
   * `times` of them. Of several faults, the one that was injected first applies.
   * @returns how many requests it has met
   */
  readonly inject: (
    request: RegExp,
    fault: Fault,
    limits?: { skip?: number; times?: number },
  ) => () => number;
  /** Listens at a socket, for other processes. */
  readonly listen: (path: string) => Promise<void>;
  readonly close: () => void;
}

export function fakeEngine(): FakeEngine {
  const clock = fakeClock();
  const stored = new Map<string, Stored>();
  const names: Store['names'] = { networks: new Set(['ingress']), secrets: new Set(), configs: new Set() };
  const objects: Objects = { secrets: [], configs: [] };
  let numbers = 0;
  const changes: Request[] = [];
  /** The names of all services that there have been, by their ids. */
  const known = new Map<string, string>();
  const requests: string[] = [];
  const injected: ((line: string) => Fault | undefined)[] = [];
  const streams = new Set<(line: string) => void>();
  const changedNodes = new Map<string, { version: number; labels: Record<string, string> }>();
  const { nodes } = makeSwarm({ reaction: 0, pull: 0, start: 0, stop: 0 });
  let count = 0;

  const all = (): readonly Stored[] => {
    for (const one of stored.values()) proceed(one, clock.now());
    return [...stored.values()];
  };
  const find = (id: string): Stored => {
    const one = all().find((each) => each.id === id || each.name === id);
    if (one === undefined) throw new Error(`there is no service ${id}`);
    return one;
  };
  const tell = (Type: string, Action: string, ID: string): void => {
    const time = Math.floor(clock.date().getTime() / 1_000);
    for (const send of streams)
      send(`${JSON.stringify({ Type, Action, Actor: { ID }, scope: 'swarm', time })}\n`);
  };
  const moveNode = (id: string, to: SwarmNode['availability'] | 'down'): void => {
    for (const one of [...all().map(({ swarm }) => swarm.nodes), nodes].flat()) {
      if (one.id === id)
        Object.assign(one, to === 'down' ? { down: true } : { down: false, availability: to });
    }
    for (const one of all()) setNode(one, id, to);
    tell('node', 'update', id);
  };
  const store: Store = {
    clock,
    names,
    objects,
    nextNumber: () => (numbers += 1),
    services: () => all().map(serviceOf),
    tasks: () => all().flatMap(tasksOf),
    nodes: () => nodesOf(nodes, changedNodes),
    updateNode: (id, { Availability, Labels }) => {
      const { zone, ...labels } = Labels ?? {};
      changedNodes.set(id, { version: (changedNodes.get(id)?.version ?? 1) + 1, labels });
      moveNode(id, Availability as SwarmNode['availability']);
    },
    create: (spec, at = clock.now()) => {
      count += 1;
      const one = createStored(spec, at, count);
      stored.set(one.id, one);
      known.set(one.id, one.name);
      for (const { id, down, availability } of nodes) setNode(one, id, down ? 'down' : availability);
      tell('service', 'create', one.id);
      return serviceOf(one);
    },
    update: (id, spec) => {
      const one = find(id);
      if (spec === 'previous') rollBackStored(one);
      else updateStored(one, spec);
      tell('service', 'update', id);
    },
    remove: (id) => {
      removeStored(find(id));
      stored.delete(id);
      tell('service', 'remove', id);
    },
  };

  const handle = async (request: Request): Promise<Reply> => {
    const { method, path, query } = request;
    const line = `${method} ${path}${query.size === 0 ? '' : `?${decodeURIComponent(String(query))}`}`;
    requests.push(line);
    if (method !== 'GET') changes.push(request);
    const pass = (): Promise<Reply> => Promise.resolve(answerTo(request, store));
    for (const faultFor of injected) {
      const fault = faultFor(line);
      if (fault !== undefined) return fault(pass);
    }
    return pass();
  };

  /** The body of a reply, and of the event stream until the signal aborts. */
  async function* bodyOf(request: Request, reply: Reply, signal?: AbortSignal): AsyncGenerator<Buffer> {
    const bytes = bytesOf(reply);
    if (reply.isCut === true) {
      yield bytes.subarray(0, bytes.length / 2);
      throw hangUp();
    }
    if (request.path !== '/events' || reply.status !== 200) {
      yield bytes;
      return;
    }
    const lines: string[] = [];
    let hear = (): void => undefined;
    const send = (line: string): void => {
      lines.push(line);
      hear();
    };
    streams.add(send);
    signal?.addEventListener('abort', () => hear(), { once: true });
    while (signal?.aborted !== true) {
      const next = lines.shift();
      if (next !== undefined) yield Buffer.from(next);
      else await new Promise<void>((resolve) => (hear = resolve));
    }
    streams.delete(send);
  }

  const client: HttpClient = {
    parallel: true,
    close: () => undefined,
    send: ({ method, path: whole, headers, body, signal }) => {
      const [pathname, query] = splitOnce(whole, '?');
      const request: Request = {
        method,
        path: decodeURIComponent(pathname),
        query: new URLSearchParams(query),
        headers: Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
        ),
        ...(body === undefined ? {} : { body: JSON.parse(body) as unknown }),
      };
      return new Promise((resolve, reject) => {
        const abort = (): void => reject(signal?.reason as Error);
        if (signal?.aborted === true) {
          abort();
          return;
        }
        signal?.addEventListener('abort', abort, { once: true });
        handle(request)
          .then((reply) =>
            resolve({
              status: reply.status,
              contentType: typeOf(reply),
              header: () => undefined,
              body: bodyOf(request, reply, signal),
            }),
          )
          .catch(reject)
          .finally(() => signal?.removeEventListener('abort', abort));
      });
    },
  };

  let server: http.Server | undefined;
  return {
    clock,
    http: client,
    changes,
    sent: () => changes.map((request) => inShort(request, known)),
    requests,
    names,
    objects,
    given: (name, image = 'ping:1.0', given = {}) =>
      store.create({ ...specOf(name, image), ...given }, clock.now() - RUN_FOR).ID,
    stored: (name) => serviceOf(find(name)),
    tasks: (name) => tasksOf(find(name)).map(({ task }) => task),
    states: (name) => statesOf(tasksOf(find(name)).map(({ task }) => task)),
    change: (name, change) => {
      const spec = structuredClone(serviceOf(find(name)).Spec);
      change(spec);
      store.update(find(name).id, spec);
    },
    remove: (name) => store.remove(find(name).id),
    setNode: moveNode,
    node: (id) => {
      const node = store.nodes().find(({ ID }) => ID === id);
      if (node === undefined) throw new Error(`there is no node ${id}`);
      return node.Spec;
    },
    inject: (request, fault, { skip = 0, times = Infinity } = {}) => {
      let met = 0;
      injected.push((line) => {
        if (!request.test(line)) return undefined;
        met += 1;
        return met > skip && met <= skip + times ? fault : undefined;
      });
      return () => Math.min(Math.max(0, met - skip), times);
    },
    listen: (path) => {
      server = http.createServer((incoming, response) => {
        const chunks: Buffer[] = [];
        incoming
          .on('data', (chunk: Buffer) => chunks.push(chunk))
          .on('end', () => {
            const { method = '', url = '', headers } = incoming;
            const { pathname, searchParams: query } = new URL(url, 'http://engine');
            const text = Buffer.concat(chunks).toString();
            const body = text === '' ? {} : { body: JSON.parse(text) as unknown };
            const path = decodeURIComponent(pathname);
            handle({ method, path, query, headers: headers as Request['headers'], ...body }).then(
              (reply) =>
                response
                  .writeHead(reply.status, reply.body === undefined ? {} : { 'Content-Type': typeOf(reply) })
                  .end(bytesOf(reply)),
              () => response.destroy(),
            );
          });
      });
      return new Promise((resolve) => server?.listen(path, resolve));
    },
    close: () => {
      server?.close();
      server?.closeAllConnections();
    },
  };
}

/** How long the services of a test have run at its beginning (ms). */
const RUN_FOR = 60_000;

/** The spec of a service with one task, which is watched for half a second and restarted after as long. */
function specOf(Name: string, reference: string): ServiceSpec {
  const config = { Parallelism: 1, Monitor: 5e8, MaxFailureRatio: 0 };
  const digest = digestOf(reference);
  const Image = digest === undefined ? reference : `${reference}@${digest}`;
  return {
    Name,
    TaskTemplate: {
      ContainerSpec: { Image },
      RestartPolicy: { Delay: 5e8 },
      Placement: digest === undefined ? {} : { Platforms: [{ Architecture: 'amd64', OS: 'linux' }] },
    },
    Mode: { Replicated: { Replicas: 1 } },
    UpdateConfig: config,
    RollbackConfig: config,
    EndpointSpec: { Mode: 'vip' },
  };
}

function inShort({ method, path, query }: Request, names: ReadonlyMap<string, string>): string {
  const [, , id = '', action = 'remove'] = path.split('/');
  if (id === 'create') return 'create';
  if (path.startsWith('/nodes/')) return `node ${id}`;
  const options = [...query]
    .filter(([name]) => name !== 'version')
    .map(([name, value]) => `${name}=${value}`);
  return [method === 'DELETE' ? 'remove' : action, names.get(id) ?? id, ...options].join(' ');
}

const bytesOf = ({ body }: Reply): Buffer =>
  Buffer.isBuffer(body)
    ? body
    : Buffer.from(body === undefined ? '' : typeof body === 'string' ? body : `${JSON.stringify(body)}\n`);

const typeOf = ({ body }: Reply): string =>
  body === undefined
    ? ''
    : Buffer.isBuffer(body)
      ? 'application/vnd.docker.multiplexed-stream'
      : typeof body !== 'string'
        ? 'application/json'
        : body.startsWith('<')
          ? 'text/html'
          : 'text/plain';

function statesOf(tasks: readonly Task[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { Spec, Status, DesiredState } of tasks) {
    if (DesiredState !== 'running' && Status.State !== 'complete') continue;
    const key = `${(Spec.ContainerSpec?.Image ?? '').replace(/@.*/, '')} ${Status.State}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}
