/** How long tasks have been as the first poll of a command shows them. Later polls show when something changes. */
import type { Seen, TaskSeen } from './observation.ts';

/**
 * How long (ms) a task has been in its state, by the manager's clock; 0 where that is unknown. A state that began before
 * its task was created shows that the node's clock is wrong, so it counts as unknown.
 */
export function timeInState({ since, createdAt }: TaskSeen, { managerTime }: Seen): number {
  if (managerTime === undefined || since === undefined || since < Date.parse(createdAt)) return 0;
  return Math.max(0, managerTime - since);
}

/**
 * How long (ms) ago the engine changed a task, at least; 0 where that is unknown. The last change of a task that has been
 * told to stop, and that has not stopped, is most often that one.
 */
export function timeSinceChange({ updatedAt }: TaskSeen, { managerTime }: Seen): number {
  if (managerTime === undefined || updatedAt === undefined) return 0;
  return Math.max(0, managerTime - Date.parse(updatedAt));
}
