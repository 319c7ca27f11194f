/** What the engine tells by itself. It tells of services and nodes, never of tasks. */
import type { Clock } from '../clock.ts';
import type { Engine } from './client.ts';

/** Between attempts to have the stream of events back: milliseconds. */
const SHORTEST = 500;
const LONGEST = 30_000;

/**
 * Calls `onChange` whenever something happens to the service or to a node, until the signal ends it. Nothing depends
 * on it: where the stream can't be had it is tried again later, and where it would hold up all else, not at all.
 */
export async function listen(
  engine: Engine,
  serviceId: string,
  clock: Clock,
  signal: AbortSignal,
  onChange: () => void,
): Promise<void> {
  if (!engine.parallel) return;
  const filters = { scope: ['swarm'], type: ['service', 'node'] };
  for (let wait = SHORTEST; !signal.aborted; wait = Math.min(wait * 2, LONGEST)) {
    try {
      let rest = '';
      for await (const chunk of await engine.events(filters, signal)) {
        wait = SHORTEST;
        const lines = (rest + String(chunk)).split('\n');
        rest = lines.pop() ?? '';
        if (lines.some((line) => line.includes('"Type":"node"') || line.includes(serviceId))) onChange();
      }
    } catch {
      // The looks tell whether the manager is there.
    }
    await clock.sleep(wait, signal);
  }
}
