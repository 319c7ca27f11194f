/** What the property tests have found, each in as few polls as it takes. */
import { describe, expect, test } from '@jest/globals';
import type { Observation, ServiceSeen, TaskSeen } from '../../../src/rollout/observation.ts';
import { reduce } from '../../../src/rollout/reduce.ts';
import type { Intent } from '../../../src/rollout/state.ts';
import { CREATE, T0, after, node, seen, task } from './support/made.ts';
import type { Fields } from './support/made.ts';

const verdict = (intent: Fields<Intent>, ...observations: readonly Observation[]): string =>
  after(intent, ...observations).verdict.kind;

const time = (seconds: number): string => new Date(T0 + seconds * 1_000).toISOString();

describe('the engine has said "completed"', () => {
  const completed = (seconds: number): Fields<ServiceSeen> => ({
    update: { state: 'completed', message: 'update completed' },
    updateCompletedAt: T0 + seconds * 1_000,
  });
  const running = (createdAt: number, since: number): TaskSeen =>
    task({ createdAt: time(createdAt), since: T0 + since * 1_000 });
  const one: Fields<ServiceSeen> = { mode: { kind: 'replicated', replicas: 1 } };
  const poll = (at: number, ...tasks: readonly TaskSeen[]): Observation =>
    seen(at, tasks, { ...one, ...completed(10) });

  test('after it has monitored the task: that is enough', () => {
    expect(verdict({}, poll(10, running(1, 2)))).toBe('converged');
  });

  test('but had nothing to replace, so it has monitored nothing: the task has to run for the monitor period', () => {
    const young = running(10, 10);
    expect(verdict({}, poll(11, young), poll(15.9, young))).toBe('progressing');
    expect(verdict({}, poll(11, young), poll(16, young))).toBe('converged');
  });

  test('before the task ran, however long ago that was created', () => {
    expect(verdict({}, poll(11, running(1, 10.5)))).toBe('progressing');
  });
});

describe('the engine has put the previous spec back by itself', () => {
  test('and completed another update of it since, so that its status no longer says "rollback"', () => {
    const back: Fields<ServiceSeen> = {
      spec: 'old',
      previousSpec: undefined,
      update: { state: 'completed', message: 'update completed' },
    };
    const tasks = [task(), task({ slot: 2 })];
    expect(verdict({}, seen(1, tasks), seen(20, tasks, back))).toBe('rolledBack');
    expect(verdict({}, seen(20, tasks, back))).toBe('rolledBack');
    const wait: Fields<Intent> = { action: 'wait', replaced: undefined, owned: undefined };
    expect(
      verdict(wait, seen(1, [], { update: { state: 'updating', message: '' } }), seen(20, tasks, back)),
    ).toBe('rolledBack');
  });
});

describe('the rollback of a job that was asked for', () => {
  const job: Fields<ServiceSeen> = {
    mode: { kind: 'replicated-job', completions: 1 },
    jobIteration: 2,
    restart: 'none',
    update: { state: 'rollback_started', message: 'manually requested rollback' },
  };
  const run = (state: string): TaskSeen => task({ slot: 0, jobIteration: 2, state, desired: 'shutdown' });

  test('is over when the job is, though the engine never says so', () => {
    expect(verdict({ action: 'rollback' }, seen(1, [run('complete')], job))).toBe('converged');
    const failed = [run('failed')];
    expect(
      verdict({ action: 'rollback' }, seen(0, [], job), seen(1, failed, job), seen(6, failed, job)),
    ).toBe('failed');
  });
});

describe('before the first poll, as after an outage', () => {
  const tasks = [task(), task({ slot: 2 })];
  const polls = (fields: Fields<ServiceSeen>): readonly Observation[] => [
    seen(9, tasks, fields),
    seen(19, tasks, fields),
  ];

  test('the engine rolled back, and somebody has scaled the previous spec since: what is ours is not stored', () => {
    expect(verdict({}, ...polls({ spec: 'old, scaled', owned: 'old', previousSpec: 'old' }))).toBe(
      'superseded',
    );
  });

  test('somebody put the previous spec back, and then stored a third', () => {
    expect(verdict({}, ...polls({ spec: 'third', previousSpec: 'old' }))).toBe('superseded');
  });

  test('somebody scaled our new service and updated it, which the engine rolled back', () => {
    const back: Fields<ServiceSeen> = {
      owned: 'new, scaled',
      previousSpec: undefined,
      update: { state: 'rollback_completed', message: 'rollback completed' },
    };
    expect(verdict(CREATE, ...polls(back))).toBe('superseded');
  });

  test('somebody undid our rollback, and then posted the same again, as a redeploy does', () => {
    const rollback: Fields<Intent> = {
      action: 'rollback',
      owned: 'old',
      replaced: 'new',
      replacedOwned: 'new',
    };
    expect(verdict(rollback, ...polls({ spec: 'new', previousSpec: 'new' }))).toBe('superseded');
  });
});

