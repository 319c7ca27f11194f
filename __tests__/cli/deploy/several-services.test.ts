/** Commands on several services: which are chosen, what is sent, each verdict, and the exit code of the worst. */
import { describe, expect, test } from '@jest/globals';
import type { ServiceSpec } from '../../../src/api/service.ts';
import { fakeEngine } from '../../support/fake-engine/engine.ts';
import type { FakeEngine } from '../../support/fake-engine/engine.ts';
import { NO_LEADER, answer, cutBefore } from '../../support/fake-engine/faults.ts';
import { run } from '../../support/fake-world.ts';
import { violations } from '../../support/schema.ts';

const STACK = { 'com.docker.stack.namespace': 'app' };

/** An engine with web, api and db; web and api are of the stack app. */
function withThree(): FakeEngine {
  const engine = fakeEngine();
  engine.given('web', 'ping:1.0', { Labels: { ...STACK, tier: 'front' } });
  engine.given('api', 'ping:1.0', { Labels: STACK });
  engine.given('db');
  return engine;
}

/** Changes the image of a service, as somebody else would. */
function deploy(engine: FakeEngine, name: string, image: string, changes: Partial<ServiceSpec> = {}): void {
  engine.change(name, (spec) => {
    Object.assign(spec, changes);
    spec.TaskTemplate.ContainerSpec = { ...spec.TaskTemplate.ContainerSpec, Image: image };
  });
}
const config = (FailureAction: string) => ({
  UpdateConfig: { Parallelism: 1, Monitor: 5e8, MaxFailureRatio: 0, FailureAction },
});

describe('which services', () => {
  test.each([
    [['wait', 'db', 'web'], 'db   converged\nweb  converged\n'],
    [['wait', '--stack', 'app'], 'api  converged\nweb  converged\n'],
    [['wait', '--filter', 'label=tier=front'], 'web  converged\n'],
    [['wait', '--filter', 'name=d', 'web'], 'web  converged\ndb   converged\n'],
    [['wait', '--stack', 'app', 'web'], 'web  converged\napi  converged\n'],
    [['restart', '--stack', 'app'], 'api  converged\nweb  converged\n'],
    [['restart', '-d', 'db', 'web'], 'db   accepted\nweb  accepted\n'],
  ])('%j: stdout has a line for each', async (argv, stdout) => {
    expect(await run(argv, { engine: withThree() })).toMatchObject({ code: 0, stdout });
  });

  test.each([
    [['wait', 'web', 'nope', 'no'], /^swarmroll: no such service: nope; no such service: no\n/],
    [['restart', 'web', 'nope'], /^swarmroll: no such service: nope\n/],
    [['scale', 'web=2', 'nope=2'], /^swarmroll: no such service: nope\n/],
    [['wait', '--stack', 'none'], /^swarmroll: no service matches stack none\n/],
    [['restart', '--filter', 'name=x'], /^swarmroll: no service matches name=x\n/],
  ])('%j: 1, nothing is sent', async (argv, said) => {
    const engine = withThree();
    const { code, stdout, stderr } = await run(argv, { engine });
    expect({ code, stdout, sent: engine.sent() }).toEqual({ code: 1, stdout: '', sent: [] });
    expect(stderr).toMatch(said);
  });

  test('the beginning of an id', async () => {
    const engine = withThree();
    const ref = engine.stored('web').ID.slice(0, 12);
    expect(await run(['scale', `${ref}=2`], { engine })).toMatchObject({
      code: 0,
      stdout: `${ref} scaled to 2\n`,
    });
    expect(engine.states('web')).toEqual({ 'ping:1.0 running': 2 });
  });
});

