/** Updates and rollbacks that end well: exit 0, and what the engine then has is what was asked for. */
import { describe, expect, test } from '@jest/globals';
import { image, storedService, storedTasks, swarmroll } from '../support/swarm.ts';
import { BRISK, PATIENT, QUICK, given, states } from './support.ts';

const ping = image('ping', '1.0');
const next = image('ping', '1.1');

describe('update', () => {
  test.each(['stop-first', 'start-first'])('%s: every task is replaced', async (order) => {
    const name = await given(order, ...QUICK, '--replicas', '3', '--update-order', order, ping);
    const ended = await swarmroll(['update', '--image', next, name]);
    expect(ended.stderr).toContain('update status: update completed');
    expect(ended.code).toBe(0);
    expect(await states(name)).toEqual({ 'ping:1.1 running': 3 });
    expect((await storedService(name)).UpdateStatus?.State).toBe('completed');
  });

  test('of labels alone touches no task', async () => {
    const name = await given('labels', ...QUICK, '--replicas', '2', ping);
    const before = await storedTasks(name);
    const ended = await swarmroll(['update', '--label-add', 'tier=web', name]);
    expect(ended.code).toBe(0);
    expect((await storedService(name)).Spec.Labels).toEqual({ tier: 'web' });
    expect((await storedTasks(name)).map(({ ID }) => ID).sort()).toEqual(before.map(({ ID }) => ID).sort());
    expect(ended.stderr).not.toContain('running on');
  });

  test('scales up and down', async () => {
    const name = await given('scale', ...QUICK, '--replicas', '2', ping);
    const up = await swarmroll(['update', '--replicas', '5', name]);
    expect([up.code, await states(name)]).toEqual([0, { 'ping:1.0 running': 5 }]);
    const down = await swarmroll(['update', '--replicas', '1', name]);
    expect([down.code, await states(name)]).toEqual([0, { 'ping:1.0 running': 1 }]);
    expect(down.stderr).toContain('overall progress: 1 out of 1 tasks');
  });

  test('waits for the engine where the delay is longer than the monitor', async () => {
    const name = await given('delay', ...QUICK, '--replicas', '2', '--update-delay', '3s', ping);
    const ended = await swarmroll(['update', '--image', next, name]);
    expect(ended.code).toBe(0);
    expect(await states(name)).toEqual({ 'ping:1.1 running': 2 });
    expect((await storedService(name)).UpdateStatus?.State).toBe('completed');
  });

  test('is judged by its own status, not by that of the paused update before', async () => {
    const name = await given('again', ...QUICK, '--replicas', '2', ping);
    const paused = await swarmroll(['update', ...PATIENT, '--image', image('crash', '1.0'), name]);
    expect(paused.code).toBe(4);
    const ended = await swarmroll(['update', '--update-monitor', '1s', '--image', next, name]);
    expect([ended.code, await states(name)]).toEqual([0, { 'ping:1.1 running': 2 }]);
  });

  test.each([
    ['an id', (id: string) => id],
    ['the beginning of one', (id: string) => id.slice(0, 20)],
  ])('of %s, and the rollback, print it as it was given', async (_, refOf) => {
    const name = await given('id', ...QUICK, ping);
    const ref = refOf((await storedService(name)).ID);
    const updated = await swarmroll(['update', '--quiet', '--label-add', 'tier=web', ref]);
    expect(updated).toMatchObject({ code: 0, stdout: `${ref}\n` });
    expect((await storedService(name)).Spec.Labels).toEqual({ tier: 'web' });
    const back = await swarmroll(['rollback', '--quiet', ref]);
    expect(back).toMatchObject({ code: 0, stdout: `${ref}\n` });
    expect((await storedService(name)).Spec.Labels).toEqual({});
  });

  test('a job runs again by force', async () => {
    const name = await given(
      'job',
      ...BRISK,
      '--mode',
      'replicated-job',
      '--replicas',
      '2',
      image('oneshot', '1.0'),
    );
    const ended = await swarmroll(['update', '--force', name]);
    expect(ended.stderr).toContain('job progress: 2 out of 2 complete');
    expect([ended.code, await states(name)]).toEqual([0, { 'oneshot:1.0 complete': 4 }]);
  });
});

describe('rollback', () => {
  test.each([[['rollback']], [['update', '--rollback']]])('%j that completes is 0', async (words) => {
    const name = await given('back', ...QUICK, '--replicas', '2', ping);
    await swarmroll(['update', '--quiet', '--image', next, name]);
    const ended = await swarmroll([...words, name]);
    expect(ended.stdout).toBe(`${name}\n`);
    expect(ended.stderr).toContain('overall progress: rolling back update: 2 out of 2 tasks');
    expect([ended.code, await states(name)]).toEqual([0, { 'ping:1.0 running': 2 }]);
    expect((await storedService(name)).UpdateStatus?.State).toBe('rollback_completed');
  });

  test('--detach returns once the engine has accepted it', async () => {
    const name = await given('back-detached', ...QUICK, ping);
    await swarmroll(['update', '--quiet', '--image', next, name]);
    const ended = await swarmroll(['rollback', '--detach', name]);
    expect(ended).toEqual({ code: 0, signal: null, stdout: `${name}\n`, stderr: '' });
    const { Spec, UpdateStatus } = await storedService(name);
    expect(Spec.TaskTemplate.ContainerSpec?.Image).toContain('ping:1.0');
    expect(UpdateStatus?.State).toMatch(/^rollback_(started|completed)$/);
  });

  test('without a spec before is refused', async () => {
    const name = await given('first', ...QUICK, ping);
    const version = (await storedService(name)).Version.Index;
    const ended = await swarmroll(['rollback', name]);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/^swarmroll: .*previous spec/);
    expect((await storedService(name)).Version.Index).toBe(version);
  });
});
