/** A paused update goes on with the next change, whatever it changes: the plan says so, and the engine does so. */
import { expect, test } from '@jest/globals';
import { PATIENT, QUICK, expectCode, given } from '../rollout/support.ts';
import { image, storedService, swarmroll, until } from '../support/swarm.ts';

test('a scale', async () => {
  const flags = [...QUICK, '--update-failure-action', 'pause', '--replicas', '3'];
  const name = await given('dry-paused', ...flags, image('ping', '1.0'));
  expectCode(await swarmroll(['update', ...PATIENT, '--image', image('crash', '1.0'), name]), 4);
  const paused = await storedService(name);

  const plan = await swarmroll(['scale', '--dry-run', `${name}=4`]);
  expect(plan.stdout).toContain('note: resumes the update that the engine has paused\n');
  expect(plan.stdout).toContain('note: the engine forgets the spec from before the paused update: ');
  expectCode(await swarmroll(['scale', '--detach', `${name}=4`]), 0);

  const { PreviousSpec } = await storedService(name);
  expect(PreviousSpec).toEqual(paused.Spec);
  await until('the engine to go on', async () => {
    const { UpdateStatus } = await storedService(name);
    const { StartedAt } = UpdateStatus ?? {};
    return (StartedAt !== undefined && StartedAt !== paused.UpdateStatus?.StartedAt) || undefined;
  });
});
