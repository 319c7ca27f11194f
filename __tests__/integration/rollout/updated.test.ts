/** Updates and rollbacks that end well: exit 0, and what the engine then has is what was asked for. */
import { describe, expect, test } from '@jest/globals';
import { image, storedService, swarmroll } from '../support/swarm.ts';
import { BRISK, QUICK, given, states } from './support.ts';

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

  test('of the beginning of an id, and the rollback, print it as it was given', async () => {
    // Without tasks: what is stored is what counts.
    const name = await given('id', ...QUICK, '--replicas', '0', ping);
    const ref = (await storedService(name)).ID.slice(0, 20);
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
  test('that completes is 0', async () => {
    const name = await given('back', ...QUICK, '--replicas', '2', ping);
    await swarmroll(['update', '--quiet', '--image', next, name]);
    const ended = await swarmroll(['rollback', name]);
    expect(ended.stdout).toBe(`${name}\n`);
    expect(ended.stderr).toContain('overall progress: rolling back update: 2 out of 2 tasks');
    expect([ended.code, await states(name)]).toEqual([0, { 'ping:1.0 running': 2 }]);
    expect((await storedService(name)).UpdateStatus?.State).toBe('rollback_completed');
  });
});
