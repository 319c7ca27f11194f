/** The precedence of verdicts, each pair told apart by one poll. */
import { describe, expect, test } from '@jest/globals';
import type { UpdateState } from '../../../src/api/service.ts';
import type { Observation, ServiceSeen, TaskSeen } from '../../../src/rollout/observation.ts';
import { reduce } from '../../../src/rollout/reduce.ts';
import type { Intent, RolloutState, Verdict } from '../../../src/rollout/state.ts';
import { CREATE, NODES, T0, after, failedTask, node, oldTask, seen, task } from './support/made.ts';
import type { Fields } from './support/made.ts';

const two = [task(), task({ slot: 2 })];
const done: Fields<ServiceSeen> = { update: { state: 'completed', message: 'update completed' } };
const updating: Fields<ServiceSeen> = { update: { state: 'updating', message: 'update in progress' } };
const paused: Fields<ServiceSeen> = { update: { state: 'paused', message: 'update paused' } };
const back: Fields<ServiceSeen> = {
  spec: 'old',
  update: { state: 'rollback_completed', message: 'rollback completed' },
};
const withoutPrevious = (fields: Fields<ServiceSeen>): Fields<ServiceSeen> => ({
  ...fields,
  previousSpec: undefined,
});
const goes = (seconds: number, tasks = two, fields: Fields<ServiceSeen> = {}) => seen(seconds, tasks, fields);
const away = (seconds: number): Observation => ({
  kind: 'unreachable',
  at: T0 + seconds * 1_000,
  reason: 'no answer',
});

const gone = (seconds: number): Observation => ({ kind: 'removed', at: T0 + seconds * 1_000 });

