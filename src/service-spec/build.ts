/** Flags to a ServiceSpec: a new one for create, the stored one changed for update. */
import type { ServiceSpec } from '../api/service.ts';
import { ENV_FLAGS } from './env.ts';
import { FILE_FLAGS } from './files.ts';
import type { SpecContext, SpecFlag } from './flag.ts';
import { HEALTH_FLAGS } from './health.ts';
import { IMAGE_FLAGS, imageOperand } from './image.ts';
import { LABEL_FLAGS } from './labels.ts';
import { LIMIT_FLAGS } from './limits.ts';
import { LOGGING_FLAGS } from './logging.ts';
import { MODE_FLAGS } from './mode.ts';
import { MOUNT_FLAGS } from './mounts.ts';
import { NAME_FLAGS } from './names.ts';
import { NETWORK_FLAGS } from './networks.ts';
import { PLACEMENT_FLAGS } from './placement.ts';
import { PORT_FLAGS } from './ports.ts';
import { RESOURCE_FLAGS } from './resources.ts';
import { RESTART_FLAGS } from './restart.ts';
import { RUNTIME_FLAGS } from './runtime.ts';
import { UPDATE_CONFIG_FLAGS } from './update-config.ts';

/** Every flag that says something of the service, in the order in which they are applied. */
const SPEC_FLAGS: readonly SpecFlag[] = [
  ...MODE_FLAGS,
  ...IMAGE_FLAGS,
  ...ENV_FLAGS,
  ...LABEL_FLAGS,
  ...RUNTIME_FLAGS,
  ...RESOURCE_FLAGS,
  ...PLACEMENT_FLAGS,
  ...RESTART_FLAGS,
  ...UPDATE_CONFIG_FLAGS,
  ...LIMIT_FLAGS,
  ...HEALTH_FLAGS,
  ...LOGGING_FLAGS,
  ...NAME_FLAGS,
  ...MOUNT_FLAGS,
  ...PORT_FLAGS,
  // Last, what is looked up in the engine: nothing is asked for a command line that can't be.
  ...NETWORK_FLAGS,
  ...FILE_FLAGS,
];

export const CREATE_FLAGS = SPEC_FLAGS.filter((flag) => flag.create !== undefined);
export const UPDATE_FLAGS = SPEC_FLAGS.filter((flag) => flag.update !== undefined);

/**
 * The spec of a new service that runs `image` with `args` (none: the image's own command). What stands here
 * is what docker's create stores when no flag is given.
 * @throws SwarmrollError `usage` on a combination that can't be, `notFound` from a lookup
 */
export async function newSpec(
  image: string,
  args: readonly string[],
  context: SpecContext,
): Promise<ServiceSpec> {
  const draft: ServiceSpec = {
    Labels: {},
    TaskTemplate: {
      ContainerSpec: {
        Image: imageOperand(image),
        ...(args.length > 0 ? { Args: [...args] } : {}),
        Init: false,
        DNSConfig: {},
      },
      Resources: { Limits: {}, Reservations: {} },
      Placement: {},
    },
    Mode: { Replicated: {} },
    EndpointSpec: { Mode: 'vip' },
  };
  for (const flag of CREATE_FLAGS) {
    if (context.given.has(flag)) await flag.create?.(draft, context.given.get(flag), context);
  }
  return draft;
}

/**
 * A copy of the stored spec with the flags applied; what no flag names is as it was, unknown fields included.
 * @throws SwarmrollError as newSpec
 */
export async function changedSpec(
  stored: ServiceSpec,
  context: Omit<SpecContext, 'stored'>,
): Promise<ServiceSpec> {
  const draft = structuredClone(stored);
  for (const flag of UPDATE_FLAGS) {
    if (context.given.has(flag)) await flag.update?.(draft, context.given.get(flag), { ...context, stored });
  }
  return draft;
}
