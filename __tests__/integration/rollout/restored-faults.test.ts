/** --rollback-on-failure: a second fault while it goes back. What is left is told, and nothing is done twice. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { answer, cutAfter, cutBefore, hang } from '../support/proxy.ts';
import type { Fault } from '../support/proxy.ts';
import {
  docker,
  image,
  orThrow,
  outer,
  pullError,
  said,
  startSwarmroll,
  storedService,
  swarm,
  swarmroll,
  uniqueName,
} from '../support/swarm.ts';
import {
  BRISK,
  ONE_FAILS,
  PATIENT,
  QUICK,
  create,
  expectCode,
  given,
  opened,
  posts,
  states,
} from './support.ts';

const ping = image('ping', '1.0');
const crash = image('crash', '1.0');
const UPDATE = ['update', '--rollback-on-failure', ...PATIENT, '--image', crash];
const GOING_BACK = /^POST .*&rollback=previous/;
const imageOf = async (name: string): Promise<string> =>
  (await storedService(name)).Spec.TaskTemplate.ContainerSpec?.Image ?? '';

describe('what was there before', () => {
  const local = `${uniqueName('local')}:1`;
  const onWorker = (...words: string[]) => orThrow(outer)('exec', swarm.worker1, 'docker', ...words);
  afterAll(() => onWorker('image', 'rm', '--force', local).catch(() => undefined));

  test('has lost its image: the code of what failed, and both causes', async () => {
    await onWorker('pull', ping);
    await onWorker('tag', ping, local);
    const there = ['--constraint', 'node.hostname==worker1', '--no-resolve-image'];
    const name = await given('no-image', ...QUICK, ...there, local);
    const { Spec } = await storedService(name);
    await onWorker('image', 'rm', '--force', local);
    const ended = await swarmroll([...UPDATE, '-o', 'json', name]);
    expectCode(ended, 4);
    expect(ended.stderr).toContain('    | crash: cannot open /etc/crash.conf\n');
    expect(ended.stderr).toMatch(new RegExp(`${pullError(local)}\n`));
    expect(JSON.parse(ended.stdout)).toMatchObject({
      verdict: 'paused',
      exitCode: 4,
      message: expect.stringMatching(
        `\\(3\\), log: "crash: cannot open [^"]+"; what was there before does not run: the engine paused the rollback: .+: ${pullError(local)}`,
      ) as unknown,
      change: { verdict: 'paused', exitCode: 4 },
      rollback: {
        verdict: 'paused',
        exitCode: 4,
        failures: [{ error: expect.stringMatching(pullError(local)) as unknown }],
      },
    });
    expect((await storedService(name)).Spec).toEqual(Spec);
  });
});

describe('the manager', () => {
  test.each<[string, Fault, number]>([
    ['drops the request twice', cutBefore, 2],
    ['replies 503 twice', answer(503, 'no leader'), 2],
    ['stores it, and its reply is lost', cutAfter, 1],
  ])('%s: 3, and the engine goes back once', async (_, fault, times) => {
    const name = await given('cut', ...QUICK, ping);
    const between = await opened();
    const { Version, Spec } = await storedService(name);
    const injected = between.inject(GOING_BACK, fault, { times });
    const ended = await swarmroll(['-H', between.host, ...UPDATE, name]);
    expectCode(ended, 3);
    expect(injected.hits()).toBe(times);
    const stored = await storedService(name);
    expect(stored.Spec).toEqual(Spec);
    // A second rollback would have restored what failed, or left it as the previous spec of itself.
    expect(stored.PreviousSpec?.TaskTemplate.ContainerSpec?.Image).toContain('/crash:1.0@');
    expect(stored.Version.Index).toBeGreaterThan(Version.Index);
    expect(posts(between).filter((line) => GOING_BACK.test(line))).toHaveLength(times === 1 ? 1 : times + 1);
  });

  test('does not take it until the progress deadline: the code of what failed, and what is stored', async () => {
    const name = await given('away', ...QUICK, ping);
    const between = await opened();
    between.inject(GOING_BACK, answer(503, 'no leader'));
    const ended = await swarmroll(['-H', between.host, ...UPDATE, '--progress-deadline', '5s', name]);
    expectCode(ended, 4);
    expect(ended.stderr.match(/cannot put back yet, trying again: /g)).toHaveLength(1);
    expect(ended.stderr).toMatch(
      /; the change did not reach the engine, nothing was changed: POST \S+: no leader/,
    );
    expect(await imageOf(name)).toContain('/crash:1.0@');
  });
});

describe('another changes the service in between', () => {
  /** Lets another change the service after it was read, before our request comes. */
  const first =
    (...words: readonly string[]): Fault =>
    ({ pass }) =>
      void orThrow(docker)('service', 'update', '--detach', ...words).then(() => pass());

  test('its image: said, and left alone', async () => {
    const name = await given('other', ...QUICK, ping);
    const between = await opened();
    between.inject(GOING_BACK, first('--image', image('ping', '1.2'), name), { times: 1 });
    const ended = await swarmroll(['-H', between.host, ...UPDATE, name]);
    expectCode(ended, 4);
    expect(ended.stderr).toContain('; someone else changed the service; it is left as it is\n');
    expect(await imageOf(name)).toContain('/ping:1.2@');
  });

  test('a label: it stays, and the rest goes back', async () => {
    const name = await given('label', ...QUICK, ping);
    const { Spec } = await storedService(name);
    const between = await opened();
    between.inject(GOING_BACK, first('--label-add', 'theirs=1', name), { times: 1 });
    const ended = await swarmroll(['-H', between.host, ...UPDATE, name]);
    expectCode(ended, 3);
    // docker's update shuffles what it does not name, so only what counts is compared.
    const stored = (await storedService(name)).Spec;
    expect(stored.Labels).toEqual({ theirs: '1' });
    expect(stored.TaskTemplate).toEqual(Spec.TaskTemplate);
    expect(await states(name)).toEqual({ 'ping:1.0 running': 1 });
  });

  test('a new service: it is not removed', async () => {
    const { name, ...ended } = await create(
      'theirs',
      ['--rollback-on-failure', '--detach=false', ...BRISK, crash],
      {
        env: { DOCKER_HOST: (await changedFirst(first)).host },
      },
    );
    expectCode(ended, 5);
    expect(ended.stderr).toContain(
      '; someone else changed the service; it is left as it is, and not removed\n',
    );
    expect((await storedService(name)).Spec.Labels).toEqual({ theirs: '1' });
  });
});

