/** What each command sends to the engine, what it prints where, and how it ends. */
import { describe, expect, test } from '@jest/globals';
import type { ServiceSpec } from '../../../src/api/service.ts';
import { fakeEngine } from '../../support/fake-engine/engine.ts';
import type { FakeEngine } from '../../support/fake-engine/engine.ts';
import {
  FORBIDDEN,
  LOCKED,
  NO_MANAGER,
  OUT_OF_SEQUENCE,
  answer,
  first,
} from '../../support/fake-engine/faults.ts';
import type { Fault } from '../../support/fake-engine/faults.ts';
import { run } from '../../support/fake-world.ts';

const QUICK = ['--update-monitor', '500ms', '--restart-delay', '500ms'];
const POST = /^POST /;
const RUNS = { 'ping:1.0 running': 1 };

/** An engine with the service web, one task of ping:1.0. */
function withWeb(changes: Partial<ServiceSpec> = {}): FakeEngine {
  const engine = fakeEngine();
  engine.given('web', 'ping:1.0', changes);
  return engine;
}

const imageOf = (spec: unknown): string =>
  ((spec as ServiceSpec).TaskTemplate.ContainerSpec?.Image ?? '').replace(/@sha256:[0-9a-f]{64}$/, '@DIGEST');

describe('create', () => {
  test('posts the image with its digest once, and prints the id', async () => {
    const engine = fakeEngine();
    const ended = await run(
      ['create', '--name', 'web', ...QUICK, '--replicas', '2', 'ping:1.0', 'sleep', '1h'],
      { engine },
    );
    expect(ended).toMatchObject({ code: 0, stdout: `${engine.stored('web').ID}\n` });
    expect(ended.stderr).toMatch(/verify: Service web converged\n$/);
    expect(engine.sent()).toEqual(['create']);
    const { body, headers } = engine.changes[0] ?? {};
    expect(body).toMatchObject({
      Name: 'web',
      Mode: { Replicated: { Replicas: 2 } },
      TaskTemplate: { ContainerSpec: { Args: ['sleep', '1h'] } },
    });
    expect(imageOf(body)).toBe('ping:1.0@DIGEST');
    expect(headers?.['x-registry-auth']).toBeUndefined();
    expect(engine.states('web')).toEqual({ 'ping:1.0 running': 2 });
  });

  test('without a name', async () => {
    const engine = fakeEngine();
    const { code, stdout } = await run(['create', '-q', ...QUICK, 'ping:1.0'], { engine });
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${engine.stored('service1').ID}\n` });
    expect(engine.changes[0]?.body).not.toHaveProperty('Name');
  });

  test('--detach: the tasks are not read', async () => {
    const engine = fakeEngine();
    const ended = await run(['create', '--detach', '--name', 'web', 'crash:1.0'], { engine });
    expect(ended).toEqual({ code: 0, stdout: `${engine.stored('web').ID}\n`, stderr: '' });
    expect(engine.requests.filter((line) => line.startsWith('GET /tasks'))).toEqual([]);
  });

  test('-o json: one object', async () => {
    const engine = fakeEngine();
    const { stdout } = await run(['create', '-q', '-o', 'json', '--name', 'web', ...QUICK, 'ping:1.0'], {
      engine,
    });
    expect(JSON.parse(stdout)).toMatchObject({
      action: 'create',
      verdict: 'converged',
      exitCode: 0,
      service: { id: engine.stored('web').ID, name: 'web' },
      tasks: { wanted: 1, done: 1 },
    });
  });

  test('an image that is in no registry is sent as it is, with a warning', async () => {
    const engine = fakeEngine();
    const { code, stderr } = await run(['create', '--detach', 'ping:9.9'], { engine });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^swarmroll: warning: image ping:9\.9 is not in its registry: /);
    expect(imageOf(engine.changes[0]?.body)).toBe('ping:9.9');
  });

  test('an option of a mount that the engine ignores: sent, with a warning; the plan notes it', async () => {
    const engine = fakeEngine();
    const mount = 'type=bind,source=/a,target=/b,readonly,bind-create-src,bind-recursive=writable';
    const plan = await run(['create', '--dry-run', '--mount', mount, 'ping:1.0'], { engine });
    expect(plan.stdout).toMatch(/^note: mount \/b: the engine ignores bind-create-src of a service$/m);
    const { code, stderr } = await run(['create', '--detach', '--mount', mount, 'ping:1.0'], { engine });
    const warning = 'swarmroll: warning: mount /b: the engine ignores';
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `${warning} bind-create-src of a service\n${warning} bind-recursive=writable of a service\n`,
    });
    engine.given('web');
    const update = await run(['update', '--detach', '--mount-add', mount, 'web'], { engine });
    expect(update.stderr).toContain(`${warning} bind-create-src of a service\n`);
  });

  test('a name that another service has: 1, in the engine’s words', async () => {
    const engine = fakeEngine();
    engine.given('web');
    const ended = await run(['create', '--detach', '--name', 'web', 'ping:1.0'], { engine });
    expect(ended).toEqual({
      code: 1,
      stdout: '',
      stderr: 'swarmroll: name conflicts with an existing object: service web already exists\n',
    });
    expect(engine.sent()).toEqual(['create']);
  });
});

describe('one service', () => {
  test.each<[argv: string[], sent: string[], changed: object]>([
    [
      ['update', '--image', 'ping:1.1', 'web'],
      ['update web registryAuthFrom=spec'],
      { TaskTemplate: { ForceUpdate: 0 } },
    ],
    [
      ['update', '--force', 'web'],
      ['update web registryAuthFrom=spec'],
      { TaskTemplate: { ForceUpdate: 1 } },
    ],
    [['update', '--label-add', 'a=b', 'web'], ['update web registryAuthFrom=spec'], { Labels: { a: 'b' } }],
    [
      ['update', '--replicas', '3', 'web'],
      ['update web registryAuthFrom=spec'],
      { Mode: { Replicated: { Replicas: 3 } } },
    ],
    [['scale', 'web=3'], ['update web registryAuthFrom=spec'], { Mode: { Replicated: { Replicas: 3 } } }],
    [['restart', 'web'], ['update web registryAuthFrom=spec'], { TaskTemplate: { ForceUpdate: 1 } }],
    [['update', '--image', 'ping:1.0', 'web'], [], {}],
    [['scale', 'web=1'], [], {}],
    [['wait', 'web'], [], {}],
  ])('%j sends %j: 0, and the tasks run', async (argv, sent, changed) => {
    const engine = withWeb();
    const { Spec } = engine.stored('web');
    const ended = await run(argv, { engine });
    expect(ended.code).toBe(0);
    expect(engine.sent()).toEqual(sent);
    expect(engine.stored('web').Spec).toMatchObject(changed);
    const { Mode, TaskTemplate } = engine.stored('web').Spec;
    const tag = (TaskTemplate.ContainerSpec?.Image ?? '').replace(/@.*/, '');
    expect(engine.states('web')).toEqual({ [`${tag} running`]: Mode?.Replicated?.Replicas });
    if (sent.length === 0) expect(engine.stored('web').Spec).toEqual(Spec);
  });

  test.each([
    [['update', '--label-add', 'a=b', 'web'], 'web\n'],
    [['scale', 'web=2'], 'web scaled to 2\n'],
    [['restart', 'web'], 'web  converged\n'],
    [['wait', 'web'], 'web  converged\n'],
  ])('%j: stdout has the result alone', async (argv, stdout) => {
    expect((await run(argv, { engine: withWeb() })).stdout).toBe(stdout);
  });

  test.each([
    [['update', '--image', 'ping:1.0', 'web'], /^web is unchanged: it already has this spec\n$/],
    [['scale', 'web=1'], /unchanged/],
  ])('%j: nothing is sent, and two requests show the tasks', async (argv, said) => {
    const engine = withWeb();
    const { code, stderr } = await run(argv, { engine });
    expect({ code, sent: engine.sent() }).toEqual({ code: 0, sent: [] });
    expect(stderr).toMatch(said);
    expect(engine.requests.filter((line) => line.startsWith('GET /tasks')).length).toBeLessThanOrEqual(2);
  });

  test.each([[['rollback', 'web']], [['update', '--rollback', 'web']]])(
    '%j: the engine’s own rollback',
    async (argv) => {
      const engine = withWeb();
      engine.change('web', ({ TaskTemplate }) => {
        TaskTemplate.ContainerSpec = { Image: 'ping:1.1' };
      });
      const ended = await run(argv, { engine });
      expect(ended).toMatchObject({ code: 0, stdout: 'web\n' });
      expect(engine.sent()).toEqual([
        argv[0] === 'rollback'
          ? 'update web rollback=previous'
          : 'update web registryAuthFrom=spec rollback=previous',
      ]);
      expect(engine.states('web')).toEqual({ 'ping:1.0 running': 1 });
    },
  );

  test('rollback to an ingress port that another service has: 1, nothing is sent; the plan tells it', async () => {
    const engine = fakeEngine();
    engine.given('web', 'ping:1.0', { EndpointSpec: { Ports: [{ PublishedPort: 80, TargetPort: 80 }] } });
    await run(['update', '--detach', '--publish-rm', '80', 'web'], { engine });
    engine.given('other', 'ping:1.0', { EndpointSpec: { Ports: [{ PublishedPort: 80, TargetPort: 80 }] } });
    const plan = await run(['rollback', '--dry-run', 'web'], { engine });
    const conflict = 'port 80 is an ingress port of the service other';
    expect(plan.stdout).toContain(`risk: ${conflict}: no task can start\n`);
    const before = engine.sent().length;
    const { code, stderr } = await run(['rollback', 'web'], { engine });
    expect(code).toBe(1);
    expect(stderr).toContain(`swarmroll: web: cannot roll back: ${conflict}; nothing was sent\n`);
    expect(engine.sent()).toHaveLength(before);
  });

  test('rollback without a previous spec, or to the same one: 1, nothing is sent', async () => {
    const engine = withWeb();
    const none = await run(['rollback', 'web'], { engine });
    expect(none).toMatchObject({ code: 1, stdout: '' });
    expect(none.stderr).toMatch(/^swarmroll: web: nothing to roll back to: there is no previous spec\n/);
    engine.change('web', () => undefined);
    const same = await run(['rollback', 'web'], { engine });
    expect(same.stderr).toMatch(/^swarmroll: web: nothing to roll back to: the previous spec is the same as/);
    expect(engine.sent()).toEqual([]);
  });

  test.each<['secret' | 'config', ServiceSpec['TaskTemplate']['ContainerSpec']]>([
    ['secret', { Image: 'ping:1.0', Secrets: [{ SecretID: 'key-id', SecretName: 'key' }] }],
    ['config', { Image: 'ping:1.0', Configs: [{ ConfigID: 'key-id', ConfigName: 'key' }] }],
  ])('rollback to a spec whose %s is gone: 1, nothing is sent', async (kind, ContainerSpec = {}) => {
    const engine = fakeEngine();
    const family = `${kind}s` as const;
    engine.names[family].add('key');
    const TaskTemplate = { ContainerSpec };
    engine.given('web', 'ping:1.0', { TaskTemplate });
    engine.change('web', ({ TaskTemplate: now }) => {
      now.ContainerSpec = { Image: 'ping:1.1' };
    });
    engine.names[family].delete('key');
    const refused = (way: string) => ({
      code: 1,
      stdout: '',
      stderr: `swarmroll: web: cannot roll back: ${kind} key (id key-id) is gone; nothing was sent\n  ${way}\n`,
    });
    const none = 'there is no other generation to roll back to; see what is kept with: swarmroll history web';
    expect(await run(['rollback', 'web'], { engine })).toEqual(refused(none));
    // Another generation is named: one that has run.
    await engine.clock.sleep(60_000);
    await run(['update', '-q', '--image', 'ping:1.2', 'web'], { engine });
    engine.names[family].add('key');
    engine.change('web', (spec) => (spec.TaskTemplate = TaskTemplate));
    engine.change('web', ({ TaskTemplate: now }) => {
      now.ContainerSpec = { Image: 'ping:1.3' };
    });
    engine.names[family].delete('key');
    const sent = engine.sent().length;
    const ids = (await run(['history', '--format', '{{.ID}} {{.Image}}', 'web'], { engine })).stdout;
    const id = /(\w+) ping:1\.2/.exec(ids)?.[1] ?? 'none';
    for (const argv of [['rollback'], ['rollback', '--dry-run'], ['update', '--rollback']])
      expect(await run([...argv, 'web'], { engine })).toEqual(
        refused(`roll back to another generation with: swarmroll rollback --to ${id} web`),
      );
    expect(engine.sent()).toHaveLength(sent);
  });

  test('--detach: accepted, the tasks are not read', async () => {
    const engine = withWeb();
    const ended = await run(['update', '-d', '-o', 'json', '--image', 'crash:1.0', 'web'], { engine });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(ended.stdout)).toMatchObject({ action: 'update', verdict: 'accepted', exitCode: 0 });
    expect(engine.requests.filter((line) => line.startsWith('GET /tasks'))).toEqual([]);
  });

  test('--with-registry-auth sends the login of config.json, and no output has it', async () => {
    const engine = withWeb();
    const auths = { 'https://index.docker.io/v1/': { auth: Buffer.from('me:s3cret').toString('base64') } };
    const files = { '/home/.docker/config.json': JSON.stringify({ auths }) };
    const words = ['update', '--with-registry-auth', '--debug', '--image', 'ping:1.1', 'web'];
    const ended = await run(words, { engine, files, changes: { env: { HOME: '/home' } } });
    expect(ended.code).toBe(0);
    expect(engine.sent()).toEqual(['update web']);
    const sent = Buffer.from(engine.changes[0]?.headers['x-registry-auth'] ?? '', 'base64').toString();
    expect(JSON.parse(sent)).toMatchObject({ username: 'me', password: 's3cret' });
    expect(ended.stdout + ended.stderr).not.toMatch(/s3cret|bWU6czNjcmV0/);
  });

  test('what a flag does not name is posted as it was stored', async () => {
    const engine = withWeb({
      Labels: { 'a.b': '' },
      TaskTemplate: {
        ContainerSpec: { Image: 'ping:1.0', Env: ['B=2', 'A=1'], Init: false },
        Placement: {},
        Later: { x: 1 },
      },
    });
    const { Spec } = engine.stored('web');
    await run(['update', '-d', '--replicas', '2', 'web'], { engine });
    expect(engine.changes[0]?.body).toEqual({ ...Spec, Mode: { Replicated: { Replicas: 2 } } });
  });
});

test('another spec after a pause is no retry: nothing is said of resuming, and all of it runs', async () => {
  const engine = withWeb({ Mode: { Replicated: { Replicas: 3 } } });
  expect((await run(['update', '--image', 'crash:1.0', 'web'], { engine })).code).toBe(4);
  const { code, stderr } = await run(['update', '--image', 'ping:1.1', 'web'], { engine });
  expect(code).toBe(0);
  expect(stderr).not.toMatch(/resum/i);
  expect(engine.states('web')).toEqual({ 'ping:1.1 running': 3 });
});

test.each([
  [['update', '--update-failure-action', 'continue', 'web'], 5],
  [['update', '--label-add', 'a=b', 'web'], 4],
  [['scale', 'web=4'], 4],
])('%j after a pause resumes the update, and says so', async (argv, exit) => {
  const engine = withWeb({ Mode: { Replicated: { Replicas: 3 } } });
  expect((await run(['update', '--image', 'crash:1.0', 'web'], { engine })).code).toBe(4);
  const { code, stderr } = await run(argv, { engine });
  expect(stderr).toContain('resuming the update that the engine has paused\n');
  expect(code).toBe(exit);
});

describe('a version that has moved on', () => {
  const UPDATE = ['update', '--image', 'ping:1.1', 'web'];

  test.each([
    [UPDATE, 'update web registryAuthFrom=spec'],
    [['scale', 'web=2'], 'update web registryAuthFrom=spec'],
    [['restart', 'web'], 'update web registryAuthFrom=spec'],
  ])('%j: read again, sent again', async (argv, sent) => {
    const engine = withWeb();
    engine.inject(POST, OUT_OF_SEQUENCE, { times: 2 });
    expect((await run(argv, { engine })).code).toBe(0);
    expect(engine.sent()).toEqual([sent, sent, sent]);
  });

  test('for ever: 1 after ten tries', async () => {
    const engine = withWeb();
    engine.inject(POST, OUT_OF_SEQUENCE);
    expect(await run(UPDATE, { engine })).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'swarmroll: update out of sequence\n',
    });
    expect(engine.sent()).toHaveLength(10);
  });

  test('because another has changed the service: 7, nothing is stored', async () => {
    const engine = withWeb();
    engine.inject(
      POST,
      first(() => engine.change('web', (spec) => (spec.Labels = { theirs: '1' }))),
      { times: 1 },
    );
    const ended = await run(UPDATE, { engine });
    expect(ended).toMatchObject({ code: 7, stdout: '' });
    expect(ended.stderr).toMatch(
      /^swarmroll: web: someone else changed the service; the update was not sent\n/,
    );
    expect(engine.sent()).toHaveLength(1);
    expect(imageOf(engine.stored('web').Spec)).toBe('ping:1.0@DIGEST');
  });

  test.each<[argv: string[], states: object, forced: number]>([
    [['update', '--label-add', 'a=b', 'web'], RUNS, 0],
    [['update', '--label-rm', 'old', 'web'], RUNS, 0],
    [['update', '--image', 'ping:1.1', 'web'], { 'ping:1.1 running': 1 }, 0],
    [['scale', 'web=3'], { 'ping:1.0 running': 3 }, 0],
    [['restart', 'web'], RUNS, 1],
  ])('because another has made the same change, %j: watched to 0', async (argv, states, forced) => {
    const engine = withWeb({ Labels: { old: '' } });
    const theirs = (): void =>
      engine.change('web', (spec) => void Object.assign(spec, engine.changes.at(-1)?.body));
    engine.inject(POST, first(theirs), { times: 1 });
    const ended = await run(argv, { engine });
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain('someone else has stored the same change just now; watching it\n');
    expect(engine.sent()).toHaveLength(1);
    expect(engine.states('web')).toEqual(states);
    expect(engine.stored('web').Spec.TaskTemplate.ForceUpdate).toBe(forced);
  });

  test('a rollback that would now lead elsewhere: 7', async () => {
    const engine = withWeb();
    engine.change('web', (spec) => (spec.Labels = { a: 'b' }));
    engine.inject(
      POST,
      first(() => engine.change('web', () => undefined)),
      { times: 1 },
    );
    expect((await run(['rollback', 'web'], { engine })).code).toBe(7);
    expect(engine.sent()).toHaveLength(1);
  });
});

describe('what the engine refuses: 1, its own words, sent once', () => {
  test.each<[what: string, fault: Fault, said: RegExp]>([
    [
      '400',
      answer(400, { message: 'rpc error: code = InvalidArgument desc = no good' }),
      /^swarmroll: no good\n$/,
    ],
    ['403', FORBIDDEN, /^swarmroll: POST \S+: Forbidden \(HTTP 403 from \S+\)\n/],
    ['a locked swarm', LOCKED, /^swarmroll: Swarm is encrypted .*\n {2}.*docker swarm unlock/],
    ['a worker', NO_MANAGER, /^swarmroll: the engine at \S+ is not a swarm manager\n/],
  ])('%s', async (_, fault, said) => {
    for (const argv of [
      ['create', '--name', 'new', 'ping:1.0'],
      ['update', '--force', 'web'],
      ['scale', 'web=2'],
      ['restart', 'web'],
    ]) {
      const engine = withWeb();
      engine.inject(POST, fault);
      const { code, stderr } = await run(argv, { engine });
      expect({ argv, code, sent: engine.sent().length }).toEqual({ argv, code: 1, sent: 1 });
      expect(stderr).toMatch(
        argv[0] === 'scale' || argv[0] === 'restart' ? new RegExp(said.source.replace(/\$$/, '')) : said,
      );
    }
  });

  test.each([
    ['create', '--name', 'new', 'ping:1.0'],
    ['update', '--force', 'web'],
    ['rollback', 'web'],
    ['scale', 'web=2'],
    ['restart', 'web'],
    ['wait', 'web'],
    ['ps', 'web'],
    ['inspect', 'web'],
    ['diff', 'web'],
    ['history', 'web'],
  ])('%s: a locked swarm that answers nothing', async (...argv) => {
    const engine = withWeb();
    engine.inject(/./, LOCKED);
    const { code, stdout, stderr } = await run(argv, { engine });
    expect({ code, sent: engine.sent() }).toEqual({ code: 1, sent: argv[0] === 'create' ? ['create'] : [] });
    expect(stdout).toBe(argv[0] === 'inspect' ? '[]\n' : '');
    expect(stderr).toContain('docker swarm unlock');
  });

  test('a port that another service has', async () => {
    const engine = fakeEngine();
    engine.given('one', 'ping:1.0', { EndpointSpec: { Ports: [{ PublishedPort: 80, TargetPort: 80 }] } });
    const ended = await run(['create', '--name', 'two', '-p', '80:80', 'ping:1.0'], { engine });
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(/^swarmroll: port '80' is already in use by service 'one'/);
  });

  test.each([
    ['update', '--force'],
    ['rollback'],
    ['restart'],
    ['wait'],
    ['ps'],
    ['inspect'],
    ['diff'],
    ['history'],
  ])('%s of a service that does not exist', async (...argv) => {
    const engine = withWeb();
    const { code, stderr } = await run([...argv, 'nope'], { engine });
    expect({ code, sent: engine.sent() }).toEqual({ code: 1, sent: [] });
    expect(stderr).toMatch(/^swarmroll: no such service: nope\n/);
  });
});

test('scale: one service under two names is refused before anything is sent', async () => {
  const engine = withWeb();
  const id = engine.stored('web').ID.slice(0, 10);
  const ended = await run(['scale', `${id}=1`, 'web=3'], { engine });
  expect(ended).toEqual({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining(`swarmroll: ${id} and web are one service\n`),
  });
  expect(engine.sent()).toEqual([]);
});