const CASES: readonly [string, Fields<Intent>, readonly Observation[], string][] = [
  ['not before the monitor period is over', {}, [goes(0), goes(4.9)], 'progressing'],
  ['converged when it is', {}, [goes(0), goes(5)], 'converged'],
  ['at once when the engine has monitored it', {}, [goes(0, two, done)], 'converged'],
  ['not while the engine is at work', {}, [goes(0, two, updating), goes(60, two, updating)], 'progressing'],
  [
    'the word of an engine that goes on whatever fails is not enough',
    {},
    [goes(0, two, { ...done, updatePolicy: { monitor: 5_000, delay: 0, failureAction: 'continue' } })],
    'progressing',
  ],
  [
    'an interruption starts the period again',
    {},
    [goes(0), goes(3, [task({ state: 'starting' }), task({ slot: 2 })]), goes(4), goes(8.9)],
    'progressing',
  ],
  ['an old task still runs', {}, [goes(0, [...two, oldTask({ desired: 'shutdown' })], done)], 'progressing'],
  [
    'but not where its node is down',
    {},
    [
      seen(0, [...two, oldTask({ nodeId: 'n2', desired: 'shutdown' })], done, [
        node('n1'),
        node('n2', { down: true }),
      ]),
    ],
    'converged',
  ],
  [
    'a running task on a node that is down counts for nothing',
    {},
    [seen(0, two, done, [node('n1', { down: true })])],
    'progressing',
  ],
  ['zero wanted', {}, [goes(0, [], { ...done, mode: { kind: 'replicated', replicas: 0 } })], 'converged'],
  [
    'superseded, though it has converged',
    {},
    [goes(0), goes(5, two, { ...done, spec: 'third', previousSpec: 'new' })],
    'superseded',
  ],
  [
    'superseded before the first poll',
    {},
    [goes(0, two, { ...done, spec: 'third', previousSpec: 'new' })],
    'superseded',
  ],
  [
    'superseded, and then rolled back by the engine to what was never ours',
    {},
    [goes(0), goes(1, two, withoutPrevious({ ...back, spec: 'third' }))],
    'superseded',
  ],
  ['superseded: a new service has no spec before', CREATE, [goes(0, two, { owned: 'third' })], 'superseded'],
  [
    'another change of what is not ours is followed',
    {},
    [goes(0), goes(1, two, { ...done, spec: 'labelled', previousSpec: 'new', owned: 'new' })],
    'converged',
  ],
  [
    'and so it is before the first poll',
    {},
    [goes(0, two, { ...done, spec: 'labelled', previousSpec: 'new', owned: 'new' })],
    'converged',
  ],
  [
    'rolled back by someone else',
    {},
    [goes(0), goes(1, two, { ...back, previousSpec: 'new' })],
    'superseded',
  ],
  [
    'rolled back by the engine, and all run again',
    {},
    [goes(0), goes(1, two, withoutPrevious(back))],
    'rolledBack',
  ],
  [
    'rolled back by the engine, but one does not run yet',
    {},
    [goes(0), goes(1, [task({ state: 'starting' }), task({ slot: 2 })], withoutPrevious(back))],
    'progressing',
  ],
  [
    'rolled back by the engine, but one never runs',
    { progressDeadline: 3_000 },
    [1, 5].map((second) =>
      goes(second, [task({ id: 's', state: 'starting' }), task({ id: 't', slot: 2 })], withoutPrevious(back)),
    ),
    'failed',
  ],
  [
    'rolled back by the engine, whose word is about the tasks that there were then',
    {},
    [goes(0), goes(1, two, withoutPrevious({ ...back, updateCompletedAt: T0 - 1 }))],
    'progressing',
  ],
  [
    'while it rolls back that is not the end',
    {},
    [goes(0), goes(1, two, withoutPrevious({ ...back, update: { state: 'rollback_started', message: '' } }))],
    'progressing',
  ],
  [
    'paused on the way back',
    {},
    [goes(0), goes(1, two, withoutPrevious({ ...back, update: { state: 'rollback_paused', message: '' } }))],
    'paused',
  ],
  ['paused, though all run', {}, [goes(0, two, paused)], 'paused'],
  ['paused before the timeout', { timeout: 1_000 }, [goes(0), goes(9, two, paused)], 'paused'],
  ['converged before the timeout', { timeout: 1_000 }, [goes(0), goes(9, two, done)], 'converged'],
  ['timed out', { timeout: 1_000 }, [goes(0), goes(1, two, updating)], 'timedOut'],
  [
    'timed out, counted from the start of the command',
    { timeout: 3_000, timeoutFrom: T0 - 2_000 },
    [goes(0), goes(1, two, updating)],
    'timedOut',
  ],
  [
    'timed out before the deadline',
    { timeout: 1_000, progressDeadline: 1_000 },
    [goes(0, two, updating), goes(2, two, updating)],
    'timedOut',
  ],
  ['timed out while the manager is away', { timeout: 1_000 }, [goes(0), away(1)], 'timedOut'],
  ['lost', { progressDeadline: 3_000 }, [goes(1), away(2), away(4)], 'lost'],
  ['not lost before the deadline', { progressDeadline: 3_000 }, [goes(1), away(2), away(3.9)], 'progressing'],
  ['never lost with a deadline of 0', { progressDeadline: 0 }, [goes(1), away(2), away(9e6)], 'progressing'],
  ['what was seen before is no verdict while it is away', {}, [goes(0), away(6)], 'progressing'],
  ['removed', {}, [goes(0), gone(1), gone(2)], 'removed'],
  ['not removed by one such answer', {}, [goes(0), gone(1)], 'progressing'],
  ['nor by two that are not in a row', {}, [goes(0), gone(1), goes(2), gone(3)], 'progressing'],
  ['what was seen before one is no verdict either', {}, [goes(0), gone(6)], 'progressing'],
  ['refused', {}, [goes(0), { kind: 'refused', at: T0 + 1, reason: 'forbidden' }], 'refused'],
  ['interrupted', {}, [goes(0), { kind: 'interrupted', at: T0 + 1, signal: 'SIGTERM' }], 'interrupted'],
  ['over is over', {}, [goes(0, two, done), { kind: 'removed', at: T0 + 1 }], 'converged'],
];

/** A one-shot that others wait for. */
const gate: Fields<Intent> = { mustComplete: true };
const one: Fields<ServiceSeen> = { restart: 'none', mode: { kind: 'replicated', replicas: 1 } };
const complete = task({ state: 'complete', desired: 'shutdown' });

test.each<[string, readonly Observation[], string]>([
  ['it runs', [goes(0, [task()], one), goes(60, [task()], one)], 'progressing'],
  ['it has completed', [goes(0, [complete], one)], 'converged'],
  ['to the engine, it ended too early', [goes(0, [complete], { ...one, ...paused })], 'converged'],
  ['it has failed, and the engine has paused', [goes(0, [failedTask()], { ...one, ...paused })], 'failed'],
  ['it runs, and the engine has paused', [goes(0, [task()], { ...one, ...paused })], 'paused'],
])('a one-shot that others wait for: %s', (_, observations, kind) => {
  expect(after(gate, ...observations).verdict.kind).toBe(kind);
});

