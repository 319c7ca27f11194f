/** `stack deploy`: with a docker program that deploys to the fake engine, what is watched, told and undone. */
import { expect, test } from '@jest/globals';
import { answer, first } from '../../support/fake-engine/faults.ts';
import { run } from '../../support/fake-world.ts';
import { spec, stackEngine } from '../../support/stack-engine.ts';

test('a new stack, the same again, and a change: each service is told and judged', async () => {
  const { engine, deploy } = stackEngine();
  const both = { api: spec('ping:1.0'), web: spec('ping:1.0') };
  const created = await deploy(both);
  expect(created).toMatchObject({ code: 0, stdout: 'app_api  converged\napp_web  converged\n' });
  expect(created.stderr).toContain('app_api: created\napp_web: created\n');

  const same = await deploy(both);
  expect(same.code).toBe(0);
  expect(same.stderr).toContain('app_api: unchanged\napp_web: unchanged\n');

  const changed = await deploy({ ...both, web: spec('ping:1.1') });
  expect(changed.code).toBe(0);
  expect(changed.stderr).toContain('app_api: unchanged\napp_web: changed\n');
  expect(engine.states('app_web')).toEqual({ 'ping:1.1 running': 1 });
});

test.each([
  ['paused', 'pause', 'paused', 4],
  ['rolled back by the engine', 'rollback', 'rolledBack', 3],
  ['failing for ever', 'continue', 'failed', 5],
])('one is %s', async (_, onFailure, verdict, code) => {
  const { deploy } = stackEngine();
  await deploy({ api: spec('ping:1.0'), web: spec('ping:1.0', onFailure) });
  const ended = await deploy({ api: spec('ping:1.1'), web: spec('crash:1.0', onFailure) });
  expect(ended).toMatchObject({ code, stdout: `app_api  converged\napp_web  ${verdict}\n` });
});

test('what the engine has rolled back before is as the file wants it: 0, others follow it, and nothing is undone', async () => {
  const { engine, deploy } = stackEngine();
  const api = spec('ping:1.0', 'rollback');
  await deploy({ api });
  expect((await deploy({ api: spec('crash:1.0', 'rollback') })).code).toBe(3);
  const again = await deploy({ api });
  expect(again).toMatchObject({ code: 0, stdout: 'app_api  converged\n' });
  expect(again.stderr).toContain('app_api: unchanged\n');
  expect(again.stderr).not.toContain('rolling back');
  const more = await deploy({ api, web: spec('ping:1.0') }, '--rollback-on-failure');
  expect(more).toMatchObject({ code: 0, stdout: 'app_api  converged\napp_web  converged\n' });
  expect(engine.states('app_web')).toEqual({ 'ping:1.0 running': 1 });
  // A wait says how the last rollout ended.
  expect((await run(['wait', 'app_api'], { engine })).code).toBe(3);
});

test('an unchanged service that somebody else updates meanwhile, and the engine rolls back: 0', async () => {
  const { engine, deploy } = stackEngine();
  const api = spec('ping:1.0', 'rollback');
  await deploy({ api });
  engine.clock.later(200, () =>
    engine.change('app_api', ({ TaskTemplate }) => (TaskTemplate.ContainerSpec = { Image: 'crash:1.0' })),
  );
  const ended = await deploy({ api, web: spec('ping:1.0') });
  expect(ended).toMatchObject({ code: 0, stdout: 'app_api  converged\napp_web  converged\n' });
  expect(engine.states('app_api')).toEqual({ 'ping:1.0 running': 1 });
});

test('the report on one is printed when its verdict falls, with its log, while the others are watched', async () => {
  const { deploy } = stackEngine();
  const web = spec('ping:1.0', 'pause', {
    UpdateConfig: { Parallelism: 1, Monitor: 20e9, MaxFailureRatio: 0 },
  });
  const { code, stderr } = await deploy({ crash: spec('crash:1.0'), web }, '--max-failures', '1');
  expect(code).toBe(5);
  const [early = '', late] = stderr.split('app_web: verify: Service app_web converged');
  expect(late).toBeDefined();
  expect(early).toContain('swarmroll: app_crash: the new service failed: ');
  expect(early).toContain('    | crash: cannot open /etc/crash.conf\n');
  expect(early).toContain('  swarmroll ps --no-trunc app_crash   # ');
  expect(stderr).not.toMatch(/^swarmroll: app_web/m);
});

