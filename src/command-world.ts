/** The world of one command: a long wait is printed, and `--timeout` limits the time before the watch. */
import { setMaxListeners } from 'node:events';
import type { ConnectionOptions } from './connection/connection.ts';
import { acceptedText } from './send/answered.ts';
import { TimeoutError } from './errors.ts';
import { durationOf } from './values/duration.ts';
import { withFields } from './world.ts';
import type { CommandWorld, ReportDetail, World } from './world.ts';

/** A wait that takes longer than this (ms) is printed. */
const SHORT = 2_000;

/** What a command line says about the world of its command. */
interface CommandStart {
  /** When the command began (ms, World.clock). */
  readonly startedAt: number;
  /** The value of --timeout in ms, from `startedAt` on. */
  readonly timeout?: number | undefined;
  /** Gives the values of the connection flags. */
  readonly connection: () => ConnectionOptions;
  /** Is called with what the command waits for, once for each text. */
  readonly tell: (what: string) => void;
  /** Prints a warning. */
  readonly warn: (text: string) => void;
  /** What its report shows beside results. */
  readonly detail?: ReportDetail | undefined;
}

/** Makes the world of a command. */
export function commandWorld(
  world: World,
  { startedAt, timeout, connection, tell, warn, detail = 'nothing' }: CommandStart,
): CommandWorld {
  const { clock, interrupted: signals } = world;
  const accepted: string[] = [];
  const waiting = new Set<{ readonly what: string }>();
  const told = new Set<string>();
  const waits: CommandWorld['waits'] = async (what, reply) => {
    const wait = { what };
    waiting.add(wait);
    void clock.sleep(SHORT).then(() => {
      if (!waiting.has(wait) || told.has(what) || interrupted.aborted) return;
      told.add(what);
      tell(what);
    });
    try {
      return await reply;
    } finally {
      waiting.delete(wait);
    }
  };

  const warned = new Set<string>();
  const warnOnce = (text: string): void => {
    if (!warned.has(text)) warn(text);
    warned.add(text);
  };

  const limit = new AbortController();
  const watched = new AbortController();
  const interrupted = timeout === undefined ? signals : limit.signal;
  if (timeout !== undefined) {
    // Every running request may listen to it. Node warns of a leak from 11 listeners on.
    setMaxListeners(0, limit.signal);
    const forward = (): void => limit.abort(signals.reason);
    if (signals.aborted) forward();
    else signals.addEventListener('abort', forward, { once: true });
    void clock.sleep(startedAt + timeout - clock.now(), watched.signal).then(() => {
      if (watched.signal.aborted) return;
      limit.abort(timeoutError(timeout, [...waiting][0]?.what, accepted));
    });
  }
  return withFields(world, {
    startedAt,
    interrupted,
    waits,
    accepted,
    forReport: { detail },
    watches: () => watched.abort(),
    engine: (until = interrupted) =>
      world.connect(connection(), { interrupted: until, waits, warn: warnOnce }),
  } satisfies Partial<CommandWorld>);
}

/** The error of a command that has not come to watch in time. */
function timeoutError(timeout: number, what: string | undefined, accepted: readonly string[]): TimeoutError {
  const wait = what === undefined ? '' : `, still waiting for ${what}`;
  return new TimeoutError(
    `not done after ${durationOf(timeout)}${wait}`,
    accepted.length === 0 ? 'nothing was sent' : acceptedText(accepted),
    { hint: 'run it again with a longer --timeout, or without' },
  );
}
