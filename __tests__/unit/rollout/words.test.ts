/** What is told of a rollout, and of how it ended: events, the picture's words, the report. */
import { describe, expect, test } from '@jest/globals';
import { eventsBetween } from '../../../src/rollout/progress-events.ts';
import type { ProgressEvent } from '../../../src/rollout/progress-events.ts';
import type { Observation, Seen } from '../../../src/rollout/observation.ts';
import { reduce, start } from '../../../src/rollout/reduce.ts';
import { NO_EVIDENCE } from '../../../src/rollout/evidence.ts';
import type { RollbackTarget } from '../../../src/rollout/evidence.ts';
import { reportOf } from '../../../src/rollout/report.ts';
import { view } from '../../../src/rollout/view.ts';
import { CREATE, NODES, T0, UPDATE, after, failedTask, node, oldTask, seen, task } from './support/made.ts';
import type { Fields } from './support/made.ts';
import type { Intent } from '../../../src/rollout/state.ts';

/** What is told at the last of the observations. */
function told(intent: Fields<Intent>, ...observations: readonly Observation[]): readonly ProgressEvent[] {
  const before = after(intent, ...observations.slice(0, -1));
  const last = observations.at(-1);
  return last === undefined ? [] : eventsBetween(before, reduce(before, last));
}

const types = (list: readonly ProgressEvent[]): string[] => list.map(({ type }) => type);

const updating = { update: { state: 'updating', message: 'update in progress' } } as const;

describe('events', () => {
  const one = task();
  const preparing = task({ slot: 2, state: 'preparing' });

  test('nothing when nothing changed', () => {
    expect(told({}, seen(1, [one, preparing], updating), seen(2, [one, preparing], updating))).toEqual([]);
  });

  test.each([
    ['a wanted task that fails', [failedTask()], true],
    ['a task of an older spec that has still to stop', [one, oldTask({ id: 'late', slot: 1 })], false],
  ])('%s while the tasks are verified: a failure only if it is one', (_, tasks, isFailure) => {
    const alone = { mode: { kind: 'replicated', replicas: 1 }, update: undefined } as const;
    const stable = seen(1, [one], alone);
    const unstable = types(told({}, stable, seen(2, tasks, alone))).includes('unstable');
    expect(unstable).toBe(isFailure);
  });

  test('at the first poll: the image and the count, not the tasks that were there before', () => {
    expect(told({}, seen(0, [one, oldTask({ slot: 2 })], updating))).toEqual([
      {
        type: 'image',
        text: 'image: ping:1.0 → ping:1.1',
        before: 'registry/ping:1.0@sha256:aaa',
        after: 'registry/ping:1.1@sha256:bbb',
      },
      { type: 'update', state: 'updating', message: 'update in progress' },
      { type: 'progress', text: 'overall progress: 1 out of 2 tasks', done: 1, wanted: 2 },
    ]);
  });

  test('brief states are not told, unless something holds the task up', () => {
    const typesFor = (state: string, error = '') =>
      types(told({}, seen(0, [one]), seen(1, [one, task({ slot: 2, state, error })])));
    for (const state of ['new', 'pending', 'assigned', 'accepted', 'ready', 'starting'])
      expect(typesFor(state)).toEqual([]);
    expect(typesFor('preparing')).toEqual(['task']);
    expect(typesFor('pending', 'no suitable node')).toEqual(['task']);
  });

  test('of two nodes with one name each has its own news', () => {
    const twins = [node('n1', { name: 'twin' }), node('n2', { name: 'twin' })];
    const poll = (second: number, ...states: string[]) =>
      seen(
        second,
        states.map((state, index) =>
          task({ id: `on-${index}`, slot: 0, nodeId: twins[index]?.id ?? '', state }),
        ),
        { mode: { kind: 'global' } },
        twins,
      );
    const tasks = (list: readonly ProgressEvent[]) =>
      list.flatMap((change) => (change.type === 'task' ? [`${change.task} ${change.state}`] : []));
    const first = poll(0, 'preparing', 'running');
    expect(tasks(told({}, first, poll(1, 'running', 'running')))).toEqual(['on-0 running']);
    expect(tasks(told({}, first, poll(1, 'preparing', 'preparing')))).toEqual(['on-1 preparing']);
  });

  test('a failure is told once, and what comes of it is no news until the task gets further', () => {
    const failed = failedTask();
    const first = seen(1, [failed, task({ state: 'ready' })]);
    expect(types(told({}, seen(0, [one]), first))).toEqual(['failure', 'progress']);
    expect(told({}, seen(0, [one]), first, seen(2, [failed, task({ state: 'assigned' })]))).toEqual([]);
  });

  test('the failure comes before what the engine makes of it', () => {
    const paused = { update: { state: 'paused', message: 'update paused' } } as const;
    const list = told({}, seen(0, [one], updating), seen(1, [failedTask()], paused));
    expect(types(list)).toEqual(['failure', 'update', 'progress', 'verdict']);
  });

  test('nodes of the service that go and come', () => {
    const nodesSeen = [
      NODES,
      [node('n1', { down: true }), node('n2'), node('n3', { down: true })],
      [node('n1', { availability: 'drain' }), node('n2'), node('n3')],
    ];
    const observations = nodesSeen.map((nodes, second) => seen(second, [one], {}, nodes));
    const text = (list: readonly ProgressEvent[]) =>
      list.flatMap((change) => (change.type === 'node' ? [change.text] : []));
    expect(text(told({}, ...observations.slice(0, 2)))).toEqual(['node n1 is down']);
    expect(text(told({}, ...observations))).toEqual(['node n1 is up again']);
    const drained = seen(3, [one], {}, [node('n1', { availability: 'drain' }), node('n2'), node('n3')]);
    expect(text(told({}, seen(0, [one]), drained))).toEqual(['node n1 is drained']);
  });

  test('the manager goes and comes: each once', () => {
    const away = (seconds: number): Observation => ({
      kind: 'unreachable',
      at: T0 + seconds * 1_000,
      reason: 'refused',
    });
    const poll = seen(0, [one]);
    expect(told({}, poll, away(1))).toEqual([{ type: 'unreachable', reason: 'refused' }]);
    expect(told({}, poll, away(1), away(2))).toEqual([]);
    expect(types(told({}, poll, away(1), { ...poll, at: T0 + 3_000 }))).toEqual(['reachable']);
  });

  test('of a change of someone else’s nothing is told but the verdict', () => {
    const theirs = seen(1, [oldTask(), oldTask({ slot: 2 })], { spec: 'third', previousSpec: 'new' });
    expect(types(told({}, seen(0, [one, preparing]), theirs))).toEqual(['verdict']);
  });

  test('the monitor period begins, and is broken off', () => {
    const both = [one, task({ slot: 2 })];
    const started = seen(0, both);
    expect(types(told({}, started))).toContain('verify');
    expect(types(told({}, started, seen(1, [one, preparing])))).toContain('unstable');
  });
});

