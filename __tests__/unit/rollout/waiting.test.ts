/** What a rollout waits for, until when, and what depends on it: deadlines, failures in a row, progress. */
import { describe, expect, test } from '@jest/globals';
import { eventsBetween } from '../../../src/rollout/progress-events.ts';
import { NO_EVIDENCE } from '../../../src/rollout/evidence.ts';
import type { NodeSeen, Observation, Seen, ServiceSeen, TaskSeen } from '../../../src/rollout/observation.ts';
import { reportOf } from '../../../src/rollout/report.ts';
import { resultOf } from '../../../src/rollout/result.ts';
import type { Intent, RolloutState } from '../../../src/rollout/state.ts';
import { waitText } from '../../../src/rollout/waiting-text.ts';
import { NODES, T0, after, failedTask, node, oldTask, seen, task } from './support/made.ts';
import type { Fields } from './support/made.ts';

const updating: Fields<ServiceSeen> = { update: { state: 'updating', message: 'update in progress' } };
const slow: Fields<ServiceSeen> = {
  ...updating,
  updatePolicy: { monitor: 5_000, delay: 30_000, failureAction: 'pause' },
};
const checked: Fields<ServiceSeen> = {
  healthCheck: true,
  health: { startPeriod: 60_000, least: 2_000, most: 90_000 },
};
/** The same poll again, later: nothing has changed. */
const later = (poll: Seen, seconds: number): Seen => ({ ...poll, at: T0 + seconds * 1_000 });

const waitsOf = (state: RolloutState) =>
  state.waits.map(({ reason, until }) => [reason, until === undefined ? undefined : (until - T0) / 1_000]);

const first = task();

const WAITS: readonly [
  string,
  readonly TaskSeen[],
  Fields<ServiceSeen>,
  readonly (readonly [string, number | undefined])[],
  string,
][] = [
  [
    'an old task that stops: its own grace period',
    [
      first,
      task({ slot: 2, state: 'ready', desired: 'ready' }),
      oldTask({ slot: 2, desired: 'shutdown', stopGrace: 40_000 }),
    ],
    updating,
    [
      ['oldTask', 60],
      ['stop', 40],
    ],
    'the end of the previous task in the slot of web.2 on n1 (1m0s left)',
  ],
  [
    'a task that is scaled away: the default grace period',
    [first, task({ slot: 2 }), task({ slot: 3, desired: 'remove' })],
    {},
    [['stop', 10]],
    '1 task stops (grace period 10s, 10s left): web.3 on n1',
  ],
  [
    'the delay between two batches',
    [first, oldTask({ slot: 2 })],
    slow,
    [
      ['batch', 30],
      ['turn', undefined],
    ],
    'next batch in 30s (update delay 30s)',
  ],
  [
    'the delay also after the last task; then the engine monitors for longer than the delay',
    [first, task({ slot: 2 })],
    slow,
    [
      ['updater', 91],
      ['monitor', 61],
    ],
    "the end of the engine's update (update delay 30s for each slot, 1m31s left)",
  ],
  [
    'a health check',
    [first, task({ slot: 2, state: 'starting' })],
    { ...updating, ...checked },
    [['health', 90]],
    'health check of web.2 on n1 (start period 1m0s, 1m30s left)',
  ],
  [
    'a container that starts: nobody knows for how long',
    [first, task({ slot: 2, state: 'starting' })],
    updating,
    [['start', undefined]],
    'web.2 on n1: waiting to start or for its health check',
  ],
  [
    'an image',
    [first, task({ slot: 2, state: 'preparing' })],
    updating,
    [['prepare', undefined]],
    'web.2 on n1: preparing',
  ],
  [
    'an image that a node cannot pull yet',
    [first, task({ slot: 2, state: 'preparing', error: 'dial tcp: no such host' })],
    updating,
    [['prepare', undefined]],
    'web.2 on n1: preparing: dial tcp: no such host',
  ],
  [
    'a restart',
    [first, task({ slot: 2, state: 'ready', desired: 'ready' }), failedTask({ slot: 2 })],
    {},
    [['restart', 5]],
    'restart of web.2 on n1 (restart delay 5s, 5s left)',
  ],
  [
    'a node that takes the task',
    [first, task({ slot: 2, nodeId: '', state: 'pending', error: 'no suitable node' })],
    updating,
    [['place', undefined]],
    'a node for web.2: no suitable node',
  ],
  [
    'an address',
    [first, task({ slot: 2, nodeId: '', state: 'new' })],
    updating,
    [['address', undefined]],
    'the engine has not allocated web.2: perhaps no address is left in a network of the service',
  ],
  [
    'a task that is not made yet',
    [first],
    updating,
    [
      ['turn', undefined],
      ['monitor', 5],
    ],
    '1 task is not made yet',
  ],
  [
    'tasks of a job that run, by the names that the rows have',
    [task({ slot: 0, jobIteration: 1 }), task({ slot: 1, nodeId: 'n2', jobIteration: 1 })],
    { mode: { kind: 'replicated-job', completions: 2 }, jobIteration: 1 },
    [['complete', undefined]],
    'the end of 1/2 on n1, 2/2 on n2, which run',
  ],
  [
    'the task of a global job that runs',
    [task({ slot: 0, jobIteration: 1 })],
    { mode: { kind: 'global-job' }, jobIteration: 1, constraints: ['node.hostname==n1'] },
    [['complete', undefined]],
    'the end of web on n1, which runs',
  ],
];

