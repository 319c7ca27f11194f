/** `update` with the spec that is stored already: what the engine makes of it decides, and 0 is always observed. */
import { describe, expect, test } from '@jest/globals';
import {
  image,
  said,
  startSwarmroll,
  storedService,
  storedTasks,
  swarmroll,
  until,
} from '../support/swarm.ts';
import type { Task } from '../../../src/api/service.ts';
import {
  BRISK,
  QUICK,
  UNTIL_OPEN,
  create,
  expectCode,
  given,
  opened,
  posts,
  remembered,
  serviceName,
  states,
} from './support.ts';

const ping = image('ping', '1.0');
const next = image('ping', '1.1');
const crash = image('crash', '1.0');
/** See PATIENT. */
const LONG_MONITOR = ['--update-monitor', '30s'];
const NEVER_HEALTHY = ['--health-cmd', 'exit 1', '--health-interval', '1h'];

/** Runs an update through a proxy; gives how it ended, and what it posted. */
async function watched(...words: readonly string[]) {
  const between = await opened();
  const ended = await swarmroll(['-H', between.host, 'update', ...words]);
  return { ...ended, posted: posts(between) };
}

/** Whether a task runs, is over, or waits for its restart delay to pass. */
const isAtRest = ({ DesiredState, Status: { State } }: Task): boolean =>
  DesiredState === State || ['failed', 'rejected', 'complete', 'shutdown'].includes(State);

const updateState = async (name: string) => (await storedService(name)).UpdateStatus?.State;

/** Waits until the engine says so of the service's update. */
const reaches = (name: string, state: string): Promise<true> =>
  until(`${name} to be ${state}`, async () => (await updateState(name)) === state || undefined);

describe('after the engine has paused', () => {
  // A task with a health check runs only once that says so: it fails before the engine turns to the next slot. And
  // a slot that has failed is tried again only after a minute. So each run costs one slot.
  const SLOWLY = ['--replicas', '3', '--restart-delay', '60s'];

  /** An update that the engine has paused, and the words that made it. */
  async function paused(stem: string, flags: readonly string[] = SLOWLY) {
    const name = await given(stem, ...QUICK, ...flags, ping);
    const update = ['--no-resolve-image', ...LONG_MONITOR, ...NEVER_HEALTHY, '--image', crash, name];
    expectCode(await swarmroll(['update', ...update]), 4);
    // Until the tasks that it has begun with are there or over, the engine's updater is not gone, and ignores a spec that
    // equals its own (swarmkit manager/orchestrator/update/updater.go, Supervisor.Update).
    await until('the updater to end', async () => (await storedTasks(name)).every(isAtRest) || undefined);
    return { name, update };
  }

  test('resumed, and it ends in the same way, with the failure and its log', async () => {
    const { name, update } = await paused('again');
    const again = await watched(...update);
    expectCode(again, 4);
    expect(again.posted).toHaveLength(1);
    expect(again.stderr).toMatch(/resum/i);
    expect(again.stderr).toContain(`swarmroll: ${name}: the engine paused the update: update paused`);
    expect(again.stderr).toContain('task: non-zero exit (3)\n');
    expect(again.stderr).toContain('    | crash: cannot open /etc/crash.conf\n');
    expect(again.stdout).toBe(`${name}\n`);
    expect(await updateState(name)).toBe('paused');
  });

  test('with no old task left: the engine has nothing to pause over, and it is 5', async () => {
    const { update } = await paused('none-left', ['--replicas', '1']);
    const again = await watched(...update);
    expectCode(again, 5);
    expect(again.stderr).toMatch(/resum/i);
    expect(again.stderr).toContain('task: non-zero exit (3)\n');
  });
});

describe('after failure action continue', () => {
  test('restarts that are used up stay so', async () => {
    const flags = ['--update-failure-action', 'continue', '--restart-condition', 'none', '--replicas', '2'];
    const name = await given('used-up', ...QUICK, ...flags, ping);
    const update = [...LONG_MONITOR, '--image', crash, name];
    expectCode(await swarmroll(['update', ...update]), 5);
    const again = await watched(...update);
    expectCode(again, 5);
    expect(again.posted).toEqual([]);
    expect(again.stderr).not.toMatch(/unchanged|converged/);
    expect(again.stderr).toContain('task: non-zero exit (3)\n');
  });
});

describe('while the update is still rolling', () => {
  /** Starts a second `update` through a proxy. Once it watches the first one, that may go on. */
  async function joined(watches: RegExp, goOn: () => Promise<unknown>, ...words: readonly string[]) {
    const between = await opened();
    const rollout = startSwarmroll(['-H', between.host, 'update', ...words]);
    await said(rollout, watches);
    await goOn();
    return { ...(await rollout.ended), posted: posts(between) };
  }
  const ROLLING = /already rolling out this spec/;

  test('nothing is posted, it is watched to its end', async () => {
    const { flags, make } = remembered('rolling');
    const name = await given('rolling', ...QUICK, ...flags, '--replicas', '3', ping);
    const update = [...UNTIL_OPEN, '--image', next, name];
    expectCode(await swarmroll(['update', '--detach', ...update]), 0);
    await reaches(name, 'updating');
    const again = await joined(ROLLING, () => make('open'), ...update);
    expectCode(again, 0);
    expect(again.posted).toEqual([]);
    expect(again.stderr).not.toContain('unchanged');
    expect(again.stderr).toContain('overall progress: 3 out of 3 tasks');
    expect(await states(name)).toEqual({ 'ping:1.1 running': 3 });
    expect(await updateState(name)).toBe('completed');
  });
});

describe('where all tasks run', () => {
  test('but not yet for the monitor period: they are watched for the rest of it', async () => {
    const name = serviceName('young');
    const monitor = 6_000;
    const words = ['--name', name, ...BRISK, '--update-monitor', `${monitor}ms`, '--replicas', '2', ping];
    expectCode(await swarmroll(['create', '--detach', ...words]), 0);
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
    await until(
      'the fourth task to find no node',
      async () =>
        (await storedTasks(name)).some(({ Status }) => /max replicas/.test(Status.Err ?? '')) || undefined,
    );
    const again = await watched('--progress-deadline', '8s', '--image', ping, name);
    expectCode(again, 5);
    expect(again.posted).toEqual([]);
    expect(again.stderr).toContain('no suitable node (max replicas per node limit exceed');
  });
});