describe('the picture', () => {
  test('the seconds left to verify count down; the engine’s own monitoring is waited for', () => {
    const both = [task(), task({ slot: 2 })];
    const footers = [0, 1.5, 4.9].map((second) => view(after({}, seen(0, both), seen(second, both))).footer);
    expect(footers).toEqual([
      'verify: Waiting 5 seconds to verify that tasks are stable...',
      'verify: Waiting 4 seconds to verify that tasks are stable...',
      'verify: Waiting 1 second to verify that tasks are stable...',
    ]);
    const slow = { ...updating, updatePolicy: { monitor: 5_000, delay: 10_000, failureAction: 'pause' } };
    const at = (second: number) => view(after({}, seen(0, both, slow), seen(second, both, slow))).footer;
    expect(at(0)).toBe('verify: Waiting 21 seconds to verify that tasks are stable...');
    expect(at(22)).toBe('verify: Waiting for the engine to finish its own monitoring...');
  });

  test('what is not wanted any more is waited for', () => {
    const both = [task(), task({ slot: 2 })];
    const old = [3, 4].map((slot) => oldTask({ slot, desired: 'shutdown' }));
    const poll = seen(0, [...both, ...old]);
    expect(view(after({}, poll, { ...poll, at: T0 + 1_500 })).footer).toBe(
      'waiting: 2 old tasks stop (grace period 10s, 9s left): web.3 on n1, web.4 on n1',
    );
  });

  test.each([
    [undefined, 'waiting to start or for its health check'],
    [true, 'waiting for its health check'],
    [false, ''],
  ])('a task that starts for long (health check: %s)', (healthCheck, note) => {
    const starting = task({ state: 'starting' });
    const state = after({}, seen(0, [starting], { healthCheck }), seen(2, [starting], { healthCheck }));
    expect(view(state).rows[0]?.note).toBe(note);
  });

  test('what became of the tasks before, until the present one runs', () => {
    const failed = [failedTask(), failedTask()];
    const past = (state: string) =>
      view(after({}, seen(0, []), seen(1, [...failed, task({ state })]))).rows[0]?.past;
    expect(past('ready')).toBe('failed 2 times: task: non-zero exit (3)');
    expect(past('running')).toBe('');
  });

  test('of a job, of a rollback, of nothing', () => {
    const job = { mode: { kind: 'replicated-job', completions: 3 }, jobIteration: 1 } as const;
    expect(view(after(CREATE, seen(0, [], { ...job, previousSpec: undefined }))).headline).toBe(
      'job progress: 0 out of 3 complete',
    );
    expect(view(after({ action: 'rollback' }, seen(0, []))).headline).toBe(
      'overall progress: rolling back update: 0 out of 2 tasks',
    );
    expect(view(after({}, seen(0, [], { mode: { kind: 'global' } }, []))).headline).toBe(
      'overall progress: 0 out of 0 tasks (no node is eligible)',
    );
    expect(view(start(UPDATE)).headline).toBe('overall progress: waiting for the engine');
  });
});