describe('scale', () => {
  test('in the order of the command line; the lines of docker on stdout, the verdicts on stderr', async () => {
    const engine = withThree();
    const { code, stdout, stderr } = await run(['scale', 'web=3', 'api=0', 'db=1'], { engine });
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'web scaled to 3\napi scaled to 0\ndb scaled to 1\n',
    });
    expect(engine.sent()).toEqual(['update web registryAuthFrom=spec', 'update api registryAuthFrom=spec']);
    expect([engine.states('web'), engine.states('api')]).toEqual([{ 'ping:1.0 running': 3 }, {}]);
    expect(stderr).toMatch(/^web {2}converged\napi {2}converged\ndb {3}unchanged$/m);
  });

  test('a global service among them is refused before anything is sent', async () => {
    const engine = withThree();
    engine.given('all', 'ping:1.0', { Mode: { Global: {} } });
    const { code, stderr } = await run(['scale', 'web=2', 'all=2'], { engine });
    expect({ code, sent: engine.sent() }).toEqual({ code: 1, sent: [] });
    expect(stderr).toMatch(
      /^swarmroll: all: scale can only be used with replicated or replicated-job mode\n/,
    );
  });

  test.each([['web'], ['web='], ['=2'], ['web=x'], ['web=-1'], ['web=1', 'web=2']])(
    '%j %j: usage, 2',
    async (...words) => {
      const engine = withThree();
      expect(await run(['scale', ...words], { engine })).toMatchObject({ code: 2, stdout: '' });
      expect(engine.requests).toEqual([]);
    },
  );

  test('the engine refuses one: the others go on, 1', async () => {
    const engine = withThree();
    engine.inject(
      new RegExp(`^POST /services/${engine.stored('api').ID}`),
      answer(400, { message: 'no good' }),
    );
    const { code, stdout, stderr } = await run(['scale', 'web=2', 'api=2', 'db=2'], { engine });
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'web scaled to 2\ndb scaled to 2\n' });
    expect(stderr).toMatch(/^swarmroll: no good$/m);
    expect(stderr).toMatch(/^web {2}converged\ndb {3}converged\napi {2}error$/m);
  });

  test('the reply of one is lost and it is not stored: the others go on, 1', async () => {
    const engine = withThree();
    engine.inject(new RegExp(`^POST /services/${engine.stored('api').ID}`), cutBefore);
    const { code } = await run(['scale', 'web=2', 'api=2', 'db=2'], { engine });
    expect({ code, sent: engine.sent().length }).toEqual({ code: 1, sent: 3 });
    expect([engine.states('api'), engine.states('db')]).toEqual([
      { 'ping:1.0 running': 1 },
      { 'ping:1.0 running': 2 },
    ]);
  });
});