test('deployed again while the last deployment still rolls: nothing is sent, and it is watched to its end', async () => {
  const { engine, deploy } = stackEngine();
  const web = (image: string) =>
    spec(image, 'pause', {
      Mode: { Replicated: { Replicas: 3 } },
      UpdateConfig: { Parallelism: 1, Monitor: 5e8, MaxFailureRatio: 0, Delay: 2e9 },
    });
  await deploy({ web: web('ping:1.0') });
  await deploy({ web: web('ping:1.1') }, '--detach');
  await engine.clock.sleep(1_500);
  expect(engine.states('app_web')).toMatchObject({ 'ping:1.0 running': expect.any(Number) });
  const sent = engine.sent().length;
  const again = await deploy({ web: web('ping:1.1') });
  expect(again).toMatchObject({ code: 0, stdout: 'app_web  converged\n' });
  expect(engine.sent()).toHaveLength(sent);
  expect(engine.states('app_web')).toEqual({ 'ping:1.1 running': 3 });
});

test('another changes a service after it was read: 7, and the other one is undone', async () => {
  const { engine, deploy } = stackEngine();
  await deploy({ a: spec('ping:1.0'), b: spec('ping:1.0') });
  const before = engine.stored('app_b').Spec;
  const sent = engine.sent().length;
  engine.inject(
    new RegExp(`^POST /services/${engine.stored('app_a').ID}`),
    first(() => engine.change('app_a', (spec) => (spec.Labels = { ...spec.Labels, owner: 'other' }))),
    { times: 1 },
  );
  const { code } = await deploy({ a: spec('ping:1.1'), b: spec('ping:1.1') });
  expect(code).toBe(7);
  expect(engine.sent().length).toBeGreaterThan(sent);
  const { Labels, TaskTemplate } = engine.stored('app_a').Spec;
  expect([Labels, TaskTemplate.ContainerSpec?.Image]).toEqual([
    expect.objectContaining({ owner: 'other' }),
    expect.stringMatching(/^ping:1\.0/),
  ]);
  expect(engine.stored('app_b').Spec).toEqual(before);
});

test('--service and --keep-replicas: the replicas of the others and of a scale stay', async () => {
  const { engine, deploy } = stackEngine();
  await deploy({ api: spec('ping:1.0'), web: spec('ping:1.0') });
  expect((await run(['scale', '-q', 'app_web=2'], { engine })).code).toBe(0);
  const next = { api: spec('ping:1.1'), web: spec('ping:1.1') };
  const some = await deploy(next, '--service', 'web', '--keep-replicas');
  expect(some).toMatchObject({ code: 0, stdout: 'app_web  converged\n' });
  expect(engine.states('app_web')).toEqual({ 'ping:1.1 running': 2 });
  expect(engine.states('app_api')).toEqual({ 'ping:1.0 running': 1 });
  const unknown = await deploy(next, '--service', 'nonsense');
  expect({ code: unknown.code, said: unknown.stderr.includes('nonsense') }).toEqual({ code: 1, said: true });
});

test('one that another update replaces: 7, and the other ends with its own verdict', async () => {
  const { engine, deploy } = stackEngine();
  engine.clock.later(2_000, () =>
    engine.change('app_web', ({ TaskTemplate }) => (TaskTemplate.ContainerSpec = { Image: 'ping:1.2' })),
  );
  const { code, stdout } = await deploy({ api: spec('ping:1.0'), web: spec('hangs:1.0') });
  expect({ code, stdout }).toEqual({ code: 7, stdout: 'app_api  converged\napp_web  superseded\n' });
});

