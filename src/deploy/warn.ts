/** Warnings on stderr. */
import { printable } from '../values/printable.ts';
import type { World } from '../world.ts';

/** Prints what the engine or a lookup wants to be known though it goes on: one line each. */
export function warn(world: World, warnings: readonly string[]): void {
  for (const warning of warnings) world.stderr.write(`swarmroll: warning: ${printable(warning.trim())}\n`);
}
