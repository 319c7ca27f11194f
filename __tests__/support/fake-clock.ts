/** A clock without waiting: once nothing else happens, its time jumps to the end of the sleep that is due next. */
import type { Clock } from '../../src/clock.ts';

/**
 * So many turns of the event loop without a new sleep mean that everybody waits. Requests to the fake engine take no turn
 * of their own, and batched requests take one (src/engine/batch.ts).
 */
const QUIET_TURNS = 4;
/** Whether the program reads or writes files: the turns of the event loop say nothing of that. */
const isOutside = (): boolean => process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'));

/** The wall-clock time when the clock shows 0. */
export const EPOCH = Date.parse('2026-01-01T00:00:00Z');

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

export interface FakeClock extends Clock {
  /** Runs something so many milliseconds from now, in the order of time. */
  readonly later: (ms: number, action: () => void) => void;
  /** No sleep ends until this work has ended: a program that runs. The turns of the event loop say nothing of it. */
  readonly during: <T>(work: Promise<T>) => Promise<T>;
  /** From here on, no sleep ends. */
  readonly stop: () => void;
}

/** A clock that shows 0 ms. */
export function fakeClock(): FakeClock {
  let time = 0;
  let quiet = 0;
  let runs = false;
  let isStopped = false;
  /** How many works have not ended. */
  let working = 0;
  const sleepers = new Set<Sleeper>();

  const turn = (): void => {
    quiet = working > 0 || isOutside() ? 0 : quiet + 1;
    if (quiet >= QUIET_TURNS && sleepers.size > 0) {
      quiet = 0;
      time = Math.max(time, Math.min(...[...sleepers].map(({ at }) => at)));
      // As timers do, all that are due wake in one turn, in the order in which they went to sleep.
      for (const { at, wake } of [...sleepers]) if (at <= time) wake();
    }
    runs = false;
    run();
  };
  const run = (): void => {
    if (runs || sleepers.size === 0 || isStopped || working > 0) return;
    runs = true;
    setImmediate(turn);
  };

  const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const wake = (): void => {
        sleepers.delete(sleeper);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      // As of a real clock, time passes: what is due at this moment and looks again must not do so for ever.
      const sleeper: Sleeper = { at: time + Math.max(1, ms), wake };
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      signal?.addEventListener('abort', wake, { once: true });
      sleepers.add(sleeper);
      quiet = 0;
      run();
    });

  return {
    now: () => time,
    date: () => new Date(EPOCH + time),
    sleep,
    during: async (work) => {
      working += 1;
      try {
        return await work;
      } finally {
        working -= 1;
        quiet = 0;
        run();
      }
    },
    later: (ms, action) => void sleep(ms).then(action),
    stop: () => {
      isStopped = true;
    },
  };
}
