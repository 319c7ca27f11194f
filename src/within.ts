/** Timeouts. */
import type { Clock } from './clock.ts';

/**
 * Runs a task with a timeout. The task's signal aborts after `ms` milliseconds, or when `other` aborts. Once the task
 * has settled, no timer and no listener is left, and its signal can't abort any more. Resolves or rejects with the
 * task.
 * (AbortSignal.any() with AbortSignal.timeout() does not work on Node 20: the timeout may be garbage-collected, and
 * then it never fires.)
 */
export async function within<T>(
  ms: number,
  clock: Clock,
  other: AbortSignal,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeout = new AbortController();
  const settled = new AbortController();
  const abort = (): void => timeout.abort();
  if (other.aborted) abort();
  else {
    other.addEventListener('abort', abort, { once: true });
    void clock.sleep(ms, settled.signal).then(() => {
      if (!settled.signal.aborted) abort();
    });
  }
  try {
    return await task(timeout.signal);
  } finally {
    other.removeEventListener('abort', abort);
    settled.abort();
  }
}
