/** What is asked of the engine next, and when. */
import { describe, expect, test } from '@jest/globals';
import { recordPoll, nextPoll } from '../../../src/rollout/next-poll.ts';
import type { PollRequest, Polls } from '../../../src/rollout/next-poll.ts';
import type { Observation, TaskSeen } from '../../../src/rollout/observation.ts';
import { T0, after, node, oldTask, seen, task } from './support/made.ts';

/** The history after a poll that asked for all, and took so many milliseconds. */
const history = (took: number, fields: Partial<Polls> = {}): Polls => ({
  began: T0 - took,
  allAt: T0,
  allTook: took,
  nodesAt: T0,
  failed: 0,
  ...fields,
});

const pending = (slot: number): TaskSeen => task({ slot, state: 'pending', error: 'no suitable node' });
const slots = (count: number, make: (slot: number) => TaskSeen): TaskSeen[] =>
  Array.from({ length: count }, (_, index) => make(index + 1));
const replicas = (count: number) => ({ mode: { kind: 'replicated' as const, replicas: count } });
/** A service of which all tasks wait, but for those given. */
const many = (count: number, ...others: TaskSeen[]) => {
  const taken = new Set(others.map(({ slot }) => slot));
  const tasks = slots(count, pending).filter(({ slot }) => !taken.has(slot));
  return after({}, seen(0, [...others, ...tasks], replicas(count)));
};

/** The keys of the slots that the polls of the next so many milliseconds ask for. */
function asked(state: ReturnType<typeof many>, ms: number): { keys: string[]; polls: number; most: number } {
  const keys = new Set<string>();
  let count = 0;
  let most = 0;
  for (let at = state.at; at < state.at + ms;) {
    const ask = nextPoll({ ...state, at }, history(20, { began: at, allAt: at }), false);
    if (typeof ask.tasks === 'string') throw new Error(`all tasks were asked for after ${at - T0} ms`);
    for (const key of ask.tasks) keys.add(key);
    most = Math.max(most, ask.tasks.length);
    count += 1;
    at = ask.at;
  }
  return { keys: [...keys], polls: count, most };
}

describe('at first, and after the manager was away', () => {
  const everything = { tasks: 'fresh', nodes: true };
  test('everything is asked for at once', () => {
    expect(nextPoll(after({}), undefined, false)).toEqual({ at: T0, ...everything });
  });

  test('again later and later, but at least every 2 s, and when time brings the verdict', () => {
    const away: Observation = { kind: 'unreachable', at: T0 + 100, reason: 'no answer' };
    const waits = [1, 2, 3, 4, 5, 9].map((failed) =>
      nextPoll(after({}, away), history(5, { failed }), false),
    );
    expect(waits.map(({ at }) => at - T0 - 100)).toEqual([200, 400, 800, 1_600, 2_000, 2_000]);
    expect(waits[0]).toMatchObject(everything);
    const soon = nextPoll(after({ timeout: 250 }, away), history(5, { failed: 9 }), false);
    expect(soon).toEqual({ at: T0 + 250, ...everything });
  });

  test('a poll that succeeds ends it', () => {
    const ask: PollRequest = { at: T0, tasks: 'fresh', nodes: true };
    const away: Observation = { kind: 'unreachable', at: T0 + 5, reason: 'no answer' };
    const failed = recordPoll(recordPoll(undefined, ask, T0, away), ask, T0, away);
    expect(failed.failed).toBe(2);
    expect(recordPoll(failed, ask, T0 + 10, seen(0.03, []))).toEqual({
      began: T0 + 10,
      allAt: T0 + 30,
      allTook: 10,
      nodesAt: T0 + 30,
      failed: 0,
    });
  });
});

describe('a few tasks', () => {
  const state = after({}, seen(0, [task(), oldTask({ slot: 2 })]));

  test('are all listed ten times a second, nodes seldom', () => {
    expect(nextPoll(state, history(3), false)).toEqual({ at: T0 + 100, tasks: 'all', nodes: false });
    expect(nextPoll(state, history(3, { nodesAt: T0 - 3_000 }), false).nodes).toBe(true);
  });

  test('less often where a poll takes long', () => {
    expect(nextPoll(state, history(80), false).at).toBe(T0 + 240);
    expect(nextPoll(state, history(2_000), false).at).toBe(T0 + 250);
  });

  test('sooner, nodes as well, when the engine tells of something', () => {
    expect(nextPoll(state, history(3), true)).toEqual({ at: T0 + 47, tasks: 'all', nodes: true });
    expect(nextPoll(state, history(80), true).at).toBe(T0);
  });

  test('once only time is missing, everything is asked for when it has passed', () => {
    const waiting = after({}, seen(0, [task(), task({ slot: 2 })]));
    expect(nextPoll({ ...waiting, at: T0 + 4_950 }, history(3), false)).toEqual({
      at: T0 + 5_000,
      tasks: 'fresh',
      nodes: true,
    });
  });
});

