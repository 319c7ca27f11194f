/** `node drain` that is killed, or that somebody else disturbs. */
import { describe, expect, test } from '@jest/globals';
import {
  docker,
  image,
  orThrow,
  run,
  startSwarmroll,
  storedService,
  swarmroll,
  uniqueName,
  until,
} from '../integration/support/swarm.ts';
import { expectCode } from '../integration/rollout/support.ts';
import { DOCKER, compose } from '../integration/several/support.ts';
import {
  UNMARKED,
  killedWhen,
  marks,
  nodeNamed,
  observed,
  onNode,
  removedAfterwards,
  running,
} from './drained.ts';
import { pause, restoreAfterwards } from '../disruption/nodes.ts';
import { swarm } from '../integration/support/swarm.ts';

const PING = image('ping', '1.0');
const SLOW = ['--replicas', '3', '--update-order', 'start-first', '--update-monitor', '3s'];

restoreAfterwards();

const availability = async (name: string): Promise<string | undefined> =>
  (await nodeNamed(name)).Spec.Availability;
const isMarked = async (name: string): Promise<boolean> =>
  JSON.stringify(await marks(name)) !== JSON.stringify(UNMARKED);

describe('killed', () => {
  const POINTS: readonly (readonly [when: string, (name: string) => Promise<boolean>])[] = [
    ['after the node is paused', async () => (await availability('worker1')) === 'pause'],
    ['after the service is marked', isMarked],
    [
      'after its task has moved',
      async (name) => (await isMarked(name)) && (await onNode(name, 'worker1')).length === 0,
    ],
    ['after the drain', async () => (await availability('worker1')) === 'drain'],
  ];

  test.each(POINTS)('%s: run again, it finishes', async (what, isSo) => {
    const name = await running('again', [...SLOW, PING]);
    const { Spec } = await storedService(name);
    const watch = observed(name);
    await killedWhen(['worker1'], what, () => isSo(name));
    const { code, stdout } = await swarmroll(['node', 'drain', '--timeout', '100s', 'worker1']);
    expect({ code, last: stdout.split('\n').at(-2) }).toEqual({ code: 0, last: 'worker1 is drained' });
    expect(await watch.stop()).toEqual([3]);
    expect((await storedService(name)).Spec).toEqual(Spec);
    expect(await onNode(name, 'worker1')).toEqual([]);
    expect((await swarmroll(['node', 'undrain', 'worker1'])).code).toBe(0);
    expect(await availability('worker1')).toBe('active');
  });

  test.each(POINTS)('%s: undrain undoes it', async (what, isSo) => {
    const name = await running('undo', [...SLOW, PING]);
    const { Spec } = await storedService(name);
    const watch = observed(name);
    await killedWhen(['worker1'], what, () => isSo(name));
    expect(await swarmroll(['node', 'undrain', 'worker1'])).toMatchObject({
      code: 0,
      stdout: 'worker1 is active\n',
    });
    // The engine may still be at work on what was marked.
    await until('all tasks to run', async () => {
      const nodes = ['manager', 'worker1', 'worker2'];
      const counts = await Promise.all(nodes.map(async (node) => (await onNode(name, node)).length));
      return counts.reduce((sum, count) => sum + count, 0) === 3 || undefined;
    });
    expect((await watch.stop())[0]).toBeGreaterThanOrEqual(2);
    expect((await storedService(name)).Spec).toEqual(Spec);
    expect(await availability('worker1')).toBe('active');
  });
});

