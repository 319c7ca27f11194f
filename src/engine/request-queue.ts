/** How many requests run at a time: one over ssh, where a new connection needs a new login; else any number. */

/** Milliseconds that a running request may go on after its caller has aborted. */
const GRACE = 2_000;

/**
 * Runs requests. `signal` is the caller's: when it aborts, the call rejects with its reason. The request itself gets
 * another signal, which may abort later.
 */
type RequestQueue = <T>(signal: AbortSignal, request: (signal: AbortSignal) => Promise<T>) => Promise<T>;

/**
 * A queue that runs one request at a time, in the order of the calls. Aborting rejects the caller now; a running
 * request may go on for `grace` ms, because breaking it off loses the connection. A request that has not started never
 * runs.
 */
export function serialQueue(grace = GRACE): RequestQueue {
  let last: Promise<unknown> = Promise.resolve();
  return (signal, request) => {
    const afterGrace = new AbortController();
    const start = (): ReturnType<typeof request> => {
      signal.throwIfAborted();
      return request(afterGrace.signal);
    };
    const reply = last.then(start);
    last = reply.catch(() => undefined);
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const onAbort = (): void => {
        reject(signal.reason as Error);
        timer = setTimeout(() => afterGrace.abort(signal.reason), grace);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      void reply.then(resolve, reject).finally(() => {
        signal.removeEventListener('abort', onAbort);
        clearTimeout(timer);
      });
      if (signal.aborted) onAbort();
    });
  };
}

/** No queue: every request starts at once, and aborting the caller aborts the request. */
export const unlimited: RequestQueue = (signal, request) => request(signal);
