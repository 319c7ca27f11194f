/** The parts of a spec under construction, made where they are missing. */
import type {
  ContainerSpec,
  EndpointSpec,
  Placement,
  ResourceRequirements,
  Resources,
  ServiceSpec,
  TaskSpec,
} from '../api/service.ts';

/** What every task is made from. */
export function task(draft: ServiceSpec): TaskSpec {
  return draft.TaskTemplate;
}

/** What runs, and in which surroundings. */
export function container(draft: ServiceSpec): ContainerSpec {
  return (draft.TaskTemplate.ContainerSpec ??= {});
}

/** On which nodes. */
export function placement(draft: ServiceSpec): Placement {
  return (draft.TaskTemplate.Placement ??= {});
}

/** How the service is reached. */
export function endpoint(draft: ServiceSpec): EndpointSpec {
  return (draft.EndpointSpec ??= {});
}

/** Limits and reservations: docker makes both as soon as one is named, and the engine stores the empty one. */
export function resources(
  draft: ServiceSpec,
): ResourceRequirements & Required<Pick<ResourceRequirements, 'Limits' | 'Reservations'>> {
  const both = (draft.TaskTemplate.Resources ??= {});
  const Limits = (both.Limits ??= {});
  const Reservations = (both.Reservations ??= {});
  return Object.assign(both, { Limits, Reservations });
}

/** What a task may use at most. */
export const limits = (draft: ServiceSpec): Resources => resources(draft).Limits;
/** What is set aside for a task. */
export const reservations = (draft: ServiceSpec): Resources => resources(draft).Reservations;
