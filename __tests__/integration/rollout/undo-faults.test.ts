/** --rollback-on-failure: a second fault during the undo. What is left is told, and nothing is done twice. */
import { describe, expect, test } from '@jest/globals';
import type { Fault } from '../support/proxy.ts';
import { docker, image, orThrow, storedService, swarmroll } from '../support/swarm.ts';
import { PATIENT, QUICK, expectCode, given, opened, states } from './support.ts';

const ping = image('ping', '1.0');
const crash = image('crash', '1.0');
const UPDATE = ['update', '--rollback-on-failure', ...PATIENT, '--image', crash];
const GOING_BACK = /^POST .*&rollback=previous/;

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
