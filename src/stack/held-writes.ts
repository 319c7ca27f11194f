/**
 * Runs docker against a socket of ours: what it reads comes from the engine, and what it writes is held. When docker has ended
 * with 0, its writes are known exactly, and nothing has been sent.
 */
import type { ServiceSpec } from '../api/service.ts';
import type { Engine, ObjectKind } from '../engine/client.ts';
import { parseExact, stringifyExact } from '../engine/exact-json.ts';
import { SwarmrollError } from '../errors.ts';
import { printable } from '../values/printable.ts';
import { withPrivateSocket } from './private-socket.ts';
import type { SocketReply, SocketRequest } from './private-socket.ts';

/** A network, secret or config as docker writes it. */
export interface ObjectSpec {
  readonly Name?: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly [field: string]: unknown;
}

/** A request of docker that was not sent. The id of what it creates is made up, and stands in the specs that follow. */
export type HeldWrite =
  | { readonly kind: 'create'; readonly of: ObjectKind; readonly id: string; readonly spec: ObjectSpec }
  | {
      readonly kind: 'update';
      readonly of: 'secrets' | 'configs';
      readonly id: string;
      readonly version: number;
      readonly spec: ObjectSpec;
    }
  | {
      readonly kind: 'create' | 'update';
      readonly of: 'services';
      readonly id: string;
      readonly spec: ServiceSpec;
      /** The value of X-Registry-Auth. */
      readonly auth: string | undefined;
    }
  | { readonly kind: 'remove'; readonly of: 'services'; readonly id: string };

export interface Held {
  /** In docker's order. */
  readonly writes: readonly HeldWrite[];
  /** The API version that docker uses. Absent: it names none. */
  readonly apiVersion: string | undefined;
  /** What docker printed on stderr. */
  readonly warnings: string;
}

/** What docker may read. Names and ids have no slash; those of images do. */
const READS =
  /^\/(_ping|info|version|networks|secrets|configs|services)(\/[^/]+)?$|^\/distribution\/[^?]+\/json$/;
/** What docker may write. */
const WRITES: readonly (readonly [method: string, path: RegExp, kind: HeldWrite['kind']])[] = [
  ['POST', /^\/(networks|secrets|configs|services)\/create$/, 'create'],
  ['POST', /^\/(secrets|configs|services)\/([^/]+)\/update$/, 'update'],
  ['DELETE', /^\/(services)\/([^/]+)$/, 'remove'],
];
/** The headers of the engine that docker reads. */
const PASSED_HEADERS = ['api-version', 'builder-version', 'docker-experimental', 'ostype', 'server', 'swarm'];
/** The headers of docker that belong to its own connection. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'accept-encoding',
  'te',
  'expect',
]);

/**
 * @param run runs docker against the host that it gets. Resolves with what docker printed on stderr
 * @throws SwarmrollError what `run` throws; or `refused` if docker asked for anything that is not known
 */
