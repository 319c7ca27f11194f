/**
 * What the next poll asks the engine for, and when. Pure; all times are milliseconds. The numbers come from
 * measurements on Engine 28.5: a list of 1000 tasks costs the engine 16 ms of processor time and 680 kB (5000 tasks:
 * 110 ms), a service 0.4 ms at any size (1.3 ms if it is asked for rarely), and a list of tasks by the prefixes of their names 0.35 ms plus 0.02 ms a task.
 */
import type { Observation } from './observation.ts';
import type { Slot } from './slots.ts';
import type { RolloutState } from './state.ts';

/**
 * Which tasks a poll lists. `fresh`: all of them, and which of them are up to date. `all`: all of them; the cached
 * answers on which are up to date stay. A list of slot keys: only the tasks in those slots.
 */
export type Scope = 'fresh' | 'all' | readonly string[];

/** One poll: when it starts, and what it asks for beside the service. */
export interface PollRequest {
  readonly at: number;
  readonly tasks: Scope;
  readonly nodes: boolean;
}

/** What the polls so far were, and what they cost. */
export interface Polls {
  /** When the last poll began (ms). */
  readonly began: number;
  /** When all tasks were last listed, and how long that took. */
  readonly allAt: number;
  readonly allTook: number;
  /** When the nodes were last listed. */
  readonly nodesAt: number;
  /** How many polls in a row failed. */
  readonly failed: number;
}

/** Up to this many tasks, every poll lists all of them: that costs no more than anything else. */
const FEW = 60;
/** The interval between polls, for few tasks and for many. A verdict must be out within 300 ms. */
const INTERVAL = 100;
const INTERVAL_OF_MANY = 250;
/**
 * While many tasks all wait for a node, the interval is a part of the time since something changed (that time divided by
 * `PENDING_FACTOR`), up to this maximum. An event about the service or a node ends it early.
 */
const MAX_PENDING_INTERVAL = 1_000;
const PENDING_FACTOR = 4;
/** After an event of the engine, the next poll starts this long after the start of the last one. */
const INTERVAL_AFTER_EVENT = 50;
/** With few tasks, wait this many times as long as the last poll took, at most `INTERVAL_OF_MANY`. */
const SLOW_LINK_FACTOR = 3;
/** The longest interval between polls while the manager cannot be reached. */
const MAX_BACKOFF = 2_000;
/** With many tasks, a poll lists the tasks of this many slots: first those that are changing, then others in turn. */
const BATCH = 40;
/** Slots that wait for a node change rarely: a smaller batch of them is listed once a second. */
const PENDING_BATCH = 10;
const PENDING_BATCH_INTERVAL = 1_000;
/**
 * The interval between lists of all of many tasks, in multiples of the time that one list takes: at least `BUSY_FACTOR`.
 * Else `CALM_FACTOR`, at most `CALM_INTERVAL`; when nothing changes, the interval grows up to `IDLE_INTERVAL`.
 */
const BUSY_FACTOR = 10;
const CALM_FACTOR = 30;
const CALM_INTERVAL = 700;
const IDLE_INTERVAL = 7_000;
/** The interval between lists of the nodes: at least this, and this much for each node. Events tell of changes earlier. */
const NODES_INTERVAL = 3_000;
const NODES_INTERVAL_PER_NODE = 50;

/**
 * The next poll.
 * @param polls the polls so far; undefined before the first poll
 * @param afterEvent whether the engine has sent an event since the last poll
 * @param allTasks how many tasks all services have that are watched at the same time
 */
export function nextPoll(
  state: RolloutState,
  polls: Polls | undefined,
  afterEvent: boolean,
  allTasks = 0,
): PollRequest {
  const { seen, verdict, at } = state;
  const wakeAt = verdict.kind === 'progressing' ? verdict.wakeAt : at;
  if (polls === undefined || polls.failed > 0 || seen === undefined) {
    const backoff = polls === undefined ? 0 : Math.min(INTERVAL * 2 ** polls.failed, MAX_BACKOFF);
    return { at: Math.min(at + backoff, wakeAt), tasks: 'fresh', nodes: true };
  }
  const isSmall = Math.max(allTasks, seen.tasks.length, state.slots.length) <= FEW;
  const interval = isSmall
    ? Math.min(Math.max(INTERVAL, SLOW_LINK_FACTOR * (at - polls.began)), INTERVAL_OF_MANY)
    : areAllPending(state)
      ? Math.min(Math.max(INTERVAL_OF_MANY, (at - state.progressedAt) / PENDING_FACTOR), MAX_PENDING_INTERVAL)
      : INTERVAL_OF_MANY;
  // After an event it does not matter how long the last poll took: the engine may have been busy for a moment only,
  // and the event may bring the verdict.
  const due = afterEvent ? Math.max(polls.began + INTERVAL_AFTER_EVENT, at) : at + interval;
  // The verdict is due by time alone: only a full poll can confirm it.
  if (wakeAt <= due) return { at: wakeAt, tasks: 'fresh', nodes: true };
  return {
    at: due,
    tasks: isSmall ? 'all' : scopeOfMany(state, polls, due),
    nodes:
      afterEvent ||
      due >= polls.nodesAt + Math.max(NODES_INTERVAL, NODES_INTERVAL_PER_NODE * seen.nodes.length),
  };
}

