/** What a deployment has changed: compares the services of a stack before and after it. */
import type { Service } from '../api/service.ts';
import { digestOf } from '../engine/convert.ts';
import { compareNaturally } from '../values/natural-sort.ts';
import { printable } from '../values/printable.ts';
import type { Accepted } from './targets.ts';
import { waitFor } from './wait-for.ts';

export interface StackChanges {
  /** The services to watch: all that exist now, sorted by name. */
  readonly watched: readonly Accepted[];
  /** What happened to each service, with the removed ones at the end. */
  readonly notes: readonly { readonly service: string; readonly text: string }[];
}

/**
 * Compares the services of a stack before and after a deployment.
 * @param startedAt when the deployment started (ms, World.clock)
 */
export function stackChanges(
  before: readonly Service[],
  after: readonly Service[],
  startedAt: number,
): StackChanges {
  const earlier = new Map(before.map((service) => [service.ID, service]));
  const now = new Set(after.map(({ ID }) => ID));
  const byName = [...after].sort((a, b) => compareNaturally(nameOf(a), nameOf(b)));
  const removed = before.filter(({ ID }) => !now.has(ID));
  return {
    watched: byName.map((service) => acceptedOf(service, earlier.get(service.ID), startedAt)),
    notes: [
      ...byName.map((service) => ({
        service: nameOf(service),
        text: textOf(service, earlier.get(service.ID)),
      })),
      ...removed.map((service) => ({ service: nameOf(service), text: 'removed' })),
    ],
  };
}

const nameOf = ({ ID, Spec }: Service): string => printable(Spec.Name ?? ID);

const isSame = (service: Service, was: Service): boolean => digestOf(service.Spec) === digestOf(was.Spec);

function textOf(service: Service, was: Service | undefined): string {
  if (was === undefined) return 'created';
  // The engine runs a job again after every update of its service (seen on 28.5).
  const { ReplicatedJob, GlobalJob } = service.Spec.Mode ?? {};
  if (ReplicatedJob !== undefined || GlobalJob !== undefined) return 'runs again';
  return isSame(service, was) ? 'unchanged' : 'changed';
}

/** docker sends an update of every service of the stack, changed or not. For unchanged ones, this only waits. */
function acceptedOf(service: Service, was: Service | undefined, startedAt: number): Accepted {
  if (was !== undefined && isSame(service, was)) return waitFor(service, startedAt);
  const change = { serviceId: service.ID, name: nameOf(service), startedAt, wanted: service.Spec, named: [] };
  return was === undefined ? { ...change, action: 'create' } : { ...change, action: 'update', before: was };
}