test('--rollback-on-failure: changed ones are undone, the new one is removed, the one to prune stays: 3', async () => {
  const { engine, deploy } = stackEngine();
  await deploy({ a: spec('ping:1.0'), b: spec('ping:1.0'), old: spec('ping:1.0') });
  const before = ['app_a', 'app_b', 'app_old'].map((name) => engine.stored(name).Spec);
  const next = { a: spec('crash:1.0'), b: spec('ping:1.1'), fresh: spec('ping:1.0') };
  const { code, stdout, stderr } = await deploy(next, '--rollback-on-failure', '--prune');
  expect({ code, stdout }).toEqual({
    code: 3,
    stdout: 'app_a      rolledBack\napp_b      rolledBack\napp_fresh  rolledBack\n',
  });
  expect(stderr).toContain('app_a: changed\napp_b: changed\napp_fresh: created\n');
  expect(stderr).toContain('app_old: not removed, because not all services converged\n');
  expect(['app_a', 'app_b', 'app_old'].map((name) => engine.stored(name).Spec)).toEqual(before);
  expect(() => engine.stored('app_fresh')).toThrow('no service');
});

test('--rollback-on-failure: the engine has rolled one back by itself: the others follow, and that one is left alone', async () => {
  const { engine, deploy } = stackEngine();
  await deploy({ a: spec('ping:1.0'), b: spec('ping:1.0', 'rollback') });
  const sent = engine.sent().length;
  const next = { a: spec('ping:1.1'), b: spec('crash:1.0', 'rollback') };
  const { code, stdout, stderr } = await deploy(next, '--rollback-on-failure');
  expect({ code, stdout }).toEqual({ code: 3, stdout: 'app_a  rolledBack\napp_b  rolledBack\n' });
  expect(stderr).toContain('app_a: undoing');
  expect(stderr).not.toContain('app_b: undoing');
  expect(
    engine
      .sent()
      .slice(sent)
      .map((line) => line.split(' ')[1]),
  ).toEqual(['app_a', 'app_b', 'app_a']);
  for (const name of ['app_a', 'app_b']) expect(engine.states(name)).toEqual({ 'ping:1.0 running': 1 });
});

test('a port that another service has: 1, and nothing is sent', async () => {
  const { engine, deploy } = stackEngine();
  const port = { EndpointSpec: { Ports: [{ PublishedPort: 80, TargetPort: 80 }] } };
  engine.given('other', 'ping:1.0', port);
  await deploy({ a: spec('ping:1.0') });
  const before = engine.sent().length;
  const refused = await deploy({ a: spec('ping:1.1'), b: spec('ping:1.0', 'pause', port) });
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toBe(
    'swarmroll: app_b: port 80 is an ingress port of the service other; nothing was sent\n',
  );
  expect(engine.sent()).toHaveLength(before);
});

test('a port that is passed on: it is taken once the engine has let it go', async () => {
  const { engine, deploy } = stackEngine();
  const on = (PublishedPort: number) =>
    spec('ping:1.0', 'pause', { EndpointSpec: { Ports: [{ PublishedPort, TargetPort: 80 }] } });
  expect((await deploy({ a: on(80), b: on(81) })).code).toBe(0);
  const passed = await deploy({ a: on(82), b: on(80) });
  expect(passed).toMatchObject({ code: 0, stdout: 'app_a  converged\napp_b  converged\n' });
  expect(engine.stored('app_b').Spec.EndpointSpec?.Ports).toEqual([{ PublishedPort: 80, TargetPort: 80 }]);
});

test('a new service whose image the registry does not have: a warning, also with --dry-run', async () => {
  const { deploy } = stackEngine();
  await deploy({ a: spec('ping:1.0') });
  const services = { a: spec('ping:1.0'), b: spec('nowhere:1.0'), c: spec('nowhere:1.0') };
  const warning =
    'swarmroll: warning: image nowhere:1.0 could not be accessed on a registry to record its digest: each node will access ' +
    'it independently, and nodes may run different versions of it\n';
  for (const flags of [['--dry-run'], ['--detach']]) {
    const { stderr } = await deploy(services, '--resolve-image=always', ...flags);
    expect(stderr.split(warning)).toHaveLength(2);
    expect(stderr).not.toContain('image ping:1.0');
  }
});

test('a network of the stack that the engine is still removing: it is waited for', async () => {
  const { engine, deploy } = stackEngine();
  const going = {
    ...{ Name: 'app_default', Id: 'n9', Scope: 'swarm', Containers: {} },
    Labels: { 'com.docker.stack.namespace': 'app' },
  };
  let lists = 0;
  engine.inject(/^GET \/networks$/, async (pass) => {
    lists += 1;
    const reply = await pass();
    return lists > 9 ? reply : { ...reply, body: [...(reply.body as object[]), going] };
  });
  const { code, stderr } = await deploy({ a: spec('ping:1.0') });
  // Once with docker's run, until it is gone, and once with docker's second run.
  expect({ code, lists }).toEqual({ code: 0, lists: 11 });
  expect(stderr).toContain('swarmroll: waiting for the engine to remove network app_default\n');
});

