/** --rollback-on-failure: what is sent to undo the changes, the exit code, and what is said of both causes. */
import { describe, expect, test } from '@jest/globals';
import type { ServiceSpec } from '../../../src/api/service.ts';
import { fakeEngine } from '../../support/fake-engine/engine.ts';
import type { FakeEngine } from '../../support/fake-engine/engine.ts';
import {
  NO_LEADER,
  OUT_OF_SEQUENCE,
  answer,
  cutAfter,
  cutBefore,
  first,
  hang,
} from '../../support/fake-engine/faults.ts';
import type { Fault } from '../../support/fake-engine/faults.ts';
import { run } from '../../support/fake-world.ts';
import { violations } from '../../support/schema.ts';

const BACK = '--rollback-on-failure';
const SENT = 'update web registryAuthFrom=spec';
const ROLLED_BACK = 'update web rollback=previous';
const CRASH = ['--image', 'crash:1.0'];
const HANGS = ['--image', 'hangs:1.0', '--timeout', '5s'];
const GOING_BACK = /^POST .*rollback=previous/;

function withWeb(changes: Partial<ServiceSpec> = {}, image = 'ping:1.0'): FakeEngine {
  const engine = fakeEngine();
  engine.given('web', image, changes);
  return engine;
}
const config = (FailureAction: string) => ({
  Parallelism: 1,
  Monitor: 5e8,
  MaxFailureRatio: 0,
  FailureAction,
});
/** The failure action of the update. */
const onFailure = (action: string): Partial<ServiceSpec> => ({ UpdateConfig: config(action) });
const imageIn = ({ stored }: FakeEngine): string =>
  (stored('web').Spec.TaskTemplate.ContainerSpec?.Image ?? '').replace(/@.*/, '');

