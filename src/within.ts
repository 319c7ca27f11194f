/** Bounds on how long something may take. */
import type { Clock } from './clock.ts';

/**
 * A signal that aborts after so many milliseconds, or together with another. (On Node 20 an AbortSignal.timeout() that
 * is only a part of an AbortSignal.any() may be collected as garbage, and then nothing ever aborts.)
 */
export function within(ms: number, clock: Clock, other: AbortSignal): AbortSignal {
  const ends = new AbortController();
  void clock.sleep(ms, other).then(() => ends.abort());
  return ends.signal;
}