test('two tasks of the current spec in a slot, of which the newer has just failed: the slot has one that runs', () => {
  const failed = task({ state: 'failed', createdAt: time(2) });
  const fields: Fields<ServiceSeen> = { mode: { kind: 'replicated', replicas: 1 }, restart: 'none' };
  const tasks = [task({ createdAt: time(1) }), failed];
  expect(verdict({}, seen(1, [], fields), seen(3, tasks, fields), seen(3.1, tasks, fields))).toBe(
    'progressing',
  );
});

test('the last task on a node has failed: a poll with old nodes does not show whether the node wants another', () => {
  const fields: Fields<ServiceSeen> = { mode: { kind: 'global' } };
  const failed = task({ state: 'failed', desired: 'shutdown' });
  const tasks = [failed, task({ nodeId: 'n2' })];
  const first = seen(0, [], fields, [node('n1'), node('n2')]);
  const stale: Observation = { ...seen(1, tasks, fields, [node('n1'), node('n2')]), partial: true };
  const state = after({}, first, stale);
  expect(state.verdict).toEqual({ kind: 'progressing', wakeAt: T0 + 1_000 });
  const full = (availability: string) => seen(1.1, tasks, fields, [node('n1', { availability }), node('n2')]);
  expect(reduce(state, full('active')).verdict.kind).toBe('failed');
  expect(reduce(state, full('pause')).verdict.kind).toBe('progressing');
});

test('a poll of some slots shows the others as they were, so it does not confirm that they have failed', () => {
  const fields: Fields<ServiceSeen> = { mode: { kind: 'replicated', replicas: 1 }, restart: 'none' };
  const failed = task({ state: 'failed', desired: 'shutdown' });
  const first = after({}, seen(0, [], fields), seen(1, [failed], fields));
  const state = reduce(first, { ...seen(1.1, [failed], fields), partial: true });
  expect(state.verdict).toEqual({ kind: 'progressing', wakeAt: T0 + 1_100 });
  expect(reduce(state, seen(1.2, [failed], fields)).verdict.kind).toBe('failed');
  const next = task({ state: 'preparing' });
  expect(reduce(state, seen(1.2, [failed, next], fields)).verdict.kind).toBe('progressing');
});

test('the tasks were read later than the service, and are those of another change', () => {
  const failed = [1, 2].map((slot) => task({ slot, state: 'failed', desired: 'shutdown' }));
  const state = after({}, seen(0, []), seen(1, failed, { restart: 'none' }));
  expect(state.verdict.kind).toBe('progressing');
  expect(reduce(state, seen(1.1, failed, { restart: 'none', spec: 'other' })).verdict.kind).toBe(
    'superseded',
  );
});

describe('max failures', () => {
  const one: Fields<ServiceSeen> = { mode: { kind: 'replicated', replicas: 1 } };
  const crash = (id: string, created: number, ended: number): TaskSeen =>
    task({ id, createdAt: time(created), since: T0 + ended * 1_000, state: 'failed', desired: 'shutdown' });
  const failures = (...observations: readonly Observation[]): number | undefined =>
    after({ maxFailures: 9 }, ...observations).past.get('1')?.failuresInARow;

  test('a task that held for the monitor period by its own times ends the series, however rare the polls are', () => {
    const first = crash('b1', 0, 1);
    const second = { id: 'b2', createdAt: time(2) };
    const polls = (ended: number, fields = one): readonly Observation[] => [
      seen(0, [], fields),
      seen(2, [first, task({ ...second, state: 'ready', desired: 'ready' })], fields),
      seen(4, [first, task({ ...second, since: T0 + 3_000 })], fields),
      seen(30, [first, crash('b2', 2, ended), task({ createdAt: time(9), state: 'starting' })], fields),
    ];
    expect(failures(...polls(7.9))).toBe(2);
    expect(failures(...polls(8))).toBe(1);
    // Tasks that take turns to fail would never end the watch, nor would a job that fails late.
    const completed = { ...one, update: { state: 'completed' as const, message: '' } };
    expect(failures(...polls(8, completed))).toBe(2);
    expect(failures(...polls(8, { mode: { kind: 'replicated-job', completions: 1 } }))).toBe(2);
  });

  test('of two tasks in one slot, the failure that came first counts first', () => {
    const [long, short] = [crash('b1', 1, 8), crash('b2', 5, 6)];
    const polls = [
      seen(0, [], one),
      seen(9, [long, short, task({ createdAt: time(8), state: 'starting' })], one),
    ];
    expect(failures(...polls)).toBe(1);
  });

  test('of the spec of the rollback, a failure before that counts as little as with close polls', () => {
    const back: Fields<ServiceSeen> = {
      ...one,
      spec: 'old',
      previousSpec: undefined,
      updateStartedAt: T0 + 1_000,
    };
    const rolling: Fields<ServiceSeen> = { ...back, update: { state: 'rollback_started', message: '' } };
    expect(failures(seen(1, [], one), seen(9, [crash('a1', 0, 5)], rolling))).toBe(0);
    expect(failures(seen(1, [], one), seen(9, [crash('a2', 6, 8)], rolling))).toBe(1);
  });
});
