/**
 * The parts of a draft: a spec that flags are changing. Every function creates its part if it is missing, and
 * returns the object inside of the draft, so that a caller can change it.
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

/** The task template. */
export function task(draft: ServiceSpec): TaskSpec {
  return draft.TaskTemplate;
}

/** The container: image, arguments, environment, files. */
export function container(draft: ServiceSpec): ContainerSpec {
  return (draft.TaskTemplate.ContainerSpec ??= {});
}

/** The rules for the nodes that tasks may run on. */
export function placement(draft: ServiceSpec): Placement {
  return (draft.TaskTemplate.Placement ??= {});
}

/** The endpoint: published ports and the endpoint mode. */
export function endpoint(draft: ServiceSpec): EndpointSpec {
  return (draft.EndpointSpec ??= {});
}

/**
 * Limits and reservations. Like docker (docker/cli cli/command/service/update.go updateService, taskResources)
 * this creates both even if a flag changes only one: the engine stores the empty one too, so without it the
 * stored spec would differ from docker's.
 */
export function resources(
  draft: ServiceSpec,
): ResourceRequirements & Required<Pick<ResourceRequirements, 'Limits' | 'Reservations'>> {
  const both = (draft.TaskTemplate.Resources ??= {});
  const Limits = (both.Limits ??= {});
  const Reservations = (both.Reservations ??= {});
  return Object.assign(both, { Limits, Reservations });
}

/** The resources that a task may use at most. */
export const limits = (draft: ServiceSpec): Resources => resources(draft).Limits;
/** The resources that the scheduler reserves for a task. */
export const reservations = (draft: ServiceSpec): Resources => resources(draft).Reservations;