test.each(WAITS)('%s', (_, tasks, fields, waits, text) => {
  const state = after({}, seen(0, tasks, fields));
  expect(waitsOf(state)).toEqual(waits.map(([reason, until]) => [reason, until]));
  const [top] = state.waits;
  expect(top === undefined ? '' : waitText(top, state)).toBe(text);
});

test('every slot that is not satisfied is in one of the waits', () => {
  for (const [, tasks, fields] of WAITS) {
    const state = after({}, seen(0, tasks, fields));
    const told = new Set(state.waits.flatMap((wait) => wait.tasks.map(({ id }) => id)));
    const without = state.waits.reduce((sum, wait) => sum + wait.count - wait.tasks.length, 0);
    const open = state.slots.filter(({ satisfied }) => !satisfied);
    expect(open.filter((slot) => slot.task !== undefined && !told.has(slot.task.id))).toEqual([]);
    expect(open.filter((slot) => slot.task === undefined)).toHaveLength(without > 0 ? without : 0);
  }
});

test('the end of a one-shot that others wait for', () => {
  const state = after({ mustComplete: true }, seen(0, [first, task({ slot: 2 })], { restart: 'none' }));
  expect(waitsOf(state)[0]).toEqual(['complete', undefined]);
});

describe('a wait that began before the command', () => {
  const ago = (seconds: number): string => new Date(T0 - seconds * 1_000).toISOString();
  const starting = task({
    slot: 2,
    state: 'starting',
    createdAt: ago(50),
    since: Date.parse(ago(40)),
  });
  const stopping = oldTask({ slot: 2, desired: 'shutdown', stopGrace: 40_000, updatedAt: ago(30) });
  const poll = (managerTime: number | undefined, one: TaskSeen): RolloutState => {
    const fields = { ...updating, ...checked };
    const made = seen(0, [first, one], fields);
    return after({ action: 'wait' }, managerTime === undefined ? made : { ...made, managerTime });
  };

  test('ends as if it had been watched from its beginning', () => {
    expect(waitsOf(poll(T0, starting))).toEqual([['health', 50]]);
    expect(waitsOf(poll(T0, stopping))).toContainEqual(['stop', 10]);
  });

  test('counts from the first poll where the time of the manager is unknown, or a clock is wrong', () => {
    expect(waitsOf(poll(undefined, starting))).toEqual([['health', 90]]);
    expect(waitsOf(poll(T0, { ...starting, createdAt: ago(10) }))).toEqual([['health', 90]]);
    expect(waitsOf(poll(T0 - 60_000, stopping))).toContainEqual(['stop', 40]);
  });
});