describe('somebody else, while a service moves', () => {
  /** Begins to drain, and waits until the service is marked. */
  async function begun(name: string) {
    const drain = startSwarmroll(['node', 'drain', '--timeout', '100s', 'worker1']);
    await until('the mark', async () => (await isMarked(name)) || undefined);
    return drain;
  }

  test('scales it: followed, and the number stays', async () => {
    const name = await running('scaled', [...SLOW, PING]);
    const { ended } = await begun(name);
    await orThrow(docker)('service', 'scale', '--detach', `${name}=4`);
    expect((await ended).code).toBe(0);
    const { Spec } = await storedService(name);
    expect(Spec.Mode).toEqual({ Replicated: { Replicas: 4 } });
    expect(await marks(name)).toEqual(UNMARKED);
    expect(await onNode(name, 'worker1')).toEqual([]);
  });

  test('updates its image: followed, and the image stays', async () => {
    const name = await running('updated', [...SLOW, PING]);
    const { ended } = await begun(name);
    const next = image('ping', '1.1');
    await orThrow(docker)('service', 'update', '--detach', '--image', next, name);
    const { code, stderr } = await ended;
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const { Spec } = await storedService(name);
    expect(Spec.TaskTemplate.ContainerSpec?.Image).toContain(next);
    expect(await marks(name)).toEqual(UNMARKED);
  });

  test('deploys its stack again, which takes the mark out: it is told, or all has moved', async () => {
    const stack = uniqueName('deployed');
    const name = removedAfterwards(`${stack}_web`);
    const update = { update_config: { order: 'start-first', monitor: '3s' } };
    const file = compose({ web: [PING, { replicas: 3, ...update }] });
    const deploy = () =>
      orThrow((words) => run(DOCKER, words, { input: file }))(
        ...['stack', 'deploy', '--detach=true', '-c', '-', stack],
      );
    await deploy();
    expectCode(await swarmroll(['wait', '--quiet', '--stack', stack]), 0);
    const { Spec } = await storedService(name);
    const watch = observed(name);
    const { ended } = await begun(name);
    await deploy();
    const { code, stderr } = await ended;
    expect([0, 7]).toContain(code);
    if (code === 7)
      expect(stderr).toContain(`${name}: somebody else has changed it; worker1 is paused, not drained`);
    // Of two live tasks in a slot the engine may end the one that runs.
    expect((await watch.stop())[0]).toBeGreaterThanOrEqual(2);
    expect((await storedService(name)).Spec).toEqual(Spec);
    expect(await availability('worker1')).toBe(code === 0 ? 'drain' : 'pause');
  });
});

test('an update of ours is under way: refused', async () => {
  const there = ['--constraint', 'node.hostname==worker1'];
  const name = await running('rolling', [...SLOW, ...there, '--update-delay', '5s', PING]);
  const update = startSwarmroll(['update', '--image', image('ping', '1.1'), name]);
  await until(
    'the engine to update',
    async () => (await storedService(name)).UpdateStatus?.State === 'updating' || undefined,
  );
  const { code, stderr } = await swarmroll(['node', 'drain', 'worker1']);
  expect(code).toBe(1);
  expect(stderr).toContain(`${name}: it is being updated\n`);
  expect(await availability('worker1')).toBe('active');
  expect((await update.ended).code).toBe(0);
});

test('two drains at once: no node is left without its tasks', async () => {
  const name = await running('both', [...SLOW, PING]);
  const watch = observed(name);
  const drains = ['worker1', 'worker2'].map((node) =>
    swarmroll(['node', 'drain', '--timeout', '100s', node]),
  );
  const codes = (await Promise.all(drains)).map(({ code }) => code);
  expect(codes.filter((code) => code === 1).length).toBeGreaterThanOrEqual(1);
  expect(await watch.stop()).toEqual([3]);
  expect(await marks(name)).toEqual(UNMARKED);
  for (const node of ['worker1', 'worker2']) {
    if ((await availability(node)) !== 'active')
      expect((await swarmroll(['node', 'undrain', node])).code).toBe(0);
  }
});

test('the node dies while it is drained: its tasks run elsewhere', async () => {
  const name = await running('dead', [...SLOW, '--update-monitor', '20s', PING]);
  const { ended } = startSwarmroll(['node', 'drain', '--timeout', '110s', 'worker1']);
  await until('the mark', async () => (await isMarked(name)) || undefined);
  await pause(swarm.worker1);
  const { code } = await ended;
  expect(code).toBe(0);
  expect(await marks(name)).toEqual(UNMARKED);
  expect((await onNode(name, 'manager')).length + (await onNode(name, 'worker2')).length).toBe(3);
});
