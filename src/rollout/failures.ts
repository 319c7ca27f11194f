/** Which tasks have failed, and how often one after the other in each slot. */
import type { Seen, TaskSeen } from './observation.ts';
import { endedBadly, isCurrent, keyOf } from './slots.ts';
import type { Slot } from './slots.ts';
import type { Failure, RolloutState, SlotHistory } from './state.ts';
import { policyOf } from './verdict.ts';

/**
 * The tasks that have ended badly since the last poll. Tasks of the previous spec may fail until they are replaced:
 * that does not count against our change. Once the previous spec is back, all failures
 * count but those of tasks that were there before the update.
 */
export function endedSince(
  state: RolloutState,
  { service, tasks }: Seen,
  reverted: boolean,
): { readonly ours: readonly TaskSeen[]; readonly others: readonly TaskSeen[] } {
  const known = new Set(state.failures.map(({ task }) => task.id));
  const fresh = tasks.filter(
    (task) => endedBadly(task, service) && !known.has(task.id) && !state.oldTasks.has(task.id),
  );
  const isNew = ({ createdAt }: TaskSeen): boolean => Date.parse(createdAt) >= (service.updateStartedAt ?? 0);
  const isOurs = (task: TaskSeen): boolean => (reverted ? isNew(task) : isCurrent(task, service));
  return { ours: fresh.filter(isOurs), others: fresh.filter((task) => !isOurs(task)) };
}

export function newFailures(
  ended: readonly TaskSeen[],
  { service, at }: Seen,
  slots: readonly Slot[],
): readonly Failure[] {
  const labels = new Map(slots.map(({ key, label }) => [key, label]));
  return ended.map((task) => ({
    task,
    label: labels.get(keyOf(task, service)) ?? keyOf(task, service),
    at,
  }));
}

/**
 * The history of each slot. A task that ran for the monitor period ends a series of failures: polls have shown it running
 * for that long, or the times of its node say so once it has failed. A run between two polls counts as short, because
 * nothing tells how much of it was the start. So with polls that are rarer than the monitor period, failures count as "in
 * a row" although a task between them ran for long; the other way round, a crash loop would never come to its end.
 */
export function historiesOf(
  state: RolloutState,
  seen: Seen,
  slots: readonly Slot[],
  ended: readonly TaskSeen[],
): ReadonlyMap<string, SlotHistory> {
  const { monitor } = policyOf(state, seen);
  const fresh = new Map<string, TaskSeen[]>();
  const before = new Map(ended.length === 0 ? [] : state.seen?.tasks.map((task) => [task.id, task]));
  const hasHeld = ({ id, since = 0 }: TaskSeen): boolean => {
    const shown = before.get(id);
    return shown?.state === 'running' && since - (shown.since ?? since) >= monitor;
  };
  for (const task of ended) {
    if (!isCurrent(task, seen.service)) continue;
    const key = keyOf(task, seen.service);
    fresh.set(key, [...(fresh.get(key) ?? []), task]);
  }
  return new Map(
    slots.map(({ key, task }) => {
      const past = state.past.get(key) ?? { failuresInARow: 0 };
      const { representative } = past;
      const failed = fresh.get(key) ?? [];
      const lastFailure = failed.at(-1)?.error ?? past.lastFailure;
      const same =
        representative !== undefined && representative.id === task?.id && representative.state === task.state;
      const held = same && task.state === 'running' && seen.at - representative.since >= monitor;
      return [
        key,
        {
          failuresInARow: failed.reduce(
            (count, one) => (hasHeld(one) ? 1 : count + 1),
            held ? 0 : past.failuresInARow,
          ),
          ...(lastFailure === undefined ? {} : { lastFailure }),
          ...(same
            ? { representative }
            : task === undefined
              ? {}
              : { representative: { id: task.id, state: task.state, since: seen.at } }),
        },
      ];
    }),
  );
}
