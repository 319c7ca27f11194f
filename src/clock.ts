/** The clock that is passed to everything that needs time. Only cli.ts reads the real one. */
import { setTimeout as timer } from 'node:timers/promises';

export interface Clock {
  /** Milliseconds of a monotonic clock, for deadlines. Setting the system's time does not change it. */
  now(): number;
  /** The wall-clock time. It is only shown, never computed with. */
  date(): Date;
  /** Resolves after `ms` milliseconds, or earlier when the signal aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The longest timer of Node in milliseconds (25 days). A longer one would end at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The real `sleep`. */
export const realSleep: Clock['sleep'] = async (ms, signal) => {
  const options = signal === undefined ? {} : { signal };
  let left = Math.max(0, ms);
  do {
    await timer(Math.min(left, LONGEST_TIMER), undefined, options).catch(() => undefined);
    left -= LONGEST_TIMER;
  } while (left > 0 && signal?.aborted !== true);
};

/**
 * Gives the reply. If it takes long, this tells what is waited for.
 * @param what for people, as the end of "waiting for ...": "the registry to answer about ping:1.0"
 */
export type Waits = <T>(what: string, reply: Promise<T>) => Promise<T>;
