/** Which flags make all tasks of a change find a node. Each is tried out: one that does not help is not named. */
import type { Resources, ServiceSpec } from '../api/service.ts';
import { updateConfigOf } from '../service-spec/replaced-tasks.ts';
import type { PlannedChange } from '../service-spec/replaced-tasks.ts';
import { nearest } from '../values/integer.ts';
import { placementOf } from './placement.ts';
import type { PlannedPlacement, ToPlace } from './placement.ts';
import type { Cluster } from './rooms.ts';

/** With more tasks times nodes times changes than that, no amount is looked for: a plan is quick. */
const MOST_TO_TRY = 5_000;
/** The steps in which an amount is looked for: a hundredth of a CPU, a MiB, one of a kind. */
const CPU_STEP = 1e7;
const MEMORY_STEP = 2 ** 20;

/**
 * @param beside the other changes that are made at the same time
 * @returns flags with their values, such as "--update-order stop-first"
 */
export function remedies(
  change: PlannedChange,
  cluster: Cluster,
  placement: PlannedPlacement,
  beside: readonly ToPlace[] = [],
): string[] {
  const { after, isRollback } = change;
  const size = placement.wanted * cluster.nodes.length * (1 + beside.length);
  if (isRollback === true || size > MOST_TO_TRY) return [];
  const helps = (spec: ServiceSpec): boolean => {
    const { wanted, least } = placementOf({ ...change, after: spec }, cluster, beside);
    return least === wanted;
  };
  return [
    ...stopFirst(change, helps),
    ...maxReplicas(after, placement.wanted, helps),
    ...reservations(after, helps),
    ...replicas(after, placement, helps),
  ];
}

type Helps = (spec: ServiceSpec) => boolean;

function stopFirst(change: PlannedChange, helps: Helps): string[] {
  const config = updateConfigOf(change);
  if (config?.Order !== 'start-first') return [];
  const spec = { ...change.after, UpdateConfig: { ...config, Order: 'stop-first' } };
  return helps(spec) ? ['--update-order stop-first'] : [];
}

function maxReplicas(after: ServiceSpec, wanted: number, helps: Helps): string[] {
  const { Placement } = after.TaskTemplate;
  const most = nearest(Placement?.MaxReplicas ?? 0);
  if (most === 0) return [];
  const withMost = (MaxReplicas: number): ServiceSpec => ({
    ...after,
    TaskTemplate: { ...after.TaskTemplate, Placement: { ...Placement, MaxReplicas } },
  });
  // The smallest limit that helps is the greatest number by which it can be less than one that is no limit any more.
  const found = greatest(wanted, (less) => helps(withMost(most + wanted + 1 - less)));
  return found === undefined ? [] : [`--replicas-max-per-node ${most + wanted + 1 - found}`];
}

function reservations(after: ServiceSpec, helps: Helps): string[] {
  const { Resources: all } = after.TaskTemplate;
  const own = all?.Reservations;
  const withAmounts = (changed: Partial<Resources>): ServiceSpec => ({
    ...after,
    TaskTemplate: { ...after.TaskTemplate, Resources: { ...all, Reservations: { ...own, ...changed } } },
  });
  const less = (
    amount: number,
    step: number,
    changed: (amount: number) => Partial<Resources>,
    flag: (amount: number) => string,
  ): string[] => {
    const steps = Math.ceil(amount / step) - 1;
    const found = greatest(steps, (count) => helps(withAmounts(changed(count * step))));
    return found === undefined ? [] : [flag(found * step)];
  };
  const generic = own?.GenericResources ?? [];
  return [
    ...less(
      nearest(own?.NanoCPUs ?? 0),
      CPU_STEP,
      (NanoCPUs) => ({ NanoCPUs }),
      (amount) => `--reserve-cpu ${amount / 1e9}`,
    ),
    ...less(
      nearest(own?.MemoryBytes ?? 0),
      MEMORY_STEP,
      (MemoryBytes) => ({ MemoryBytes }),
      (amount) => `--reserve-memory ${amount / MEMORY_STEP}m`,
    ),
    ...generic.flatMap(({ DiscreteResourceSpec: wanted }, index) =>
      wanted === undefined
        ? []
        : less(
            nearest(wanted.Value),
            1,
            (Value) => ({
              GenericResources: generic.with(index, { DiscreteResourceSpec: { ...wanted, Value } }),
            }),
            (amount) => `--generic-resource ${wanted.Kind}=${amount}`,
          ),
    ),
  ];
}

function replicas(after: ServiceSpec, { wanted, least, most }: PlannedPlacement, helps: Helps): string[] {
  const count = after.Mode?.Replicated?.Replicas;
  if (count === undefined) return [];
  const fewer = [...new Set([most, least])]
    .map((placed) => nearest(count) - (wanted - placed))
    .find((number) => number > 0 && helps({ ...after, Mode: { Replicated: { Replicas: number } } }));
  return fewer === undefined ? [] : [`--replicas ${fewer}`];
}

/** The greatest number from 1 to `top` that is accepted, if all smaller ones are accepted as well. */
function greatest(top: number, accepts: (count: number) => boolean): number | undefined {
  if (top < 1 || !accepts(1)) return undefined;
  let [good, bad] = [1, top + 1];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (accepts(middle)) good = middle;
    else bad = middle;
  }
  return good;
}