describe('the report', () => {
  const paused = { update: { state: 'paused', message: 'update paused due to failure of task x' } } as const;

  test('the same error on several slots is one entry, another error another', () => {
    const tasks = [
      failedTask({ id: 'a', nodeId: 'n1' }),
      failedTask({ id: 'b', slot: 2, nodeId: 'n2' }),
      failedTask({ id: 'c', slot: 2, error: 'No such image: x', state: 'rejected' }),
    ];
    const { failures } = reportOf(after({}, seen(0, []), seen(1, tasks, paused)));
    expect(failures).toMatchObject([
      { task: 'b', slot: '2/2', node: 'n2', error: 'task: non-zero exit (3)', exitCode: 3, count: 2 },
      { task: 'c', state: 'rejected', error: 'No such image: x', count: 1 },
    ]);
  });

  test('pending tasks with the scheduler’s reason; what is merely on its way only where time ran out', () => {
    const error = 'no suitable node (insufficient resources on 3 nodes)';
    const tasks = [
      task({ state: 'pending', error, message: 'pending task scheduling' }),
      task({ slot: 2, state: 'preparing', message: 'preparing' }),
    ];
    const pending = (state: ReturnType<typeof after>) => reportOf(state).pending.map(({ reason }) => reason);
    expect(pending(after({}, seen(0, tasks, paused)))).toEqual([error]);
    expect(pending(after({ timeout: 1_000 }, seen(0, tasks), seen(1, tasks)))).toEqual([error, 'preparing']);
  });

  test.each<[Intent['action'], RollbackTarget | undefined, string[]]>([
    ['update', { kind: 'previous' }, ['swarmroll rollback web']],
    ['wait', { kind: 'previous', isUnknown: true }, ['swarmroll rollback web']],
    [
      'update',
      { kind: 'generation', id: '3f2a', image: 'r/ping:1.0@sha256:aa', isFading: false },
      ['swarmroll rollback --to 3f2a web'],
    ],
    [
      'update',
      { kind: 'image', id: '3f2a', image: 'r/ping:1.0@sha256:aa' },
      ['swarmroll update --image r/ping:1.0@sha256:aa web'],
    ],
    ['update', { kind: 'none' }, []],
    ['update', undefined, []],
    [
      'wait',
      { kind: 'generation', id: '3f2a', image: '', isFading: true },
      ['swarmroll rollback --to 3f2a web'],
    ],
    ['wait', { kind: 'none' }, []],
    ['rollback', { kind: 'previous' }, []],
  ])('%s, %j: says how to roll back only where one can', (action, rollbackTarget, commands) => {
    const state = after({ action }, seen(0, [], paused));
    const { next, hint } = reportOf(state, {
      ...NO_EVIDENCE,
      ...(rollbackTarget === undefined ? {} : { rollbackTarget }),
    });
    expect(next.map(([command]) => command).filter((one) => !one.includes(' ps '))).toEqual(commands);
    expect(hint !== undefined).toBe(/update|wait/.test(action) && rollbackTarget?.kind === 'none');
  });

  test.each<[string, Fields<Intent>, Fields<Seen['service']>]>([
    ['a job', {}, { mode: { kind: 'replicated-job', completions: 1 }, jobIteration: 1 }],
    ['a global job', { action: 'wait' }, { mode: { kind: 'global-job' }, jobIteration: 1 }],
    ['a one-shot that must complete', { mustComplete: true }, { restart: 'none' }],
  ])('%s: no rollback is told, which would run the old one', (_, intent, mode) => {
    const state = after(intent, seen(0, [], { ...mode, ...paused }));
    for (const rollbackTarget of [{ kind: 'previous' }, { kind: 'none' }] as const) {
      const { next, hint } = reportOf(
        { ...state, verdict: { kind: 'failed', why: 'max-failures', label: '1/1' } },
        { ...NO_EVIDENCE, rollbackTarget },
      );
      expect(next.map(([command]) => command)).toEqual(['swarmroll ps --no-trunc web']);
      expect(hint).toBeUndefined();
    }
  });

  test.each<[string, Fields<Intent>, boolean]>([
    ['No such image: x', {}, true],
    ['No such image: x', { imageMissing: false }, true],
    ['No such image: x', { imageMissing: true }, false],
    ['No such image: x', { authSent: true }, false],
    // The registry may answer each node in its own way.
    ['error from registry: denied denied', { imageMissing: true }, true],
  ])('%s, %j: tells of a login: %s', (error, intent, isTold) => {
    const { next } = reportOf(after(intent, seen(0, []), seen(1, [failedTask({ error })], paused)));
    expect(next.some(([command]) => command.includes('--with-registry-auth'))).toBe(isTold);
  });

  test('a rollback says why, where the engine was seen to say it', () => {
    const back = (state: 'rollback_started' | 'rollback_completed', message: string) =>
      seen(2, [task(), task({ slot: 2 })], {
        spec: 'old',
        previousSpec: undefined,
        update: { state, message },
      });
    const verdict = (...looks: readonly Observation[]) => reportOf(after({}, seen(0, []), ...looks)).verdict;
    const completed = back('rollback_completed', 'rollback completed');
    const words = 'web: the update failed and the engine rolled it back';
    expect(verdict(back('rollback_started', 'task 1 failed'), completed)).toBe(`${words}: task 1 failed`);
    expect(verdict(completed)).toBe(words);
  });

  test('names are quoted for the shell', () => {
    const { next } = reportOf(after({ name: "it's" }, seen(0, [], paused)));
    expect(next.map(([command]) => command)).toContain(`swarmroll ps --no-trunc 'it'\\''s'`);
  });

  test('a task that ended early is named where the engine took that for a failure', () => {
    const ended = task({ id: 'early', state: 'complete', desired: 'shutdown' });
    const message = 'update paused due to failure or early termination of task early';
    const look = seen(1, [ended], {
      restart: 'none',
      update: { state: 'paused', message },
      updateTask: 'early',
    });
    const { failures } = reportOf(after({}, seen(0, []), look));
    expect(failures).toMatchObject([{ task: 'early', state: 'complete', count: 1 }]);
  });

  test.each(['paused', 'rollback_paused'] as const)(
    'a wait for what is %s tells what failed since',
    (state) => {
      const at = (seconds: number): string => new Date(T0 - seconds * 1_000).toISOString();
      const tasks = [
        failedTask({ id: 'before', createdAt: at(90), error: 'before' }),
        failedTask({ id: 'since', createdAt: at(30) }),
        failedTask({ id: 'again', createdAt: at(20) }),
      ];
      const fields = { update: { state, message: '' }, updateStartedAt: T0 - 60_000 };
      const ended = after({ action: 'wait', posted: false }, seen(0, tasks, fields));
      expect(ended.verdict).toEqual({ kind: 'paused' });
      expect(reportOf(ended).failures).toMatchObject([{ task: 'again', count: 2 }]);
    },
  );

  test('nodes that are down', () => {
    const state = after({ timeout: 1_000 }, seen(2, [task()], updating, [node('n1', { down: true })]));
    expect(reportOf(state).facts).toEqual([
      'node n1 is down',
      'waiting: web.1 on n1, which is down',
      'waiting: 1 task is not made yet',
    ]);
    expect(reportOf(state).next.map(([command]) => command)).toContain('docker node ls');
  });
});