describe('an update that ends badly', () => {
  test.each<
    [what: string, before: Partial<ServiceSpec>, update: readonly string[], change: object, said: RegExp]
  >([
    ['paused', {}, CRASH, { verdict: 'paused', exitCode: 4 }, /the engine paused the update: .*/],
    [
      'a missing image',
      {},
      ['--image', 'ping:9.9'],
      { verdict: 'paused', exitCode: 4 },
      /the engine paused the update: .*/,
    ],
    [
      'tasks that keep failing',
      onFailure('continue'),
      CRASH,
      { verdict: 'failed', exitCode: 5 },
      /the update failed: task 1\/1 failed 3 times in a row/,
    ],
    [
      'a timeout',
      {},
      HANGS,
      { verdict: 'timedOut', exitCode: 124 },
      /not converged after 5s \(0 out of 1 tasks\)/,
    ],
    [
      'nothing moves',
      {},
      ['--progress-deadline', '4s', '--image', 'hangs:1.0'],
      { verdict: 'failed', exitCode: 5 },
      /the update failed: nothing has moved for .*/,
    ],
  ])('%s: 3, by the rollback of the engine', async (_, before, update, change, said) => {
    const engine = withWeb(before);
    const { Spec } = engine.stored('web');
    const ended = await run(['update', BACK, '-o', 'json', ...update, 'web'], { engine });
    expect({ code: ended.code, sent: engine.sent() }).toEqual({ code: 3, sent: [SENT, ROLLED_BACK] });
    expect(engine.stored('web').Spec).toEqual(Spec);
    expect(engine.states('web')).toEqual({ 'ping:1.0 running': 1 });
    expect(ended.stderr).toMatch(
      new RegExp(`^swarmroll: web: ${said.source}.*; what was there before runs again: ping:1\\.0@`, 'm'),
    );
    // The report on the failure comes first.
    expect(ended.stderr).toMatch(
      new RegExp(
        `^swarmroll: web: ${said.source}\n {2}1/1 [^]*\nswarmroll: web: undoing the change: ping:1.0@`,
        'm',
      ),
    );
    const result = JSON.parse(ended.stdout) as object;
    expect(violations('result', result)).toEqual([]);
    expect(result).toMatchObject({
      verdict: 'rolledBack',
      exitCode: 3,
      change,
      rollback: { action: 'rollback', verdict: 'converged' },
    });
  });

  test('that converges: 0, nothing more is sent', async () => {
    const engine = withWeb();
    const { code } = await run(['update', BACK, '--image', 'ping:1.1', 'web'], { engine });
    expect({ code, sent: engine.sent() }).toEqual({ code: 0, sent: [SENT] });
  });

  test('that the engine rolls back by itself: 3, nothing more is sent', async () => {
    const engine = withWeb({ ...onFailure('rollback'), Mode: { Replicated: { Replicas: 2 } } });
    const { code, stdout, stderr } = await run(['update', BACK, '-o', 'json', ...CRASH, 'web'], { engine });
    expect({ code, sent: engine.sent() }).toEqual({ code: 3, sent: [SENT] });
    expect(stderr).not.toContain('undoing');
    expect(engine.states('web')).toEqual({ 'ping:1.0 running': 2 });
    const result = JSON.parse(stdout) as object;
    expect(violations('result', result)).toEqual([]);
    const ofPing = expect.stringMatching(/^ping:1\.0@/) as unknown;
    const slot = { state: 'running', image: ofPing, error: '' };
    expect(result).toMatchObject({
      verdict: 'rolledBack',
      tasks: { wanted: 2, done: 2 },
      slots: [slot, slot],
      image: { stored: ofPing },
    });
  });

  test('that the engine still rolls back at the timeout: that is watched to its end', async () => {
    const engine = withWeb({
      Mode: { Replicated: { Replicas: 3 } },
      UpdateConfig: { ...config('rollback'), Monitor: 5e9 },
      RollbackConfig: { ...config('pause'), Delay: 3e9 },
    });
    // The tasks fail one after the other, so the engine has to replace some of them.
    const words = ['update', BACK, '--timeout', '5s', '--image', 'latecrash:1.0', 'web'];
    const { code, stderr } = await run(words, { engine });
    expect({ code, sent: engine.sent() }).toEqual({ code: 3, sent: [SENT] });
    expect(stderr).toContain('web: not converged after 5s');
    expect(stderr).toContain('the engine is already rolling out this spec; watching it');
    expect(engine.states('web')).toEqual({ 'ping:1.0 running': 3 });
  });

  test('--progress json: the report on the failure, and then the rollback', async () => {
    const { stderr } = await run(['update', BACK, '--progress', 'json', ...CRASH, 'web'], {
      engine: withWeb(),
    });
    const lines = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>);
    for (const line of lines) expect(violations('progress', line)).toEqual([]);
    const order = lines.filter(({ type = '' }) => ['verdict', 'report', 'note'].includes(type));
    expect(order.map(({ type, verdict }) => verdict ?? type)).toEqual([
      ...['paused', 'report', 'note', 'converged', 'rolledBack'],
    ]);
  });

  test('that another has replaced: 7, left alone', async () => {
    const engine = withWeb();
    engine.clock.later(2_000, () =>
      engine.change('web', ({ TaskTemplate }) => (TaskTemplate.ContainerSpec = { Image: 'ping:1.2' })),
    );
    const { code } = await run(['update', BACK, '--image', 'hangs:1.0', 'web'], { engine });
    expect({ code, sent: engine.sent(), image: imageIn(engine) }).toEqual({
      code: 7,
      sent: [SENT],
      image: 'ping:1.2',
    });
  });

  test('of a service that is removed meanwhile: 7', async () => {
    const engine = withWeb();
    engine.clock.later(2_000, () => engine.remove('web'));
    const { code } = await run(['update', BACK, '--image', 'hangs:1.0', 'web'], { engine });
    expect({ code, sent: engine.sent() }).toEqual({ code: 7, sent: [SENT] });
  });

  test('whose labels another changes: the labels stay, the rest is undone by an update', async () => {
    const engine = withWeb();
    engine.clock.later(2_000, () => engine.change('web', (spec) => (spec.Labels = { theirs: '1' })));
    const { code } = await run(['update', BACK, ...HANGS, 'web'], { engine });
    expect({ code, sent: engine.sent() }).toEqual({ code: 3, sent: [SENT, SENT] });
    expect(engine.stored('web').Spec.Labels).toEqual({ theirs: '1' });
    expect(imageIn(engine)).toBe('ping:1.0');
  });

  test('and has changed only what replaces no task: undone as well', async () => {
    const engine = withWeb({}, 'ping:9.9');
    const { code } = await run(['update', BACK, '--label-add', 'a=b', '--max-failures', '1', 'web'], {
      engine,
    });
    expect(engine.sent()).toEqual([SENT, ROLLED_BACK]);
    expect(code).toBe(5);
    expect(engine.stored('web').Spec.Labels).toEqual({});
  });
});

