/** `update` with the spec that is stored already: what the engine makes of it decides, and 0 is always observed. */
import { describe, expect, test } from '@jest/globals';
import { image, storedService, storedTasks, swarmroll, until } from '../support/swarm.ts';
import { BRISK, PATIENT, QUICK, create, expectReport, given, opened, posts, serviceName, states } from './support.ts';

const ping = image('ping', '1.0');
const next = image('ping', '1.1');
const crash = image('crash', '1.0');
const missing = image('ping', '9.9');

/** Runs an update through a proxy; gives how it ended, how long it took (ms), and the changes that it posted. */
async function watched(...words: readonly string[]) {
  const between = await opened();
  const began = Date.now();
  const ended = await swarmroll(['-H', between.host, 'update', ...words]);
  return { ...ended, took: Date.now() - began, posted: posts(between) };
}

const updateState = async (name: string) => (await storedService(name)).UpdateStatus?.State;

/** Waits until the engine says so of the service's update. */
const reaches = (name: string, state: string): Promise<true> =>
  until(`${name} to be ${state}`, async () => (await updateState(name)) === state || undefined);

describe('after the engine has paused', () => {
  test('a crashing image: the update is resumed and ends in the same way, with the failure and its log', async () => {
    const name = await given('again', ...QUICK, '--replicas', '2', ping);
    const update = [...PATIENT, '--image', crash, name];
    expect(await swarmroll(['update', ...update])).toMatchObject({ code: 4 });
    const again = await watched(...update);
    expect(again.code).toBe(4);
    expect(again.posted).toHaveLength(1);
    expect(again.stderr).toMatch(/resum/i);
    expectReport(again, new RegExp(`: ${name}: (resum.*|the engine paused the update: update paused.*)`));
    expect(again.stderr).toContain('task: non-zero exit (3)\n');
    expect(again.stderr).toMatch(/^ {4}\| crash: cannot open \/etc\/crash\.conf$/m);
    expect(again.stdout).toBe(`${name}\n`);
    expect(await updateState(name)).toBe('paused');
  });

  test('a missing image: resumed, and paused once more', async () => {
    const name = await given('again-missing', ...QUICK, ping);
    const update = [...PATIENT, '--no-resolve-image', '--image', missing, name];
    expect(await swarmroll(['update', ...update])).toMatchObject({ code: 4 });
    const again = await watched(...update);
    expect(again.code).toBe(4);
    expect(again.stderr).toMatch(/resum/i);
    expect(again.stderr).toContain(`No such image: ${missing}\n`);
  });

  test('what has been mended meanwhile: resumed, and 0 when all of it runs', async () => {
    const name = await given('mended', ...QUICK, '--replicas', '3', ping);
    const update = [...PATIENT, '--no-resolve-image', '--image', missing, name];
    expect(await swarmroll(['update', ...update])).toMatchObject({ code: 4 });
    const good = await watched('--update-monitor', '1s', '--image', next, name);
    expect(good.code).toBe(0);
    expect(await states(name)).toEqual({ 'ping:1.1 running': 3 });
  });

  test('-o json says what it was: one object, no word of "unchanged"', async () => {
    const name = await given('again-json', ...QUICK, ping);
    const update = [...PATIENT, '--image', crash, name];
    expect(await swarmroll(['update', ...update])).toMatchObject({ code: 4 });
    const again = await watched('-o', 'json', ...update);
    expect(again.code).toBe(4);
    expect(JSON.parse(again.stdout)).toMatchObject({
      verdict: 'paused',
      exitCode: 4,
      failures: [{ error: 'task: non-zero exit (3)', log: ['crash: cannot open /etc/crash.conf'] }],
    });
  });

  test('there is then no spec to go back to, and rollback says so', async () => {
    const name = await given('nowhere-back', ...QUICK, ping);
    const update = [...PATIENT, '--image', crash, name];
    expect(await swarmroll(['update', ...update])).toMatchObject({ code: 4 });
    expect(await swarmroll(['update', ...update])).toMatchObject({ code: 4 });
    const between = await opened();
    const back = await swarmroll(['-H', between.host, 'rollback', name]);
    expect(back.code).toBe(1);
    expect(back.stderr).toMatch(/^swarmroll: .*previous spec/m);
    expect(posts(between)).toEqual([]);
    expect(await updateState(name)).toBe('paused');
  });
});

