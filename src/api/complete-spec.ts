/** The part that a spec has to have before it is sent to the engine. */
import type { ServiceSpec } from './service.ts';

/**
 * Whether the spec has a placement. docker's client always sends one (docker/cli cli/command/service/opts.go ToService), other
 * clients of the API may leave it out. The managers of engine 28.5 cannot handle every change to a spec without it.
 */
export const isComplete = ({ TaskTemplate }: ServiceSpec): boolean => Boolean(TaskTemplate.Placement);

/**
 * The spec with an empty placement where it has none. That replaces no task: a task stays if nothing but the placement differs
 * and its node meets the constraints (swarmkit manager/orchestrator/task.go, IsTaskDirty). docker's client also sends other
 * parts, such as empty resources. They are not added, because the engine replaces every task for them.
 */
export const complete = (spec: ServiceSpec): ServiceSpec =>
  isComplete(spec) ? spec : { ...spec, TaskTemplate: { ...spec.TaskTemplate, Placement: {} } };