describe('a node that is down', () => {
  const down: readonly NodeSeen[] = [node('n1'), node('n2', { down: true })];
  const tasks = [task(), task({ slot: 2, nodeId: 'n2', state: 'starting' })];

  test('with the new task of an update: the engine waits for it, which is said at once', () => {
    const before = after({}, seen(0, tasks, updating));
    const poll = seen(1, tasks, updating, down);
    const state = after({}, seen(0, tasks, updating), poll);
    expect(waitsOf(state)[0]).toEqual(['awaited', undefined]);
    expect(eventsBetween(before, state)).toContainEqual(
      expect.objectContaining({
        type: 'waiting',
        text: 'waiting: the engine waits for web.2 on n2, which is down, and goes on only when that node is back',
      }),
    );
  });

  test('with several tasks of a global service: it is named once', () => {
    const both = ['a', 'b'].map((id) => task({ id, slot: 0, nodeId: 'n2', state: 'starting' }));
    const state = after({}, seen(0, both, { mode: { kind: 'global' } }, down));
    const wait = { reason: 'node', tasks: state.seen?.tasks ?? [], count: 2 } as const;
    expect(waitText(wait, state)).toBe('web on n2, which is down');
  });

  test('is what a timeout says instead of "the rollout goes on"', () => {
    const state = after({ timeout: 1_000 }, seen(2, tasks, updating, down));
    expect(reportOf(state).verdict).toBe(
      'web: not converged after 1s (1 out of 2 tasks); the engine waits for web.2 on n2, which is down, and goes on only when that node is back',
    );
  });
});

describe('the monitor period', () => {
  const report = (...tasks: readonly TaskSeen[]) => {
    const poll = seen(0, tasks, { updatePolicy: { monitor: 12_000, delay: 0, failureAction: 'pause' } });
    const state = after({ timeout: 6_000 }, poll, later(poll, 6));
    return { facts: reportOf(state).facts, waiting: resultOf(state, 124, NO_EVIDENCE).waiting };
  };

  test('is told where a timeout passes while all tasks run', () => {
    const text = 'the tasks have to run until the end of the monitor period (12s, 6s left)';
    expect(report(first, task({ slot: 2 }))).toEqual({
      facts: [`waiting: ${text}`],
      waiting: [{ reason: 'monitor', count: 0, text, left: 6_000 }],
    });
  });

  test('that is over is the engine’s', () => {
    const poll = seen(0, [first, task({ slot: 2 })], updating);
    expect(reportOf(after({ timeout: 60_000 }, poll, later(poll, 60))).facts).toEqual([
      'waiting: the engine has not finished its own monitoring (monitor period 5s)',
    ]);
  });

  test('is not told where a task has yet to run', () => {
    expect(report(first, task({ slot: 2, state: 'starting' })).facts).toEqual([]);
    expect(report(first).facts).toEqual(['waiting: 1 task is not made yet']);
  });
});

describe('the progress deadline', () => {
  const verdict = (
    tasks: readonly TaskSeen[],
    fields: Fields<ServiceSeen>,
    ...seconds: readonly number[]
  ) => {
    const poll = seen(0, tasks, fields);
    return after({ progressDeadline: 10_000 }, poll, ...seconds.map((second) => later(poll, second))).verdict
      .kind;
  };

  test.each([
    ['stops', WAITS[0]?.[1] ?? [], updating, 70],
    ['what is scaled away', WAITS[1]?.[1] ?? [], {}, 20],
    ['the delay', [first, oldTask({ slot: 2 })], slow, 40],
    ['the last delay and the monitor', [first, task({ slot: 2 })], slow, 101],
    ['a health check', [first, task({ slot: 2, state: 'starting' })], { ...updating, ...checked }, 100],
    ['nothing that ends by itself', [first, task({ slot: 2, state: 'preparing' })], updating, 10],
  ] as const)('begins after %s', (_, tasks, fields, end) => {
    expect(verdict(tasks, fields, end - 1)).toBe('progressing');
    expect(verdict(tasks, fields, end)).toBe('failed');
  });
});

