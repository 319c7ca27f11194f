/** `stack deploy` of services that depend on each other: what is sent when, what is told, and what is undone. */
import { describe, expect, test } from '@jest/globals';
import type { ServiceSpec } from '../../../src/api/service.ts';
import { NO_LEADER, answer } from '../../support/fake-engine/faults.ts';
import type { FakeEngine } from '../../support/fake-engine/engine.ts';
import { run } from '../../support/fake-world.ts';
import type { WorldOptions } from '../../support/fake-world.ts';
import { violations } from '../../support/schema.ts';
import { spec, stackEngine as engineWithDocker } from '../../support/stack-engine.ts';

/** A service whose tasks are meant to end. The fake engine has no jobs. */
const oneShot = (Image: string): ServiceSpec => {
  const { TaskTemplate } = spec(Image);
  const RestartPolicy = { ...TaskTemplate.RestartPolicy, Condition: 'none' };
  return spec(Image, 'pause', { TaskTemplate: { ...TaskTemplate, RestartPolicy } });
};

type Specs = Readonly<Record<string, ServiceSpec>>;
type DependsOn = Readonly<Record<string, readonly string[]>>;

function stackEngine() {
  const { engine, runFile } = engineWithDocker();
  const of =
    (verb: 'deploy' | 'diff') =>
    (services: Specs, order: DependsOn, flags: readonly string[] = [], world?: WorldOptions) =>
      runFile(verb, { services, depends_on: order }, flags, world);
  return { engine, deploy: of('deploy'), diff: of('diff') };
}

/** When (ms, by the engine's clock) a service was stored first, and when the first of its tasks ran. */
const createdAt = (engine: FakeEngine, name: string): number => Date.parse(engine.stored(name).CreatedAt);
const ranAt = (engine: FakeEngine, name: string): number =>
  Math.min(
    ...engine
      .tasks(name)
      .filter(({ Status }) => ['running', 'complete'].includes(Status.State))
      .map(({ Status }) => Date.parse(Status.Timestamp ?? '')),
  );

/** What was sent: "update app_web". */
const inShort = (engine: FakeEngine): readonly string[] =>
  engine.sent().map((line) => line.replace(' registryAuthFrom=spec', ''));

const CHAIN: DependsOn = { web: ['api'], api: ['db'] };
const three = (image: string): Specs => ({ web: spec(image), api: spec(image), db: spec(image) });

