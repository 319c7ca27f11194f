/** Observations in, state out. Pure: time is what the observation says it is. */
import type { Observation, Seen, ServiceSeen, TaskSeen } from './observation.ts';
import { endedSince, pastOf, newFailures } from './failures.ts';
import { failedSlot } from './failed-slot.ts';
import { leftovers } from './leftovers.ts';
import { isTerminal, slotsOf } from './slots.ts';
import type { Slot } from './slots.ts';
import type { Intent, EngineRollback, RolloutState, SlotPast } from './state.ts';
import { timeInState } from './time-in-state.ts';
import { unhealthyTasks } from './unhealthy.ts';
import { isOver, isPaused, isRolling, judge } from './verdict.ts';
import { waitsOf } from './waiting.ts';

/**
 * An outage of this length (ms) may have been a restart of the manager, even if the nodes are known again. An engine that
 * restarts needs longer; a few failed requests in a row take less.
 */
const MIN_OUTAGE = 3_000;

/** The state before the first observation. */
export function start(intent: Intent): RolloutState {
  return {
    intent,
    at: intent.startedAt,
    slots: [],
    image: '',
    oldTasks: new Set(),
    failures: [],
    past: new Map(),
    leaving: [],
    unhealthy: new Set(),
    waits: [],
    progressedAt: intent.startedAt,
    verdict: { kind: 'progressing', wakeAt: Infinity },
  };
}

/** The state after one more observation; a rollout that is over stays as it is. */
export function reduce(state: RolloutState, observation: Observation): RolloutState {
  if (isOver(state.verdict)) return state;
  const { at } = observation;
  switch (observation.kind) {
    case 'interrupted':
      return { ...state, at, verdict: { kind: 'interrupted', signal: observation.signal } };
    case 'removed':
      // A manager that is behind the others may say so once.
      if (state.missing === true) return { ...state, at, verdict: { kind: 'removed' } };
      return judged({ ...state, at, missing: true });
    case 'refused':
      return { ...state, at, verdict: { kind: 'refused', reason: observation.reason } };
    case 'unreachable': {
      // The outage began after the last observation, not with the first failed poll.
      const { kind: _, at: _at, ...why } = observation;
      const unreachable = { ...why, since: state.unreachable?.since ?? state.at };
      return judged({ ...state, at, unreachable, missing: false });
    }
    case 'seen':
      return judged(applyPoll(state, observation));
  }
}

const judged = (state: RolloutState): RolloutState => ({ ...state, verdict: judge(state) });

function applyPoll(before: RolloutState, seen: Seen): RolloutState {
  const answered = { ...before, unreachable: undefined, missing: false };
  const state = isBeginning(before, seen) ? begin(answered, seen) : answered;
  if (isUnchanged(before, seen)) return { ...state, at: seen.at, seen };
  const engineRollback = state.engineRollback ?? findEngineRollback(state, seen.service);
  const isNewRollback = engineRollback !== state.engineRollback;
  const expected = isNewRollback ? seen.service.owned : (state.expected ?? '');
  // Another change has replaced ours: from here on, everything would be its progress.
  if (seen.service.owned !== expected) return { ...state, at: seen.at, seen, expected };
  // Failures of the failed spec do not count against the spec of the rollback.
  const past = isNewRollback ? new Map<string, SlotPast>() : state.past;
  const unhealthy = unhealthyTasks(state, seen);
  const slots = slotsOf(seen, unhealthy, state.intent.mustComplete);
  const leaving = leftovers(seen, slots, state.leaving);
  const settled = slots.every(({ satisfied }) => satisfied) && leaving.length === 0;
  const isFirst = state.seen === undefined;
  const hasReturned = before.unreachable !== undefined;
  const isAfterOutage = seen.at - (before.unreachable?.since ?? seen.at) >= MIN_OUTAGE;
  const stableSince =
    isFirst && state.intent.posted === false
      ? seen.at - stableFor(slots, seen)
      : !isAfterOutage && sameTasks(state.slots, slots)
        ? (state.stableSince ?? seen.at)
        : seen.at;
  const ended = endedSince({ ...state, unhealthy }, seen, engineRollback !== undefined);
  const hasProgressed = hasReturned || isFirst || fingerprint(state.seen) !== fingerprint(seen);
  const next: RolloutState = {
    ...state,
    at: seen.at,
    seen,
    slots,
    engineRollback,
    expected,
    oldTasks: new Set([...state.oldTasks, ...ended.others.map(({ id }) => id)]),
    failures: [...state.failures, ...newFailures(ended.ours, seen, slots, unhealthy)],
    past: pastOf({ ...state, past }, seen, slots, ended.ours, leaving),
    leaving,
    unhealthy,
    hadOutage:
      state.hadOutage === true || isAfterOutage || seen.nodes.some(({ unknown }) => unknown === true),
    progressedAt: hasProgressed ? seen.at : state.progressedAt,
    stableSince: settled ? stableSince : undefined,
  };
  return { ...next, waits: waitsOf(next, seen), failed: failedSlot(next, seen, state.failed) };
}