describe('failures in a row, while the engine is to act on them', () => {
  const crashed = [
    failedTask({ slot: 1 }),
    failedTask({ slot: 1 }),
    failedTask({ slot: 1 }),
    task({ slot: 1, state: 'ready' }),
  ];
  const stopping = [
    task({ slot: 2, state: 'ready', desired: 'ready' }),
    oldTask({ slot: 2, desired: 'shutdown', stopGrace: 20_000 }),
  ];
  const begun = seen(0, [oldTask(), oldTask({ slot: 2 })], updating);
  const failing = (seconds: number): Observation => seen(seconds, [...crashed, ...stopping], updating);
  const completed = (seconds: number): Observation =>
    seen(seconds, [...crashed, task({ slot: 2 })], {
      update: { state: 'completed', message: 'update completed' },
    });

  test('are no verdict before the last slot is replaced, and the monitor period is over', () => {
    expect(after({}, begun, failing(1), failing(2)).verdict.kind).toBe('progressing');
    expect(after({}, begun, failing(1), failing(60)).verdict.kind).toBe('progressing');
    expect(after({}, begun, failing(1), failing(61), failing(67)).verdict).toMatchObject({
      why: 'max-failures',
    });
  });

  test('are one at once with failure action continue', () => {
    const goesOn = { ...updating, updatePolicy: { monitor: 5_000, delay: 0, failureAction: 'continue' } };
    const poll = (seconds: number) => seen(seconds, [...crashed, ...stopping], goesOn);
    expect(after({}, begun, poll(1), poll(2)).verdict).toMatchObject({ why: 'max-failures' });
  });

  test('are one once the engine calls the update completed without counting them, and that is said', () => {
    const state = after({}, begun, failing(1), completed(2), completed(3));
    expect(reportOf(state).verdict).toBe(
      'web: the update failed: task 1/2 failed 3 times in a row; the engine called the update completed without counting this failure',
    );
  });
});

describe('a task that its health check has stopped', () => {
  const oneshot: Fields<ServiceSeen> = {
    ...checked,
    restart: 'on-failure',
    mode: { kind: 'replicated', replicas: 1 },
  };
  const at = (seconds: number, fields: Partial<TaskSeen>): TaskSeen => ({
    ...first,
    createdAt: new Date(T0).toISOString(),
    since: T0 + seconds * 1_000,
    ...fields,
  });
  const starting = seen(1, [at(1, { state: 'starting' })], oneshot);
  const complete = (seconds: number): Seen =>
    seen(seconds, [at(seconds, { state: 'complete', desired: 'shutdown' })], oneshot);

  test('has failed, although it exited with 0', () => {
    const state = after({ action: 'create' }, starting, complete(4), later(complete(4), 5));
    expect(state.verdict).toMatchObject({ kind: 'failed', why: 'exhausted' });
    expect(reportOf(state)).toMatchObject({
      verdict: 'web: the new service failed: task 1/1 was stopped because its health check failed',
      failures: [{ state: 'complete', error: 'stopped because its health check failed (it exited with 0)' }],
    });
  });

  test('has failed also where it was healthy at first', () => {
    const running = seen(2, [at(2, { state: 'running' })], oneshot);
    const ended = complete(6);
    expect(after({ action: 'create' }, starting, running, ended, later(ended, 7)).verdict).toMatchObject({
      why: 'exhausted',
    });
  });

  test('is not one that ended before its check can have failed', () => {
    const ended = complete(1.5);
    expect(after({ action: 'create' }, starting, ended, later(ended, 7)).verdict.kind).toBe('converged');
  });

  test('is not one that has run for the monitor period', () => {
    const running = seen(2, [at(2, { state: 'running' })], oneshot);
    const ended = complete(9);
    expect(after({ action: 'create' }, starting, running, ended, later(ended, 15)).verdict.kind).toBe(
      'converged',
    );
  });

  test('is not the task of a job that has run: it is meant to end', () => {
    const job: Fields<ServiceSeen> = {
      ...checked,
      mode: { kind: 'replicated-job', completions: 1 },
      jobIteration: 2,
    };
    const ofJob = (seconds: number, state: string): Seen =>
      seen(seconds, [at(seconds, { slot: 0, jobIteration: 2, state, desired: 'complete' })], job);
    expect(
      after({ action: 'create' }, ofJob(1, 'starting'), ofJob(2, 'running'), ofJob(6, 'complete')).verdict
        .kind,
    ).toBe('converged');
    expect(after({ action: 'wait' }, ofJob(60, 'complete')).verdict.kind).toBe('converged');
    const never = ofJob(6, 'complete');
    expect(after({ action: 'create' }, ofJob(1, 'starting'), never, later(never, 7)).verdict).toMatchObject({
      why: 'exhausted',
    });
  });

  test('may be meant where only the image can have a check: a note says so', () => {
    const withoutCheck = { ...oneshot, healthCheck: undefined, health: undefined };
    const poll = (seconds: number, state: string): Seen =>
      seen(seconds, [at(seconds, { state, desired: 'shutdown' })], withoutCheck);
    const end = poll(4, 'complete');
    const state = after({ action: 'create' }, poll(1, 'starting'), end, later(end, 10));
    expect(state.verdict.kind).toBe('converged');
    expect(resultOf(state, 0, NO_EVIDENCE).notes).toEqual([
      '1 task has completed without being seen running',
    ]);
  });
});

