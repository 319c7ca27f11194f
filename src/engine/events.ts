/** The engine's event stream. The engine sends events for services and nodes, but none for tasks. */
import type { Clock } from '../clock.ts';
import type { Engine } from './client.ts';

/** Backoff in ms before the stream is opened again: it doubles from the minimum to the maximum. */
const MIN_BACKOFF = 500;
const MAX_BACKOFF = 30_000;

/**
 * Calls `onEvent` with each event, a line of JSON, until the signal aborts. Never throws. No verdict depends on events:
 * when the stream breaks, it is opened again after a backoff. It is not opened where requests queue (ssh).
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
      // Polls report whether the manager can be reached.
    }
    await clock.sleep(backoff, signal);
  }
}

/** Whether an event may affect a service: it is about this service or about any node. */
export const concerns = (line: string, serviceId: string): boolean =>
  line.includes('"Type":"node"') || line.includes(serviceId);
