/** `update` with the spec that is stored already: what becomes of its tasks decides. */
import { describe, expect, test } from '@jest/globals';
import type { ServiceSpec } from '../../../src/api/service.ts';
import { fakeEngine } from '../../support/fake-engine/engine.ts';
import type { FakeEngine } from '../../support/fake-engine/engine.ts';
import { run } from '../../support/fake-world.ts';

const CRASH = ['update', '--image', 'crash:1.0', 'web'];
const config = (FailureAction: string) => ({
  Parallelism: 1,
  Monitor: 5e8,
  MaxFailureRatio: 0,
  FailureAction,
});

function withWeb(changes: Partial<ServiceSpec> = {}): FakeEngine {
  const engine = fakeEngine();
  engine.given('web', 'ping:1.0', changes);
  return engine;
}

/** Runs a command; gives also what it sent. */
async function watched(engine: FakeEngine, argv: readonly string[]) {
  const before = engine.sent().length;
  const { code, stderr } = await run(argv, { engine });
  return { code, stderr, sent: engine.sent().slice(before) };
}

describe('after failure action continue: nothing is sent, and it is 5 again, with the failure', () => {
  test.each([
    [
      'tasks that keep failing',
      'any',
      /^swarmroll: web: the update failed: task 1\/1 failed 3 times in a row$/m,
    ],
    ['restarts that are used up', 'none', /^swarmroll: web: the update failed: task 1\/1 /m],
  ])('%s', async (_, Condition, report) => {
    const engine = withWeb({
      UpdateConfig: config('continue'),
      TaskTemplate: {
        ContainerSpec: { Image: 'ping:1.0' },
        RestartPolicy: { Condition, Delay: 5e8 },
        Placement: {},
      },
    });
    expect((await run(CRASH, { engine })).code).toBe(5);
    const { code, stderr, sent } = await watched(engine, CRASH);
    expect({ code, sent }).toEqual({ code: 5, sent: [] });
    expect(stderr).toMatch(report);
    expect(stderr).toContain('task: non-zero exit (3)\n');
    expect(stderr).not.toMatch(/unchanged|converged/);
  });
});

describe('on its way: nothing is sent, and it is watched to its end', () => {
  const SLOW: Partial<ServiceSpec> = { Mode: { Replicated: { Replicas: 3 } } };

  test('an update', async () => {
    const engine = withWeb({ ...SLOW, UpdateConfig: { ...config('pause'), Delay: 2e9 } });
    const update = ['update', '--image', 'ping:1.1', 'web'];
    await run(['update', '--detach', ...update.slice(1)], { engine });
    await engine.clock.sleep(1_000);
    const { code, stderr, sent } = await watched(engine, update);
    expect({ code, sent }).toEqual({ code: 0, sent: [] });
    expect(stderr).toContain('the engine is already rolling out this spec; watching it');
    expect(stderr).toContain('overall progress: 3 out of 3 tasks');
    expect(stderr).not.toContain('unchanged');
    expect(engine.states('web')).toEqual({ 'ping:1.1 running': 3 });
  });

  test('an update that the engine then rolls back: 3', async () => {
    const engine = withWeb({ ...SLOW, UpdateConfig: { ...config('rollback'), Monitor: 9e9 } });
    const update = ['update', '--image', 'latecrash:1.0', 'web'];
    await run(['update', '--detach', ...update.slice(1)], { engine });
    await engine.clock.sleep(1_000);
    const { code, stderr, sent } = await watched(engine, update);
    expect({ code, sent }).toEqual({ code: 3, sent: [] });
    expect(stderr).toContain('the engine is already rolling out this spec; watching it');
    expect(stderr).toContain('task: non-zero exit (3)');
    expect(engine.states('web')).toEqual({ 'ping:1.0 running': 3 });
  });

  test('a create', async () => {
    const engine = fakeEngine();
    const words = ['--name', 'web', '--replicas', '2', '--update-monitor', '500ms', 'ping:1.0'];
    await run(['create', '--detach', ...words], { engine });
    const { code, stderr, sent } = await watched(engine, ['update', '--image', 'ping:1.0', 'web']);
    expect({ code, sent }).toEqual({ code: 0, sent: [] });
    expect(stderr).toContain('verify: Service web converged\n');
    expect(engine.states('web')).toEqual({ 'ping:1.0 running': 2 });
  });
});