describe('what was there before does not run either: the code of what failed', () => {
  test.each([
    ['paused', {}, CRASH, 4],
    ['failed', onFailure('continue'), CRASH, 5],
    ['timed out', {}, HANGS, 124],
  ] as const)('%s', async (_, before, update, code) => {
    const engine = withWeb(before, 'ping:9.9');
    const ended = await run(['update', BACK, '-o', 'json', '--max-failures', '2', ...update, 'web'], {
      engine,
    });
    expect({ code: ended.code, sent: engine.sent() }).toEqual({ code, sent: [SENT, ROLLED_BACK] });
    expect(ended.stderr).toMatch(/; what was there before does not run: .*No such image: ping:9\.9/);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      exitCode: code,
      message: expect.stringContaining('; what was there before does not run: ') as unknown,
      change: { exitCode: code },
      rollback: { verdict: 'paused', exitCode: 4, failures: [{ error: 'No such image: ping:9.9' }] },
    });
  });
});

describe('a retry of what has failed', () => {
  const UPDATE = ['--max-failures', '2', ...CRASH, 'web'];

  test('leads back to the spec from before the first try', async () => {
    const engine = withWeb({ Mode: { Replicated: { Replicas: 3 } } });
    const { Spec } = engine.stored('web');
    expect((await run(['update', ...UPDATE], { engine })).code).toBe(4);
    const again = await run(['update', BACK, ...UPDATE], { engine });
    // The engine's rollback would lead to the spec that failed.
    expect({ code: again.code, sent: engine.sent() }).toEqual({ code: 3, sent: [SENT, SENT, SENT] });
    expect(again.stderr).toContain('resuming the update that the engine has paused');
    expect(engine.stored('web').Spec).toEqual(Spec);
  });

  test('after failure action continue: nothing is posted again, and the engine rolls back', async () => {
    const engine = withWeb(onFailure('continue'));
    expect((await run(['update', ...UPDATE], { engine })).code).toBe(5);
    const { code } = await run(['update', BACK, ...UPDATE], { engine });
    expect({ code, sent: engine.sent() }).toEqual({ code: 3, sent: [SENT, ROLLED_BACK] });
  });

  test('of a retry: the spec before is lost, and nothing is guessed', async () => {
    const engine = withWeb({ Mode: { Replicated: { Replicas: 3 } } });
    await run(['update', ...UPDATE], { engine });
    await run(['update', ...UPDATE], { engine });
    const { code, stderr } = await run(['update', BACK, ...UPDATE], { engine });
    expect([4, 5]).toContain(code);
    expect(stderr).toContain(
      '; nothing was undone: a retry, a scale or a redeploy has overwritten the previous spec\n',
    );
    expect(imageIn(engine)).toBe('crash:1.0');
  });

  test('of another’s update that the flags do not name: left alone', async () => {
    const engine = withWeb({ Labels: { a: 'b' } });
    engine.change('web', ({ TaskTemplate }) => (TaskTemplate.ContainerSpec = { Image: 'ping:9.9' }));
    await engine.clock.sleep(3_000);
    const { code, stderr } = await run(['update', BACK, '--label-add', 'a=b', 'web'], { engine });
    expect([4, 5]).toContain(code);
    expect(stderr).toContain('; nothing was undone: the service had this spec before this command\n');
    expect(imageIn(engine)).toBe('ping:9.9');
  });
});

