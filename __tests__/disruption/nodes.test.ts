/** Nodes that go away in the middle of a rollout: what is said, and that the verdict is the one the engine deserves. */
import { describe, expect, test } from '@jest/globals';
import {
  PATIENT,
  QUICK,
  expectReport,
  given,
  halfWay,
  serviceName,
  states,
} from '../integration/rollout/support.ts';
import {
  image,
  said,
  startSwarmroll,
  storedService,
  swarm,
  swarmroll,
} from '../integration/support/swarm.ts';
import { activate, cordon, pause, restart, restoreAfterwards, unpause } from './nodes.ts';

const ping = image('ping', '1.0');
const next = image('ping', '1.1');

restoreAfterwards();

/**
 * The exit code that the engine's own word deserves: a manager that was away may find that its workers were, too,
 * and pause the update over the tasks that it lost.
 */
async function deserved(name: string): Promise<number | undefined> {
  const state = (await storedService(name)).UpdateStatus?.State;
  return state === 'completed' ? 0 : state === 'paused' ? 4 : undefined;
}

/**
 * What was said of the way to the manager: "lost back". On a busy machine, a manager that has just started may answer once
 * and not again before its workers are back: then it is lost and back twice.
 */
const contact = (text: string): string =>
  [...text.matchAll(/the manager (can't be reached, trying again|answers again)/g)]
    .map(([, what]) => (what === 'answers again' ? 'back' : 'lost'))
    .join(' ');
const LOST_AND_BACK = /^lost back( lost back)?$/;

describe('a worker hangs', () => {
  test('the node is reported, its tasks move, the update converges', async () => {
    // All of the old tasks are there, so that the update can't be through before the node is missed; no new task
    // on its way to it: the engine itself can get stuck over one.
    const there = 'node.hostname==worker2';
    const name = await given(
      'worker',
      ...QUICK,
      '--replicas',
      '4',
      '--update-delay',
      '5s',
      '--constraint',
      there,
      ping,
    );
    const elsewhere = ['--constraint-rm', there, '--constraint-add', 'node.hostname!=worker2'];
    const { ended } = await halfWay(name, ...elsewhere);
    await pause(swarm.worker2);
    const last = await ended;
    expect(last.stderr).toContain('node worker2 is down\n');
    expect(last.code).toBe(0);
    expect((await storedService(name)).UpdateStatus?.State).toBe('completed');
  });

  test('with nowhere else to go: the deadline ends it, and the reason is the node', async () => {
    const flags = ['--replicas', '2', '--constraint', 'node.hostname==worker2'];
    const name = await given('only', ...QUICK, ...flags, ping);
    await pause(swarm.worker2);
    const rollout = startSwarmroll(['update', '--image', next, '--progress-deadline', '45s', name]);
    const last = await rollout.ended;
    expect(last.code).toBe(5);
    expectReport(last, /: the update failed: nothing has moved for \d+s \(0 out of 2 tasks\)$/);
    expect(last.stderr).toContain('  node worker2 is down\n');
    expect(last.stderr).toContain('  docker node ls   # ');
  });
});

describe('a node that the engine waits for', () => {
  test('is reported at once, and again at the timeout; no other task is replaced', async () => {
    const onWorkers = ['--replicas', '2', '--constraint', 'node.role==worker'];
    const name = await given('awaited', ...QUICK, ...onWorkers, ping);
    const check = [
      '--health-cmd',
      'test -e /tmp/ready',
      '--health-interval',
      '1s',
      '--health-retries',
      '1000',
    ];
    const late = 'sh -c "trap \'exit 0\' TERM; sleep 120 & wait $!; touch /tmp/ready; sleep 3600 & wait $!"';
    const rollout = startSwarmroll(['update', '--timeout', '60s', ...check, '--args', late, name]);
    const starting = /: starting on (worker[12])/;
    await said(rollout, starting);
    const where = starting.exec(rollout.stderr())?.[1] ?? '';
    await pause(where === 'worker1' ? swarm.worker1 : swarm.worker2);
    const last = await rollout.ended;
    expect(last.code).toBe(124);
    const waits = `the engine waits for ${name}\\.\\d on ${where}, which is down, and goes on only when that node is back`;
    expect(last.stderr).toMatch(new RegExp(`Z waiting: ${waits}$`, 'm'));
    expect(last.stderr).toMatch(new RegExp(`: not converged after 1m0s \\(.*\\); ${waits}$`, 'm'));
    expect((await storedService(name)).UpdateStatus?.State).toBe('updating');
    expect(await states(name)).toMatchObject({ 'ping:1.0 running': 1 });
  });

  test('with a task of a global job: the job is not done without it', async () => {
    const sleeps = ['sh', '-c', 'sleep 20 & wait $!'];
    const words = ['--timeout', '75s', '--mode', 'global-job', ping, ...sleeps];
    const name = serviceName('job-down');
    const rollout = startSwarmroll(['create', '--name', name, ...words]);
    await said(rollout, /worker2: running/);
    await pause(swarm.worker2);
    const last = await rollout.ended;
    expect(last.code).toBe(124);
    expect(last.stderr).toContain('(2 out of 3 tasks)');
    expect(last.stderr).toMatch(new RegExp(`^  waiting: ${name} on worker2, which is down$`, 'm'));
    expect((await states(name))['ping:1.0 complete']).toBeGreaterThanOrEqual(2);
  });
});

describe('a paused node', () => {
  test('keeps the old task of a global service: 0, and a note names the node', async () => {
    const name = await given('paused', ...QUICK, '--mode', 'global', '--update-parallelism', '0', ping);
    await cordon('worker2');
    const note = 'worker2 is paused: its task keeps the old spec until the node is active';
    for (const words of [['update', '--rollback-on-failure', '--image', next], ['wait'], ['restart']]) {
      const ended = await swarmroll([...words, name]);
      expect(ended.stderr).toContain(`verify: Service ${name} converged; ${note}\n`);
      expect(ended.code).toBe(0);
    }
    expect((await storedService(name)).UpdateStatus?.State).toBe('completed');
    expect(await states(name)).toEqual({ 'ping:1.1 running': 2, 'ping:1.0 running': 1 });
    await activate('worker2');
    expect((await swarmroll(['wait', name])).code).toBe(0);
    expect(await states(name)).toEqual({ 'ping:1.1 running': 3 });
  });
});

describe('the manager', () => {
  const onWorkers = ['--constraint', 'node.role==worker', '--replicas', '3', '--update-delay', '4s'];

  test('restarts: said when it goes and when it is back, then the verdict', async () => {
    const name = await given('restart', ...QUICK, ...onWorkers, ping);
    const { ended } = await halfWay(name);
    await restart(swarm.manager);
    const last = await ended;
    expect(last.code).toBe(await deserved(name));
    expect(contact(last.stderr)).toMatch(LOST_AND_BACK);
    if (last.code === 0) expect(await states(name)).toEqual({ 'ping:1.1 running': 3 });
  });

  test('restarts during the undo of --rollback-on-failure: the undo is sent once, and watched to its end', async () => {
    const name = await given('back', ...QUICK, '--constraint', 'node.role==worker', ping);
    const { Spec } = await storedService(name);
    const change = [...PATIENT, '--image', image('crash', '1.0'), '--update-failure-action', 'pause'];
    const rollout = startSwarmroll(['update', '--rollback-on-failure', ...change, name]);
    await said(rollout, /undoing the change/);
    await restart(swarm.manager);
    const last = await rollout.ended;
    expect(last.code).toBe(3);
    expect(last.stderr).toContain('non-zero exit (3)');
    expect(last.stderr.match(/undoing the change/g)).toHaveLength(1);
    expect((await storedService(name)).Spec.TaskTemplate).toEqual(Spec.TaskTemplate);
    expect(await states(name)).toMatchObject({ 'ping:1.0 running': 1 });
  });

  test('hangs until that is noticed: said when it goes and when it is back, then the verdict', async () => {
    const name = await given('hang', ...QUICK, ...onWorkers, ping);
    const rollout = await halfWay(name);
    await pause(swarm.manager);
    await said(rollout, /can't be reached/);
    await unpause(swarm.manager);
    const last = await rollout.ended;
    expect(last.code).toBe(await deserved(name));
    expect(contact(last.stderr)).toMatch(LOST_AND_BACK);
    expect(last.stderr).toContain("the manager can't be reached, trying again: no answer from");
    if (last.code === 0) expect(await states(name)).toEqual({ 'ping:1.1 running': 3 });
  });

  test('is not back within the progress deadline: exit 1, with the last known count of tasks', async () => {
    const name = await given('lost', ...QUICK, ...onWorkers, ping);
    const { ended } = await halfWay(name, '--progress-deadline', '6s');
    await pause(swarm.manager);
    const last = await ended;
    expect(last.code).toBe(1);
    expectReport(last, /: lost contact with the manager \d+s ago \(\d out of 3 tasks\): no answer from tcp:/);
    expect(last.stderr).toContain(`  swarmroll ps ${name}   # once the manager answers again`);
    const [, since] = /lost contact with the manager (\d+)s ago/.exec(last.stderr) ?? [];
    expect(Number(since)).toBeGreaterThanOrEqual(6);
  });
});
