/** Rolled back is said once the previous spec runs again, as seen; if it does not, it is 5 with both causes. */
import { describe, expect, test } from '@jest/globals';
import { image, pullError, storedService, swarmroll } from '../support/swarm.ts';
import { BRISK, PATIENT, QUICK, expectCode, given, remembered, states } from './support.ts';

const ping = image('ping', '1.0');
const crash = image('crash', '1.0');
const missing = image('ping', '9.9');
const ROLLBACK = ['--update-failure-action', 'rollback'];

describe('the engine says completed before all of it runs', () => {
  test.each([
    ['replicated', ['--replicas', '5'], 5],
    ['global', ['--mode', 'global', '--update-parallelism', '0'], 3],
  ])('%s: 3 once they do, and the last picture is whole', async (_, flags, tasks) => {
    // The task that takes the place of the failed one is of the previous spec, and starts only after 5 s.
    const slowly = [...QUICK, '--restart-delay', '5s', ...ROLLBACK];
    const name = await given('whole', ...slowly, ...flags, ping);
    const ended = await swarmroll(['update', ...PATIENT, '--rollback-monitor', '0s', '--image', crash, name]);
    expectCode(ended, 3);
    // At once, not after a while.
    expect(await states(name)).toEqual({ 'ping:1.0 running': tasks });
    expect((await storedService(name)).UpdateStatus?.State).toMatch(/completed$/);
    const counts = ended.stderr.match(/\d+ out of \d+/g) ?? [];
    expect(counts.at(-1)).toBe(`${tasks} out of ${tasks}`);
    expect(ended.stderr).toMatch(new RegExp(`${tasks} out of ${tasks}( tasks)? run the previous spec`));
    expect(ended.stderr).toContain('task: non-zero exit (3)\n');
    expect(ended.stderr).toContain('    | crash: cannot open /etc/crash.conf\n');
  });
});

describe('the previous spec does not run either: 5, with both causes', () => {
  const memory = remembered('memory');
  // Runs once on a node and never again.
  const script =
    'if [ -e /data/$KEY ]; then echo "memory: has run" >&2; exit 3; fi; touch /data/$KEY; trap "exit 0" TERM; sleep 3600 & wait';
  const once = (key: string): string[] => [
    ...memory.flags,
    ...['--env', `KEY=${key}`, '--rollback-failure-action', 'continue'],
  ];

  test('its tasks fail', async () => {
    const name = await given(
      'neither',
      ...BRISK,
      '--update-monitor',
      '1s',
      ...ROLLBACK,
      ...once('a'),
      ping,
      'sh',
      '-c',
      script,
    );
    const ended = await swarmroll([
      'update',
      '--update-monitor',
      '30s',
      '--no-resolve-image',
      '--image',
      missing,
      name,
    ]);
    expectCode(ended, 5);
    expect(ended.stderr).toMatch(/^swarmroll: .*rolled it back/m);
    expect(ended.stderr).toMatch(new RegExp(`${pullError(missing)}\n`));
    expect(ended.stderr).toContain('task: non-zero exit (3)\n');
    expect(ended.stderr).toContain('    | memory: has run\n');
    expect((await storedService(name)).Spec.TaskTemplate.ContainerSpec?.Image).toContain('ping:1.0');
  });

  test('its tasks end and will not be restarted', async () => {
    const none = ['--restart-condition', 'none'];
    const name = await given(
      'ends',
      ...BRISK,
      ...none,
      '--update-monitor',
      '1s',
      ...ROLLBACK,
      ...once('b'),
      ping,
      'sh',
      '-c',
      script,
    );
    const ended = await swarmroll([
      'update',
      '--update-monitor',
      '30s',
      '--no-resolve-image',
      '--image',
      missing,
      name,
    ]);
    expectCode(ended, 5);
    expect(ended.stderr).toMatch(/^swarmroll: .*rolled it back/m);
    expect(ended.stderr).toMatch(new RegExp(`${pullError(missing)}\n`));
    expect(ended.stderr).toContain('task: non-zero exit (3)\n');
  });
});
