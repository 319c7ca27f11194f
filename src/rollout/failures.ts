/** Which tasks have failed, and how often one after the other in each slot. */
import type { Seen, TaskSeen } from './observation.ts';
import { endedBadly, isCurrent, keyOf } from './slots.ts';
import type { Slot } from './slots.ts';
import type { Failure, RolloutState, SlotHistory } from './state.ts';
import { policyOf } from './verdict.ts';

/**
 * The tasks that have ended badly since the last poll. Tasks of the previous spec may fail until they are replaced:
 * that does not count against our change. Once the previous spec is back, all failures count.
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
  const isOurs = (task: TaskSeen): boolean => reverted || isCurrent(task, service);
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

/** The history of each slot. A task that ran for the monitor period ends a series of failures. */
export function historiesOf(
  state: RolloutState,
  seen: Seen,
  slots: readonly Slot[],
  ended: readonly TaskSeen[],
): ReadonlyMap<string, SlotHistory> {
  const longRun = Math.max(policyOf(state, seen).monitor, SHORTEST_LONG_RUN);
  const failures = failuresBySlot(state, seen, ended);
  return new Map(
    slots.map(({ key, task }) => {
      const past = state.past.get(key) ?? { failuresInARow: 0 };
      const { representative } = past;
      const failed = failures.get(key) ?? [];
      const lastFailure = failed.at(-1)?.error ?? past.lastFailure;
      const same =
        representative !== undefined && representative.id === task?.id && representative.state === task.state;
      const isStable = same && task.state === 'running' && seen.at - representative.since >= longRun;
      const failuresInARow = failed.reduce(
        (count, { ranFor }) => (ranFor >= longRun ? 1 : count + 1),
        past.failuresInARow,
      );
      return [
        key,
        {
          failuresInARow: isStable ? 0 : failuresInARow,
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

/** However short the monitor period is, a run is not long (ms) if it can begin and end between two polls. */
const SHORTEST_LONG_RUN = 1_000;

/** A failure, and for how long (ms) at most its task ran. */
interface Run {
  readonly error: string;
  readonly ranFor: number;
}

/** The failures in each slot that are of the current spec, oldest first. */
function failuresBySlot(
  { seen: last, intent }: RolloutState,
  { service, at }: Seen,
  ended: readonly TaskSeen[],
): ReadonlyMap<string, readonly Run[]> {
  const bySlot = new Map<string, Run[]>();
  const current = ended.filter((task) => isCurrent(task, service));
  if (current.length === 0) return bySlot;
  const before = new Map(last?.tasks.map((task) => [task.id, task]));
  // If nothing was posted, tasks may have ended before the watch began.
  const lastAt = last?.at ?? (intent.posted === false ? -Infinity : intent.startedAt);
  for (const task of current.sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt))) {
    const key = keyOf(task, service);
    const run = { error: task.error, ranFor: longestRun(task, before.get(task.id), at - lastAt) };
    bySlot.set(key, [...(bySlot.get(key) ?? []), run]);
  }
  return bySlot;
}

/**
 * For how long (ms) at most a failed task ran. If the last poll showed it running, the clock of its node tells. Else it
 * ran since that poll at most, and since it was created. So rare polls bring the verdict on failures in a row later, but
 * not where polls all the time would not bring it.
 */
function longestRun(task: TaskSeen, before: TaskSeen | undefined, sinceLastPoll: number): number {
  if (task.state === 'rejected') return 0;
  const since = task.since ?? Infinity;
  return before?.state === 'running'
    ? since - (before.since ?? -Infinity)
    : Math.min(sinceLastPoll, since - Date.parse(task.createdAt));
}
