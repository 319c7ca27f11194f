/** Time, as it is passed in: nothing but cli.ts reads a clock. */

/** Time as it passes, the time of day, and a sleep that ends early (resolving) when the signal aborts. */
export interface Clock {
  /** Milliseconds by a clock that only goes forward, whatever is done to the time of day: for deadlines. */
  now(): number;
  /** The time of day: only to be shown. */
  date(): Date;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
