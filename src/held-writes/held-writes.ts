/**
 * Runs docker against a socket of ours: what it reads comes from the engine, and what it writes is held. When docker has ended
 * with 0, its writes are known exactly, and nothing has been sent.
 */
import type { ServiceSpec } from '../api/service.ts';
import type { Call } from '../command-line/command.ts';
import type { Engine, ObjectKind } from '../engine/client.ts';
import { objectIn } from '../values/exact-json.ts';
import { SwarmrollError } from '../errors.ts';
import { printable } from '../values/printable.ts';
import { dockerReads, jsonReply } from './docker-reads.ts';
import { withPrivateSocket } from './private-socket.ts';
import type { AnswerRequest, SocketReply, SocketRequest } from './private-socket.ts';
import type { MadeUp, Snapshot } from './snapshot.ts';

/** A network, secret or config as docker writes it. */
export interface ObjectSpec {
  readonly Name?: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly [field: string]: unknown;
}

/** A network, secret or config that docker would create or update. */
export interface HeldObject {
  readonly kind: 'create' | 'update';
  readonly of: ObjectKind;
  readonly id: string;
  readonly spec: ObjectSpec;
}

/** A service that docker would create or update. */
export interface HeldService {
  readonly kind: 'create' | 'update';
  readonly of: 'services';
  readonly id: string;
  readonly spec: ServiceSpec;
  /** The value of X-Registry-Auth. */
  readonly auth: string | undefined;
}

/** A request of docker that was not sent. The id of what it creates is made up, and stands in the specs that follow. */
export type HeldWrite =
  HeldObject | HeldService | { readonly kind: 'remove'; readonly of: 'services'; readonly id: string };

export const heldServices = (writes: readonly HeldWrite[]): readonly HeldService[] =>
  writes.filter((write) => write.of === 'services' && write.kind !== 'remove');

export const heldObjects = (writes: readonly HeldWrite[]): readonly HeldObject[] =>
  writes.filter((write) => write.of !== 'services');

interface Held {
  /** In docker's order. */
  readonly writes: readonly HeldWrite[];
  /** The API version that docker uses. Absent: it names none. */
  readonly apiVersion: string | undefined;
  /** What docker printed on stderr. */
  readonly warnings: string;
  readonly snapshot: Snapshot;
  /** The images whose look-up has failed. */
  readonly unresolved: ReadonlySet<string>;
}

/** What docker may read. The engine has nothing of a name with a slash, but a name in the file may have one. */
const READS =
  /^\/(_ping|info|version|services)(\/[^/]+)?$|^\/(networks|secrets|configs)(\/.+)?$|^\/distribution\/.+\/json$/;
/** What docker may write. */
const WRITES: readonly (readonly [method: string, path: RegExp, kind: HeldWrite['kind']])[] = [
  ['POST', /^\/(networks|secrets|configs|services)\/create$/, 'create'],
  ['POST', /^\/(secrets|configs|services)\/([^/]+)\/update$/, 'update'],
  ['DELETE', /^\/(services)\/([^/]+)$/, 'remove'],
];
/**
 * @param readSnapshot, imagesIn those of `dockerReads`. They are called when docker has been started
 * @param run runs docker against the host that it gets, once or twice. Resolves with what docker printed on stderr
 * @throws SwarmrollError what `run` throws, the error of the snapshot, or `refused` if docker asked for anything that is not known
 */
export async function heldWrites(
  engine: Engine,
  world: Pick<Call['world'], 'atExit' | 'clock' | 'interrupted'>,
  readSnapshot: () => Promise<Snapshot>,
  imagesIn: (snapshot: Snapshot) => Promise<readonly string[]>,
  run: (host: string) => Promise<string>,
): Promise<Held> {
  const reads = dockerReads(engine, readSnapshot, imagesIn, world);
  let apiVersion = engine.pinnedApiVersion;
  let writes: HeldWrite[] = [];
  let unknown: string | undefined;
  let failure: unknown;

  const answer: AnswerRequest = async (asked, respond) => {
    const { path, query, version } = partsOf(asked.url);
    apiVersion = version ?? apiVersion;
    if (asked.headers.upgrade === undefined) {
      try {
        if (isRead(asked.method, path)) {
          await reads.answer(asked, path, query, madeUp(writes), respond);
          return;
        }
      } catch (error) {
        failure ??= error;
        return respond(jsonReply(502, { message: error instanceof Error ? error.message : 'no answer' }));
      }
      const write = writeOf(asked, path, writes.length);
      if (write !== undefined) {
        writes.push(write);
        return respond(answerTo(write));
      }
    }
    unknown ??= `${asked.method} ${path}`;
    return respond(
      jsonReply(501, { message: `swarmroll does not know this request: ${asked.method} ${path}` }),
    );
  };

  try {
    return await withPrivateSocket(answer, world, async (host) => {
      const running = run(host);
      // docker takes a while to start.
      const snapshot = reads.begin();
      let warnings = await running;
      if (reads.endFirstRun() && unknown === undefined) {
        writes = [];
        warnings = await run(host);
      }
      if (unknown === undefined)
        return {
          ...{ writes, apiVersion, warnings, snapshot: await snapshot },
          unresolved: reads.unresolved,
        };
      throw new SwarmrollError(
        'refused',
        `docker asked for something that swarmroll does not know: ${printable(unknown)}; nothing was sent`,
        { hint: 'tell the developers of swarmroll, with the version of docker' },
      );
    });
  } catch (error) {
    // What the engine's connection says tells more than docker's words for it.
    throw failure ?? error;
  }
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
  count: number,
): HeldWrite | undefined {
  for (const [of, pattern, kind] of WRITES) {
    const [, family = '', id = madeUpId(count)] = (of === method && pattern.exec(path)) || [];
    if (family === '' || /^\.{1,2}$/.test(id)) continue;
    if (kind === 'remove') return { kind, of: 'services', id };
    const auth = headers['x-registry-auth']?.toString();
    const spec = objectIn(body);
    // The method, the family and the kind belong together: the patterns say so.
    return spec === undefined ? undefined : ({ kind, of: family, id, spec, auth } as HeldWrite);
  }
  return undefined;
}

/** An id of the engine's form. */
const madeUpId = (count: number): string => `held${count.toString().padStart(21, '0')}`;

function answerTo({ kind, of, id }: HeldWrite): SocketReply {
  if (kind === 'create') return jsonReply(201, of === 'networks' ? { Id: id, Warning: '' } : { ID: id });
  return of === 'services' && kind === 'update' ? jsonReply(200, { Warnings: null }) : jsonReply(200, '');
}

/** What docker believes to have created. It asks for the ids. */
const madeUp = (writes: readonly HeldWrite[]): readonly MadeUp[] =>
  heldObjects(writes)
    .filter(({ kind }) => kind === 'create')
    .map(({ of, id: ID, spec }) => ({
      of,
      object: { ID, Version: { Index: 1 }, Spec: { ...spec, Data: undefined } },
    }));
