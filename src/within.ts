/** Bounds on how long something may take. */
import type { Clock } from './clock.ts';

/**
 * Runs a task whose signal aborts after so many milliseconds, or together with another. Once the task has settled, no
 * timer and no listener is left, and its signal does not abort any more. (On Node 20 an AbortSignal.timeout() that is only
 * a part of an AbortSignal.any() may be collected as garbage, and then nothing ever aborts.)
 */
export async function within<T>(
  ms: number,
  clock: Clock,
  other: AbortSignal,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const settled = new AbortController();
  const abort = (): void => limit.abort();
  if (other.aborted) abort();
  else {
    other.addEventListener('abort', abort, { once: true });
    void clock.sleep(ms, settled.signal).then(() => {
      if (!settled.signal.aborted) abort();
    });
  }
  try {
    return await task(limit.signal);
  } finally {
    other.removeEventListener('abort', abort);
    settled.abort();
  }
}