/** Whether a poll is the first one, or the first of another spec that a `wait` follows. */
function isBeginning({ intent, seen: last, expected }: RolloutState, { service }: Seen): boolean {
  if (last === undefined) return true;
  return (
    intent.action === 'wait' && service.owned !== expected && engineRollbackOf(intent, service) === undefined
  );
}

/** Whether a poll shows what the last one did: the observer gives the same objects for equal parts. */
function isUnchanged({ seen: last, expected, unreachable }: RolloutState, seen: Seen): boolean {
  return (
    unreachable === undefined &&
    last?.service === seen.service &&
    last.tasks === seen.tasks &&
    last.nodes === seen.nodes &&
    seen.service.owned === expected
  );
}

/** For how long (ms) every wanted task has been in its state, as far as the first poll tells. */
const stableFor = (slots: readonly Slot[], seen: Seen): number =>
  slots.reduce(
    (least, { task }) => Math.min(least, task === undefined ? 0 : timeInState(task, seen)),
    Infinity,
  );

/** Whether the same tasks fill the slots. A task that crashed between two polls may already have a successor. */
const sameTasks = (before: readonly Slot[], now: readonly Slot[]): boolean =>
  before.length === now.length && now.every(({ task }, index) => task?.id === before[index]?.task?.id);

/** The first poll after the change decides what is ours, and which tasks had ended before it. */
function begin(state: RolloutState, seen: Seen): RolloutState {
  const { service, tasks } = seen;
  const { action, posted = true, replaced } = state.intent;
  // Another change may have come between ours and the first poll. A new service has no previous spec and no update status.
  const between =
    (service.previousSpec !== undefined && service.previousSpec !== replaced) ||
    (action === 'create' && service.update !== undefined);
  // The engine fills in what a new service leaves open, so its first poll shows what is ours. An update and a rollback are
  // stored as they were asked for (seen on 20.10 and 28.5).
  const isOurs = action === 'wait' || (action === 'create' && posted && !between);
  const { owned = between ? '' : service.owned } = state.intent;
  // On a busy manager, a task of ours may have failed before the first poll; of a paused update, those that failed are the reason.
  const isToldOfPast = posted || isRolling(service) || isPaused(service);
  const updateStartedAt = (isToldOfPast ? service.updateStartedAt : undefined) ?? Infinity;
  const isOld = (task: TaskSeen): boolean => isTerminal(task) && Date.parse(task.createdAt) < updateStartedAt;
  const old = action === 'create' ? [] : tasks.filter(isOld);
  return {
    ...state,
    image: service.image,
    expected: isOurs ? service.owned : owned,
    oldTasks: new Set(old.map(({ id }) => id)),
    // What another spec did before does not count against this one.
    slots: [],
    past: new Map(),
    engineRollback: undefined,
    stableSince: undefined,
    failed: undefined,
  };
}

/**
 * Why the engine rolled back by itself; undefined if it has not. The sign is that there is no previous spec: every change that
 * is posted leaves one, also a `docker service rollback` (seen on 28.5; swarmkit manager/orchestrator/update, rollbackUpdate).
 * The update status is no reliable sign: an update that ends later overwrites it with "completed" (completeUpdate).
 */
function findEngineRollback({ intent }: RolloutState, service: ServiceSeen): EngineRollback | undefined {
  const { action, replacedOwned } = intent;
  if (action === 'wait') return engineRollbackOf(intent, service);
  const isBack = action === 'update' && service.owned === replacedOwned && service.previousSpec === undefined;
  return isBack ? rollbackCause(service) : undefined;
}

/**
 * What a service says of an automatic rollback; undefined if there was none, or if it led to the spec that is wanted. Every other
 * change leaves a previous spec.
 */
function engineRollbackOf({ isWanted, owned }: Intent, service: ServiceSeen): EngineRollback | undefined {
  const { update, previousSpec } = service;
  if (isWanted === true && service.owned === owned) return undefined;
  return update !== undefined && previousSpec === undefined ? rollbackCause(service) : undefined;
}

/** A quick rollback may be over before the first poll. Then the engine no longer says why. */
const rollbackCause = ({ update, updateTask }: ServiceSeen): EngineRollback => ({
  message: update?.state.endsWith('completed') === false ? update.message : '',
  ...(updateTask === undefined ? {} : { task: updateTask }),
});

/** A text of everything that counts as progress: any change of a task, of a node or of the update status. */
function fingerprint({ service, tasks, nodes }: Seen): string {
  return JSON.stringify([
    service.spec,
    service.update,
    tasks.map(({ id, state, desired, error, nodeId }) => [id, state, desired, error, nodeId]),
    nodes.map(({ id, down, unknown, availability }) => [id, down, unknown, availability]),
  ]);
}
