/** The parts of a spec under construction, made where they are missing. */
import type { ContainerSpec, ServiceSpec } from '../engine/wire.ts';

export function container(draft: ServiceSpec): ContainerSpec {
  return (draft.TaskTemplate.ContainerSpec ??= {});
}
