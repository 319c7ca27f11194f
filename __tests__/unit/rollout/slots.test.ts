/** Tasks in their slots: gaps in the numbers, old finished tasks, start-first, nodes that a global service wants. */
import { describe, expect, test } from '@jest/globals';
import { isEligible } from '../../../src/rollout/constraints.ts';
import type { ServiceSeen, TaskSeen } from '../../../src/rollout/observation.ts';
import { leftovers } from '../../../src/rollout/leftovers.ts';
import { slotsOf } from '../../../src/rollout/slots.ts';
import { node, oldTask, seen, task } from './support/made.ts';
import type { Fields } from './support/made.ts';

/** No task was stopped by its health check. */
const NONE: ReadonlySet<string> = new Set();

const rows = (tasks: readonly TaskSeen[], fields: Fields<ServiceSeen> = {}) =>
  slotsOf(seen(0, tasks, fields), NONE).map(({ key, label, task: one, satisfied }) => [
    key,
    label,
    one?.id,
    satisfied,
  ]);

const left = (...tasks: readonly TaskSeen[]): readonly TaskSeen[] => {
  const poll = seen(0, tasks);
  return leftovers(poll, slotsOf(poll, NONE), []).map((one) => one.task);
};

describe('replicated', () => {
  test('slots without a task yet have their numbers', () => {
    const only = task({ slot: 2 });
    expect(rows([only])).toEqual([
      ['1', '1/2', undefined, false],
      ['2', '2/2', only.id, true],
    ]);
  });

  test('after scaling down the numbers that are left may be any', () => {
    const [third, fifth] = [task({ slot: 3 }), task({ slot: 5 })];
    const gone = [1, 2, 4].map((slot) => task({ slot, state: 'shutdown', desired: 'shutdown' }));
    expect(rows([...gone, third, fifth])).toEqual([
      ['3', '1/2', third.id, true],
      ['5', '2/2', fifth.id, true],
    ]);
  });

  test('a slot that is being removed is none', () => {
    const leaving = task({ slot: 3, desired: 'remove' });
    const kept = [task(), task({ slot: 2 })];
    expect(rows([...kept, leaving]).map(([key]) => key)).toEqual(['1', '2']);
    expect(left(...kept, leaving)).toEqual([leaving]);
  });

  test('of more than are wanted those that run are kept, and the engine has yet to stop the others', () => {
    const waiting = task({ state: 'pending' });
    const running = [2, 3, 4].map((slot) => task({ slot }));
    expect(rows([waiting, ...running]).map(([key]) => key)).toEqual(['2', '3']);
    expect(left(waiting, ...running)).toEqual([running[2]]);
  });

  test('the task that should run speaks, not a newer one of the same spec that is over', () => {
    const runs = task();
    const newer = task({ state: 'shutdown', desired: 'shutdown' });
    expect(rows([runs, newer, task({ slot: 2 })])[0]).toEqual(['1', '1/2', runs.id, true]);
  });

  test('start-first: the new task speaks while the old one still runs', () => {
    const old = oldTask();
    const starting = task({ state: 'starting' });
    expect(rows([old, starting, task({ slot: 2 })])[0]).toEqual(['1', '1/2', starting.id, false]);
    expect(left(old, starting)).toEqual([old]);
  });

  test('until there is a new one the old one speaks, and satisfies nothing', () => {
    const old = oldTask();
    expect(rows([old])[0]).toEqual(['1', '1/2', old.id, false]);
  });

  test('Go’s times without trailing zeros are in the right order', () => {
    const first = task({ createdAt: '2026-01-01T00:00:00.99Z', state: 'failed', desired: 'shutdown' });
    const second = task({ createdAt: '2026-01-01T00:00:01Z', state: 'failed', desired: 'shutdown' });
    expect(rows([second, first])[0]?.[2]).toBe(second.id);
  });
});

describe('jobs', () => {
  const job: Fields<ServiceSeen> = {
    mode: { kind: 'replicated-job', completions: 2 },
    jobIteration: 2,
  };

  test('only this run’s completions count', () => {
    const before = [0, 1].map((slot) =>
      task({ slot, state: 'complete', desired: 'shutdown', jobIteration: 1 }),
    );
    const now = task({ slot: 0, state: 'complete', desired: 'shutdown', jobIteration: 2 });
    expect(rows([...before, now], job).map(([, label, , satisfied]) => [label, satisfied])).toEqual([
      ['1/2', true],
      ['2/2', false],
    ]);
  });
});

describe('global', () => {
  const global: Fields<ServiceSeen> = { mode: { kind: 'global' } };

  test('one for each node that may have one, by name', () => {
    const nodes = [
      node('n2', { name: 'beta' }),
      node('n1', { name: 'alpha' }),
      node('n3', { name: 'drained', availability: 'drain' }),
      node('n4', { name: 'down', down: true }),
      node('n5', { name: 'paused', availability: 'pause' }),
    ];
    const slots = slotsOf(seen(0, [task({ nodeId: 'n1' })], global, nodes), NONE);
    expect(slots.map(({ label, satisfied }) => [label, satisfied])).toEqual([
      ['alpha', true],
      ['beta', false],
    ]);
  });
});

describe('which nodes a global service wants', () => {
  const one = node('n1', {
    attributes: {
      'node.id': 'n1',
      'node.role': 'worker',
      'node.hostname': 'Alpha',
      'node.ip': '10.1.2.3',
      'node.labels.zone': 'a',
    },
  });

  test.each([
    [[], true],
    [['node.role==worker'], true],
    [['node.role == worker'], true],
    [['node.role!=worker'], false],
    [['node.role==manager'], false],
    [['node.hostname==alpha'], true],
    [['NODE.ROLE==Worker'], true],
    [['node.labels.zone==a', 'node.role==worker'], true],
    [['node.labels.zone==b'], false],
    [['node.labels.Zone==a'], false],
    [['node.labels.none!=x'], true],
    [['node.labels.none==x'], false],
    [['node.ip==10.0.0.0/8'], true],
    [['node.ip!=10.1.2.0/24'], false],
    [['node.ip==192.168.0.0/16'], false],
  ])('%j: %s', (constraints, expected) => {
    expect(isEligible(one, constraints, false)).toBe(expected);
  });

  test('a paused node keeps the task that it has', () => {
    const paused = { ...one, availability: 'pause' };
    expect([isEligible(paused, [], true), isEligible(paused, [], false)]).toEqual([true, false]);
  });
});
