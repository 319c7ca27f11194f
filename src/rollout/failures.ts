/** Which tasks have failed, and how often one after the other in each slot. */
import { groupBy } from '../values/group-by.ts';
import type { Seen, TaskSeen } from './observation.ts';
import { endedBadly, explained, isCurrent, isJob, keyOf } from './slots.ts';
import type { Slot } from './slots.ts';
import type { Failure, Leaving, RolloutState, SlotPast } from './state.ts';
import { timeInState } from './time-in-state.ts';
import { policyOf } from './verdict.ts';

/**
 * The tasks that have ended badly since the last poll, in the order in which they ended. Tasks of the previous spec may
 * fail until they are replaced: that does not count against our change. After a rollback by the engine, the failures of all
 * tasks count that were created since the update began.
 */
export function endedSince(
  state: RolloutState,
  { service, tasks }: Seen,
  engineRollback: boolean,
): { readonly ours: readonly TaskSeen[]; readonly others: readonly TaskSeen[] } {
  const known = new Set(state.failures.map(({ task }) => task.id));
  const fresh = tasks
    .filter(
      (task) =>
        endedBadly(task, service, state.unhealthy) && !known.has(task.id) && !state.oldTasks.has(task.id),
    )
    .sort((a, b) => (a.since ?? 0) - (b.since ?? 0));
  const isNew = ({ createdAt }: TaskSeen): boolean => Date.parse(createdAt) >= (service.updateStartedAt ?? 0);
  const isOurs = (task: TaskSeen): boolean => (engineRollback ? isNew(task) : isCurrent(task, service));
  return { ours: fresh.filter(isOurs), others: fresh.filter((task) => !isOurs(task)) };
}

/** The failures that these tasks are. @param unhealthy the ids of the tasks that a health check has stopped */
export function newFailures(
  ended: readonly TaskSeen[],
  { service }: Seen,
  slots: readonly Slot[],
  unhealthy: ReadonlySet<string>,
): readonly Failure[] {
  const labels = new Map(slots.map(({ key, label }) => [key, label]));
  return ended.map((task) => ({
    task: explained(task, unhealthy),
    label: labels.get(keyOf(task, service)) ?? keyOf(task, service),
  }));
}

/** A task that has been starting for longer than this (ms) most likely waits for its health check. */
export const LONG_START = 1_000;
/** About the least time (ms) that the health check of an image needs to fail. */
const LONG_CHECK = 2_000;

/** A shorter run (ms) never ends a series of failures: polls may be too rare to tell it from a crash at the start. */
export const MIN_RUN = 500;

/**
 * What polls have shown of each slot. If a task may have run for the monitor period, the failures in a row are counted from 0
 * again, even if no poll has shown it running; not those of a job, and not once the update is completed. So if the polls are far apart, they find fewer failures in a row, and never more.
 */
export function pastOf(
  state: RolloutState,
  seen: Seen,
  slots: readonly Slot[],
  ended: readonly TaskSeen[],
  leaving: readonly Leaving[],
): ReadonlyMap<string, SlotPast> {
  const { monitor } = policyOf(state, seen);
  const minRun = Math.max(monitor, MIN_RUN);
  const stopping = new Set([...state.leaving, ...leaving].map(({ key }) => key));
  const isSameUpdate = state.seen?.service.updateStartedAt === seen.service.updateStartedAt;
  const counted = ended.filter((task) => isCurrent(task, seen.service));
  const fresh = groupBy(counted, (task) => keyOf(task, seen.service));
  const before = new Map(ended.length === 0 ? [] : state.seen?.tasks.map((task) => [task.id, task]));
  const sinceListed = seen.at - (state.seen?.listedAt ?? -Infinity);
  // A task of a job has to complete. And once the engine has called an update completed, it does nothing about tasks that fail:
  // if they do so in turn, each after the monitor period, the service would never be stable, and no series would reach its end.
  const neverHolds = isJob(seen.service) || /completed$/.test(seen.service.update?.state ?? '');
  const mayHaveHeld = (task: TaskSeen): boolean =>
    !neverHolds && longestRun(task, before.get(task.id), sinceListed) >= minRun;
  return new Map(
    slots.map(({ key, task }) => {
      const past = state.past.get(key) ?? { failuresInARow: 0 };
      const { representative } = past;
      const failed = fresh.get(key) ?? [];
      const failedBefore = isSameUpdate ? past.failedSince : undefined;
      const hasFailed = failedBefore !== undefined || failed.length > 0;
      const failedSince =
        hasFailed && stopping.has(key) ? seen.at : (failedBefore ?? (hasFailed ? seen.at : undefined));
      const lastFailure = failed.at(-1)?.error ?? past.lastFailure;
      const same =
        representative !== undefined && representative.id === task?.id && representative.state === task.state;
      // A poll may miss that a task runs for a moment, so a short start says nothing.
      const neverRan =
        representative?.id === task?.id &&
        representative?.state === 'starting' &&
        task?.state === 'complete' &&
        seen.at - representative.since >= LONG_CHECK
          ? task.id
          : past.neverRan;
      const held =
        !neverHolds && same && task.state === 'running' && seen.at - representative.since >= minRun;
      return [
        key,
        {
          failuresInARow: failed.reduce(
            (count, one) => (mayHaveHeld(one) ? 1 : count + 1),
            held ? 0 : past.failuresInARow,
          ),
          neverRan,
          failedSince,
          lastFailure,
          representative: same
            ? representative
            : task && { id: task.id, state: task.state, since: seen.at - timeInState(task, seen) },
        },
      ];
    }),
  );
}

/**
 * The longest time (ms) that a task can have run before it ended. If a poll has shown it running, the clock of its node tells.
 * Else it is the time since the list of tasks before, or since the task was created, whichever is shorter.
 * @param shown the task in the poll before
 * @param sinceListed the time since that list (ms)
 */
function longestRun(
  { createdAt, since }: TaskSeen,
  shown: TaskSeen | undefined,
  sinceListed: number,
): number {
  if (since === undefined) return sinceListed;
  if (shown?.state === 'running') return since - (shown.since ?? since);
  const lifetime = since - Date.parse(createdAt);
  // A task that ended before it was created shows that the clock of its node is wrong.
  return lifetime < 0 ? sinceListed : Math.min(lifetime, sinceListed);
}
