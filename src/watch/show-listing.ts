/** Prints a listing once or, with `--watch`, again and again. */
import type { Call } from '../command-line/command.ts';
import type { Flag } from '../command-line/flag.ts';
import type { Engine } from '../engine/client.ts';
import { EXIT_CODES } from '../errors.ts';
import type { Listing } from '../listing/listing.ts';
import { boolean } from '../values/value.ts';
import { warn } from './warn.ts';

export const watchFlag: Flag<boolean> = {
  name: 'watch',
  short: 'w',
  type: boolean,
  group: 'Output',
  help: 'Go on until Ctrl-C: redraw when something changes or, without a terminal, print each row that changes',
};

/**
 * Prints a listing or, with --watch, shows it until a signal.
 * @param read its `noNames` is called with why ids are shown instead of names
 * @returns the exit code
 * @throws SwarmrollError what `read` throws
 */
export async function showListing(
  { given, world }: Call,
  engine: Engine,
  read: (noNames: (reason: string) => void) => Promise<Listing>,
): Promise<number> {
  const told = new Set<string>();
  const readNow = (): Promise<Listing> =>
    read((reason) => {
      if (!told.has(reason)) warn(world, [`ids are shown instead of names: ${reason}`]);
      told.add(reason);
    });
  if (given.get(watchFlag) === true) {
    const { watchListing } = await import('./watch-listing.ts');
    return watchListing(world, engine, readNow);
  }
  const { whole, error } = await readNow();
  world.stdout.write(whole(world.clock.date().getTime()));
  if (error !== undefined) throw error;
  return EXIT_CODES.done;
}