/** The polls so far, after one more. */
export function recordPoll(
  before: Polls | undefined,
  request: PollRequest,
  began: number,
  observation: Observation,
): Polls {
  const { at } = observation;
  const took = at - began;
  // The observer makes a partial poll a full one when the engine's update status has changed.
  const isFresh = request.tasks === 'fresh' || (observation.kind === 'seen' && observation.partial !== true);
  // A fresh poll lists all tasks twice.
  const allTook = isFresh ? took / 2 : took;
  const last = before ?? { allAt: at, allTook, nodesAt: at, failed: 0 };
  if (observation.kind !== 'seen') return { ...last, began, failed: last.failed + 1 };
  const listedAll = isFresh || request.tasks === 'all';
  return {
    began,
    failed: 0,
    ...(listedAll ? { allAt: at, allTook } : { allAt: last.allAt, allTook: last.allTook }),
    nodesAt: request.nodes ? at : last.nodesAt,
  };
}

/** Whether all tasks wait for a node. */
const areAllPending = ({ slots, leaving, stableSince }: RolloutState): boolean =>
  slots.every(hasNoNode) && leaving.length === 0 && stableSince === undefined;

function scopeOfMany(state: RolloutState, polls: Polls, at: number): Scope {
  const changing = changingSlots(state);
  return at >= nextListOfAll(state, polls, changing.size) ? 'all' : batch(state, polls, at, changing);
}

/** When many tasks are listed again: rarely when nothing changes, often when more slots change than a batch holds. */
function nextListOfAll(state: RolloutState, { allAt, allTook }: Polls, changing: number): number {
  const usual = Math.min(CALM_FACTOR * allTook, CALM_INTERVAL);
  const calm = Math.min(Math.max(usual, 2 * (allAt - state.progressedAt)), IDLE_INTERVAL);
  return allAt + Math.max(BUSY_FACTOR * allTook, changing > BATCH ? INTERVAL_OF_MANY : calm);
}

/** The slots of a partial poll. The stable and the pending ones take turns. */
function batch(
  state: RolloutState,
  { began }: Polls,
  at: number,
  changing: ReadonlySet<string>,
): readonly string[] {
  const others = state.slots.filter(({ key }) => !changing.has(key));
  const keys = (slots: readonly Slot[]): readonly string[] => slots.map(({ key }) => key);
  const turn = Math.floor(at / INTERVAL_OF_MANY);
  const pendingTurn = Math.floor(at / PENDING_BATCH_INTERVAL);
  const first = takeTurns([...changing], BATCH, turn);
  const stable = others.filter(({ satisfied }) => satisfied);
  const pending = others.filter(({ satisfied }) => !satisfied);
  return [
    ...first,
    ...takeTurns(keys(stable), BATCH - first.length, turn),
    ...(pendingTurn > Math.floor(began / PENDING_BATCH_INTERVAL)
      ? takeTurns(keys(pending), PENDING_BATCH, pendingTurn)
      : []),
  ];
}

const WITHOUT_NODE: ReadonlySet<string> = new Set(['', 'new', 'allocated', 'pending']);

/** Whether a slot has no task yet, or its task waits for a node. */
const hasNoNode = ({ task }: Slot): boolean => WITHOUT_NODE.has(task?.state ?? '');

/** The slots that will change soon: their task starts, has ended, or has to stop. */
function changingSlots({ slots, leaving }: RolloutState): ReadonlySet<string> {
  const unsettled = slots.filter((slot) => !slot.satisfied && !hasNoNode(slot));
  return new Set([...unsettled, ...leaving].map(({ key }) => key));
}

/** At most `size` of the keys; the next turn gives the next ones. */
function takeTurns(keys: readonly string[], size: number, turn: number): readonly string[] {
  if (keys.length <= size) return keys;
  const from = (turn * size) % keys.length;
  return [...keys.slice(from, from + size), ...keys.slice(0, Math.max(0, from + size - keys.length))];
}
