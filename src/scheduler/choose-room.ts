/** Which node the scheduler chooses among those that take a task (swarmkit manager/scheduler/scheduler.go and nodeset.go). */
import type { TaskSpec } from '../api/service.ts';
import { groupBy } from '../values/group-by.ts';
import type { Room } from './rooms.ts';

/** Chooses one of so many where the engine's choice cannot be known: it goes through Go maps. @returns an index */
export type Pick = (count: number) => number;

/**
 * The node for one more task: first the branch of each placement preference, then the node with the fewest tasks of the
 * service, then with the fewest tasks at all.
 * @param rooms the nodes that no filter excludes for good, full ones included: their tasks count in the preferences
 * @param accepts whether a node takes one more task
 */
export function chooseRoom(
  rooms: readonly Room[],
  { Placement }: TaskSpec,
  accepts: (room: Room) => boolean,
  pick: Pick,
): Room | undefined {
  const keys = (Placement?.Preferences ?? []).flatMap(({ Spread }) => {
    const descriptor = Spread?.SpreadDescriptor ?? '';
    const prefix = LABELS.find(
      (one) => descriptor.length > one.length && descriptor.toLowerCase().startsWith(one),
    );
    return prefix === undefined ? [] : [prefix + descriptor.slice(prefix.length)];
  });
  return inBranch(rooms, keys, accepts, pick);
}

const LABELS = ['node.labels.', 'engine.labels.'];

/** scheduleNTasksOnSubtree, for one task. */
function inBranch(
  rooms: readonly Room[],
  [key, ...rest]: readonly string[],
  accepts: (room: Room) => boolean,
  pick: Pick,
): Room | undefined {
  if (key === undefined) return emptiest(rooms, accepts, pick);
  const branches = groupBy(rooms, ({ seen }) => seen.attributes[key] ?? '');
  let usable = [...branches.values()].map((nodes) => ({
    nodes,
    tasks: nodes.reduce((sum, { active }) => sum + active, 0),
  }));
  while (usable.length > 0) {
    const sum = usable.reduce((all, { tasks }) => all + tasks, 1);
    const even = Math.floor(sum / usable.length);
    const hasRest = sum % usable.length > 0;
    const candidates = usable.filter(({ tasks }) => tasks < even || (tasks === even && hasRest));
    const branch = candidates[pick(candidates.length)];
    const room = branch && inBranch(branch.nodes, rest, accepts, pick);
    if (branch === undefined || room !== undefined) return room;
    usable = usable.filter((one) => one !== branch);
  }
  return undefined;
}

/** scheduleTaskGroup, nodeLess. */
function emptiest(rooms: readonly Room[], accepts: (room: Room) => boolean, pick: Pick): Room | undefined {
  let best: Room[] = [];
  for (const room of rooms) {
    const [first] = best;
    const order = first === undefined ? -1 : room.active - first.active || room.left.all - first.left.all;
    if (order > 0 || !accepts(room)) continue;
    if (order < 0) best = [room];
    else best.push(room);
  }
  return best[pick(best.length)];
}
