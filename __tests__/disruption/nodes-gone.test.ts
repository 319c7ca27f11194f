/** Nodes that do not come back while a rollout is watched: what the verdict is then, and that it says why. */
import { describe, expect, test } from '@jest/globals';
import {
  BRISK,
  QUICK,
  expectCode,
  expectReport,
  given,
  halfWay,
  states,
} from '../integration/rollout/support.ts';
import {
  image,
  said,
  startSwarmroll,
  storedService,
  storedTasks,
  swarm,
  until,
} from '../integration/support/swarm.ts';
import { api } from '../integration/support/swarm.ts';
import type { Node } from '../../src/api/cluster.ts';
import { demoteWorkers, drain, pause, promoteWorkers, restoreAfterwards, unpause } from './nodes.ts';

const ping = image('ping', '1.0');
const ON_WORKERS = ['--constraint', 'node.role==worker'];

restoreAfterwards();

test('a node dies with a task on its way: converged on the others, though the engine waits for ever', async () => {
  const there = 'node.hostname==worker1';
  const name = await given(
    'dies',
    ...QUICK,
    '--replicas',
    '2',
    '--update-parallelism',
    '0',
    '--constraint',
    there,
    ping,
  );
  // Its health check takes 20 s: time to lose the node that the first of them is on.
  const elsewhere = ['--constraint-rm', there, '--constraint-add', 'node.hostname!=manager'];
  const check = ['--health-cmd', 'test -e /tmp/ready', '--health-interval', '1s', '--health-retries', '1000'];
  const late = 'sh -c "trap \'exit 0\' TERM; sleep 20 & wait $!; touch /tmp/ready; sleep 3600 & wait $!"';
  const change = [...elsewhere, ...check, '--args', late, '--image', image('ping', '1.1')];
  const rollout = startSwarmroll(['update', ...change, name]);
  await until('a new task to be starting on worker2', async () => {
    const worker2 = (await api<Node[]>('/nodes')).find(
      ({ Description }) => Description?.Hostname === 'worker2',
    );
    const tasks = await storedTasks(name);
    return (
      tasks.some(({ NodeID, Status }) => NodeID === worker2?.ID && Status.State === 'starting') || undefined
    );
  });
  await pause(swarm.worker2);
  const last = await rollout.ended;
  expectCode(last, 0);
  expect(await states(name)).toMatchObject({ 'ping:1.1 running': 2 });
  expect((await storedService(name)).UpdateStatus?.State).toBe('updating');
  expect(last.stderr).toMatch(/engine still waits for a task on worker2/);
});

test('a node is drained during an update with failure action rollback: 3 that says so', async () => {
  const flags = ['--replicas', '2', '--update-failure-action', 'rollback', ...ON_WORKERS];
  const name = await given(
    'drained',
    ...BRISK,
    '--rollback-monitor',
    '1s',
    '--update-monitor',
    '1s',
    ...flags,
    ping,
  );
  const { ended, stderr } = await halfWay(name, '--update-monitor', '30s', '--update-delay', '10s');
  const [, node = ''] = /: running on (worker[12])$/m.exec(stderr()) ?? [];
  await drain(node);
  const last = await ended;
  expectCode(last, 3);
  const line = new RegExp(`task (\\w{25}) on ${node} .*${node} was drained`).exec(last.stderr);
  expect(line).not.toBeNull();
  const tasks = await storedTasks(name);
  expect(tasks.find(({ ID }) => ID === line?.[1])?.Spec.ContainerSpec?.Image).toContain('ping:1.1');
  expect(await states(name)).toEqual({ 'ping:1.0 running': 2 });
});

describe('three managers, of which two are lost', () => {
  test('--timeout: 124 that also says since when the manager was not reached, and why', async () => {
    await promoteWorkers();
    try {
      const onManager = ['--constraint', 'node.hostname==manager'];
      const name = await given(
        'quorum',
        ...QUICK,
        '--replicas',
        '3',
        '--update-delay',
        '5s',
        ...onManager,
        ping,
      );
      const rollout = await halfWay(name, '--timeout', '60s');
      await pause(swarm.worker1);
      await pause(swarm.worker2);
      await said(rollout, /can't be reached, trying again: /);
      const last = await rollout.ended;
      expectCode(last, 124);
      expectReport(
        last,
        /: not converged after 1m0s \(\d out of 3 tasks\), and the manager .* for \d+s: .*leader/,
      );
    } finally {
      await unpause(swarm.worker1);
      await unpause(swarm.worker2);
      await demoteWorkers();
    }
    // The managers take from 20 s to more than a minute to agree on a leader again (seen on 28.5).
  }, 360_000);
});
