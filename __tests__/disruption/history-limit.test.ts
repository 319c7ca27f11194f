/** A swarm that keeps no history: the log of a failed task is read before the engine deletes the task. */
import { afterAll, expect, test } from '@jest/globals';
import { PATIENT, QUICK, create, expectCode, given } from '../integration/rollout/support.ts';
import { docker, image, orThrow, swarmroll } from '../integration/support/swarm.ts';

const keep = (count: number) => orThrow(docker)('swarm', 'update', '--task-history-limit', String(count));
// The engine's default.
afterAll(() => keep(5));

test.each([0, 1])('%i old tasks are kept: the report has the log, and the way back', async (limit) => {
  await keep(limit);
  const created = await create('crashes', [
    '--replicas',
    '2',
    '--restart-delay',
    '1s',
    image('crash', '1.0'),
  ]);
  expectCode(created, 5);
  expect(created.stderr).toContain('    | crash: cannot open /etc/crash.conf\n');
  const name = await given('paused', ...QUICK, image('ping', '1.0'));
  const updated = await swarmroll(['update', ...PATIENT, '--image', image('crash', '1.0'), name]);
  expectCode(updated, 4);
  // No task of the spec before is kept, but the engine keeps the spec itself.
  expect(updated.stderr).toContain(`  swarmroll rollback ${name}   # `);
  expectCode(await swarmroll(['rollback', '--quiet', name]), 0);
});
