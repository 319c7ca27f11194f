/**
 * What a rollout waits for, and until when at the latest. The rules are those of swarmkit's updater
 * (manager/orchestrator/update/updater.go) and restart supervisor (manager/orchestrator/restart/restart.go).
 */
import { groupBy } from '../values/group-by.ts';
import type { Seen, UpdatePolicy } from './observation.ts';
import { ENDING, isCurrent, isJob, isTerminal, keyOf, silentNodes } from './slots.ts';
import type { Slot } from './slots.ts';
import { WAITS } from './state.ts';
import type { RolloutState, Wait, WaitReason } from './state.ts';
import {
  ENGINE_REACTION,
  awaitedTasks,
  hasNothingToReplace,
  isRolling,
  policyOf,
  updaterPolicy,
} from './verdict.ts';

/** How long (ms) a container has to end after the stop signal, where its spec does not say (swarmkit agent/exec). */
export const DEFAULT_STOP_GRACE = 10_000;
/** A task waits so long (ms) for the end of the one before it, then it starts (restart.go, defaultOldTaskTimeout). */
const OLD_TASK_TIMEOUT = 60_000;
/** A task that starts on a node, and has no known end, delays the verdict on another slot's failures by this at most (ms). */
const MAX_START = 600_000;

/** How long (ms) the engine monitors once all tasks are replaced (updater.go, Run; not yet on 20.10). */
export const lastMonitor = ({ monitor, delay }: Pick<UpdatePolicy, 'monitor' | 'delay'>): number =>
  delay >= monitor ? delay + 1_000 : monitor;

const BY_IMPORTANCE: readonly string[] = Object.keys(WAITS);

/** All that the rollout waits for, the most important first. Every slot that is not satisfied is in one of them. */
export function waitsOf(state: RolloutState, seen: Seen): readonly Wait[] {
  const awaited = awaitedTasks(seen).map((task): Wait => ({ reason: 'awaited', tasks: [task], count: 1 }));
  const ofTasks = [...slotWaits(state, seen), ...leavingWaits(state), ...awaited];
  return [...merged(ofTasks), ...engineWaits(state, seen)].sort(
    (a, b) => BY_IMPORTANCE.indexOf(a.reason) - BY_IMPORTANCE.indexOf(b.reason),
  );
}

/**
 * The latest time (ms) at which the engine has read all failures of an update. While it hands out slots it reads them at once. After
 * the last one it waits for all its workers: for each new task until it runs or has failed, and for the delay. Then it reads on
 * for the monitor period.
 */
export function engineReadsFailuresAt(state: RolloutState, seen: Seen): number {
  const { slots, intent, past, leaving } = state;
  if (slots.some((slot) => isToBeReplaced(slot, seen))) return seen.at;
  const policy = updaterPolicy(seen.service);
  const { delay } = policy;
  const deadline = Math.min(intent.progressDeadline || MAX_START, MAX_START);
  const starts = slotWaits(state, seen).flatMap(({ reason, tasks, until }) => {
    const [task] = tasks;
    if (task === undefined || UNKNOWN_END.has(reason) || hasFailed(state, keyOf(task, seen.service)))
      return [];
    const since = past.get(keyOf(task, seen.service))?.representative?.since ?? seen.at;
    return [Math.min(until ?? Infinity, since + deadline)];
  });
  // A new task may fail while the old one has yet to stop: its worker waits for that, too.
  const stops = leaving
    .filter(({ task }) => ENDING.has(task.desired))
    .map(({ task, since }) => since + Math.min(task.stopGrace ?? DEFAULT_STOP_GRACE, OLD_TASK_TIMEOUT));
  // The polls do not show which failing slots the workers have handled: there may be a delay after each.
  const failing = slots.filter(({ key }) => hasFailed(state, key)).length;
  const end = Math.max(lastRun(state) ?? 0, ...starts, ...stops) + Math.max(1, failing) * delay;
  return Math.max(seen.at, end + lastMonitor(policy) + ENGINE_REACTION);
}

/** Nothing says that such a task will ever start. */
const UNKNOWN_END: ReadonlySet<WaitReason> = new Set(['awaited', 'node', 'place', 'address']);

/** One wait for each slot that is not satisfied. */
function slotWaits(state: RolloutState, seen: Seen): Wait[] {
  const open = state.slots.filter(({ satisfied }) => !satisfied);
  if (open.length === 0) return [];
  const [silent, ending] = [silentNodes(seen), endingTasks(open, seen)];
  return open.map((slot) => waitOf(slot, state, seen, { silent, ending }));
}

/** The keys of the slots with a task that has to end before the next one starts. */
function endingTasks(open: readonly Slot[], { tasks, service }: Seen): ReadonlySet<string> {
  if (!open.some(({ task }) => task?.desired === 'ready')) return new Set();
  const ending = tasks.filter((task) => ENDING.has(task.desired) && !isTerminal(task));
  return new Set(ending.map((task) => keyOf(task, service)));
}

