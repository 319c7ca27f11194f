/**
 * What `ps` asks of the engine: one round trip of parallel requests. Another comes before it for `node=self`, and after
 * it where a reference is wrong or a filter brings the tasks of other services.
 */
import type { Engine, Filters } from '../engine/client.ts';
import type { Service, Task } from '../api/service.ts';
import { findServices, noSuchServices } from '../engine/find-services.ts';

export interface Wanted {
  /** Of tasks, as the command line gave them. */
  readonly filters: readonly (readonly [name: string, value: string])[];
  /** Whether the nodes' names will be shown. */
  readonly nodeNames: boolean;
  readonly signal: AbortSignal;
}

export interface Tasks {
  readonly tasks: readonly Task[];
  /** Names by id. */
  readonly services: ReadonlyMap<string, string>;
  readonly nodes: ReadonlyMap<string, string>;
  /** The references that mean no service. */
  readonly missing: readonly string[];
}

/** What can be the beginning of an id; the names of a stack's services have a _ in them. */
const PART_OF_ID = /^[a-z0-9]{1,25}$/;

/**
 * The tasks of the services that `refs` mean, with the names they are shown by.
 * @throws SwarmrollError when no reference means a service, when one means several, or the engine refuses a filter
 */
export async function readTasks(
  engine: Engine,
  refs: readonly string[],
  { filters, nodeNames, signal }: Wanted,
): Promise<Tasks> {
  const resolved = await withOwnNode(engine, filters, signal);
  const tasksOf = (services: readonly string[]) => engine.tasks(merge(resolved, services), signal);
  // The engine knows services by the same references, so that their ids need not be known first.
  const ids = refs.filter((ref) => PART_OF_ID.test(ref));
  const early = tasksOf(refs).catch((error: unknown) => ({ error }));
  const [byId, byName, nodes] = await Promise.all([
    ids.length === 0 ? [] : engine.services({ id: ids }, signal),
    engine.services({ name: refs }, signal),
    nodeNames ? engine.nodes({}, signal) : [],
  ]);
  const { services, missing } = findServices(refs, [...byId, ...byName]);
  if (services.length === 0) throw noSuchServices(missing, engine.host);
  // With a reference that it does not know the engine gives no tasks at all.
  const tasks = missing.length === 0 ? await early : await tasksOf(services.map(({ ID }) => ID));
  if ('error' in tasks) throw tasks.error;
  return {
    tasks,
    services: await serviceNames(engine, tasks, services, signal),
    nodes: new Map(nodes.map(({ ID, Spec, Description }) => [ID, Spec.Name || Description?.Hostname || ID])),
    missing,
  };
}

/** `node=self` is the node that answers; the engine itself knows names and ids alone. */
async function withOwnNode(
  engine: Engine,
  filters: Wanted['filters'],
  signal: AbortSignal,
): Promise<Wanted['filters']> {
  const isSelf = ([name, value]: readonly [string, string]): boolean => name === 'node' && value === 'self';
  if (!filters.some(isSelf)) return filters;
  const id = await engine.ownNodeId(signal);
  return filters.map((one) => (isSelf(one) ? ['node', id] : one));
}

function merge(filters: Wanted['filters'], services: readonly string[]): Filters {
  const merged = new Map<string, string[]>();
  for (const [name, value] of [...filters, ...services.map((one) => ['service', one] as const)]) {
    merged.set(name, [...(merged.get(name) ?? []), value]);
  }
  return Object.fromEntries(merged);
}

/** A filter may ask for tasks of services beyond the operands. */
async function serviceNames(
  engine: Engine,
  tasks: readonly Task[],
  known: readonly Service[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map(known.map(({ ID, Spec }) => [ID, Spec.Name ?? ID]));
  const others = [...new Set(tasks.map(({ ServiceID }) => ServiceID))].filter((id) => !names.has(id));
  if (others.length > 0) {
    for (const { ID, Spec } of await engine.services({ id: others }, signal)) names.set(ID, Spec.Name ?? ID);
  }
  return names;
}
