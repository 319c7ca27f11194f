/**
 * Reads the tasks for `ps` in one round trip of parallel requests. Another one comes first for `node=self`. Another one
 * comes after it if a reference matches no service, or if a filter selects tasks of other services.
 */
import type { Engine, Filters } from '../engine/client.ts';
import type { Node } from '../api/cluster.ts';
import type { Service, Task } from '../api/service.ts';
import { findServices, noSuchServices } from '../engine/find-services.ts';
import { forShow } from '../engine/for-show.ts';
import { groupBy } from '../values/group-by.ts';

interface ReadOptions {
  /** The filters of the command line. */
  readonly filters: readonly (readonly [name: string, value: string])[];
  /** Whether to read the names of the nodes. */
  readonly nodeNames: boolean;
  readonly signal: AbortSignal;
}

interface Tasks {
  readonly tasks: readonly Task[];
  /** Names of services by id. */
  readonly services: ReadonlyMap<string, string>;
  /** Names of nodes by id; empty without `nodeNames`. */
  readonly nodes: ReadonlyMap<string, string>;
  /** The references that match no service. */
  readonly missing: readonly string[];
  /** Why some of the names cannot be read. */
  readonly noNames: readonly string[];
}

/** What an id or its prefix looks like. A name such as `STACK_SERVICE` does not match, which saves a request. */
const ID_PREFIX = /^[a-z0-9]{1,25}$/;

/**
 * Reads the tasks of services, with the names of the services and nodes.
 * @param refs names, ids, or unique prefixes of ids
 * @throws SwarmrollError `notFound` if no reference matches a service; `refused` if one matches several services, or if
 *   the engine refuses a filter
 */
export async function readTasks(
  engine: Engine,
  refs: readonly string[],
  { filters, nodeNames, signal }: ReadOptions,
): Promise<Tasks> {
  const noNames: string[] = [];
  const resolved = await withOwnNode(engine, filters, signal);
  const tasksOf = (services: readonly string[]) => engine.tasks(merge(resolved, services), signal);
  // The engine resolves the same references, so this request need not wait for the ids of the services.
  const ids = refs.filter((ref) => ID_PREFIX.test(ref));
  const early = tasksOf(refs).catch((error: unknown) => ({ error }));
  const [byId, byName, nodes] = await Promise.all([
    ids.length === 0 ? [] : engine.services({ id: ids }, signal),
    engine.services({ name: refs }, signal),
    nodeNames ? forShow(engine.nodes({}, signal), (reason) => noNames.push(reason)) : [],
  ]);
  const { services, missing } = findServices(refs, [...byId, ...byName]);
  if (services.length === 0) throw noSuchServices(missing, engine.host);
  // If the engine does not find one of the references, it returns no tasks at all.
  const tasks = missing.length === 0 ? await early : await tasksOf(services.map(({ ID }) => ID));
  if ('error' in tasks) throw tasks.error;
  return {
    tasks,
    services: await serviceNames(engine, tasks, services, noNames, signal),
    nodes: namesOfNodes(nodes ?? []),
    missing,
    noNames,
  };
}

/** The names of nodes, by id. */
const namesOfNodes = (nodes: readonly Node[]): Map<string, string> =>
  new Map(nodes.map(({ ID, Spec, Description }) => [ID, Spec.Name || Description?.Hostname || ID]));

/** Replaces `node=self` by the id of the node that answers. The engine's filter only accepts names and ids. */
async function withOwnNode(
  engine: Engine,
  filters: ReadOptions['filters'],
  signal: AbortSignal,
): Promise<ReadOptions['filters']> {
  const isSelf = ([name, value]: readonly [string, string]): boolean => name === 'node' && value === 'self';
  if (!filters.some(isSelf)) return filters;
  const id = await engine.ownNodeId(signal);
  return filters.map((one) => (isSelf(one) ? ['node', id] : one));
}

/** The filters for the Engine API: those of the command line, and the services. */
function merge(filters: ReadOptions['filters'], services: readonly string[]): Filters {
  const all = [...filters, ...services.map((one) => ['service', one] as const)];
  const byName = groupBy(all, ([name]) => name);
  return Object.fromEntries([...byName].map(([name, same]) => [name, same.map(([, value]) => value)]));
}

/**
 * The names of the services that have one of the tasks. A filter can select tasks of services that no operand names.
 * @param noNames gets the reason if they cannot be read
 */
async function serviceNames(
  engine: Engine,
  tasks: readonly Task[],
  known: readonly Service[],
  noNames: string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map(known.map(({ ID, Spec }) => [ID, Spec.Name ?? ID]));
  const others = [...new Set(tasks.map(({ ServiceID }) => ServiceID))].filter((id) => !names.has(id));
  if (others.length > 0) {
    const found = await forShow(engine.services({ id: others }, signal), (reason) => noNames.push(reason));
    for (const { ID, Spec } of found ?? []) names.set(ID, Spec.Name ?? ID);
  }
  return names;
}
