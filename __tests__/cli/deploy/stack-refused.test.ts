/** `stack deploy` of what the engine will refuse: the plan says so, and nothing is sent. */
import { describe, expect, test } from '@jest/globals';
import type { ServiceSpec } from '../../../src/api/service.ts';
import { answer, cutBefore, first, hang } from '../../support/fake-engine/faults.ts';
import { run } from '../../support/fake-world.ts';
import { spec, stackEngine } from '../../support/stack-engine.ts';

const publishes = (PublishedPort: number): Partial<ServiceSpec> => ({
  EndpointSpec: { Ports: [{ PublishedPort, TargetPort: 80 }] },
});
const constraint = (text: string): Partial<ServiceSpec> => ({
  TaskTemplate: { ContainerSpec: { Image: 'ping:1.0' }, Placement: { Constraints: [text] } },
});

const WRONG: readonly (readonly [
  what: string,
  services: Readonly<Record<string, Partial<ServiceSpec>>>,
  refusals: readonly string[],
])[] = [
  [
    'another mode',
    { a: { Mode: { Global: {} } } },
    [
      'app_a: the mode cannot change from replicated to global: remove the service first, or give it another name',
    ],
  ],
  [
    'a constraint that is none',
    { b: constraint('node.role=worker') },
    ['app_b: the constraint node.role=worker is not valid: it must be ATTRIBUTE==VALUE or ATTRIBUTE!=VALUE'],
  ],
  [
    'a name that is too long',
    { ['b'.repeat(60)]: {} },
    [
      `app_${'b'.repeat(60)}: the name app_${'b'.repeat(60)} is not valid: it must have at most 63 characters, only a-z, A-Z, 0-9, "-" and "_", and begin and end with a letter or a digit`,
    ],
  ],
  [
    'a port of another service',
    { b: publishes(80) },
    ['app_b: port 80 is an ingress port of the service other'],
  ],
  [
    'one port of two new services',
    { b: publishes(81), c: publishes(81) },
    [
      'app_b: port 81 is an ingress port of the service app_c',
      'app_c: port 81 is an ingress port of the service app_b',
    ],
  ],
];

test.each(WRONG)('%s: 1, also with --dry-run, and nothing is sent', async (_, services, refusals) => {
  const { engine, deploy, diff } = stackEngine();
  engine.given('other', 'ping:1.0', publishes(80));
  await deploy({ a: spec('ping:1.0') });
  const before = engine.sent().length;
  const file = Object.fromEntries(
    Object.entries({ a: {}, ...services }).map(([name, parts]) => [name, spec('ping:1.1', 'pause', parts)]),
  );
  const planned = await deploy(file, '--dry-run');
  expect(planned.code).toBe(1);
  const lines = planned.stdout.split('\n').filter((line) => /refused:|risk:/.test(line));
  expect(lines).toEqual(refusals.map((text) => `refused: ${text}`));
  expect(JSON.parse((await diff(file, '-o', 'json')).stdout)).toMatchObject({ exitCode: 6, refusals });
  const deployed = await deploy(file);
  const stderr = `swarmroll: ${refusals.join('; ')}; nothing was sent\n`;
  expect(deployed).toMatchObject({ code: 1, stdout: '', stderr });
  expect(engine.sent()).toHaveLength(before);
});

