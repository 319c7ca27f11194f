/** Observations in, state out. Pure: time is what the observation says it is. */
import type { Observation, Seen, ServiceSeen } from './observation.ts';
import { isCurrent, isFailed, isTerminal, keyOf, leftovers, slotsOf } from './slots.ts';
import type { Slot } from './slots.ts';
import type { Failure, Intent, RolloutState, SlotPast } from './state.ts';
import { isOver, judge, rollingOf } from './verdict.ts';

/** A rollout of which nothing has been seen yet. */
export function start(intent: Intent): RolloutState {
  return {
    intent,
    at: intent.startedAt,
    slots: [],
    image: '',
    oldTasks: new Set(),
    failures: [],
    past: new Map(),
    movedAt: intent.startedAt,
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
      return { ...reachable(state), at, verdict: { kind: 'removed' } };
    case 'unreachable': {
      const unreachable = { since: state.unreachable?.since ?? at, reason: observation.reason };
      return judged({ ...state, at, unreachable });
    }
    case 'seen':
      return judged(look(reachable(state), observation));
  }
}

const judged = (state: RolloutState): RolloutState => ({ ...state, verdict: judge(state) });

function look(before: RolloutState, seen: Seen): RolloutState {
  const state = before.seen === undefined ? begin(before, seen) : before;
  const reverted = state.reverted ?? reversion(state, seen.service);
  // The failures of the spec that is gone are not held against the one that is back.
  const past = reverted === state.reverted ? state.past : new Map<string, SlotPast>();
  const slots = slotsOf(seen);
  const settled = slots.every(({ satisfied }) => satisfied) && leftovers(seen).length === 0;
  const returned = before.unreachable !== undefined;
  const moved = returned || state.seen === undefined || picture(state.seen) !== picture(seen);
  return {
    ...unsettled(state),
    at: seen.at,
    seen,
    slots,
    ...(reverted === undefined ? {} : { reverted }),
    expected: reverted === state.reverted ? (state.expected ?? '') : seen.service.spec,
    failures: [...state.failures, ...newFailures(state, seen, slots)],
    past: pastOf({ ...state, past }, seen, slots),
    movedAt: moved ? seen.at : state.movedAt,
    ...(settled ? { stableSince: state.stableSince ?? seen.at } : {}),
  };
}

/** The first look after the change fixes which spec is ours and which tasks were over before it. */
function begin(state: RolloutState, seen: Seen): RolloutState {
  const { service, tasks } = seen;
  // Another change may have come between ours and the first look: then the spec before is not the one we replaced.
  const { replaced } = state.intent;
  const between =
    replaced !== undefined && service.previousSpec !== undefined && service.previousSpec !== replaced;
  const old = state.intent.action === 'create' ? [] : tasks.filter(isTerminal);
  return {
    ...state,
    image: service.image,
    expected: between ? '' : service.spec,
    oldTasks: new Set(old.map(({ id }) => id)),
  };
}

/**
 * Why the engine put the previous spec back by itself, or undefined if it has not: it says that it rolls back,
 * and unlike after a `docker service rollback` of someone else's there is no previous spec any more.
 */
function reversion(state: RolloutState, { update, previousSpec }: ServiceSeen): string | undefined {
  const byItself = update?.state.startsWith('rollback_') === true && previousSpec === undefined;
  return byItself && state.intent.action !== 'rollback' ? update.message : undefined;
}

/** Everything that counts as movement: any change of a task, of a node or of the engine's update status. */
function picture({ service, tasks, nodes }: Seen): string {
  return JSON.stringify([
    service.spec,
    service.update,
    tasks.map(({ id, state, desired, error, nodeId }) => [id, state, desired, error, nodeId]),
    nodes.map(({ id, down, availability }) => [id, down, availability]),
  ]);
}

function newFailures(state: RolloutState, { service, tasks, at }: Seen, slots: readonly Slot[]): Failure[] {
  const known = new Set(state.failures.map(({ task }) => task.id));
  const labels = new Map(slots.map(({ key, label }) => [key, label]));
  return tasks
    .filter((task) => isFailed(task) && !known.has(task.id) && !state.oldTasks.has(task.id))
    .map((task) => ({ task, label: labels.get(keyOf(task, service)) ?? keyOf(task, service), at }));
}

/** Counts the failures of each slot one after the other: a task that ran for the monitor period ends a series. */
function pastOf(state: RolloutState, seen: Seen, slots: readonly Slot[]): ReadonlyMap<string, SlotPast> {
  const { monitor } = rollingOf(state, seen);
  const known = new Set(state.failures.map(({ task }) => task.id));
  const fresh = seen.tasks.filter(
    (task) =>
      isFailed(task) && isCurrent(task, seen.service) && !known.has(task.id) && !state.oldTasks.has(task.id),
  );
  return new Map(
    slots.map(({ key, task }) => {
      const past = state.past.get(key) ?? { failuresRunning: 0 };
      const { standing } = past;
      const failed = fresh.filter((one) => keyOf(one, seen.service) === key);
      const held = standing?.state === 'running' && seen.at - standing.since >= monitor;
      const lastFailure = failed.at(-1)?.error ?? past.lastFailure;
      const same = standing !== undefined && standing.id === task?.id && standing.state === task.state;
      return [
        key,
        {
          failuresRunning: (held ? 0 : past.failuresRunning) + failed.length,
          ...(lastFailure === undefined ? {} : { lastFailure }),
          ...(same
            ? { standing }
            : task === undefined
              ? {}
              : { standing: { id: task.id, state: task.state, since: seen.at } }),
        },
      ];
    }),
  );
}

function reachable({ unreachable, ...rest }: RolloutState): RolloutState {
  return rest;
}

function unsettled({ stableSince, ...rest }: RolloutState): RolloutState {
  return rest;
}
