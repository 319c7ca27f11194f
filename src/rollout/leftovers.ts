/** The tasks that are there although they are not wanted. */
import type { Seen, TaskSeen } from './observation.ts';
import { ENDING, ON_NODE, isCurrent, isLive, keepsOldTasks, keyOf } from './slots.ts';
import type { Slot } from './slots.ts';
import type { Leaving } from './state.ts';
import { timeSinceChange } from './time-in-state.ts';

/**
 * The tasks on nodes that are up which are not wanted any more: tasks of older specs, and of slots that were scaled away. The
 * engine may not have changed their desired state yet. Tasks that it keeps on paused nodes are not among them.
 * @param before what this gave for the last poll
 */
export function leftovers(
  seen: Seen,
  slots: readonly Slot[],
  before: readonly Leaving[],
): readonly Leaving[] {
  const { service, tasks } = seen;
  const down = new Set(seen.nodes.filter((node) => node.down).map(({ id }) => id));
  const leftAlone = new Set(tasksOnPausedNodes(seen));
  const wanted = service.mode.kind === 'replicated' ? new Set(slots.map(({ key }) => key)) : undefined;
  const leaving = tasks.filter(
    (task) =>
      ON_NODE.has(task.state) &&
      !down.has(task.nodeId ?? '') &&
      !leftAlone.has(task) &&
      (ENDING.has(task.desired) || !isCurrent(task, service) || wanted?.has(keyOf(task, service)) === false),
  );
  if (leaving.length === 0) return [];
  const known = new Map(before.map((one) => [one.task.id, one]));
  return leaving.map((task) => {
    const was = known.get(task.id);
    const since = was?.task.desired === task.desired ? was.since : seen.at - timeSinceChange(task, seen);
    return { task, key: keyOf(task, service), since };
  });
}

/** The tasks of a global service that keep an older spec because their node is paused. */
export function tasksOnPausedNodes({ service, tasks, nodes }: Seen): readonly TaskSeen[] {
  if (service.mode.kind !== 'global') return [];
  const paused = new Set(
    nodes.filter((node) => keepsOldTasks(node, service.constraints)).map(({ id }) => id),
  );
  if (paused.size === 0) return [];
  return tasks.filter((task) => isLive(task) && !isCurrent(task, service) && paused.has(task.nodeId ?? ''));
}
