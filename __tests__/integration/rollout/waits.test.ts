/** What the spec or the engine asks to wait for is waited for, and said; the engine's own end state is compared. */
import { describe, expect, test } from '@jest/globals';
import { violations } from '../../support/schema.ts';
import {
  docker,
  image,
  orThrow,
  storedService,
  storedTasks,
  swarmroll,
  uniqueName,
  until,
} from '../support/swarm.ts';
import { BRISK, FAILING, QUICK, create, expectCode, expectReport, given, states } from './support.ts';

const ping = image('ping', '1.0');
const next = image('ping', '1.1');
const crash = image('crash', '1.0');
/** PID 1 of the image has no handler for this signal, so the container ends with the grace period. */
const deaf = (grace: string): string[] => ['--stop-signal', 'SIGUSR1', '--stop-grace-period', grace];

describe('longer than the progress deadline', () => {
  // A busy machine needs seconds to start a container, which is no wait of the engine's.
  const DEADLINE = ['--progress-deadline', '8s'];

  test('the update delay, also after the last task; then the engine monitors for the delay and a second', async () => {
    const name = await given('delay', ...BRISK, '--replicas', '2', '--update-delay', '9s', ping);
    const ended = await swarmroll(['update', ...DEADLINE, '--rollback-on-failure', '--image', next, name]);
    expectCode(ended, 0);
    expect((await storedService(name)).UpdateStatus?.State).toBe('completed');
    expect(await states(name)).toEqual({ 'ping:1.1 running': 2 });
    expect(ended.stderr).toContain('verify: Waiting 19 seconds to verify that tasks are stable...');
  });

  test('the grace period of old tasks, stop-first; JSON and plain tell of it', async () => {
    const name = await given('grace', ...deaf('14s'), '--update-monitor', '1s', ping);
    const ended = await swarmroll(['update', ...DEADLINE, '--progress', 'json', '--image', next, name]);
    expectCode(ended, 0);
    expect(await states(name)).toEqual({ 'ping:1.1 running': 1 });
    const changes = ended.stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(changes.flatMap((change) => violations('progress', change))).toEqual([]);
    expect(changes).toContainEqual(
      expect.objectContaining({
        type: 'waiting',
        text: expect.stringMatching(
          /^waiting: 1 old task stops \(grace period 14s, \ds left\): grace-\S+\.1 on (manager|worker[12])$/,
        ) as unknown,
        waits: expect.arrayContaining([expect.objectContaining({ reason: 'stop', count: 1 })]) as unknown,
      }),
    );
  });

  test('the start period of a health check', async () => {
    const late = 'trap "exit 0" TERM; sleep 12; touch /tmp/ready; sleep 3600 & wait $!';
    const health = [
      '--health-cmd',
      'test -e /tmp/ready',
      '--health-interval',
      '1s',
      '--health-start-period',
      '30s',
    ];
    const ended = await create('period', [...QUICK, ...DEADLINE, ...health, ping, 'sh', '-c', late]);
    expectCode(ended, 0);
    expect(await states(ended.name)).toEqual({ 'ping:1.0 running': 1 });
    expect(ended.stderr).toMatch(/ 1\/1: starting on \w+: waiting for its health check\n/);
  });

  test('the restart delay', async () => {
    const flags = [...FAILING, '--restart-delay', '12s', '--max-failures', '2', ...DEADLINE];
    const ended = await create('restart-delay', [...flags, crash]);
    expectCode(ended, 5);
    expectReport(ended, /: the new service failed: task 1\/1 failed 2 times in a row$/);
  });
});

