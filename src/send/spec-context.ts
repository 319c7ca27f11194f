/** What flags may use beside their own value while a spec is built. */
import type { Engine } from '../engine/client.ts';
import { lookupIn } from '../engine/lookup.ts';
import type { SpecContext } from '../service-spec/flag.ts';
import type { Call } from '../command-line/command.ts';

/** The context for building a spec: the flags, names in the swarm (lookup), and the local machine. */
export function specContext({ given, world }: Call, engine: Engine): SpecContext {
  return { given, lookup: lookupIn(engine), local: world };
}
