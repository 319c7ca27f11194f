/**
 * The tasks that their health check has stopped, although the engine calls them complete. It stops an unhealthy container; if
 * that exits with 0, the task is complete without an error, as one that has done its work (moby
 * daemon/cluster/executor/container/controller.go, Start and Wait; seen on 28.5).
 */
import type { Seen, ServiceSeen, TaskSeen } from './observation.ts';
import { MIN_RUN } from './failures.ts';
import type { RolloutState } from './state.ts';
import { policyOf } from './verdict.ts';
import { isJob } from './slots.ts';
import { DEFAULT_STOP_GRACE } from './waiting.ts';

/** The ids of these tasks. The same set as before if there are no new ones. */
export function unhealthyTasks(state: RolloutState, seen: Seen): ReadonlySet<string> {
  const { service } = seen;
  if (service.healthCheck !== true) return state.unhealthy;
  // Another spec may be the first to show a check.
  const known = state.seen?.service.spec === service.spec ? state.seen.tasks : [];
  const before = new Map(known.map((task) => [task.id, task]));
  const { monitor } = policyOf(state, seen);
  const stopped = seen.tasks
    .filter((task) => task.state === 'complete' && before.get(task.id)?.state !== 'complete')
    .filter((task) => isStoppedByCheck(task, before.get(task.id), service, monitor));
  return stopped.length === 0
    ? state.unhealthy
    : new Set([...state.unhealthy, ...stopped.map(({ id }) => id)]);
}

/**
 * Whether its health check has stopped a task that completed. The engine does not say, so this takes what is likely:
 *
 * - polls have not shown it running, or for a moment only, and its check had the time to fail: then it never was healthy
 * - it ran, so it was healthy, and it ended within the monitor period, but not before its check can have failed
 * - nobody has watched it, and it ended soon after its check can have failed
 *
 * A job is meant to end: there, only the first counts.
 * @param shown the task in the poll before
 * @param monitor the monitor period (ms)
 */
function isStoppedByCheck(
  task: TaskSeen,
  shown: TaskSeen | undefined,
  service: ServiceSeen,
  monitor: number,
): boolean {
  const { health } = service;
  if (health === undefined || task.since === undefined) return false;
  const lifetime = task.since - Date.parse(task.createdAt);
  // The engine calls a container running for a moment that has ended before it was healthy.
  const ran = shown?.state === 'running' ? task.since - (shown.since ?? task.since) : 0;
  if (shown !== undefined && ran < MIN_RUN) return lifetime >= health.least;
  if (isJob(service)) return false;
  if (shown === undefined) {
    const latest = health.most + (task.stopGrace ?? DEFAULT_STOP_GRACE) + UNWATCHED_PULL;
    return lifetime >= health.least && lifetime < latest;
  }
  return ran >= health.least && ran < Math.max(monitor, MIN_RUN);
}

/** How long (ms) a node may have pulled the image of a task that nobody has watched. */
const UNWATCHED_PULL = 10_000;
