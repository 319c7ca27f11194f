/** The engine's event stream. It tells of services and nodes, never of tasks. */
import type { Clock } from '../clock.ts';
import type { Engine } from './client.ts';

/** The time (ms) between attempts to open the stream again: it doubles from the shortest to the longest. */
const MIN_BACKOFF = 500;
const MAX_BACKOFF = 30_000;

/**
 * Calls `onEvent` with each event, as a line of JSON, until the signal aborts. No verdict depends on events: if the stream
 * breaks, it is opened again later. Over a connection that carries one request at a time, it is not opened at all.
 */
export async function listen(
  engine: Engine,
  clock: Clock,
  signal: AbortSignal,
  onEvent: (line: string) => void,
): Promise<void> {
  if (!engine.parallel) return;
  const filters = { scope: ['swarm'], type: ['service', 'node'] };
  for (let backoff = MIN_BACKOFF; !signal.aborted; backoff = Math.min(backoff * 2, MAX_BACKOFF)) {
    try {
      let rest = '';
      for await (const chunk of await engine.events(filters, signal)) {
        backoff = MIN_BACKOFF;
        const lines = (rest + String(chunk)).split('\n');
        rest = lines.pop() ?? '';
        lines.forEach(onEvent);
      }
    } catch {
      // The polls show whether the manager can be reached.
    }
    await clock.sleep(backoff, signal);
  }
}

/** Whether an event may matter to a service: it is about that service, or about any node. */
export const concerns = (line: string, serviceId: string): boolean =>
  line.includes('"Type":"node"') || line.includes(serviceId);
