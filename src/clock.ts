/** The clock that is passed to everything that needs time. Only cli.ts reads the real one. */

export interface Clock {
  /** Milliseconds of a monotonic clock, for deadlines. Setting the system's time does not change it. */
  now(): number;
  /** The wall-clock time. It is only shown, never computed with. */
  date(): Date;
  /** Resolves after `ms` milliseconds, or earlier when the signal aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/**
 * Gives the reply. If it takes long, this tells what is waited for.
 * @param what for people, as the end of "waiting for ...": "the registry to answer about ping:1.0"
 */
export type Waits = <T>(what: string, reply: Promise<T>) => Promise<T>;
