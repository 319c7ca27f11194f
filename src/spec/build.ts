/** Flags to a ServiceSpec: a new one for create, the stored one changed for update. */
import type { ServiceSpec } from '../engine/wire.ts';
import { ENV_FLAGS } from './env.ts';
import type { SpecContext, SpecFlag } from './flag.ts';

/** Every flag that says something of the service, in the order in which they are applied. */
const SPEC_FLAGS: readonly SpecFlag[] = [...ENV_FLAGS];

export const CREATE_FLAGS = SPEC_FLAGS.filter((flag) => flag.create !== undefined);
export const UPDATE_FLAGS = SPEC_FLAGS.filter((flag) => flag.update !== undefined);

/** The spec of a new service that runs `image` with `args` (none: the image's own command). */
export async function newSpec(
  image: string,
  args: readonly string[],
  context: SpecContext,
): Promise<ServiceSpec> {
  const draft: ServiceSpec = {
    TaskTemplate: { ContainerSpec: { Image: image, ...(args.length > 0 ? { Args: [...args] } : {}) } },
    Mode: { Replicated: {} },
  };
  for (const flag of CREATE_FLAGS) {
    if (context.given.has(flag)) await flag.create?.(draft, context.given.get(flag), context);
  }
  return draft;
}

/** A copy of the stored spec with the flags applied; what no flag names is as it was. */
export async function changedSpec(stored: ServiceSpec, context: SpecContext): Promise<ServiceSpec> {
  const draft = structuredClone(stored);
  for (const flag of UPDATE_FLAGS) {
    if (context.given.has(flag)) await flag.update?.(draft, context.given.get(flag), context);
  }
  return draft;
}