describe('a manager that gives no answer', () => {
  const why = { kind: 'unreachable', at: T0 + 2_000, reason: 'why' } as const;
  const timedOut = (observation: Observation) =>
    reportOf(after({ timeout: 2_000 }, seen(1, [task({ state: 'starting' })]), observation));

  test('is locked: nothing goes on there, and the next step unlocks it', () => {
    const { verdict, next } = timedOut({ ...why, locked: true });
    expect(verdict).toMatch(
      /: why; the rollout goes on once the manager is unlocked, or if other managers lead/,
    );
    expect(next.map(([command]) => command)).toEqual(['docker swarm unlock', 'swarmroll ps web']);
  });

  test('is none any more: the next step names another', () => {
    const { verdict, next } = timedOut({ ...why, managers: ['10.0.0.2', '10.0.0.3'] });
    expect(verdict).toMatch(/: why; the rollout goes on in the engine$/);
    expect(next).toEqual([
      ['swarmroll ps web', 'with -H or --context of another manager, for example 10.0.0.2'],
    ]);
  });

  test('of nodes that are not listed, it is told once', () => {
    const blind = { ...seen(1, [task()]), noNodes: 'GET /nodes: no' };
    const note = { type: 'note', text: 'watching without the names and states of the nodes: GET /nodes: no' };
    expect(told({}, blind)).toContainEqual(note);
    expect(types(told({}, blind, { ...blind, at: T0 + 2_000 }))).not.toContain('note');
  });
});