function waitOf(
  { key, task }: Slot,
  state: RolloutState,
  seen: Seen,
  { silent, ending }: { readonly silent: ReadonlySet<string>; readonly ending: ReadonlySet<string> },
): Wait {
  const { service } = seen;
  if (task === undefined) return { reason: 'turn', tasks: [], count: 1 };
  const since = state.past.get(key)?.representative?.since ?? seen.at;
  const wait = (reason: WaitReason, period?: number): Wait => ({
    reason,
    tasks: [task],
    count: 1,
    ...(period === undefined ? {} : { period, until: since + period }),
  });
  if (!isCurrent(task, service)) return wait('turn');
  if (isTerminal(task)) {
    if (!ENDING.has(task.desired)) return wait('restart', service.restartDelay);
    return isJob(service) ? wait('successor', policyOf(state, seen).monitor) : wait('turn');
  }
  if (silent.has(task.nodeId ?? '')) return wait(awaitedTasks(seen).includes(task) ? 'awaited' : 'node');
  if (task.state === 'new') return wait('address');
  if (task.state === 'pending' || task.state === 'allocated') return wait('place');
  if (task.desired === 'ready') {
    if (ending.has(key)) return wait('oldTask', OLD_TASK_TIMEOUT);
    const isRestart = !isRolling(service) || hasFailed(state, key);
    return isRestart ? wait('restart', service.restartDelay) : wait('turn');
  }
  if (task.state === 'running') {
    const isToEnd = isJob(service) || state.intent.mustComplete === true;
    return wait(isToEnd ? 'complete' : 'turn');
  }
  if (task.state !== 'starting') return wait('prepare');
  return service.health === undefined ? wait('start') : wait('health', service.health.most);
}

/** The tasks that are not wanted: the engine has told them to stop, or it will. */
function leavingWaits({ leaving }: RolloutState): Wait[] {
  return leaving.map(({ task, since }) => {
    if (!ENDING.has(task.desired)) return { reason: 'turn', tasks: [task], count: 1 };
    const period = task.stopGrace ?? DEFAULT_STOP_GRACE;
    return { reason: 'stop', tasks: [task], count: 1, period, until: since + period };
  });
}

/** Waits of the same reason and period as one. A task that two of them are about counts once. */
function merged(waits: readonly Wait[]): readonly Wait[] {
  const kinds = groupBy(waits, ({ reason, period = '' }) => `${reason} ${period}`);
  return [...kinds.values()].map((same): Wait => {
    const tasks = [...new Set(same.flatMap((wait) => wait.tasks))];
    const ends = same.flatMap(({ until }) => until ?? []);
    return {
      ...same[0],
      tasks,
      count: tasks.length + same.filter((wait) => wait.tasks.length === 0).length,
      ...(ends.length === 0 ? {} : { until: Math.max(...ends) }),
    };
  });
}

/**
 * What the whole service waits for: the delay of the engine's workers, or the monitor period. Each worker waits for the
 * delay after each task, also after the last.
 */
function engineWaits(state: RolloutState, seen: Seen): Wait[] {
  const { slots, stableSince } = state;
  if (isJob(seen.service)) return [];
  if (stableSince !== undefined && !isRolling(seen.service)) {
    const { monitor } = policyOf(state, seen);
    return [serviceWait('monitor', monitor, stableSince + monitor)];
  }
  // After another update with the same tasks the engine goes on, but without a status (seen on 28.5).
  const mayBeRolling =
    seen.service.update === undefined &&
    slots.some(({ task }) => task !== undefined && !isCurrent(task, seen.service));
  if (!isRolling(seen.service) && !mayBeRolling) return [];
  if (slots.some((slot) => isBeingReplaced(slot, state, seen))) return [];
  const { updatePolicy, rollbackPolicy } = seen.service;
  const longer = rollbackPolicy.delay > updatePolicy.delay ? rollbackPolicy : updatePolicy;
  // Without a status, the polls do not show which policy the engine follows: take the one that lasts longer.
  const policy = mayBeRolling ? longer : updaterPolicy(seen.service);
  const ran = lastRun(state) ?? state.progressedAt;
  const endWith = ({ delay, monitor }: UpdatePolicy): number => ran + delay + lastMonitor({ delay, monitor });
  if (slots.some((slot) => isToBeReplaced(slot, seen))) {
    return policy.delay === 0 ? [] : [serviceWait('batch', policy.delay, ran + policy.delay)];
  }
  // An old task that ends by itself gets a successor of the new spec. A worker waits for the delay in its slot all the same,
  // and so does the worker of an update that a rollback to the same spec has not ended.
  const last = hasNothingToReplace(seen) ? longer : policy;
  const others =
    last.delay === 0
      ? []
      : [serviceWait('updater', last.delay, endWith(last) + (slots.length - 1) * last.delay)];
  return [serviceWait('monitor', policy.monitor, endWith(policy)), ...others];
}

/** A wait of the whole service. @param until when (ms) it is over */
const serviceWait = (reason: WaitReason, period: number, until: number): Wait => ({
  reason,
  tasks: [],
  count: 0,
  period,
  until,
});

/** Whether the engine has yet to hand the slot to a worker. */
const isToBeReplaced = ({ task }: Slot, { service }: Seen): boolean =>
  task !== undefined && !isCurrent(task, service) && !isTerminal(task);

/** Whether a worker waits for the slot's new task. */
const isBeingReplaced = ({ key, task }: Slot, state: RolloutState, { service }: Seen): boolean =>
  task !== undefined &&
  isCurrent(task, service) &&
  task.state !== 'running' &&
  !isTerminal(task) &&
  !hasFailed(state, key);

/** Whether a task of the slot has failed: the updater has nothing to do with the tasks after it. */
const hasFailed = ({ past }: RolloutState, key: string): boolean => past.get(key)?.failedSince !== undefined;

/** When (ms) the last of the new tasks began to run, or failed for the first time. */
function lastRun({ slots, past }: RolloutState): number | undefined {
  const times = slots.flatMap(({ key, task }) => {
    const { representative, failedSince } = past.get(key) ?? {};
    if (failedSince !== undefined) return [failedSince];
    const hasRun = task?.upToDate === true && (task.state === 'running' || isTerminal(task));
    return hasRun ? (representative?.since ?? []) : [];
  });
  return times.length === 0 ? undefined : times.reduce((last, time) => Math.max(last, time));
}
