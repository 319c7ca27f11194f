/** The world of one command: what it waits for is told, and `--timeout` limits the time before it watches. */
import { setMaxListeners } from 'node:events';
import { acceptedText } from './send/answered.ts';
import { TimeoutError } from './errors.ts';
import { durationOf } from './values/duration.ts';
import { withFields } from './world.ts';
import type { CommandWorld, Reports, World } from './world.ts';

/** A wait that takes longer than this (ms) is told. */
const SHORT = 2_000;

/**
 * Makes the world of a command.
 * @param timeout the value of --timeout in ms, from `startedAt` on; undefined without
 * @param tell is called with what the command waits for, once for each text
 * @param reports what its report shows beside results
 */
export function commandWorld(
  world: World,
  startedAt: number,
  timeout: number | undefined,
  tell: (what: string) => void,
  reports: Reports = 'nothing',
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
      limit.abort(timeoutError(timeout, [...waiting].map(({ what }) => what)[0], accepted));
    });
  }
  return withFields(world, {
    startedAt,
    interrupted,
    waits,
    accepted,
    kept: { reports },
    watches: () => watched.abort(),
    connect: (options, from = {}) => world.connect(options, { interrupted, waits, ...from }),
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
