/** Warnings on stderr. */
import { printable } from '../values/printable.ts';
import type { World } from '../world.ts';

/** Prints warnings on stderr, one line each. */
export function warn(world: Pick<World, 'stderr'>, warnings: readonly string[]): void {
  for (const warning of warnings) world.stderr.write(`swarmroll: warning: ${printable(warning.trim())}\n`);
}