describe('after failure action continue', () => {
  test.each([
    ['crash-looping', crash, 'task: non-zero exit (3)'],
    ['without an image', missing, `No such image: ${missing}`],
  ])('%s: nothing is posted, and it fails again', async (_, bad, error) => {
    const name = await given('looping', ...BRISK, '--update-failure-action', 'continue', ping);
    const update = ['--no-resolve-image', '--image', bad, name];
    expect(await swarmroll(['update', ...update])).toMatchObject({ code: 5 });
    const again = await watched(...update);
    expect(again.code).toBe(5);
    expect(again.posted).toEqual([]);
    expectReport(again, /: the update failed: /);
    expect(again.stderr).toContain(`${error}\n`);
    expect(again.stderr).not.toMatch(/unchanged|converged/);
  });

  test('restarts that are used up stay so', async () => {
    const flags = ['--update-failure-action', 'continue', '--restart-condition', 'none', '--replicas', '2'];
    const name = await given('used-up', ...QUICK, ...flags, ping);
    expect(await swarmroll(['update', '--image', crash, name])).toMatchObject({ code: 5 });
    const again = await watched('--image', crash, name);
    expect(again.code).toBe(5);
    expect(again.stderr).toContain('task: non-zero exit (3)\n');
  });
});

describe('while the update is still rolling', () => {
  const SLOW = ['--replicas', '3', '--update-delay', '4s'];

  test('nothing is posted, it is watched to its end', async () => {
    const name = await given('rolling', ...QUICK, ...SLOW, ping);
    expect(await swarmroll(['update', '--detach', '--image', next, name])).toMatchObject({ code: 0 });
    await reaches(name, 'updating');
    const again = await watched('--image', next, name);
    expect(again.code).toBe(0);
    expect(again.posted).toEqual([]);
    expect(again.stderr).not.toContain('unchanged');
    expect(again.stderr).toContain('overall progress: 3 out of 3 tasks');
    expect(await states(name)).toEqual({ 'ping:1.1 running': 3 });
    expect(await updateState(name)).toBe('completed');
  });

  test('the failure action stays armed: the engine rolls back, and that is the verdict', async () => {
    const flags = [...SLOW, '--update-failure-action', 'rollback'];
    const name = await given('armed', ...QUICK, ...flags, image('ping', '1.0'));
    // Its tasks fail after 8 s: there is time to come in between.
    const update = [...PATIENT, '--image', image('latecrash', '1.0'), name];
    expect(await swarmroll(['update', '--detach', ...update])).toMatchObject({ code: 0 });
    await reaches(name, 'updating');
    const again = await watched(...update);
    expect(again.posted).toEqual([]);
    expect(again.code).toBe(3);
    expect(again.stderr).toContain('task: non-zero exit (1)');
    expect(await states(name)).toEqual({ 'ping:1.0 running': 3 });
  });

  test('a create that is on its way is watched as well', async () => {
    const name = serviceName('coming');
    const words = ['create', '--detach', '--name', name, ...QUICK, '--replicas', '2', image('healthy', '1.0')];
    expect(await swarmroll(words)).toMatchObject({ code: 0 });
    const again = await watched('--image', image('healthy', '1.0'), name);
    expect(again.code).toBe(0);
    expect(again.posted).toEqual([]);
    expect(again.took).toBeGreaterThan(2_000);
    expect(await states(name)).toEqual({ 'healthy:1.0 running': 2 });
  });
});

describe('where all tasks run', () => {
  test('for the monitor period already: unchanged, nothing posted, under a second', async () => {
    const name = await given('unchanged', ...QUICK, '--replicas', '3', ping);
    const { Version } = await storedService(name);
    const again = await watched('--image', ping, name);
    expect(again).toMatchObject({ code: 0, stdout: `${name}\n`, posted: [] });
    expect(again.stderr).toContain('unchanged');
    expect(again.took).toBeLessThan(1_000);
    const json = await watched('-o', 'json', '--image', ping, name);
    expect(JSON.parse(json.stdout)).toMatchObject({ verdict: 'unchanged', exitCode: 0 });
    expect((await storedService(name)).Version).toEqual(Version);
  });

  test('but not yet for the monitor period: they are watched for the rest of it', async () => {
    const name = serviceName('young');
    const monitor = 6_000;
    const words = ['--name', name, ...BRISK, '--update-monitor', `${monitor}ms`, '--replicas', '2', ping];
    expect(await swarmroll(['create', '--detach', ...words])).toMatchObject({ code: 0 });
    const running = async () => (await states(name))['ping:1.0 running'] === 2 || undefined;
    await until('both tasks to run', running);
    const again = await watched('--image', ping, name);
    expect(again).toMatchObject({ code: 0, posted: [] });
    const since = (await storedTasks(name)).map(({ Status }) => Date.parse(Status.Timestamp ?? ''));
    expect(Date.now() - Math.max(...since)).toBeGreaterThan(monitor);
  });

  test('all but one, which finds no node: not unchanged', async () => {
    const flags = [...QUICK, '--replicas', '4', '--replicas-max-per-node', '1'];
    const { name } = await create('no-room', ['--detach', ...flags, ping]);
    await until('three tasks to run', async () => (await states(name))['ping:1.0 running'] === 3 || undefined);
    const again = await watched('--progress-deadline', '4s', '--image', ping, name);
    expect(again.code).toBe(5);
    expect(again.posted).toEqual([]);
    expect(again.stderr).toContain('no suitable node (max replicas per node limit exceed');
  });
});
