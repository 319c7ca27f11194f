/** One request after the other, for a connection that carries one at a time and is dear to make (ssh). */

/** Milliseconds that a request has to end by itself once nobody waits for it any more. */
const GRACE = 2_000;

export type Turns = <T>(signal: AbortSignal, task: (signal: AbortSignal) => Promise<T>) => Promise<T>;

/**
 * Runs tasks in the order in which they come. Who aborts is answered at once, but the task goes on for a grace before
 * its own signal aborts: to break a request off is to lose the connection. One that had not begun never does.
 */
export function inTurn(grace = GRACE): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return (signal, task) => {
    const late = new AbortController();
    const begin = (): ReturnType<typeof task> => {
      signal.throwIfAborted();
      return task(late.signal);
    };
    const turn = last.then(begin);
    last = turn.catch(() => undefined);
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const giveUp = (): void => {
        reject(signal.reason as Error);
        timer = setTimeout(() => late.abort(signal.reason), grace);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      void turn.then(resolve, reject).finally(() => {
        signal.removeEventListener('abort', giveUp);
        clearTimeout(timer);
      });
      if (signal.aborted) giveUp();
    });
  };
}

/** For connections of which there may be many: at once, and broken off at once. */
export const atOnce: Turns = (signal, task) => task(signal);