describe('the order', () => {
  test('a chain: each service is sent when the one before has converged, and waits are told', async () => {
    const { engine, deploy } = stackEngine();
    const { code, stdout, stderr } = await deploy(three('ping:1.0'), CHAIN);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'app_api  converged\napp_db   converged\napp_web  converged\n',
    });
    expect(createdAt(engine, 'app_api')).toBeGreaterThan(ranAt(engine, 'app_db') + 500);
    expect(createdAt(engine, 'app_web')).toBeGreaterThan(ranAt(engine, 'app_api') + 500);
    expect(stderr).toContain(' app_api: waiting for app_db (running, 0 of 1)\n');
    expect(stderr).toContain(' app_web: waiting for app_api (not sent yet)\n');
    expect(stderr).toContain(' app_api: app_db is running\napp_api: created\n');
    expect(stderr).toContain(' app_web: waiting for app_api (running, 0 of 1)\n');
  });

  test('a diamond: independent services run side by side', async () => {
    const { engine, deploy } = stackEngine();
    const services = { ...three('ping:1.0'), cache: spec('ping:1.0') };
    const order = { web: ['api', 'cache'], api: ['db'], cache: ['db'] };
    expect((await deploy(services, order)).code).toBe(0);
    const at = (name: string): number => createdAt(engine, `app_${name}`);
    expect(Math.abs(at('api') - at('cache'))).toBeLessThan(100);
    expect(at('api')).toBeGreaterThan(at('db') + 500);
    expect(at('web')).toBeGreaterThan(at('cache') + 500);
  });

  test('the label says the same, and what did not change is not sent', async () => {
    const { engine, deploy } = stackEngine();
    const labelled = (image: string): Specs => ({
      web: spec(image, 'pause', { Labels: { 'swarmroll.depends_on': 'db, api' } }),
      db: spec('ping:1.0'),
      api: spec('ping:1.0'),
    });
    expect((await deploy(labelled('ping:1.0'), {})).code).toBe(0);
    expect(createdAt(engine, 'app_web')).toBeGreaterThan(createdAt(engine, 'app_db') + 500);
    const sent = engine.sent().length;
    expect((await deploy(labelled('ping:1.0'), {})).code).toBe(0);
    expect(engine.sent()).toHaveLength(sent);
    const again = await deploy(labelled('ping:1.1'), {});
    expect(again.code).toBe(0);
    expect(engine.sent().slice(sent)).toEqual(['update app_web registryAuthFrom=spec']);
    expect(again.stderr).toContain(' app_web: app_api is running, app_db is running\napp_web: changed\n');
  });

  test('an unchanged service between two that change: the last waits for the first', async () => {
    const { engine, deploy } = stackEngine();
    await deploy(three('ping:1.0'), CHAIN);
    const next = { ...three('ping:1.1'), api: spec('ping:1.0') };
    const { stderr, code } = await deploy(next, CHAIN);
    expect(code).toBe(0);
    expect(stderr).toMatch(/app_web: waiting for app_db \(running, \d of 1\)/);
    expect(inShort(engine).slice(-2)).toEqual(['update app_db', 'update app_web']);
  });

  test('--no-order and --detach send all at once', async () => {
    const { engine, deploy } = stackEngine();
    expect((await deploy(three('ping:1.0'), CHAIN, ['--no-order'])).code).toBe(0);
    expect(createdAt(engine, 'app_web')).toBe(createdAt(engine, 'app_db'));
    const { code, stdout, stderr } = await deploy(three('ping:1.1'), CHAIN, ['-d']);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'app_api  accepted\napp_db   accepted\napp_web  accepted\n',
    });
    expect(stderr).toContain('with --detach nothing is watched');
    expect(inShort(engine).slice(-3)).toEqual(['update app_db', 'update app_api', 'update app_web']);
  });

  test('--service: the order among those that are deployed', async () => {
    const { engine, deploy } = stackEngine();
    await deploy(three('ping:1.0'), CHAIN, ['--service', 'web', '--service', 'db']);
    expect(createdAt(engine, 'app_web')).toBeGreaterThan(createdAt(engine, 'app_db') + 500);
    expect(() => engine.stored('app_api')).toThrow('no service');
  });

  test('the plan has the stages', async () => {
    const { engine, deploy, diff } = stackEngine();
    const { stdout } = await deploy(three('ping:1.0'), CHAIN, ['--dry-run']);
    expect(stdout).toContain('order: app_db; then app_api; then app_web\n');
    const { stages } = JSON.parse((await diff(three('ping:1.0'), CHAIN, ['-o', 'json'])).stdout) as {
      stages: unknown;
    };
    expect(stages).toEqual([['app_db'], ['app_api'], ['app_web']]);
    expect(engine.sent()).toEqual([]);
  });

  test.each<[string, DependsOn, string]>([
    [
      'an unknown name',
      { web: ['nope'] },
      'app_web depends on nope, which the Compose file does not have: add nope, or leave it out of depends_on',
    ],
    ['itself', { web: ['web'] }, 'app_web depends on itself'],
    [
      'a cycle',
      { ...CHAIN, db: ['web'] },
      'app_web depends on app_api depends on app_db depends on app_web: no service can be the first',
    ],
  ])('%s is refused before anything is sent', async (_, order, message) => {
    const { engine, deploy } = stackEngine();
    const { code, stderr } = await deploy(three('ping:1.0'), order);
    expect({ code, stderr }).toEqual({ code: 1, stderr: `swarmroll: ${message}; nothing was sent\n` });
    expect(engine.sent()).toEqual([]);
  });
});

