/** Updates that the engine itself ends: rolled back (3) and paused (4), with the reason. */
import { describe, expect, test } from '@jest/globals';
import { image, pullError, storedService, storedTasks, swarmroll, until } from '../support/swarm.ts';
import {
  BRISK,
  PATIENT,
  QUICK,
  create,
  expectReport,
  given,
  openedAfterChange,
  remembered,
  states,
} from './support.ts';

const ping = image('ping', '1.0');
const crash = image('crash', '1.0');
const missing = image('ping', '9.9');

describe('rolled back: exit 3', () => {
  test.each([
    ['replicated', ['--replicas', '3'], 3],
    ['start-first', ['--replicas', '2', '--update-order', 'start-first'], 2],
  ])('%s, with a crashing image', async (stem, flags, tasks) => {
    const name = await given(stem, ...QUICK, ...flags, '--update-failure-action', 'rollback', ping);
    const ended = await swarmroll(['update', ...PATIENT, '--image', crash, name]);
    expect(ended.code).toBe(3);
    // A rollback that finds nothing left to replace is over at once, and then the engine no longer says why.
    expectReport(
      ended,
      /: the update failed and the engine rolled it back(: update rolled back due to failure.*)?$/,
    );
    expect(ended.stdout).toBe(`${name}\n`);
    // Which spec failed and which is back, and why: the task, where, its error, its log.
    expect(ended.stderr).toMatch(/^ {2}failed: {2}registry:5000\/crash:1\.0@sha256:[0-9a-f]{12}$/m);
    expect(ended.stderr).toMatch(/^ {2}running: registry:5000\/ping:1\.0@sha256:[0-9a-f]{12}$/m);
    expect(ended.stderr).toMatch(/^ {2}(\d\/\d )?task \w{25} on \w+ failed.*: task: non-zero exit \(3\)$/m);
    expect(ended.stderr).toMatch(/^ {4}\| crash: cannot open \/etc\/crash\.conf$/m);
    expect(ended.stderr).toContain(`  swarmroll ps --no-trunc ${name}   # `);
    // The engine may say so while the last task is still on its way.
    await until(
      'all tasks to run',
      async () => (await states(name))['ping:1.0 running'] === tasks || undefined,
    );
    expect(await states(name)).toEqual({ 'ping:1.0 running': tasks });
    // A busy engine may call it "completed" (seen on 28.5): what counts is that the spec before runs.
    expect((await storedService(name)).UpdateStatus?.State).toMatch(/completed$/);
  });

  test('a missing image is named in full; the change of another field is told as such', async () => {
    const name = await given('missing', ...QUICK, '--update-failure-action', 'rollback', ping);
    const ended = await swarmroll(['update', ...PATIENT, '--no-resolve-image', '--image', missing, name]);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toMatch(new RegExp(`rejected: ${pullError(missing)}\n`));

    const args = await swarmroll(['update', ...PATIENT, '--args', 'false', name]);
    expect(args.code).toBe(3);
    expect(args.stderr).toMatch(/^ {2}running: registry:5000\/ping:1\.0@\S+, as it was before the update$/m);
    expect((await storedService(name)).Spec.TaskTemplate.ContainerSpec?.Args ?? []).toEqual([]);
  });

  test('what has failed by the first poll is named as well', async () => {
    const name = await given('early', ...QUICK, '--update-failure-action', 'rollback', ping);
    const rejected = async () =>
      (await storedTasks(name)).some(({ Status }) => Status.State === 'rejected') || undefined;
    const slow = await openedAfterChange(() => until('the task to be rejected', rejected));
    const words = ['update', ...PATIENT, '--no-resolve-image', '--image', missing, name];
    const ended = await swarmroll(words, { env: { DOCKER_HOST: slow.host } });
    expect(ended.code).toBe(3);
    expect(ended.stderr).toMatch(new RegExp(`rejected: ${pullError(missing)}\n`));
  });
});

