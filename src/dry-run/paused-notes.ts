/** What a change does to an update or a rollback that the engine has paused. */
import type { Service, ServiceSpec } from '../api/service.ts';
import { resumedBy } from '../send/compare-with-stored.ts';
import { sameSpec } from '../service-spec/same.ts';

/**
 * Every update clears the status and starts the updater anew, and the engine then keeps the spec that it has paused as the
 * previous one (swarmkit manager/controlapi/service.go UpdateService; seen on 28.5 with labels, replicas and limits).
 * @param replaced how many tasks the update replaces
 */
export function pausedNotes(before: Service, after: ServiceSpec, replaced: number): string[] {
  const { Spec, PreviousSpec, UpdateStatus } = before;
  const what = { paused: 'update', rollback_paused: 'rollback' }[UpdateStatus?.State as string];
  if (what === undefined) return [];
  const isLost = PreviousSpec !== undefined && !sameSpec(PreviousSpec, Spec);
  return [
    ...(resumedBy(after, before) !== undefined && replaced > 0
      ? [`resumes the ${what} that the engine has paused`]
      : []),
    ...(isLost
      ? [`the engine forgets the spec from before the paused ${what}: rollback leads to the paused spec then`]
      : []),
  ];
}