describe('what does not converge', () => {
  const gated = (image: string, of = 'ping:1.0'): Specs => ({
    db: spec(of),
    migrate: oneShot(image),
    web: spec(of),
    other: spec(of),
  });
  const order: DependsOn = { web: ['migrate'], migrate: ['db'] };

  test('a gate has to complete; it is not enough that it runs', async () => {
    const { engine, deploy } = stackEngine();
    const { code, stderr } = await deploy(gated('oneshot:1.0'), order);
    expect(code).toBe(0);
    expect(stderr).toContain(' app_web: app_migrate has completed\n');
    expect(createdAt(engine, 'app_web')).toBeGreaterThan(ranAt(engine, 'app_migrate'));
    // One that goes on running is no gate that opens.
    const endless = await deploy(gated('ping:1.1', 'ping:1.2'), order, ['--timeout', '20s']);
    expect(endless.code).toBe(124);
    expect(endless.stdout).toMatch(/app_migrate +timedOut\n.*app_other +converged\napp_web +notSent\n/s);
    expect(engine.states('app_web')).toEqual({ 'ping:1.0 running': 1 });
  });

  test('a gate that fails: nothing behind it is sent, 5 with its log, and the same command finishes', async () => {
    const { engine, deploy } = stackEngine();
    await deploy(gated('oneshot:1.0'), order);
    const { code, stdout, stderr } = await deploy(gated('crash:1.0', 'ping:1.1'), order);
    expect({ code, stdout }).toEqual({
      code: 5,
      stdout: 'app_db       converged\napp_migrate  failed\napp_other    converged\napp_web      notSent\n',
    });
    expect(stderr).toContain('crash: cannot open /etc/crash.conf');
    expect(stderr).toContain('swarmroll: app_web: not sent, because app_migrate failed\n');
    expect(engine.states('app_web')).toEqual({ 'ping:1.0 running': 1 });
    expect((await deploy(gated('oneshot:1.0', 'ping:1.1'), order)).code).toBe(0);
    expect(engine.states('app_web')).toEqual({ 'ping:1.1 running': 1 });
  });

  test('in JSON: the verdict notSent with the code of the cause', async () => {
    const { deploy } = stackEngine();
    const ended = await deploy(gated('crash:1.0'), order, ['-o', 'json', '--progress', 'json']);
    const result = JSON.parse(ended.stdout) as { verdict: string; services: object[] };
    expect(violations('result', result)).toEqual([]);
    expect(result).toMatchObject({ verdict: 'failed', exitCode: 5 });
    expect(result.services.at(-1)).toEqual({
      action: 'create',
      verdict: 'notSent',
      exitCode: 5,
      service: { id: null, name: 'app_web' },
      message: 'app_web: not sent, because app_migrate failed',
    });
    const lines = ended.stderr
      .trim()
      .split('\n')
      .filter((line) => line.startsWith('{'));
    for (const line of lines) expect(violations('progress', JSON.parse(line))).toEqual([]);
    expect(ended.stderr).toContain('"verdict":"notSent"');
  });

  test('--rollback-on-failure: what was sent is undone in reverse, the last first', async () => {
    const { engine, deploy } = stackEngine();
    const services = (image: string, last: string): Specs => ({ ...three(image), last: spec(last) });
    const chain = { ...CHAIN, last: ['web'] };
    await deploy(services('ping:1.0', 'ping:1.0'), chain);
    const before = ['db', 'api', 'web', 'last'].map((name) => engine.stored(`app_${name}`).Spec);
    const { code, stdout } = await deploy(services('ping:1.1', 'crash:1.0'), chain, [
      '--rollback-on-failure',
    ]);
    expect(code).toBe(3);
    expect(stdout.match(/rolledBack/g)).toHaveLength(4);
    expect(['db', 'api', 'web', 'last'].map((name) => engine.stored(`app_${name}`).Spec)).toEqual(before);
    const undone = engine.sent().slice(-4);
    expect(undone.map((line) => line.split(' ')[1])).toEqual(['app_last', 'app_web', 'app_api', 'app_db']);
    // Each of them once the one behind it runs again.
    const madeAt = (name: string): number =>
      Math.max(...engine.tasks(`app_${name}`).map(({ CreatedAt }) => Date.parse(CreatedAt)));
    const runsAt = (name: string): number =>
      Math.max(
        ...engine
          .tasks(`app_${name}`)
          .filter(({ Status }) => Status.State === 'running')
          .map(({ Status }) => Date.parse(Status.Timestamp ?? '')),
      );
    for (const [first, then] of [
      ['last', 'web'],
      ['web', 'api'],
      ['api', 'db'],
    ] as const)
      expect(madeAt(then)).toBeGreaterThan(runsAt(first));
  });

  test('--rollback-on-failure of a new stack: removed in reverse; what was not sent counts as back', async () => {
    const { engine, deploy } = stackEngine();
    const { code, stdout, stderr } = await deploy(gated('crash:1.0'), order, ['--rollback-on-failure']);
    expect(code).toBe(3);
    expect(stdout).toMatch(/app_migrate +rolledBack\n.*app_web +notSent\n/s);
    expect(engine.sent().slice(-3)).toEqual(['remove app_migrate', 'remove app_db', 'remove app_other']);
    expect(stderr).toContain('app_migrate: a job is not undone: what it has done stays\n');
  });

  test('a one-shot that exists is not undone: the engine would run it once more', async () => {
    const { engine, deploy } = stackEngine();
    await deploy(gated('oneshot:1.0'), order);
    const next = gated('crash:1.0', 'ping:1.1');
    const { code, stdout, stderr } = await deploy(next, order, ['--rollback-on-failure']);
    expect({ code, stdout }).toEqual({
      code: 5,
      stdout: 'app_db       rolledBack\napp_migrate  failed\napp_other    rolledBack\napp_web      notSent\n',
    });
    for (const name of ['app_db', 'app_other', 'app_web'])
      expect(engine.states(name)).toEqual({ 'ping:1.0 running': 1 });
    expect(stderr).toContain(
      'app_migrate: a job is not undone: what it has done stays, and it keeps its spec\n',
    );
    expect(engine.stored('app_migrate').Spec.TaskTemplate.ContainerSpec?.Image).toMatch(/^crash/);
  });

  test('the engine refuses a service that had to wait: that is its verdict', async () => {
    const { engine, deploy } = stackEngine();
    engine.inject(/^POST \/services\/create/, answer(400, { message: 'not this one' }), { skip: 1 });
    const { code, stdout, stderr } = await deploy(three('ping:1.0'), CHAIN);
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: 'app_api  error\napp_db   converged\napp_web  notSent\n',
    });
    expect(stderr).toContain('swarmroll: app_api: not this one\n');
    expect(stderr).toContain('swarmroll: app_web: not sent, because app_api was not accepted\n');
    expect(engine.states('app_db')).toEqual({ 'ping:1.0 running': 1 });
  });

  test('the swarm has no leader when the next is to be sent: it is tried again', async () => {
    const { engine, deploy } = stackEngine();
    engine.inject(/^POST \/services\/create/, NO_LEADER, { skip: 1, times: 3 });
    const { code, stderr } = await deploy(three('ping:1.0'), CHAIN);
    expect(code).toBe(0);
    expect(stderr).toContain('swarmroll: app_api: cannot be sent yet, trying again: ');
  });

  test('a signal in the middle: what was sent goes on, the rest is named', async () => {
    const { engine, deploy } = stackEngine();
    const abort = new AbortController();
    engine.clock.later(1_000, () => abort.abort('SIGINT'));
    const changes = { interrupted: abort.signal };
    const stopped = await deploy({ ...three('ping:1.0'), db: spec('hangs:1.0') }, CHAIN, [], { changes });
    expect(stopped.code).toBe(130);
    expect(stopped.stdout).toBe('app_api  notSent\napp_db   interrupted\napp_web  notSent\n');
    expect(stopped.stderr).toContain(
      'swarmroll: app_web: not sent, because app_db had not converged when the signal came\n',
    );
    expect(stopped.stderr).toContain('the same command again sends what was not sent\n');
    expect(engine.sent()).toEqual(['create']);
    expect((await deploy(three('ping:1.0'), CHAIN)).code).toBe(0);
  });
});

