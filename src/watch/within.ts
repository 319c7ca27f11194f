/** Timeouts. */
import type { Clock } from '../clock.ts';

/**
 * Runs a task with a timeout. The task's signal aborts after `ms` milliseconds, or when `other` has aborted `grace` ms ago.
 * Once the task has settled, no timer and no listener is left, and its signal can't abort any more. Resolves or rejects
 * with the task.
 * (AbortSignal.any() with AbortSignal.timeout() does not work on Node 20: the timeout may be garbage-collected, and
 * then it never fires.)
 */
export async function within<T>(
  ms: number,
  clock: Clock,
  other: AbortSignal,
  task: (signal: AbortSignal) => Promise<T>,
  grace = 0,
): Promise<T> {
  const timeout = new AbortController();
  const settled = new AbortController();
  const abortIn = (time: number): void =>
    void clock.sleep(time, settled.signal).then(() => {
      if (!settled.signal.aborted) timeout.abort();
    });
  const abort = (): void => (grace === 0 ? timeout.abort() : abortIn(grace));
  if (other.aborted) abort();
  else {
    other.addEventListener('abort', abort, { once: true });
    abortIn(ms);
  }
  try {
    return await task(timeout.signal);
  } finally {
    other.removeEventListener('abort', abort);
    // Without a reason, Node makes an error with a stack trace, at each poll.
    settled.abort('settled');
  }
}
