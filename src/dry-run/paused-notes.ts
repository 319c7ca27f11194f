/** What a change does to an update or a rollback that the engine has paused. */
import type { Service, ServiceSpec } from '../api/service.ts';
import { samePart, sameSpec } from '../service-spec/same.ts';

/**
 * Every update clears the status and starts the updater anew, and the engine then keeps the spec that it has paused as the
 * previous one (swarmkit manager/controlapi/service.go UpdateService; seen on 28.5 with labels, replicas and limits).
 * @param replaced how many tasks the update replaces
 */
export function pausedNotes(
  { Spec, PreviousSpec, UpdateStatus }: Service,
  after: ServiceSpec,
  replaced: number,
): string[] {
  const what = { paused: 'update', rollback_paused: 'rollback' }[UpdateStatus?.State as string];
  if (what === undefined) return [];
  const isSameWork =
    samePart('TaskTemplate', Spec.TaskTemplate, after.TaskTemplate) &&
    samePart('EndpointSpec', Spec.EndpointSpec, after.EndpointSpec);
  const isLost = PreviousSpec !== undefined && !sameSpec(PreviousSpec, Spec);
  return [
    ...(isSameWork && replaced > 0 ? [`resumes the ${what} that the engine has paused`] : []),
    ...(isLost
      ? [`the engine forgets the spec from before the paused ${what}: rollback leads to the paused spec then`]
      : []),
  ];
}