test.each(CASES)('%s', (_, intent, observations, kind) => {
  expect(after(intent, ...observations).verdict.kind).toBe(kind);
});

describe('converged', () => {
  const partial = (seconds: number): Observation => ({ ...goes(seconds), partial: true });

  test('only when a poll of everything confirms it, which is due at once', () => {
    const state = after({}, goes(0), partial(5));
    expect(state.verdict).toEqual({ kind: 'progressing', wakeAt: T0 + 5_000 });
    expect(reduce(state, goes(5.1)).verdict.kind).toBe('converged');
  });

  test('a task that crashed and has a successor between two polls begins the monitor period again', () => {
    const crashed = { ...two[0], state: 'failed', desired: 'shutdown' } as TaskSeen;
    const again = [crashed, task(), ...two.slice(1)];
    const state = after({}, goes(0), goes(4, again), goes(5, again));
    expect(state.verdict).toEqual({ kind: 'progressing', wakeAt: T0 + 9_000 });
    expect(reduce(state, goes(9, again)).verdict.kind).toBe('converged');
  });

  test('not while the engine has yet to stop what is too much', () => {
    const zero = { ...done, mode: { kind: 'replicated', replicas: 0 } } as const;
    expect(after({}, goes(0, two, zero)).verdict.kind).toBe('progressing');
    expect(after({}, goes(0, two, zero), goes(1, [], zero)).verdict.kind).toBe('converged');
  });
});

describe('what the manager says after an outage may be what it had stored before', () => {
  test('what the engine monitored no longer counts, and the monitor period begins again', () => {
    const state = after({}, goes(0, two, updating), away(1), goes(4, two, done), goes(8.9, two, done));
    expect(state.verdict).toEqual({ kind: 'progressing', wakeAt: T0 + 9_000 });
    expect(reduce(state, goes(9, two, done)).verdict.kind).toBe('converged');
  });

  test('a request that failed is no outage', () => {
    const state = after({}, goes(0), away(0.5), goes(2.9), goes(5));
    expect(state.verdict.kind).toBe('converged');
  });

  test('also where only its nodes show that there was one', () => {
    const unknown = [node('n1', { unknown: true }), node('n2')];
    const state = after({}, seen(0, two, done, unknown), goes(3, two, done), goes(7.9, two, done));
    expect(state.verdict).toEqual({ kind: 'progressing', wakeAt: T0 + 8_000 });
    expect(reduce(state, goes(8, two, done)).verdict.kind).toBe('converged');
  });
});