describe('create', () => {
  test.each<[string, readonly string[], object]>([
    ['its tasks fail', ['crash:1.0'], { verdict: 'failed', exitCode: 5 }],
    ['a timeout', ['--timeout', '3s', 'hangs:1.0'], { verdict: 'timedOut', exitCode: 124 }],
  ])('%s: the new service is removed, 3', async (_, words, change) => {
    const engine = fakeEngine();
    const flags = ['--restart-delay', '500ms', '-o', 'json', '--name', 'web'];
    const { code, stdout, stderr } = await run(['create', BACK, ...flags, ...words], { engine });
    expect({ code, sent: engine.sent() }).toEqual({ code: 3, sent: ['create', 'remove web'] });
    expect(stderr).toMatch(/; the new service is removed\n/);
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: 'rolledBack',
      change,
      rollback: { action: 'remove', verdict: 'converged' },
    });
  });

  test('a service that another has changed is not removed: 5', async () => {
    const engine = fakeEngine();
    engine.clock.later(2_000, () => engine.change('web', (spec) => (spec.Labels = { theirs: '1' })));
    const { code, stderr } = await run(
      ['create', BACK, '--restart-delay', '1s', '--name', 'web', 'crash:1.0'],
      { engine },
    );
    expect({ code, sent: engine.sent() }).toEqual({ code: 5, sent: ['create'] });
    expect(stderr).toContain('; someone else changed the service; it is left as it is, and not removed\n');
  });

  test('somebody has removed it already: 7, nothing more is sent', async () => {
    const engine = fakeEngine();
    engine.inject(
      /^GET \/services\/\w+$/,
      first(() => engine.remove('web')),
      { skip: 49, times: 1 },
    );
    const { code } = await run(['create', BACK, '--timeout', '30s', '--name', 'web', 'hangs:1.0'], {
      engine,
    });
    expect({ code, sent: engine.sent() }).toEqual({ code: 7, sent: ['create'] });
  });
});

