/**
 * An engine for several observers: what they ask for in the same moment goes out as one request. A stack of 20 services is
 * then polled with the requests of one. (The pattern is known as a data loader.)
 */
import type { Service, Task } from '../api/service.ts';
import type { Node } from '../api/cluster.ts';
import { EngineError } from '../errors.ts';
import type { Engine, Filters } from './client.ts';

/** One call that waits for the batch to go out. */
interface Waiting<T> {
  readonly filters: Filters;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (items: readonly T[]) => void;
  readonly reject: (error: unknown) => void;
}

/** The same engine, with batched reads of services, tasks and nodes; everything else goes straight through. */
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

/** Collects the calls of one moment; those with the same kinds of filter become one request with all their values. */
function batch<T>(send: (filters: Filters, signal: AbortSignal) => Promise<T[]>) {
  let waiting: Waiting<T>[] = [];
  const flush = (): void => {
    const groups = new Map<string, Waiting<T>[]>();
    for (const one of waiting) {
      const kinds = Object.keys(one.filters).sort().join();
      groups.set(kinds, [...(groups.get(kinds) ?? []), one]);
    }
    waiting = [];
    for (const group of groups.values()) void sendGroup(group, send);
  };
  return (filters: Filters, signal?: AbortSignal): Promise<readonly T[]> =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ filters, signal, resolve, reject });
    });
}

async function sendGroup<T>(
  group: readonly Waiting<T>[],
  send: (filters: Filters, signal: AbortSignal) => Promise<T[]>,
): Promise<void> {
  const request = new AbortController();
  const left = new Set(group);
  const leave = (one: Waiting<T>): void => {
    one.reject(one.signal?.reason);
    left.delete(one);
    // The request goes on as long as one caller waits for it.
    if (left.size === 0) request.abort(one.signal?.reason);
  };
  const onAbort = group.map((one) => () => leave(one));
  group.forEach(({ signal }, index) => {
    const listener = onAbort[index];
    if (listener === undefined) return;
    if (signal?.aborted === true) listener();
    else signal?.addEventListener('abort', listener, { once: true });
  });
  try {
    const items = await send(union(group.map(({ filters }) => filters)), request.signal);
    for (const { resolve } of left) resolve(items);
  } catch (error) {
    for (const { reject } of left) reject(error);
  } finally {
    group.forEach(({ signal }, index) => {
      const listener = onAbort[index];
      if (listener !== undefined) signal?.removeEventListener('abort', listener);
    });
  }
}

/** All values of each kind of filter: an engine takes several values of one kind as "any of them". */
function union(all: readonly Filters[]): Filters {
  const kinds = Object.keys(all[0] ?? {});
  return Object.fromEntries(
    kinds.map((kind) => [kind, [...new Set(all.flatMap((filters) => filters[kind] ?? []))]]),
  );
}