describe('failed', () => {
  /** The verdict once another poll has shown the same. */
  const confirmed = (state: RolloutState): Verdict => {
    const same = state.seen as Extract<Observation, { kind: 'seen' }>;
    return reduce(state, { ...same, at: state.at + 100 }).verdict;
  };

  test('not before another poll shows what the engine did about the failures', () => {
    const failing = [failedTask(), failedTask(), failedTask(), task({ state: 'ready' }), task({ slot: 2 })];
    const state = after({}, goes(0, two, updating), goes(1, failing, updating));
    expect(state.verdict).toEqual({ kind: 'progressing', wakeAt: T0 + 7_000 });
    expect(reduce(state, goes(1.1, failing, paused)).verdict.kind).toBe('paused');
    expect(reduce(state, goes(6.9, failing, updating)).verdict.kind).toBe('progressing');
    expect(reduce(state, goes(7, failing, updating)).verdict).toMatchObject({ why: 'max-failures' });
  });

  test('nor before another poll shows that they are not those of another change', () => {
    const failing = [failedTask(), failedTask(), failedTask(), task({ state: 'ready' }), task({ slot: 2 })];
    const state = after({}, goes(0), goes(1, failing));
    expect(state.verdict).toEqual({ kind: 'progressing', wakeAt: T0 + 1_000 });
    expect(reduce(state, goes(1.1, failing, { spec: 'other' })).verdict.kind).toBe('superseded');
  });

  const crashed = [1, 2, 3].map(() => failedTask());
  const failing = (...tasks: readonly ReturnType<typeof task>[]) => goes(1, [...tasks, task({ slot: 2 })]);

  test('after so many failures of one slot', () => {
    const state = after({}, goes(0), failing(...crashed, task({ state: 'pending' })));
    expect(confirmed(state)).toEqual({ kind: 'failed', why: 'max-failures', label: '1/2' });
    for (const maxFailures of [4, 0]) {
      const patient = after({ maxFailures }, goes(0), failing(...crashed, task({ state: 'pending' })));
      expect(confirmed(patient).kind).toBe('progressing');
    }
  });

  test('the failures of different slots are not added up', () => {
    const tasks = [failedTask(), failedTask(), failedTask({ slot: 2 }), failedTask({ slot: 2 })];
    const waiting = [task({ state: 'pending' }), task({ slot: 2, state: 'pending' })];
    expect(confirmed(after({}, goes(0, []), goes(1, [...tasks, ...waiting]))).kind).toBe('progressing');
  });

  test('a task that ran for the monitor period ends the series', () => {
    const [first, second] = crashed as [ReturnType<typeof task>, ReturnType<typeof task>];
    const runs = task();
    const third = failedTask();
    const other = task({ slot: 2, state: 'preparing' });
    const state = after(
      {},
      goes(0, [other]),
      goes(1, [first, second, runs, other]),
      goes(7, [first, second, runs, other]),
      goes(8, [
        first,
        second,
        { ...runs, state: 'failed', desired: 'shutdown' },
        third,
        task({ state: 'ready' }),
        other,
      ]),
    );
    expect(confirmed(state).kind).toBe('progressing');
    expect(state.past.get('1')?.failuresInARow).toBe(2);
  });

  test('one that may have run for the monitor period without being shown ends it as well', () => {
    const other = task({ slot: 2, state: 'preparing' });
    const started = Date.parse(task().createdAt);
    const lives = (seconds: number) => [1, 2, 3].map(() => failedTask({ since: started + seconds * 1_000 }));
    const polled = (second: number, tasks: readonly TaskSeen[]) =>
      confirmed(after({}, goes(0, [other]), goes(second, [...tasks, task({ state: 'ready' }), other]))).kind;
    expect(polled(6, lives(5.5))).toBe('progressing');
    // Shorter than the monitor period, by the tasks' own times or by those of the polls.
    expect(polled(6, lives(4.5))).toBe('failed');
    expect(polled(4.9, lives(5.5))).toBe('failed');
  });

  test('what had failed before the change does not count, nor do failures of the spec before', () => {
    const before = crashed.map((one) => ({ ...one, upToDate: false }));
    const later = [failedTask({ upToDate: false }), failedTask({ upToDate: false })];
    const state = after({}, goes(0, [...before, oldTask()]), goes(1, [...before, ...later, oldTask()]));
    expect(state.failures).toEqual([]);
    expect(confirmed(state).kind).toBe('progressing');
  });

  test('what has failed since the engine began counts, at the first poll as well', () => {
    const [before, since] = [failedTask(), failedTask()];
    const updateStartedAt = Date.parse(since.createdAt);
    const failed = (fields: Fields<ServiceSeen>, upToDate: boolean) => {
      const tasks = [before, since].map((one) => ({ ...one, upToDate }));
      return after({}, goes(0, tasks, fields)).failures.map(({ task: { id } }) => id);
    };
    const status = (state: UpdateState) => ({ update: { state, message: '' }, updateStartedAt });
    expect(failed(status('updating'), true)).toEqual([since.id]);
    expect(failed(withoutPrevious({ spec: 'old', ...status('rollback_completed') }), false)).toEqual([
      since.id,
    ]);
    expect(failed(updating, true)).toEqual([]);
  });

  test('a task without successor, unless the engine is about to act on it', () => {
    const last = failedTask();
    const verdictWith = (fields: Fields<ServiceSeen>) =>
      confirmed(after({}, goes(0, []), goes(1, [last, task({ slot: 2 })], { restart: 'none', ...fields })));
    expect(verdictWith({})).toEqual({ kind: 'failed', why: 'exhausted', label: '1/2' });
    expect(verdictWith(updating).kind).toBe('progressing');
    expect(
      verdictWith({ ...updating, updatePolicy: { monitor: 5_000, delay: 0, failureAction: 'continue' } })
        .kind,
    ).toBe('failed');
  });

  test('a task that ends with 0 and is restarted for ever keeps failing; one that may end does not', () => {
    const ended = [1, 2, 3].map(() => task({ state: 'complete', desired: 'shutdown' }));
    const tasks = [...ended, task({ state: 'ready' }), task({ slot: 2 })];
    expect(confirmed(after({}, goes(0, []), goes(1, tasks))).kind).toBe('failed');
    const one = [task({ state: 'complete', desired: 'shutdown' }), task({ slot: 2 })];
    expect(
      after({}, goes(0, one, { restart: 'on-failure' }), goes(5, one, { restart: 'on-failure' })).verdict
        .kind,
    ).toBe('converged');
  });
});