describe('many tasks', () => {
  test('where all wait for a node, the service is polled ever more rarely, and a few of its tasks once a second', () => {
    const { keys, polls: count, most } = asked(many(1000), 10_000);
    expect(count).toBe(17);
    expect(most).toBe(10);
    expect(keys.length).toBeGreaterThanOrEqual(90);
  });

  test('where all have waited for long, the next poll is a second later, or at once after an event', () => {
    const state = { ...many(1000), at: T0 + 60_000 };
    const polled = history(3, { began: T0 + 59_997, allAt: T0 + 60_000 });
    expect(nextPoll(state, polled, false).at).toBe(T0 + 61_000);
    expect(nextPoll(state, polled, true).at).toBe(T0 + 60_047);
  });

  test('where one has a node, the service is polled four times a second', () => {
    expect(asked(many(1000, task({ slot: 9 })), 10_000).polls).toBe(40);
  });

  test('each poll asks for those on their way, and for those that run', () => {
    const state = many(1000, task({ slot: 7, state: 'preparing' }), task({ slot: 9 }));
    const ask = nextPoll(state, history(20), false);
    expect(ask.tasks).toEqual(expect.arrayContaining(['7', '9']));
    expect(ask.tasks.length).toBeLessThanOrEqual(12);
  });

  test('and for slots with an old task that has yet to stop', () => {
    const state = many(100, task({ slot: 5 }), oldTask({ slot: 5, desired: 'shutdown' }));
    expect(nextPoll(state, history(20), false).tasks).toContain('5');
  });

  test('no poll asks for more than 50 slots, and the polls ask for all that run in turn', () => {
    const running = slots(200, (slot) => task({ slot }));
    const state = many(1000, ...running);
    const { keys, most } = asked(state, 2_000);
    expect(state.slots.filter(({ satisfied }) => satisfied)).toHaveLength(200);
    expect(most).toBeLessThanOrEqual(50);
    for (const { slot } of running) expect(keys).toContain(String(slot));
  });

  /** How long after the last list the next is due, for a service in which something moved so long before that. */
  const listed = (state: ReturnType<typeof many>, took: number, calm: number): number => {
    for (let at = T0; ; at += 10) {
      const ask = nextPoll({ ...state, at, progressedAt: T0 - calm }, history(took), false);
      if (ask.tasks === 'all') return ask.at - T0;
    }
  };

  test('all are listed the more seldom the longer nothing moves', () => {
    const state = many(1000);
    const waits = [0, 500, 1_000, 2_000, 60_000].map((calm) => listed(state, 20, calm));
    expect(waits).toEqual([600, 1_000, 2_000, 4_000, 7_000]);
  });

  test('never so often that it costs the engine more than a tenth of its time', () => {
    const starting = slots(100, (slot) => task({ slot, state: 'starting' }));
    expect(listed(many(1000, ...starting), 20, 0)).toBe(250);
    expect(listed(many(5000, ...starting), 110, 0)).toBe(1_100);
    expect(listed(many(5000), 110, 0)).toBe(1_100);
  });

  test.each<[string, PollRequest['tasks'], true | undefined]>([
    ['all', 'all', true],
    ['all and their specs', 'fresh', undefined],
    ['some, which became all as the update had changed', ['1'], undefined],
  ])('a list of %s, however long it took, keeps nobody waiting for what comes next', (_, tasks, partial) => {
    const state = many(5000);
    if (state.seen === undefined) throw new Error('not seen');
    const listed = { ...state.seen, ...(partial === undefined ? {} : { partial }) };
    const ask: PollRequest = { at: T0, tasks, nodes: false };
    const found = recordPoll(history(5, { allAt: T0 - 5_000 }), ask, T0 - 400, listed);
    expect(found).toMatchObject({ allAt: T0, allTook: partial === undefined ? 200 : 400 });
    expect(nextPoll(state, found, true).at).toBe(T0);
    expect(nextPoll(state, found, false).at).toBe(T0 + 250);
  });

  test('nodes are listed the more seldom the more there are', () => {
    const nodes = Array.from({ length: 200 }, (_, index) => node(`n${index}`));
    const state = after({}, seen(0, [task(), task({ slot: 2, state: 'starting' })], {}, nodes));
    const due = (ms: number): boolean => nextPoll(state, history(3, { nodesAt: T0 - ms }), false).nodes;
    expect([due(3_000), due(9_000), due(9_950)]).toEqual([false, false, true]);
  });
});
