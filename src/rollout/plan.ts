/**
 * What to ask the engine next, and when: pure. The figures are milliseconds; what they weigh was measured on Engine
 * 28.5: a list of 1000 tasks costs it 16 ms of processor time and 680 kB (5000: 110 ms), a service 0.4 ms at any size,
 * and the tasks of some places, asked for by the beginnings of their names, 0.35 ms and 0.02 more for each.
 */
import type { Observation } from './observation.ts';
import { keyOf, leftovers } from './slots.ts';
import type { Slot } from './slots.ts';
import type { RolloutState } from './state.ts';

/**
 * Which tasks a look asks for: all, and the engine's word on each of which spec it is (fresh); all; or those in some
 * places, by the keys of their slots.
 */
export type Scope = 'fresh' | 'all' | readonly string[];

/** One look: when to take it, and what it asks for beside the service. */
export interface PollRequest {
  readonly at: number;
  readonly tasks: Scope;
  readonly nodes: boolean;
}

/** What the looks so far have been, and cost. */
export interface PollHistory {
  /** When the last one began. */
  readonly began: number;
  /** When all tasks were last asked for, and how long that took. */
  readonly allAt: number;
  readonly allTook: number;
  readonly nodesAt: number;
  /** How many in a row the manager has not answered. */
  readonly failed: number;
}

/** So few tasks cost no more to list than anything else, and are listed at every look. */
const FEW = 60;
/** Between looks at few tasks and at many: a verdict has to be out within 300. */
const PACE = 100;
const PACE_OF_MANY = 250;
/** From a look's beginning to that of the next when the engine tells that something happened. */
const STIRRED = 50;
/** A look at few over a slow link is followed by so many times as long a pause, up to that of many. */
const PEACE = 3;
/** The longest wait between looks while the manager can't be reached. */
const MAX_BACKOFF = 2_000;
/** So many of many places are looked at each time: those where tasks are on their way or run. */
const ROOM = 40;
/** Of those that wait for a node so many are looked at, and at every fourth look only. */
const WAITING_ROOM = 10;
const WAITING_TURN = 4;
/** Between lists of many tasks: at least BUSY times what one takes, else CALM times, up to MODERATE, then twice as long as nothing has moved, up to LAZY. */
const BUSY = 10;
const CALM = 30;
const MODERATE = 700;
const LAZY = 5_000;
/** Between lists of nodes, of which the engine tells when they change: so long, and so long for each. */
const NODES = 3_000;
const NODE = 50;

/**
 * The next look.
 * @param looks undefined before the first
 * @param onChange whether the engine has told of something since the last
 */
export function nextPoll(
  state: RolloutState,
  looks: PollHistory | undefined,
  onChange: boolean,
): PollRequest {
  const { seen, verdict, at } = state;
  const wakeAt = verdict.kind === 'progressing' ? verdict.wakeAt : at;
  if (looks === undefined || looks.failed > 0 || seen === undefined) {
    const backoff = looks === undefined ? 0 : Math.min(PACE * 2 ** looks.failed, MAX_BACKOFF);
    return { at: Math.min(at + backoff, wakeAt), tasks: 'fresh', nodes: true };
  }
  const few = seen.tasks.length <= FEW && state.slots.length <= FEW;
  const pause = few ? Math.min(Math.max(PACE, PEACE * (at - looks.began)), PACE_OF_MANY) : PACE_OF_MANY;
  // However long the last look took: the engine may have been busy for a moment, and its word may be the verdict.
  const due = onChange ? Math.max(looks.began + STIRRED, at) : at + pause;
  // Only time can bring the verdict now, or only it is missing: it takes a look at everything.
  if (wakeAt <= due) return { at: wakeAt, tasks: 'fresh', nodes: true };
  return {
    at: due,
    tasks: few ? 'all' : scopeOfMany(state, looks, due),
    nodes: onChange || due >= looks.nodesAt + Math.max(NODES, NODE * seen.nodes.length),
  };
}

/** What is known of the looks once the one that was asked for has given an observation. */
export function recordPoll(
  before: PollHistory | undefined,
  ask: PollRequest,
  began: number,
  observation: Observation,
): PollHistory {
  const { at } = observation;
  const took = at - began;
  // A look at some tasks becomes one at everything where the engine's word on its update has changed.
  const isFresh = ask.tasks === 'fresh' || (observation.kind === 'seen' && observation.partial !== true);
  // It lists all twice.
  const allTook = isFresh ? took / 2 : took;
  const last = before ?? { allAt: at, allTook, nodesAt: at, failed: 0 };
  if (observation.kind !== 'seen') return { ...last, began, failed: last.failed + 1 };
  const isOfAll = isFresh || ask.tasks === 'all';
  return {
    began,
    failed: 0,
    ...(isOfAll ? { allAt: at, allTook } : { allAt: last.allAt, allTook: last.allTook }),
    nodesAt: ask.nodes ? at : last.nodesAt,
  };
}

function scopeOfMany(state: RolloutState, looks: PollHistory, at: number): Scope {
  const onTheirWay = moving(state);
  return at >= allDue(state, looks, onTheirWay.size) ? 'all' : focus(state, at, onTheirWay);
}

/** When many tasks are to be listed again: seldom where nothing moves, often where more move than can be followed. */
function allDue(state: RolloutState, { allAt, allTook }: PollHistory, onTheirWay: number): number {
  const usual = Math.min(CALM * allTook, MODERATE);
  const calm = Math.min(Math.max(usual, 2 * (allAt - state.progressedAt)), LAZY);
  return allAt + Math.max(BUSY * allTook, onTheirWay > ROOM ? PACE_OF_MANY : calm);
}

/** The places to look at while not all are: which of those that only stand or wait changes from one look to the next. */
function focus(state: RolloutState, at: number, onTheirWay: ReadonlySet<string>): readonly string[] {
  const others = state.slots.filter(({ key }) => !onTheirWay.has(key));
  const keys = (slots: readonly Slot[]): readonly string[] => slots.map(({ key }) => key);
  const turn = Math.floor(at / PACE_OF_MANY);
  const first = some([...onTheirWay], ROOM, turn);
  const standing = others.filter(({ satisfied }) => satisfied);
  const waiting = others.filter(({ satisfied }) => !satisfied);
  return [
    ...first,
    ...some(keys(standing), ROOM - first.length, turn),
    ...(turn % WAITING_TURN === 0 ? some(keys(waiting), WAITING_ROOM, turn / WAITING_TURN) : []),
  ];
}

/** The states of a task that no node has been found for. */
const WAITING: ReadonlySet<string> = new Set(['', 'new', 'allocated', 'pending']);

/** The places where something is about to happen: tasks that start, have ended or are to stop. */
function moving({ slots, seen }: RolloutState): ReadonlySet<string> {
  const unsettled = slots.filter(({ satisfied, task }) => !satisfied && !WAITING.has(task?.state ?? ''));
  const leaving = seen === undefined ? [] : leftovers(seen, slots).map((task) => keyOf(task, seen.service));
  return new Set([...unsettled.map(({ key }) => key), ...leaving]);
}

/** At most so many, others at each turn. */
function some(keys: readonly string[], room: number, turn: number): readonly string[] {
  if (keys.length <= room) return keys;
  const from = (turn * room) % keys.length;
  return [...keys, ...keys].slice(from, from + room);
}
