/** `--watch` of a listing: it is read again and again, and what changes is shown, until a signal. */
import type { Clock } from '../clock.ts';
import type { Engine } from '../engine/client.ts';
import { listen } from '../engine/events.ts';
import { EXIT_CODES, SwarmrollError } from '../errors.ts';
import { rowsOf } from '../render/frame.ts';
import { counted } from '../values/text.ts';
import type { InPlace } from '../render/in-place.ts';
import { isTty } from '../render/progress.ts';
import type { Output, World } from '../world.ts';
import { warn } from './warn.ts';
import type { Listing } from '../listing/listing.ts';

/** Between two reads (ms): at least this, and this if no event comes. */
const AFTER_EVENT = 250;
const INTERVAL = 1_000;

/**
 * Shows a listing until a signal, or until nobody reads it. A terminal is redrawn in place; anything else gets the listing, and
 * then the rows that are new or have changed. An age that grows is no change.
 * @throws SwarmrollError whatever `read` throws, except `unreachable` after the first time
 */
export async function watchListing(
  world: World,
  engine: Engine,
  read: () => Promise<Listing>,
): Promise<number> {
  const { stdout, clock, interrupted, outputEnded } = world;
  const over = new AbortController();
  const ended = AbortSignal.any([interrupted, outputEnded, over.signal]);
  const isOver = (): boolean => ended.aborted;
  let wake = new AbortController();
  void listen(engine, clock, ended, () => wake.abort());
  let listing = await read();
  let isLost = false;
  const view = await viewOn(stdout, clock);
  try {
    for (;;) {
      view.show(listing);
      if (listing.error !== undefined) throw listing.error;
      await clock.sleep(AFTER_EVENT, ended);
      await clock.sleep(INTERVAL - AFTER_EVENT, AbortSignal.any([ended, wake.signal]));
      if (isOver()) break;
      wake = new AbortController();
      try {
        listing = await read();
        if (isLost) warn(world, [`${engine.host} answers again`]);
        isLost = false;
      } catch (error) {
        if (isOver()) break;
        if (!(error instanceof SwarmrollError) || error.kind !== 'unreachable') throw error;
        if (!isLost) warn(world, [`${error.message}; trying again`]);
        isLost = true;
      }
    }
  } finally {
    over.abort();
    view.end();
  }
  return interrupted.reason === 'SIGTERM' ? EXIT_CODES.SIGTERM : EXIT_CODES.done;
}

interface View {
  readonly show: (listing: Listing) => void;
  readonly end: () => void;
}

async function viewOn(stdout: Output, clock: Clock): Promise<View> {
  const now = (): number => clock.date().getTime();
  if (!isTty(stdout)) return linesOn(stdout, now);
  const { inPlace } = await import('../render/in-place.ts');
  let last: Listing | undefined;
  const screen: InPlace = inPlace(stdout, ({ columns, rows }) =>
    fitted(last?.whole(now(), columns) ?? '', columns, rows),
  );
  return {
    show: (listing) => {
      last = listing;
      screen.changed();
    },
    end: screen.end,
  };
}

/** As many lines as the terminal shows: long ones take several rows. If there are more, the last one says so. */
function fitted(text: string, columns: number, rows: number): string[] {
  const lines = text.replace(/\n$/, '').split('\n');
  const height = Math.max(1, rows - 2);
  if (rowsOf(lines, columns) <= height) return lines;
  const count = lines.findIndex((_, index) => rowsOf(lines.slice(0, index + 1), columns) > height - 1);
  return [...lines.slice(0, count), `... and ${counted(lines.length - count, 'more line')}`];
}

/** Prints the listing, and then each row that changes. */
function linesOn(stdout: Output, now: () => number): View {
  const began = now();
  let before: ReadonlyMap<string, string> | undefined;
  return {
    show: (listing) => {
      // At one point in time, so that ages are no difference.
      const rows = listing.rows(began);
      if (before === undefined) stdout.write(listing.whole(now()));
      else {
        const shown = listing.rows(now());
        for (const [key, text] of rows) if (before.get(key) !== text) stdout.write(shown.get(key) ?? '');
      }
      before = rows;
    },
    end: () => undefined,
  };
}