test('what an older DOCKER_API_VERSION would drop: 1, and nothing is sent', async () => {
  const { engine, deploy, runFile } = stackEngine();
  await deploy({ a: spec('ping:1.0') });
  const before = engine.sent().length;
  const TaskTemplate = { ContainerSpec: { Image: 'ping:1.0', CapabilityAdd: ['CAP_NET_ADMIN'] } };
  const services = { a: spec('ping:1.1'), b: spec('ping:1.0', 'pause', { TaskTemplate }) };
  const env = { DOCKER_API_VERSION: '1.40' };
  for (const flags of [[], ['--dry-run']]) {
    const { code, stderr } = await runFile('deploy', { services }, flags, { changes: { env } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^swarmroll: DOCKER_API_VERSION asks for 1\.40, .*; nothing was sent\n/);
  }
  expect(engine.sent()).toHaveLength(before);
});

test('--dry-run: a port that is passed on is no risk', async () => {
  const { deploy } = stackEngine();
  const on = (port: number) => spec('ping:1.0', 'pause', publishes(port));
  await deploy({ a: on(80), b: on(81) });
  const planned = await deploy({ a: on(82), b: on(80) }, '--dry-run');
  expect(planned.code).toBe(0);
  expect(planned.stdout).not.toMatch(/refused:|risk:/);
});

test('the engine says that it does not do this: a refusal in its words', async () => {
  const { engine, deploy } = stackEngine();
  await deploy({ a: spec('ping:1.0') });
  const message = 'rpc error: code = Unimplemented desc = service mode change is not allowed';
  engine.inject(/^POST /, answer(501, { message }));
  expect(await deploy({ a: spec('ping:1.1') })).toMatchObject({
    code: 1,
    stderr: 'swarmroll: app_a: service mode change is not allowed\n',
  });
  expect(await run(['update', '--image', 'ping:1.1', 'app_a'], { engine })).toMatchObject({
    code: 1,
    stderr: 'swarmroll: service mode change is not allowed\n',
  });
});

test('a file without services: 1, also with --dry-run, and of stack diff', async () => {
  const { engine, deploy, diff } = stackEngine();
  const none = {
    code: 1,
    stdout: '',
    stderr: 'swarmroll: the stack app has no services\n  check the files of --compose-file, and --profile\n',
  };
  const all = {
    ...none,
    stderr:
      'swarmroll: the files have no services, and --prune would remove all services of the stack app\n' +
      '  check the files of --compose-file, and --profile; to remove the stack: docker stack rm app\n',
  };
  for (const [flags, expected] of [
    [[], none],
    [['--prune'], all],
  ] as const) {
    expect(await deploy({}, ...flags)).toMatchObject(expected);
    expect(await deploy({}, '--dry-run', ...flags)).toMatchObject(expected);
    expect(await diff({}, ...flags)).toMatchObject(expected);
    await deploy({ a: spec('ping:1.0') });
  }
  expect(engine.sent()).toEqual(['create']);
});

test('a request that never reached the engine is not said to be undone', async () => {
  const { engine, deploy } = stackEngine();
  await deploy({ a: spec('ping:1.0'), b: spec('ping:1.0') });
  const a = engine.stored('app_a').ID;
  engine.inject(new RegExp(`^POST /services/${a}/update`), cutBefore, { times: 1 });
  const { code, stderr } = await deploy({ a: spec('ping:1.1'), b: spec('ping:1.1') });
  expect(code).toBe(1);
  expect(stderr).toContain('swarmroll: undoing what was sent\n  service app_b: undone\nswarmroll: app_a: ');
});

const NO_ANSWER = 'still waiting for unix:///var/run/docker.sock to answer POST /services/create';

describe('what ends while it is sent is undone, and that is said', () => {
  test.each([
    ['--timeout', 124, `not done after 20s, ${NO_ANSWER}; what was sent is undone\n  run it again with`],
    ['a signal', 130, 'interrupted before the engine answered; what was sent is undone\n'],
  ])('%s: %d', async (what, expected, text) => {
    const { engine, deploy, runFile } = stackEngine();
    await deploy({ a: spec('ping:1.0') });
    engine.inject(/^POST \/services\/create/, hang);
    const services = { a: spec('ping:1.1'), b: spec('ping:1.0') };
    const abort = new AbortController();
    const flags = what === '--timeout' ? ['--timeout', '20s'] : [];
    if (flags.length === 0) engine.clock.later(5_000, () => abort.abort('SIGINT'));
    const changes = { interrupted: abort.signal };
    const { code, stderr } = await runFile('deploy', { services }, flags, { changes });
    expect(stderr).toContain(`swarmroll: undoing what was sent\n  service app_a: undone\nswarmroll: ${text}`);
    expect(stderr).not.toContain('goes on in the engine');
    expect(code).toBe(expected);
    expect(engine.stored('app_a').Spec.TaskTemplate.ContainerSpec?.Image).toBe('ping:1.0');
  });

  test('--timeout passes while a refusal is undone: the refusal is told', async () => {
    const { engine, deploy } = stackEngine();
    await deploy({ a: spec('ping:1.0') });
    engine.inject(/^POST \/services\/create/, () => {
      const undoneLate = first(() => engine.clock.sleep(60_000));
      engine.inject(/^POST \/services\/[^/]+\/update/, undoneLate, { times: 1 });
      return answer(400, { message: 'not this one' })(() => Promise.reject(new Error('not sent')));
    });
    const services = { a: spec('ping:1.1'), b: spec('ping:1.0') };
    const { code, stderr } = await deploy(services, '--timeout', '20s');
    expect(stderr).toMatch(/ {2}service app_a: undone\nswarmroll: app_b: not this one\n$/);
    expect(code).toBe(1);
  });

  test('what cannot be undone', async () => {
    const { engine, deploy } = stackEngine();
    await deploy({ a: spec('ping:1.0') });
    engine.inject(/^POST \/services\/create/, (pass) => {
      engine.inject(/^POST \/services\/[^/]+\/update/, answer(403, 'Forbidden'));
      return hang(pass);
    });
    const services = { a: spec('ping:1.1'), b: spec('ping:1.0') };
    const { code, stderr } = await deploy(services, '--timeout', '20s');
    expect(stderr).toMatch(/service app_a: not undone: .*\nswarmroll: .*; not all that was sent is undone\n/);
    expect(code).toBe(124);
  });
});

test.each([
  [
    'app',
    7,
    'someone else is deploying the stack app: service app_b has just been created\n  run the command again\n',
  ],
  ['other', 1, 'name conflicts with an existing object: service app_b already exists\n'],
])('a service of the stack %s that is created meanwhile: %d', async (stack, code, text) => {
  const { engine, deploy } = stackEngine();
  await deploy({ a: spec('ping:1.0') });
  engine.inject(/^POST \/services\/create/, (pass) => {
    engine.given('app_b', 'ping:1.0', { Labels: { 'com.docker.stack.namespace': stack } });
    return pass();
  });
  const ended = await deploy({ a: spec('ping:1.1'), b: spec('ping:1.0') });
  expect(ended.code).toBe(code);
  expect(ended.stderr).toContain(
    `swarmroll: undoing what was sent\n  service app_a: undone\nswarmroll: ${text}`,
  );
  expect(engine.stored('app_b').Spec.Labels).toEqual({ 'com.docker.stack.namespace': stack });
});

test('a config of the stack that is created meanwhile: 7', async () => {
  const { engine, deployFile } = stackEngine();
  engine.inject(/^POST \/configs\/create/, (pass) => {
    const Spec = { Name: 'app_conf', Labels: { 'com.docker.stack.namespace': 'app' } };
    engine.objects.configs.push({ ID: 'c1', Version: { Index: 1 }, Spec });
    return pass();
  });
  const file = { services: { a: spec('ping:1.0') }, configs: { conf: { Data: 'YQ==' } } };
  expect(await deployFile(file)).toMatchObject({
    code: 7,
    stderr:
      'swarmroll: someone else is deploying the stack app: config app_conf has just been created\n  run the command again\n',
  });
});
