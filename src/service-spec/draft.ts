/**
 * The parts of a draft: a spec that flags are changing. Every function creates its part if it is missing, and
 * returns the object inside of the draft, so that a caller can change it. Its `path` is where the part stands in a spec.
 */
import type {
  ContainerSpec,
  EndpointSpec,
  Placement,
  ResourceRequirements,
  Resources,
  ServiceSpec,
  TaskSpec,
} from '../api/service.ts';
import type { SpecContext } from './flag.ts';

/** Names the place of a part: "TaskTemplate.ContainerSpec". */
export const partAt = <F extends (draft: ServiceSpec, context: SpecContext) => object>(
  path: string,
  part: F,
) => Object.assign(part, { path });

/** The whole spec. */
export const service = partAt('', (draft: ServiceSpec) => draft);

/** The task template. */
export const task = partAt('TaskTemplate', (draft: ServiceSpec): TaskSpec => draft.TaskTemplate);

/** The container: image, arguments, environment, files. */
export const container = partAt(
  'TaskTemplate.ContainerSpec',
  (draft: ServiceSpec): ContainerSpec => (draft.TaskTemplate.ContainerSpec ??= {}),
);

/** The rules for the nodes that tasks may run on. */
export const placement = partAt(
  'TaskTemplate.Placement',
  (draft: ServiceSpec): Placement => (draft.TaskTemplate.Placement ??= {}),
);

/** The endpoint: published ports and the endpoint mode. */
export const endpoint = partAt(
  'EndpointSpec',
  (draft: ServiceSpec): EndpointSpec => (draft.EndpointSpec ??= {}),
);

/**
 * Limits and reservations. Like docker (docker/cli cli/command/service/update.go updateService, taskResources)
 * this creates both even if a flag changes only one: the engine stores the empty one too, so without it the
 * stored spec would differ from docker's.
 */
export const resources = partAt('TaskTemplate.Resources', (draft: ServiceSpec) => {
  const both: ResourceRequirements = (draft.TaskTemplate.Resources ??= {});
  const Limits = (both.Limits ??= {});
  const Reservations = (both.Reservations ??= {});
  return Object.assign(both, { Limits, Reservations });
});

/** The resources that a task may use at most. */
export const limits = partAt(
  'TaskTemplate.Resources.Limits',
  (draft: ServiceSpec): Resources => resources(draft).Limits,
);
/** The resources that the scheduler reserves for a task. */
export const reservations = partAt(
  'TaskTemplate.Resources.Reservations',
  (draft: ServiceSpec): Resources => resources(draft).Reservations,
);