describe('failures, while the engine waits for the end of old tasks', () => {
  test('the engine does not count a failure that is older than the monitor period, and that is said', async () => {
    // Slot 1 fails at once. If it is updated first, the other one takes longer than the monitor period to stop. That period is
    // long enough for a busy engine to tell of the failures in it: a task that runs for longer counts as stable.
    const flags = [...BRISK, ...deaf('15s'), '--replicas', '2'];
    const service = await given('missed', ...flags, ping);
    const fails = 'sh -c "test $SLOT != 1 || exit 3; exec sleep 3600"';
    const change = ['--update-monitor', '6s', '--env-add', 'SLOT={{.Task.Slot}}', '--args', fails];
    const ended = await swarmroll(['update', ...change, service]);
    const { UpdateStatus } = await storedService(service);
    // Which slot comes first is up to the engine: where the failing one is the last, it pauses.
    expect([UpdateStatus?.State, ended.code]).toEqual(
      UpdateStatus?.State === 'paused' ? ['paused', 4] : ['completed', 5],
    );
    if (ended.code === 5)
      expectReport(
        ended,
        /failed 3 times in a row; the engine called the update completed without counting this failure$/,
      );
  });
});

describe('a health check that fails in a container that exits with 0', () => {
  const unhealthy = ['--health-cmd', 'exit 1', '--health-interval', '1s', '--health-retries', '2'];

  test('of a one-shot: 5, for create and for wait', async () => {
    const ended = await create('unhealthy', [
      ...QUICK,
      '--restart-condition',
      'on-failure',
      ...unhealthy,
      ping,
    ]);
    expectCode(ended, 5);
    expectReport(ended, /: task 1\/1 was stopped because its health check failed$/);
    expect(ended.stderr).toMatch(/ complete: stopped because its health check failed \(it exited with 0\)$/m);
    // To the engine, nothing went wrong.
    const [task] = await storedTasks(ended.name);
    expect([task?.Status.State, task?.Status.Err]).toEqual(['complete', undefined]);
    expectCode(await swarmroll(['wait', ended.name]), 5);
  });
});

describe('jobs without restarts', () => {
  const once = ['sh', '-c', 'test -e /m/x || { touch /m/x; exit 3; }'];

  test('a global job: the engine makes another task at once, and completes', async () => {
    const volume = ['--mount', `type=volume,source=${uniqueName('once')},target=/m`];
    const flags = ['--mode', 'global-job', '--restart-condition', 'none', ...volume];
    const ended = await create('again', [...flags, ping, ...once]);
    expectCode(ended, 0);
    const done = (await storedTasks(ended.name)).filter(({ Status }) => Status.State === 'complete');
    expect(done).toHaveLength(3);
    expect(ended.stderr).toContain('task: non-zero exit (3)');
  });
});

describe('a global service without an eligible node', () => {
  const nowhere = 'node.labels.zone==nowhere';

  test('any more: 5, and the hint undoes it', async () => {
    const name = await given('emptied', ...QUICK, '--mode', 'global', ping);
    const ended = await swarmroll(['update', '--constraint-add', nowhere, name]);
    expectCode(ended, 5);
    expectReport(ended, /: the update failed: no node is eligible any more: nothing runs$/);
    expectCode(await swarmroll(['rollback', name]), 0);
    expect(await states(name)).toEqual({ 'ping:1.0 running': 3 });
  });
});

test('addresses that a network has no more of: the report says what is known', async () => {
  const network = uniqueName('tiny');
  await orThrow(docker)('network', 'create', '--driver', 'overlay', '--subnet', '10.197.0.0/29', network);
  const ended = await create('address', ['--timeout', '20s', '--replicas', '6', '--network', network, ping]);
  expectCode(ended, 124);
  expect(ended.stderr).toMatch(
    /^ {2}waiting: the engine has not allocated .*: perhaps no address is left in a network of the service$/m,
  );
  expectCode(await swarmroll(['scale', '-q', `${ended.name}=0`]), 0);
  await orThrow(docker)('service', 'rm', ended.name);
  // Until its last task has gone, it is in use.
  await until(
    'the network to go',
    async () => (await docker(['network', 'rm', network])).code === 0 || undefined,
  );
});