describe('paused: exit 4', () => {
  test('the update', async () => {
    const name = await given('pause', ...QUICK, '--replicas', '3', ping);
    const ended = await swarmroll(['update', ...PATIENT, '--image', crash, name]);
    expect(ended.code).toBe(4);
    expectReport(ended, new RegExp(`: ${name}: the engine paused the update: update paused due to failure`));
    expect(ended.stderr).toMatch(/^ {4}\| crash: cannot open/m);
    expect(ended.stderr).toContain(`  swarmroll rollback ${name}   # `);
    const { UpdateStatus, Spec } = await storedService(name);
    expect(UpdateStatus?.State).toBe('paused');
    expect(Spec.TaskTemplate.ContainerSpec?.Image).toContain('crash:1.0');
  });

  test('the rollback; there is then no spec to roll back to', async () => {
    // Runs once and never again.
    const script =
      'if [ -e /data/ran ]; then exit 3; fi; touch /data/ran; trap "exit 0" TERM; sleep 3600 & wait';
    const flags = [...remembered('once').flags, '--update-failure-action', 'rollback'];
    const name = await given('rollback', ...BRISK, ...flags, ping, 'sh', '-c', script);
    const limits = [...PATIENT, '--max-failures', '3'];
    const ended = await swarmroll(['update', ...limits, '--no-resolve-image', '--image', missing, name]);
    // Now and then the engine calls the rollback completed before the task has failed. Then the task goes on failing.
    const state = (await storedService(name)).UpdateStatus?.State;
    if (state === 'rollback_completed') {
      expect(ended.code).toBe(5);
      expectReport(ended, /the engine rolled it back.*; the previous spec does not run either: /);
    } else {
      expect([state, ended.code]).toEqual(['rollback_paused', 4]);
      expectReport(ended, new RegExp(`: ${name}: the engine paused the rollback: `));
      expect(ended.stderr).toContain('task: non-zero exit (3)');
    }
    expect(ended.stderr).toMatch(new RegExp(pullError(missing)));
    expect(ended.stderr).not.toContain('swarmroll rollback');
  });

  test('a rollback that was asked for, to a spec that fails', async () => {
    const words = ['--detach', ...BRISK, '--rollback-monitor', '30s', '--replicas', '2', crash];
    const { name } = await create('asked', words);
    expect(await swarmroll(['update', '--quiet', '--image', ping, name])).toMatchObject({ code: 0 });
    const ended = await swarmroll(['rollback', '--max-failures', '0', name]);
    expect(ended.code).toBe(4);
    expectReport(ended, new RegExp(`: ${name}: the engine paused the rollback: `));
    expect(ended.stderr).toContain('task: non-zero exit (3)');
    expect(ended.stderr).not.toContain('swarmroll rollback');
    expect((await storedService(name)).UpdateStatus?.State).toBe('rollback_paused');
  });

  test('a task that ends by itself is named, though it has not failed', async () => {
    const flags = ['--replicas', '2', '--restart-condition', 'none'];
    const name = await given('one-shot', ...QUICK, ...flags, image('oneshot', '1.0'));
    const ended = await swarmroll(['update', ...PATIENT, '--env-add', 'RUN=2', name]);
    expect(ended.code).toBe(4);
    expect(ended.stderr).toMatch(/task \w{25} on \w+ complete: ended within the monitor period/);
    expect(ended.stderr).toMatch(/^ {4}\| oneshot: done$/m);
  });

  test('what fails late, but within the monitor period', async () => {
    const name = await given('late', ...QUICK, ping);
    const started = Date.now();
    const ended = await swarmroll(['update', ...PATIENT, '--image', image('latecrash', '1.0'), name]);
    expect(ended.code).toBe(4);
    expect(Date.now() - started).toBeGreaterThan(8_000);
    expect(ended.stderr).toMatch(/^ {4}\| latecrash: lost its database$/m);
    expect(ended.stderr).toContain('task: non-zero exit (1)');
  });

  test('an unhealthy image', async () => {
    // Each restart of the task costs an old one of its slot.
    const name = await given('unhealthy', ...QUICK, '--restart-delay', '60s', ping);
    const ended = await swarmroll(['update', ...PATIENT, '--image', image('unhealthy', '1.0'), name]);
    expect(ended.code).toBe(4);
    expect(ended.stderr).toContain('unhealthy container');
    const failed = (await storedTasks(name)).filter(({ Status }) => Status.State === 'failed');
    expect(failed.map(({ ID }) => ID)).toContainEqual(
      expect.stringMatching(/ task (\w{25}) on/.exec(ended.stderr)?.[1] ?? 'none'),
    );
  });
});