describe('a global service', () => {
  const global: Fields<ServiceSeen> = { mode: { kind: 'global' } };
  const done: Fields<ServiceSeen> = { ...global, update: { state: 'completed', message: '' } };

  test('is as wanted where a paused node keeps the old spec, and a note names the node', () => {
    const nodes = [node('n1'), node('n2', { availability: 'pause', name: 'worker2' })];
    const tasks = [task({ nodeId: 'n1' }), oldTask({ nodeId: 'n2' })];
    const state = after({}, seen(0, tasks, done, nodes));
    expect(state.verdict.kind).toBe('converged');
    expect(resultOf(state, 0, NO_EVIDENCE)).toMatchObject({
      tasks: { wanted: 1, done: 1 },
      notes: ['worker2 is paused: its task keeps the old spec until the node is active'],
    });
  });

  test('converges where a node is down that may still run a task of an older spec, and a note names the node', () => {
    const nodes = [node('n1'), node('n2', { down: true, name: 'worker2' })];
    const old = oldTask({ nodeId: 'n2', desired: 'shutdown' });
    const notes = (...tasks: TaskSeen[]): readonly string[] | undefined =>
      resultOf(after({}, seen(0, [task({ nodeId: 'n1' }), ...tasks], done, nodes)), 0, NO_EVIDENCE).notes;
    expect(notes(old)).toEqual(['worker2 is down: a task of an older spec may still run there']);
    expect(notes({ ...old, state: 'orphaned' })).toBeUndefined();
  });

  const gpu = { ...global, constraints: ['node.labels.gpu==1'] };
  test('whose constraints leave no node any more has failed', () => {
    const fields = { ...gpu, previousConstraints: [] };
    const state = after({}, seen(0, [], fields), seen(5, [], fields));
    expect(state.verdict).toEqual({ kind: 'failed', why: 'no-node' });
    expect(reportOf(state).verdict).toBe(
      'web: the update failed: no node is eligible any more: nothing runs',
    );
  });

  test('whose only eligible node is paused and has no task has failed, too', () => {
    const fields = { ...gpu, previousConstraints: [] };
    const nodes = [node('n1'), node('n2', { availability: 'pause', attributes: { 'node.labels.gpu': '1' } })];
    const poll = seen(0, [], fields, nodes);
    expect(after({}, poll, later(poll, 5)).verdict).toEqual({ kind: 'failed', why: 'no-node' });
  });

  test('that never had a node converges with a note: a label may come later', () => {
    const state = after({ action: 'create' }, seen(0, [], gpu), seen(5, [], gpu));
    expect(state.verdict.kind).toBe('converged');
    expect(resultOf(state, 0, NO_EVIDENCE).notes).toEqual(['no node is eligible, so nothing runs']);
  });
});