describe('a second fault during the undo', () => {
  test.each<[string, Fault, number, sent: number]>([
    ['the manager drops the request twice', cutBefore, 2, 4],
    ['it replies 503 twice', answer(503, 'no leader'), 2, 4],
    ['it has no leader twice', NO_LEADER, 2, 4],
    ['out of sequence twice', OUT_OF_SEQUENCE, 2, 4],
    ['it stores it, and its reply is lost', cutAfter, 1, 2],
  ])('%s: 3, and the engine rolls back once', async (_, fault, times, sent) => {
    const engine = withWeb();
    const { Spec } = engine.stored('web');
    engine.inject(GOING_BACK, fault, { times });
    const { code } = await run(['update', BACK, ...CRASH, 'web'], { engine });
    expect({ code, sent: engine.sent().length }).toEqual({ code: 3, sent });
    expect(engine.stored('web').Spec).toEqual(Spec);
    expect(engine.stored('web').PreviousSpec?.TaskTemplate.ContainerSpec?.Image).toContain('crash:1.0@');
  });

  test('it does not take it until the deadline: the code of what failed, and what is stored', async () => {
    const engine = withWeb();
    engine.inject(GOING_BACK, NO_LEADER);
    const { code, stderr } = await run(['update', BACK, ...CRASH, '--progress-deadline', '5s', 'web'], {
      engine,
    });
    expect({ code, image: imageIn(engine) }).toEqual({ code: 4, image: 'crash:1.0' });
    expect(stderr.match(/cannot undo the change yet, trying again: /g)).toHaveLength(1);
  });

  test('another changes the image: said, and left alone', async () => {
    const engine = withWeb();
    const theirs = () =>
      engine.change('web', ({ TaskTemplate }) => (TaskTemplate.ContainerSpec = { Image: 'ping:1.2' }));
    engine.inject(GOING_BACK, first(theirs), { times: 1 });
    const { code, stderr } = await run(['update', BACK, ...CRASH, 'web'], { engine });
    expect({ code, image: imageIn(engine) }).toEqual({ code: 4, image: 'ping:1.2' });
    expect(stderr).toContain('; someone else changed the service; it is left as it is\n');
  });

  test('another adds a label: it stays, and the rest is undone', async () => {
    const engine = withWeb();
    engine.inject(
      GOING_BACK,
      first(() => engine.change('web', (spec) => (spec.Labels = { theirs: '1' }))),
      { times: 1 },
    );
    const { code } = await run(['update', BACK, ...CRASH, 'web'], { engine });
    expect({ code, image: imageIn(engine), labels: engine.stored('web').Spec.Labels }).toEqual({
      code: 3,
      image: 'ping:1.0',
      labels: { theirs: '1' },
    });
  });

  test('another removes the service: it is not created again', async () => {
    const engine = withWeb();
    engine.inject(
      /^GET \/tasks\/\w+\/logs/,
      first(() => engine.remove('web')),
      { times: 1 },
    );
    const { code, stderr } = await run(['update', BACK, ...CRASH, 'web'], {
      engine,
    });
    expect(engine.sent()).toEqual([SENT]);
    expect(code).toBe(4);
    expect(stderr).toContain('; the service has been removed; it is not created again\n');
  });

  test('a secret of what was there before is gone: said, nothing is sent', async () => {
    const engine = fakeEngine();
    engine.names.secrets.add('key');
    const Secrets = [
      { SecretID: 'key-id', SecretName: 'key', File: { Name: 'key', UID: '0', GID: '0', Mode: 292 } },
    ];
    engine.given('web', 'ping:1.0', { TaskTemplate: { ContainerSpec: { Image: 'ping:1.0', Secrets } } });
    engine.inject(/^POST/, async (pass) => {
      const reply = await pass();
      engine.names.secrets.delete('key');
      return reply;
    });
    const { code, stderr } = await run(['update', BACK, '--secret-rm', 'key', ...CRASH, 'web'], { engine });
    expect({ code, sent: engine.sent() }).toEqual({ code: 4, sent: [SENT] });
    expect(stderr).toMatch(
      /cannot roll back: secret key \(id key-id\) is gone; nothing was sent\n {2}there is no other generation to roll back to; see what is kept with: swarmroll history web$/m,
    );
  });

  test.each(['SIGINT', 'SIGTERM'])('%s: what is left is told', async (signal) => {
    const engine = withWeb();
    const interrupt = new AbortController();
    const { interrupted } = { interrupted: interrupt.signal };
    engine.inject(GOING_BACK, (pass) => {
      engine.clock.later(1_000, () => interrupt.abort(signal));
      return hang(pass);
    });
    const { code, stderr } = await run(['update', BACK, ...CRASH, 'web'], {
      engine,
      changes: { interrupted },
    });
    expect(code).toBe(signal === 'SIGINT' ? 130 : 143);
    expect(stderr).toContain('; interrupted: what was there before may or may not be stored again\n');
  });

  test('SIGINT while the engine rolls back: what was there before is stored again', async () => {
    const engine = withWeb({
      Mode: { Replicated: { Replicas: 3 } },
      RollbackConfig: { ...config('pause'), Delay: 20e9 },
    });
    const interrupt = new AbortController();
    const { interrupted } = { interrupted: interrupt.signal };
    engine.inject(
      GOING_BACK,
      first(() => engine.clock.later(3_000, () => interrupt.abort('SIGINT'))),
    );
    const words = ['update', BACK, '-o', 'json', '--update-parallelism', '0', ...HANGS, 'web'];
    const { code, stdout, stderr } = await run(words, { engine, changes: { interrupted } });
    expect({ code, image: imageIn(engine) }).toEqual({ code: 130, image: 'ping:1.0' });
    expect(stderr).toMatch(
      /; interrupted while undoing the change: what was there before is stored again, and the engine goes on with it\n$/,
    );
    expect(stderr).toContain('swarmroll ps web');
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: 'interrupted',
      exitCode: 130,
      change: { verdict: 'timedOut' },
      rollback: { verdict: 'interrupted' },
    });
  });

  test('SIGINT during the update itself: nothing is undone', async () => {
    const engine = withWeb();
    const interrupt = new AbortController();
    engine.clock.later(3_000, () => interrupt.abort('SIGINT'));
    const words = ['update', BACK, '--image', 'hangs:1.0', 'web'];
    const { code, stderr } = await run(words, { engine, changes: { interrupted: interrupt.signal } });
    expect({ code, sent: engine.sent() }).toEqual({ code: 130, sent: [SENT] });
    expect(stderr).not.toContain('undoing');
  });
});

