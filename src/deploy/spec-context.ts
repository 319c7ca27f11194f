/** What flags may look at beside their own value while a spec is built. */
import type { Engine } from '../engine/client.ts';
import { lookupIn } from '../engine/lookup.ts';
import type { SpecContext } from '../service-spec/flag.ts';
import type { Call } from '../command-line/command.ts';

export function specContext({ given, world }: Call, engine: Engine): SpecContext {
  return { given, lookup: lookupIn(engine), local: world };
}