describe('nothing moves', () => {
  const stuck = [task({ state: 'pending', error: 'no suitable node' }), task({ slot: 2 })];

  test('for the progress deadline', () => {
    const patience = { progressDeadline: 10_000 };
    expect(after(patience, goes(1, stuck), goes(10.9, stuck)).verdict.kind).toBe('progressing');
    expect(after(patience, goes(1, stuck), goes(11, stuck)).verdict).toEqual({
      kind: 'failed',
      why: 'deadline',
    });
  });

  test('the engine’s own waiting between batches is not that; a task in flight is', () => {
    const slow = { ...updating, updatePolicy: { monitor: 5_000, delay: 60_000, failureAction: 'pause' } };
    const patience = { progressDeadline: 10_000 };
    const waiting = [task(), oldTask({ slot: 2 })];
    expect(after(patience, goes(0, waiting, slow), goes(69, waiting, slow)).verdict.kind).toBe('progressing');
    expect(after(patience, goes(0, waiting, slow), goes(70, waiting, slow)).verdict.kind).toBe('failed');
    expect(after(patience, goes(0, stuck, slow), goes(10, stuck, slow)).verdict.kind).toBe('failed');
  });

  test('is counted from the last movement, a node that goes down included', () => {
    const patience = { progressDeadline: 10_000 };
    const down = NODES.map((one) => ({ ...one, down: one.id === 'n3' }));
    const state = after(patience, goes(0, stuck), seen(9, stuck, {}, down), seen(18, stuck, {}, down));
    expect(state.verdict.kind).toBe('progressing');
  });

  test('says when it will be, so that the watch can wake up for it', () => {
    const { verdict } = after({ progressDeadline: 10_000, timeout: 60_000 }, goes(1, stuck));
    expect(verdict).toEqual({ kind: 'progressing', wakeAt: T0 + 11_000 });
    expect(after({}, goes(1)).verdict).toEqual({ kind: 'progressing', wakeAt: T0 + 6_000 });
  });
});

describe('rollback that was asked for', () => {
  const rollback: Fields<Intent> = { action: 'rollback' };
  const going: Fields<ServiceSeen> = { update: { state: 'rollback_started', message: '' } };

  test('completes with 0, and is judged by the rollback’s own monitor', () => {
    const tasks = [task(), task({ slot: 2 })];
    const config = { rollbackPolicy: { monitor: 1_000, delay: 0, failureAction: 'continue' } };
    const ended = { update: { state: 'rollback_completed', message: '' } as const, ...config };
    expect(after(rollback, goes(0, tasks, going), goes(1, tasks, ended)).verdict.kind).toBe('converged');
    expect(after(rollback, goes(0, tasks, ended), goes(0.9, tasks, ended)).verdict.kind).toBe('progressing');
    expect(after(rollback, goes(0, tasks, ended), goes(1, tasks, ended)).verdict.kind).toBe('converged');
  });
});

test('the engine’s word does not count for a slot that has failed during its update', () => {
  const crashed = failedTask({ slot: 2 });
  const running = [task(), task({ slot: 2 })];
  const state = after(
    {},
    goes(0, [oldTask(), oldTask({ slot: 2 })], updating),
    goes(1, [task(), crashed, task({ slot: 2, state: 'ready', desired: 'ready' })], updating),
    goes(6, [...running, crashed], done),
  );
  expect(state.verdict).toEqual({ kind: 'progressing', wakeAt: T0 + 11_000 });
});
