/** --rollback-on-failure: a second fault during the undo. What is left is told, and nothing is done twice. */
import { afterAll, describe, expect, test } from '@jest/globals';
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
import { ONE_FAILS, PATIENT, QUICK, expectCode, given, opened, states } from './support.ts';

const ping = image('ping', '1.0');
const crash = image('crash', '1.0');
const UPDATE = ['update', '--rollback-on-failure', ...PATIENT, '--image', crash];
const GOING_BACK = /^POST .*&rollback=previous/;

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

describe('another changes the service in between', () => {
  /** Lets another change the service after it was read, before our request comes. */
  const first =
    (...words: readonly string[]): Fault =>
    ({ pass }) =>
      void orThrow(docker)('service', 'update', '--detach', ...words).then(() => pass());

  test('a label: it stays, and the rest is undone', async () => {
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
});

describe('SIGINT', () => {
  test('while the engine rolls back: 130, and what is left is told', async () => {
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
      /; interrupted while undoing the change: what was there before is stored again, and the engine goes on with it\n$/,
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
});