describe('a job', () => {
  const job: Fields<ServiceSeen> = {
    mode: { kind: 'replicated-job', completions: 1 },
    jobIteration: 2,
    restart: 'none',
  };
  const failed = failedTask({ slot: 0, jobIteration: 2 });

  test('has failed when the engine makes no other task within the monitor period', () => {
    const poll = seen(0, [failed], job);
    expect(after({}, seen(0, [], job), poll, later(poll, 4.9)).verdict).toEqual({
      kind: 'progressing',
      wakeAt: T0 + 5_000,
    });
    expect(reportOf(after({}, seen(0, [], job), poll, later(poll, 5))).verdict).toBe(
      'web: the update failed: task 1/1 failed, and the engine has made no other task since',
    );
  });

  test('goes on with the task that the engine makes', () => {
    const next = task({ slot: 0, jobIteration: 2, state: 'complete', desired: 'complete' });
    expect(after({}, seen(0, [failed], job), seen(1, [failed, next], job)).verdict.kind).toBe('converged');
  });

  test('of which the engine makes too many tasks is told of', () => {
    const tasks = [0, 0, 0].map((slot) =>
      task({ slot, jobIteration: 2, state: 'complete', desired: 'complete' }),
    );
    const state = after({}, seen(0, tasks, job));
    expect(state.verdict.kind).toBe('converged');
    expect(resultOf(state, 0, NO_EVIDENCE).notes?.[0]).toMatch(
      /^3 tasks have completed instead of 1: .*restart/,
    );
  });

  test('on each node waits for a node that went down with its task', () => {
    const global: Fields<ServiceSeen> = { mode: { kind: 'global-job' }, jobIteration: 2 };
    const nodes = [node('n1'), node('n2', { down: true })];
    const tasks = [
      task({ nodeId: 'n1', jobIteration: 2, state: 'complete', desired: 'complete' }),
      task({ nodeId: 'n2', jobIteration: 2, desired: 'complete' }),
    ];
    const state = after({}, seen(0, tasks, global, nodes));
    expect(state.verdict.kind).toBe('progressing');
    expect(waitsOf(state)).toEqual([['node', undefined]]);
    const drained = [node('n1'), node('n2', { availability: 'drain' })];
    expect(waitsOf(after({}, seen(0, tasks, global, drained)))).toEqual([['complete', undefined]]);
  });
});

describe('progress', () => {
  const poll = seen(0, [first, oldTask({ slot: 2 })], slow);

  test('says what is waited for once nothing has changed for ten seconds, and once only', () => {
    const states = [0, 9.9, 10, 20, 29].map((seconds) => after({}, poll, later(poll, seconds)));
    const said = states
      .slice(1)
      .map((state, index) =>
        eventsBetween(states[index] as RolloutState, state).filter(({ type }) => type === 'waiting'),
      );
    const text = 'next batch in 20s (update delay 30s)';
    const waits = [
      { reason: 'batch', count: 0, text, left: 20_000 },
      { reason: 'turn', count: 1, text: 'the engine has not replaced web.2 on n1 yet' },
    ];
    expect(said).toEqual([[], [{ type: 'waiting', text: `waiting: ${text}`, waits }], [], []]);
  });

  test('a timeout and a signal say it in the report, a verdict on failures does not', () => {
    const report = reportOf(after({ timeout: 5_000 }, poll, later(poll, 5)));
    expect(report.facts).toEqual([
      'waiting: next batch in 25s (update delay 30s)',
      'waiting: the engine has not replaced web.2 on n1 yet',
    ]);
    const paused = seen(
      0,
      [first, oldTask({ slot: 2 })],
      { update: { state: 'paused', message: '' } },
      NODES,
    );
    expect(reportOf(after({}, paused)).facts).toEqual([]);
  });
});

test('a rollback of a global service that had no task: the engine never completes it, which is told', () => {
  const fields: Fields<ServiceSeen> = {
    mode: { kind: 'global' },
    update: { state: 'rollback_started', message: 'manually requested rollback' },
  };
  const poll = seen(
    0,
    [task({ nodeId: 'n1' }), oldTask({ nodeId: 'n1', state: 'shutdown', desired: 'shutdown' })],
    fields,
    [node('n1')],
  );
  const rollback: Fields<Intent> = { action: 'rollback' };
  expect(after(rollback, poll, later(poll, 9.9)).verdict.kind).toBe('progressing');
  const state = after(rollback, poll, later(poll, 10));
  expect(state.verdict.kind).toBe('converged');
  expect(resultOf(state, 0, NO_EVIDENCE).notes).toEqual([
    'the engine does not call its rollback completed: there was no task to replace',
  ]);
});