describe('the worst verdict', () => {
  const ENDS: Readonly<
    Record<string, readonly [(engine: FakeEngine) => void, verdict: string, code: number]>
  > = {
    paused: [(engine) => deploy(engine, 'web', 'crash:1.0'), 'paused', 4],
    'rolled back': [(engine) => deploy(engine, 'web', 'crash:1.0', config('rollback')), 'rolledBack', 3],
    failed: [(engine) => deploy(engine, 'web', 'crash:1.0', config('continue')), 'failed', 5],
    'still going on at the timeout': [(engine) => deploy(engine, 'web', 'hangs:1.0'), 'timedOut', 124],
    removed: [(engine) => engine.clock.later(300, () => engine.remove('web')), 'removed', 7],
  };

  test.each(Object.entries(ENDS))('wait: one is %s', async (what, [begin, verdict, code]) => {
    const engine = withThree();
    begin(engine);
    if (what === 'removed') deploy(engine, 'web', 'hangs:1.0');
    const ended = await run(['wait', '-o', 'json', '--timeout', '20s', 'web', 'api'], { engine });
    expect(ended.code).toBe(code);
    const result = JSON.parse(ended.stdout) as object;
    expect(violations('result', result)).toEqual([]);
    expect(result).toMatchObject({
      action: 'wait',
      verdict,
      exitCode: code,
      services: [
        { verdict, exitCode: code },
        { verdict: 'converged', exitCode: 0 },
      ],
    });
    expect(engine.sent()).toEqual([]);
  });

  test.each([
    ['wait: another image than --image', ['wait', '--image', 'ping:1.1', 'web', 'api'], 7],
    ['wait: the same one', ['wait', '--image', 'ping:1.0', 'web', 'api'], 0],
  ])('%s', async (_, argv, code) => {
    expect((await run(argv, { engine: withThree() })).code).toBe(code);
  });

  test('of a failed and a paused one: 5', async () => {
    const engine = withThree();
    deploy(engine, 'web', 'crash:1.0');
    deploy(engine, 'api', 'crash:1.0', config('continue'));
    const { code, stdout } = await run(['wait', 'web', 'api', 'db'], { engine });
    expect({ code, stdout }).toEqual({ code: 5, stdout: 'web  paused\napi  failed\ndb   converged\n' });
  });

  test('of one that runs, one that fails and one that finds no node: a report of each that did not converge', async () => {
    const engine = withThree();
    deploy(engine, 'api', 'crash:1.0', config('continue'));
    engine.change(
      'db',
      ({ TaskTemplate }) => (TaskTemplate.Placement = { Constraints: ['node.role==none'] }),
    );
    const ended = await run(
      ['wait', '--timeout', '20s', '--max-failures', '1', '-o', 'json', 'web', 'api', 'db'],
      { engine },
    );
    expect(ended.code).toBe(5);
    const result = JSON.parse(ended.stdout) as { readonly services: readonly { readonly verdict: string }[] };
    expect(violations('result', result)).toEqual([]);
    expect(result).toMatchObject({ action: 'wait', verdict: 'failed', exitCode: 5 });
    expect(result.services.map(({ verdict }) => verdict)).toEqual(['converged', 'failed', 'timedOut']);
    const reports = ended.stderr.split('\n').filter((line) => line.startsWith('swarmroll: '));
    expect(reports).toEqual([
      'swarmroll: api: the service does not run: task 1/1 failed once',
      'swarmroll: db: not converged after 20s (0 out of 1 tasks); the rollout goes on in the engine',
    ]);
  });

  test('rolled back by a person before the wait: 0', async () => {
    const engine = withThree();
    deploy(engine, 'web', 'ping:1.1');
    await engine.clock.sleep(3_000);
    expect((await run(['rollback', '--detach', 'web'], { engine })).code).toBe(0);
    const { code, stdout } = await run(['wait', 'web'], { engine });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'web  converged\n' });
    expect(engine.states('web')).toEqual({ 'ping:1.0 running': 1 });
  });

  test.each([[['web', 'api']], [['web']]])(
    'wait %j: every object and every line names its service, the report included',
    async (names) => {
      const engine = withThree();
      deploy(engine, 'web', 'crash:1.0', config('continue'));
      const { code, stderr } = await run(['wait', '--progress', 'json', ...names], { engine });
      expect(code).toBe(5);
      const objects = stderr
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { readonly type: string; readonly service: string });
      for (const one of objects) expect(violations('progress', one)).toEqual([]);
      expect([...new Set(objects.map(({ service }) => service))].sort()).toEqual([...names].sort());
      expect(objects).toContainEqual(expect.objectContaining({ type: 'report', service: 'web' }));
      const plain = await run(['wait', ...names], { engine });
      const lines = plain.stderr.split('\n').filter((line) => /^\d{4}-/.test(line));
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) expect(line).toMatch(/Z (web|api): /);
    },
  );

  test('an update that begins during the wait is told and followed', async () => {
    const engine = withThree();
    deploy(engine, 'web', 'hangs:1.0');
    engine.clock.later(2_000, () => deploy(engine, 'web', 'ping:1.1'));
    const { code, stderr } = await run(['wait', 'web', 'api'], { engine });
    expect(code).toBe(0);
    expect(stderr).toMatch(/another change of the service: hangs:1\.0 → ping:1\.1; following it/);
    expect(engine.states('web')).toEqual({ 'ping:1.1 running': 1 });
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('%s: %i, and the rollouts go on', async (signal, code) => {
    const engine = withThree();
    const interrupt = new AbortController();
    engine.clock.later(10_100, () => interrupt.abort(signal));
    const argv = ['restart', '-o', 'json', 'web', 'api'];
    for (const name of ['web', 'api']) deploy(engine, name, 'hangs:1.0');
    await engine.clock.sleep(10_000);
    const ended = await run(argv, { engine, changes: { interrupted: interrupt.signal } });
    expect(ended.code).toBe(code);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      exitCode: code,
      services: [{ verdict: 'interrupted' }, { verdict: 'interrupted' }],
    });
  });

  test('a manager that does not come back: 1', async () => {
    const engine = withThree();
    engine.inject(/^GET \/(services|tasks|nodes)/, NO_LEADER, { skip: 4 });
    for (const name of ['web', 'api']) deploy(engine, name, 'hangs:1.0');
    const { code, stdout } = await run(['wait', '--progress-deadline', '10s', 'web', 'api'], { engine });
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'web  lost\napi  lost\n' });
  });
});

test('twenty services take as many requests as one', async () => {
  const polled = async (count: number): Promise<number> => {
    const engine = fakeEngine();
    const names = Array.from({ length: count }, (_, index) => `s${index}`);
    for (const name of names) engine.given(name);
    expect((await run(['restart', '-q', ...names], { engine })).code).toBe(0);
    return engine.requests.length - count;
  };
  expect(await polled(20)).toBeLessThan(1.5 * (await polled(2)));
});