test('a port that is pruned is free only when its new owner is sent', async () => {
  const { engine, deploy } = stackEngine();
  const port = { EndpointSpec: { Ports: [{ PublishedPort: 80, TargetPort: 80 }] } };
  await deploy({ old: spec('ping:1.0', 'pause', port) }, {});
  const next = { db: spec('crash:1.0'), web: spec('ping:1.0', 'pause', port) };
  const failed = await deploy(next, { web: ['db'] }, ['--prune', '--max-failures', '1']);
  expect(failed.code).toBe(5);
  expect(engine.states('app_old')).toEqual({ 'ping:1.0 running': 1 });
  const good = await deploy({ ...next, db: spec('ping:1.0') }, { web: ['db'] }, ['--prune']);
  expect(good.code).toBe(0);
  expect(engine.sent().slice(-2)).toEqual(['remove app_old', 'create']);
});

describe('restart --stack', () => {
  test('keeps the order of the labels', async () => {
    const { engine, deploy } = stackEngine();
    const labels = { Labels: { 'swarmroll.depends_on': 'db' } };
    await deploy({ api: spec('ping:1.0', 'pause', labels), db: spec('ping:1.0') }, {});
    const { code, stderr } = await run(['restart', '--stack', 'app'], { engine });
    expect(code).toBe(0);
    expect(inShort(engine).slice(-2)).toEqual(['update app_db', 'update app_api']);
    expect(stderr).toContain(' app_api: app_db is running\n');
    const all = await run(['restart', '--stack', 'app', '--no-order'], { engine });
    expect(all.code).toBe(0);
    expect(all.stderr).not.toContain('waiting for');
  });
});
