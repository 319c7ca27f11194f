/** Builds a ServiceSpec from flags: a new one for create, a changed copy of the stored one for update. */
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

/** All flags of the service, in the order in which they are applied. */
export const SPEC_FLAGS: readonly SpecFlag[] = [
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
  // These ask the engine for IDs. They come last, so that a wrong command line fails before any request is sent.
  ...NETWORK_FLAGS,
  ...FILE_FLAGS,
];

/** The service flags of the command `create`. */
export const CREATE_FLAGS = SPEC_FLAGS.filter((flag) => flag.create !== undefined);
/** The service flags of the command `update`. */
export const UPDATE_FLAGS = SPEC_FLAGS.filter((flag) => flag.update !== undefined);

/**
 * Builds the spec of a new service. Without flags it is what docker's create stores (docker/cli
 * cli/command/service/opts.go ToService).
 * @param image the operand IMAGE
 * @param args arguments of the container; if there are none, the image's own command runs
 * @throws SwarmrollError `usage` if the image is invalid or flags cannot be combined, `notFound` from a lookup
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
 * Applies the flags to a copy of the stored spec. A field that no flag changes stays equal, even if this
 * program does not know it. docker's update always sorts the mounts (docker/cli cli/command/service/update.go
 * updateMounts), which can replace every task; this does not.
 * @throws SwarmrollError as newSpec, and `refused` if the stored service does not allow the change
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