test('what the engine refuses while it is sent: all is undone', async () => {
  const { engine, deploy } = stackEngine();
  await deploy({ a: spec('ping:1.0') });
  const before = engine.stored('app_a').Spec;
  engine.inject(/^POST \/services\/create/, answer(400, { message: 'not this one' }));
  const { code, stderr } = await deploy({ a: spec('ping:1.1'), b: spec('ping:1.0') });
  expect(code).toBe(1);
  expect(stderr).toContain('swarmroll: undoing what was sent\n  service app_a: undone\n');
  expect(stderr).toContain('swarmroll: app_b: not this one\n');
  expect(engine.stored('app_a').Spec).toEqual(before);
});

test('what the engine refuses while it is sent, on a runner of GitHub: all is undone', async () => {
  const { engine, deploy, runFile } = stackEngine();
  await deploy({ a: spec('ping:1.0') });
  engine.inject(/^POST \/services\/create/, answer(400, { message: 'not this one' }));
  const services = { a: spec('ping:1.1'), b: spec('ping:1.0') };
  const env = { GITHUB_ACTIONS: 'true' };
  const { code, stderr } = await runFile('deploy', { services }, [], { changes: { env } });
  expect(code).toBe(1);
  expect(stderr).toContain('swarmroll: undoing what was sent\n  service app_a: undone\n');
});

test('--prune, and the engine refuses a removal: one result, which names it, and 1', async () => {
  const { engine, deploy } = stackEngine();
  await deploy({ a: spec('ping:1.0'), old: spec('ping:1.0') });
  engine.inject(/^DELETE /, answer(400, { message: 'not this one' }));
  const { code, stdout, stderr } = await deploy({ a: spec('ping:1.0') }, '--prune', '-o', 'json');
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    exitCode: 1,
    verdict: 'error',
    services: [
      { service: { name: 'app_a' }, verdict: 'converged', exitCode: 0 },
      {
        action: 'remove',
        service: { name: 'app_old' },
        verdict: 'error',
        error: { message: 'not this one' },
      },
    ],
  });
  expect(stderr).toContain('app_old: not removed: not this one\n');
  expect(engine.stored('app_old').Spec.Name).toBe('app_old');
});

test('--dry-run sends nothing; stack diff ends with 6 where something differs', async () => {
  const { engine, deploy, diff } = stackEngine();
  const planned = await deploy({ web: spec('ping:1.0') }, '--dry-run');
  expect(planned.code).toBe(0);
  expect(planned.stdout).toContain('app_web:\n');
  expect(engine.sent()).toEqual([]);
  await deploy({ web: spec('ping:1.0') });
  const sent = engine.sent().length;
  expect(await diff({ web: spec('ping:1.0') })).toMatchObject({ code: 0, stdout: 'app_web: unchanged\n' });
  expect(await diff({ web: spec('ping:1.0') }, '--with-registry-auth')).toMatchObject({
    code: 0,
    stdout: 'app_web: unchanged; a deployment sends it again\n',
  });
  expect((await diff({ web: spec('ping:1.1') })).code).toBe(6);
  expect((await diff({ api: spec('ping:1.0') }, '--prune')).code).toBe(6);
  expect(engine.sent()).toHaveLength(sent);
});

test('--dry-run of what the engine refuses: 1', async () => {
  const { engine, deploy } = stackEngine();
  const wrong = spec('ping:1.0', 'pause', {
    TaskTemplate: { ContainerSpec: { Image: 'ping:1.0' }, Placement: { Constraints: ['nonsense'] } },
  });
  const planned = await deploy({ web: wrong }, '--dry-run');
  expect(planned.code).toBe(1);
  expect(planned.stdout).toContain('the constraint nonsense is not valid');
  expect(JSON.parse((await deploy({ web: wrong }, '--dry-run', '-o', 'json')).stdout)).toMatchObject({
    exitCode: 1,
  });
  expect(engine.sent()).toEqual([]);
});

