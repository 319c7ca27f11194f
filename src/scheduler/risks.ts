/** What a plan says about tasks that find no node, and which flags would change that. */
import type { ServiceSpec } from '../api/service.ts';
import { losesAllNodes } from '../rollout/constraints.ts';
import { isJobSpec } from '../service-spec/mode.ts';
import type { Risk } from '../service-spec/planned.ts';
import type { PlannedChange } from '../service-spec/replaced-tasks.ts';
import { refusalGroups } from './filters.ts';
import type { Refusal } from './filters.ts';
import { remedies } from './remedies.ts';
import { placementOf } from './placement.ts';
import type { PlannedPlacement, ToPlace } from './placement.ts';
import { refusalText } from '../rollout/evidence.ts';
import { isLeaving, isOnNode } from './rooms.ts';
import type { Cluster } from './rooms.ts';

/**
 * The risk that tasks find no node; none if all find one.
 * @param named whether the command has flags that a person may change: they are named where they help
 * @param beside the other changes that are made at the same time
 */
export function placementRisks(
  change: PlannedChange,
  cluster: Cluster,
  placement: PlannedPlacement,
  named: boolean,
  beside: readonly ToPlace[] = [],
): Risk[] {
  const { wanted, least, refusals } = placement;
  if (least === wanted) return [];
  const flags = named ? remedies(change, cluster, placement, beside) : [];
  const way = flags.length === 0 ? '' : `; all find one with ${flags.join(', or with ')}`;
  const reasons = refusalText(refusalGroups(refusals));
  const why = reasons === '' ? 'there is no node for them' : reasons;
  const areOthersInTheWay = beside.length > 0 && placementOf(change, cluster).least === wanted;
  const together = areOthersInTheWay ? 'together with the other services, ' : '';
  return [
    {
      kind: kindOf(refusals),
      message: `${together}${countText(placement, isJobSpec(change.after))}: ${why}${way}`,
    },
  ];
}

/** The risk that nothing runs any more: of a global service, no task waits for a node then. */
export function noNodeRisks({ before, after, tasks, nodes }: PlannedChange): Risk[] {
  if (before === undefined || after.Mode?.Global === undefined) return [];
  const constraintsOf = ({ TaskTemplate }: ServiceSpec): readonly string[] =>
    TaskTemplate.Placement?.Constraints ?? [];
  const wanted = constraintsOf(after);
  const withTask = new Set(
    tasks.filter((task) => isOnNode(task) && !isLeaving(task)).map(({ NodeID }) => NodeID),
  );
  if (!losesAllNodes(nodes, [constraintsOf(before.Spec), wanted], withTask)) return [];
  return [
    {
      kind: 'placement',
      message: `no node satisfies the constraints any more, so nothing runs: ${wanted.join(', ')}`,
    },
  ];
}

function countText({ wanted, least, most }: PlannedPlacement, isJob: boolean): string {
  const tasks = `${wanted} tasks${isJob ? ' that may run at the same time' : ''}`;
  if (most === wanted && wanted === 1) return 'the task finds a node only in some orders of the engine';
  if (most === wanted)
    return `at least ${least} of ${tasks} ${least === 1 ? 'finds' : 'find'} a node, and all of them only in some orders of the engine`;
  if (most === 0) return wanted === 1 ? 'the task finds no node' : `none of ${tasks} finds a node`;
  return `at most ${most} of ${tasks} ${most === 1 ? 'finds' : 'find'} a node`;
}

/** By the reason of most nodes; of equal ones, that which the scheduler asks last. */
function kindOf(refusals: readonly Refusal[]): Risk['kind'] {
  const count = (filter: Refusal['filter']): number => refusals.filter((one) => one.filter === filter).length;
  const isMost = (filter: Refusal['filter']): boolean =>
    count(filter) > 0 && refusals.every((one) => count(one.filter) <= count(filter));
  if (isMost('hostPort')) return 'hostPort';
  return isMost('resources') && !isMost('maxReplicas') ? 'resources' : 'placement';
}