describe('several services', () => {
  function withTwo(changes: Partial<ServiceSpec> = {}): FakeEngine {
    const engine = withWeb(changes);
    engine.given('api');
    return engine;
  }

  test('scale: one finds no place for its tasks: both have as many as before, 3', async () => {
    const engine = withTwo();
    for (const id of ['n1', 'n2', 'n3']) engine.setNode(id, 'pause');
    const words = ['scale', BACK, '-o', 'json', '--progress-deadline', '4s', 'web=2', 'api=2'];
    const { code, stdout } = await run(words, { engine });
    expect(code).toBe(3);
    const result = JSON.parse(stdout) as object;
    expect(violations('result', result)).toEqual([]);
    const back = { verdict: 'rolledBack', change: { exitCode: 5 }, rollback: { exitCode: 0 } };
    expect(result).toMatchObject({ action: 'scale', exitCode: 3, services: [back, back] });
    expect(engine.stored('api').Spec.Mode).toEqual({ Replicated: { Replicas: 1 } });
    expect(engine.stored('web').Spec.Mode).toEqual({ Replicated: { Replicas: 1 } });
  });

  test('restart: one fails: it is undone, and the other one is not restarted again', async () => {
    const engine = withTwo({
      TaskTemplate: {
        ContainerSpec: { Image: 'oneshot:1.0' },
        RestartPolicy: { Condition: 'none' },
        Placement: {},
      },
    });
    await engine.clock.sleep(2_000);
    const { code, stdout } = await run(['restart', BACK, '-o', 'json', 'web', 'api'], { engine });
    const result = JSON.parse(stdout) as object;
    expect(violations('result', result)).toEqual([]);
    expect(result).toMatchObject({
      action: 'restart',
      services: [
        { change: { verdict: 'paused' }, rollback: {} },
        { verdict: 'converged', exitCode: 0 },
      ],
    });
    expect(code).toBe(3);
    expect(engine.sent()).toEqual([SENT, 'update api registryAuthFrom=spec', ROLLED_BACK]);
    expect(engine.stored('api').Spec.TaskTemplate.ForceUpdate).toBe(1);
  });

  test('one is refused: the other is undone, 1', async () => {
    const engine = withTwo();
    const before = engine.stored('web').Spec;
    engine.inject(
      new RegExp(`^POST /services/${engine.stored('api').ID}`),
      answer(400, { message: 'no good' }),
    );
    const { code, stdout, stderr } = await run(['scale', BACK, 'web=3', 'api=3'], { engine });
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'web scaled to 3\n' });
    expect(stderr).toMatch(
      /^swarmroll: web converged, but not all services converged: no good; what was there before runs again/m,
    );
    expect(stderr).toMatch(/^web {2}rolledBack\napi {2}error$/m);
    expect(engine.stored('web').Spec).toEqual(before);
  });
});

test.each([
  ['create', 'ping:1.0'],
  ['update', '--force', 'web'],
  ['rollback', 'web'],
  ['scale', 'web=2'],
  ['restart', 'web'],
])('%s with --detach: usage, 2', async (command, ...words) => {
  const engine = withWeb();
  const ended = await run([command, BACK, '--detach', ...words], { engine });
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  expect(ended.stderr).toMatch(/^swarmroll: --rollback-on-failure cannot be combined with --detach/);
  expect(engine.requests).toEqual([]);
});