export async function heldWrites(
  engine: Engine,
  signal: AbortSignal,
  run: (host: string) => Promise<string>,
): Promise<Held> {
  const writes: HeldWrite[] = [];
  let apiVersion = engine.pinnedApiVersion;
  let unknown: string | undefined;
  let failure: unknown;

  const answer = async (asked: SocketRequest): Promise<SocketReply> => {
    const { path, query, version } = partsOf(asked.url);
    apiVersion = version ?? apiVersion;
    if (asked.headers.upgrade === undefined) {
      if (isRead(asked.method, path)) return read(asked, path, query);
      const write = writeOf(asked, path, query, writes.length);
      if (write !== undefined) {
        writes.push(write);
        return answerTo(write);
      }
    }
    unknown ??= `${asked.method} ${path}`;
    return json(501, { message: `swarmroll does not know this request: ${asked.method} ${path}` });
  };

  const read = async (
    { url, headers }: SocketRequest,
    path: string,
    query: URLSearchParams,
  ): Promise<SocketReply> => {
    try {
      const reply = await engine.forward(url, passedOn(headers), signal);
      const passed = PASSED_HEADERS.flatMap((name): [string, string][] => {
        const value = reply.header(name);
        return value === undefined ? [] : [[name, value]];
      });
      const body =
        reply.status === 200 && (path === '/secrets' || path === '/configs')
          ? withMadeUp(reply.body, writes, path.slice(1), query)
          : reply.body;
      const type = reply.contentType === '' ? {} : { 'content-type': reply.contentType };
      return { status: reply.status, headers: { ...Object.fromEntries(passed), ...type }, body };
    } catch (error) {
      failure ??= error;
      return json(502, { message: error instanceof Error ? error.message : 'no answer' });
    }
  };

  try {
    const warnings = await withPrivateSocket(answer, run);
    if (unknown === undefined) return { writes, apiVersion, warnings };
  } catch (error) {
    // What the engine's connection says tells more than docker's words for it.
    throw failure ?? error;
  }
  throw new SwarmrollError(
    'refused',
    `docker asked for something that swarmroll does not know: ${printable(unknown)}; nothing was sent`,
    { hint: 'tell the developers of swarmroll, with the version of docker' },
  );
}

function partsOf(url: string): { path: string; query: URLSearchParams; version: string | undefined } {
  const [, version, path = '', query = ''] = /^(?:\/v(\d+\.\d+))?([^?]*)(?:\?(.*))?$/s.exec(url) ?? [];
  return { path, query: new URLSearchParams(query), version };
}

const isRead = (method: string, path: string): boolean =>
  (method === 'GET' || method === 'HEAD') && READS.test(path) && !/\/\.{0,2}(\/|$)/.test(path);

function writeOf(
  { method, headers, body }: SocketRequest,
  path: string,
  query: URLSearchParams,
  count: number,
): HeldWrite | undefined {
  for (const [of, pattern, kind] of WRITES) {
    const [, family = '', id = madeUpId(count)] = (of === method && pattern.exec(path)) || [];
    if (family === '' || /^\.{1,2}$/.test(id)) continue;
    if (kind === 'remove') return { kind, of: 'services', id };
    const auth = headers['x-registry-auth']?.toString();
    const version = Number(query.get('version'));
    // The method, the family and the kind belong together: the patterns say so.
    return { kind, of: family, id, version, spec: parseExact(body), auth } as HeldWrite;
  }
  return undefined;
}

/** An id of the engine's form. */
const madeUpId = (count: number): string => `held${count.toString().padStart(21, '0')}`;

function answerTo({ kind, of, id }: HeldWrite): SocketReply {
  if (kind === 'create') return json(201, of === 'networks' ? { Id: id, Warning: '' } : { ID: id });
  return of === 'services' && kind === 'update' ? json(200, { Warnings: null }) : json(200, '');
}

const json = (status: number, value: object | ''): SocketReply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: value === '' ? '' : JSON.stringify(value),
});

const passedOn = (headers: SocketRequest['headers']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || OWN_HEADERS.has(name) ? [] : [[name, value.toString()]],
    ),
  );

/** A list of secrets or configs, with those that docker believes to have created. It asks for them by their names. */
function withMadeUp(
  body: Buffer,
  writes: readonly HeldWrite[],
  family: string,
  query: URLSearchParams,
): string {
  const filters = (parseExact(query.get('filters') ?? '{}') ?? {}) as Record<string, unknown>;
  const wanted: unknown = filters['name'] ?? {};
  const names = Array.isArray(wanted) ? (wanted as unknown[]) : Object.keys(wanted as object);
  const made = writes.flatMap((write) =>
    write.kind === 'create' && write.of === family && names.includes(write.spec.Name)
      ? [{ ID: write.id, Version: { Index: 1 }, Spec: { ...write.spec, Data: undefined } }]
      : [],
  );
  const list = (parseExact(body.toString()) ?? []) as readonly unknown[];
  return stringifyExact([...list, ...made]);
}