describe('SIGINT', () => {
  test('while the engine goes back: 130, and what is left is told', async () => {
    const slowly = ['--replicas', '3', '--update-parallelism', '0', '--rollback-parallelism', '1'];
    const name = await given('signal', ...QUICK, ...slowly, '--rollback-delay', '20s', ping);
    const { Spec } = await storedService(name);
    const update = ['update', '--rollback-on-failure', ...PATIENT, ...ONE_FAILS];
    const rollout = startSwarmroll([...update, '-o', 'json', name]);
    await said(rollout, /rolling back update: [12] out of 3/);
    rollout.child.kill('SIGINT');
    const ended = await rollout.ended;
    expectCode(ended, 130);
    expect(ended.stderr).toMatch(
      /; interrupted while going back: what was there before is stored again, and the engine goes on with it\n$/,
    );
    expect(ended.stderr).toContain(`swarmroll ps ${name}`);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      verdict: 'interrupted',
      exitCode: 130,
      change: { verdict: 'paused' },
      rollback: { verdict: 'interrupted' },
    });
    expect((await storedService(name)).Spec).toEqual(Spec);
  });

  test('before the engine has answered: 130, it may or may not be stored', async () => {
    const name = await given('signal-sent', ...QUICK, ping);
    const between = await opened();
    const injected = between.inject(GOING_BACK, hang);
    const rollout = startSwarmroll(['-H', between.host, ...UPDATE, name]);
    await said(rollout, /putting back/);
    while (injected.hits() === 0) await new Promise(setImmediate);
    rollout.child.kill('SIGINT');
    const ended = await rollout.ended;
    expectCode(ended, 130);
    expect(ended.stderr).toContain('; interrupted: what was there before may or may not be stored again\n');
  });

  test('during the update itself: 130, and nothing is put back', async () => {
    const name = await given('signal-first', ...QUICK, ping);
    const between = await opened();
    const words = ['update', '--rollback-on-failure', '--reserve-memory', '100g', name];
    const rollout = startSwarmroll(['-H', between.host, ...words]);
    await said(rollout, /pending: no suitable node/);
    rollout.child.kill('SIGINT');
    const ended = await rollout.ended;
    expectCode(ended, 130);
    expect(ended.stderr).not.toContain('putting back');
    expect(posts(between)).toHaveLength(1);
  });
});

/** A proxy through which another labels the new service just before it is read to be removed. */
async function changedFirst(first: (...words: readonly string[]) => Fault) {
  const between = await opened();
  // The logs of its tasks are read after the verdict, before anything is put back.
  between.inject(
    /^GET \/tasks\/.*\/logs/,
    (exchange) => {
      const { pass } = exchange;
      void newest().then((name) => first('--label-add', 'theirs=1', name)({ ...exchange, pass }));
    },
    { times: 1 },
  );
  const newest = async (): Promise<string> => {
    const { stdout } = await docker(['service', 'ls', '--filter', 'name=theirs-', '--quiet']);
    return stdout.split('\n')[0] ?? '';
  };
  return between;
}