test('--dry-run --prune: a service that is removed first keeps its ports from nobody', async () => {
  const { deploy } = stackEngine();
  const ports = {
    EndpointSpec: {
      Ports: [
        { PublishedPort: 80, TargetPort: 80, Protocol: 'tcp', PublishMode: 'ingress' },
        { PublishedPort: 81, TargetPort: 81, Protocol: 'tcp', PublishMode: 'host' },
      ],
    },
  };
  await deploy({ old: spec('ping:1.0', 'pause', ports) });
  const renamed = { fresh: spec('ping:1.0', 'pause', ports) };
  const { stdout } = await deploy(renamed, '--prune', '--dry-run');
  expect(stdout).toContain('app_old: removed first, because it holds a port\n');
  expect(stdout).not.toContain('risk:');
  expect((await deploy(renamed, '--dry-run')).stdout).toContain(
    'refused: app_fresh: port 80 is an ingress port of the service app_old',
  );
});

test('--detach: accepted, the tasks are not read', async () => {
  const { engine, deploy } = stackEngine();
  expect(await deploy({ web: spec('crash:1.0') }, '-d')).toMatchObject({
    code: 0,
    stdout: 'app_web  accepted\n',
  });
  expect(engine.requests.filter((line) => line.startsWith('GET /tasks'))).toEqual([]);
});

test.each(['deploy', 'diff'])('stack %s without a Compose file: 2, and docker is not asked', async (verb) => {
  const { engine } = stackEngine();
  const spawn = () => Promise.reject(new Error('started'));
  expect(await run(['stack', verb, 'app'], { engine, spawn })).toEqual({
    code: 2,
    stdout: '',
    stderr:
      'swarmroll: specify a Compose file with --compose-file\n' +
      '  with --compose, Compose finds its files itself\n',
  });
});

test('a network that the engine is just removing: what to do', async () => {
  const { engine, deploy } = stackEngine();
  engine.inject(/^POST \/services\/create/, answer(400, 'network njg8wjkx4agl not found'));
  const { code, stderr } = await deploy({ web: spec('ping:1.0') }, '-q');
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /swarmroll: app_web: .*network njg8wjkx4agl not found.*\n {2}if the stack was removed a moment ago, .* run the command again\n/,
  );
});

const COMPOSE = 'if Docker Compose takes this file: add --compose';

test.each<[string, string | undefined]>([
  ['(root) Additional property include is not allowed', COMPOSE],
  ['services.a Additional property profiles is not allowed', COMPOSE],
  ['configs.k Additional property content is not allowed', COMPOSE],
  ['services.a.env_file.0 must be a string', COMPOSE],
  ['services.a.ports.0.target must be a integer', COMPOSE],
  ['Configuration contains forbidden properties', COMPOSE],
  ['Compose file contains unsupported options: extends: not implemented yet.', COMPOSE],
  [
    'services.a.depends_on must be a list',
    'add --compose, list the names alone, or name them in the label swarmroll.depends_on below deploy.labels',
  ],
  ['open a.yml: no such file or directory', undefined],
])('docker refuses the file, %s: the next step', async (error, hint) => {
  const { runFile } = stackEngine();
  const warning = 'time="2026-11-30T08:15:07Z" level=warning msg="a warning"';
  const ended = await runFile('deploy', { services: {} }, [], {
    spawn: ({ onErrors }) => {
      onErrors(`${warning}\n${error}\n`);
      return Promise.resolve(1);
    },
  });
  expect(ended).toEqual({
    code: 1,
    stdout: '',
    stderr: `swarmroll: warning: a warning\nswarmroll: ${error}\n${hint === undefined ? '' : `  ${hint}\n`}`,
  });
});

test('no docker on the PATH: 1, and what to install', async () => {
  const { engine } = stackEngine();
  const changes = { env: { PATH: '/nowhere' } };
  const { code, stdout, stderr } = await run(['stack', 'deploy', '-c', 'a.yml', 'app'], { engine, changes });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(
    /^swarmroll: the docker command is not on the PATH: stack deploy needs it\n {2}install the Docker CLI, version 26 or newer/,
  );
});
