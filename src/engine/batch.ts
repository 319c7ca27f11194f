/**
 * Batches the requests of several observers: calls made in the same turn of the event loop become one request. Polling
 * 20 services then takes as many requests as polling one. (This is the data loader pattern.)
 */
import type { Service, Task } from '../api/service.ts';
import type { Node } from '../api/cluster.ts';
import { EngineError } from '../errors.ts';
import { groupBy } from '../values/group-by.ts';
import type { Engine, Filters } from './client.ts';

/** A call that is in no request yet, or whose request has no reply yet. */
interface PendingCall<T> {
  readonly filters: Filters;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (items: readonly T[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The same engine, except that `service`, `tasks` and `nodes` are batched. `service` takes a whole id
 * only, and ignores `insertDefaults`.
 */
export function batched(engine: Engine): Engine {
  const services = batch<Service>((filters, signal) => engine.services(filters, signal));
  const tasks = batch<Task>((filters, signal) => engine.tasks(filters, signal));
  const nodes = batch<Node>((filters, signal) => engine.nodes(filters, signal));
  return {
    ...engine,
    service: async (id, { signal } = {}) => {
      const found = (await services({ id: [id] }, signal)).find(({ ID }) => ID === id);
      if (found === undefined)
        throw new EngineError('notFound', `service ${id} not found`, { fault: 'gone' });
      return found;
    },
    tasks: async (filters, signal) => {
      const [wanted, ids] = [filters['service'], filters['id']];
      return (await tasks(filters, signal)).filter(
        ({ ID, ServiceID }) => (wanted?.includes(ServiceID) ?? true) && (ids?.includes(ID) ?? true),
      );
    },
    nodes: async (filters, signal) => [...(await nodes(filters, signal))],
  };
}

/**
 * Collects the calls of one turn of the event loop. Calls with the same filter names become one request with all their
 * values, so each caller also gets the items of the others.
 */
function batch<T>(send: (filters: Filters, signal: AbortSignal) => Promise<T[]>) {
  let pending: PendingCall<T>[] = [];
  const flush = (): void => {
    const groups = groupBy(pending, ({ filters }) => Object.keys(filters).sort().join());
    pending = [];
    for (const group of groups.values()) void sendGroup(group, send);
  };
  return (filters: Filters, signal?: AbortSignal): Promise<readonly T[]> =>
    new Promise((resolve, reject) => {
      if (pending.length === 0) setImmediate(flush);
      pending.push({ filters, signal, resolve, reject });
    });
}

async function sendGroup<T>(
  group: readonly PendingCall<T>[],
  send: (filters: Filters, signal: AbortSignal) => Promise<T[]>,
): Promise<void> {
  const request = new AbortController();
  const open = new Set(group);
  const abortCall = (call: PendingCall<T>): void => {
    call.reject(call.signal?.reason);
    open.delete(call);
    // The request goes on while at least one caller waits for it.
    if (open.size === 0) request.abort(call.signal?.reason);
  };
  const listeners = new Map(group.map((call) => [call, () => abortCall(call)]));
  for (const [{ signal }, onAbort] of listeners) {
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  }
  try {
    const items = await send(union(group.map(({ filters }) => filters)), request.signal);
    for (const { resolve } of open) resolve(items);
  } catch (error) {
    for (const { reject } of open) reject(error);
  } finally {
    for (const [{ signal }, onAbort] of listeners) signal?.removeEventListener('abort', onAbort);
  }
}

/** All values of each filter name. The engine accepts an item that matches any value of a name. */
function union(all: readonly Filters[]): Filters {
  const names = Object.keys(all[0] ?? {});
  return Object.fromEntries(
    names.map((name) => [name, [...new Set(all.flatMap((filters) => filters[name] ?? []))]]),
  );
}
