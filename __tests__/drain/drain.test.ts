/** `node drain` on the real swarm: how many tasks run at least while a node is emptied, and what is left. */
import { describe, expect, test } from '@jest/globals';
import { image, storedService, swarmroll, docker } from '../integration/support/swarm.ts';
import { PATIENT, expectCode } from '../integration/rollout/support.ts';
import { LABEL, UNMARKED, drained, marks, nodeNamed, onNode, running } from './drained.ts';
import { restoreAfterwards } from '../disruption/nodes.ts';

const PING = image('ping', '1.0');

restoreAfterwards();

describe('fewest running tasks', () => {
  test.each<
    [what: string, count: number, flags: readonly string[], drain: readonly string[], fewest: number]
  >([
    ['1, start-first', 1, ['--update-order', 'start-first'], [], 1],
    ['1, stop-first', 1, [], [], 0],
    ['1, stop-first, with --start-first', 1, [], ['--start-first'], 1],
    ['3 on the node, start-first', 3, ['--replicas', '3', '--update-order', 'start-first'], [], 3],
    ['3 on the node, stop-first', 3, ['--replicas', '3'], [], 2],
    [
      'a host port, start-first',
      1,
      ['--update-order', 'start-first', '--publish', 'mode=host,published=18081,target=80'],
      [],
      1,
    ],
    [
      'a health check',
      2,
      [
        '--replicas',
        '2',
        '--update-order',
        'start-first',
        '--health-cmd',
        'true',
        '--health-interval',
        '500ms',
      ],
      [],
      2,
    ],
  ])('%s', async (_, count, flags, words, fewest) => {
    // All tasks begin on worker1. Then worker2 may take them too.
    const only = 'node.hostname==worker1';
    const name = await running('moves', [...flags, '--constraint', only, PING], { count });
    expect((await swarmroll(['update', '-q', '--constraint-rm', only, name])).code).toBe(0);
    const before = (await storedService(name)).Spec;
    const plan = await swarmroll(['node', 'drain', '--dry-run', ...words, 'worker1']);
    expect(plan).toMatchObject({ code: 0 });
    expect(plan.stdout).toMatch(
      new RegExp(`^${name} +${count} of ${count} +\\S+ +${fewest} of ${count} *$`, 'm'),
    );
    const ended = await drained([name], [...words, 'worker1']);
    expect(ended.fewest[0]).toBeGreaterThanOrEqual(fewest);
    expect(ended.stdout).toMatch(new RegExp(`^${name} +${count} `, 'm'));
    expect((await storedService(name)).Spec).toEqual(before);
    expect(await onNode(name, 'worker1')).toEqual([]);
    const { Spec } = await nodeNamed('worker1');
    expect(Spec).toMatchObject({ Availability: 'drain', Labels: { [LABEL]: 'active' } });
    expect(await swarmroll(['node', 'undrain', 'worker1'])).toMatchObject({
      code: 0,
      stdout: 'worker1 is active\n',
    });
    expect((await nodeNamed('worker1')).Spec.Labels).not.toHaveProperty(LABEL);
  });

  test('many services at once: only the tasks of the node are replaced', async () => {
    const names: string[] = [];
    for (let count = 0; count < 6; count += 1)
      names.push(await running('many', ['--replicas', '3', '--update-order', 'start-first', PING]));
    const all = await running('all', ['--mode', 'global', PING]);
    const kept = await Promise.all(
      names.map(async (name) => (await onNode(name, 'worker2')).map(({ ID }) => ID)),
    );
    const { fewest, stdout } = await drained([...names, all], ['worker1']);
    expect(fewest).toEqual([...names.map(() => 3), 2]);
    for (const [index, name] of names.entries()) {
      const now = (await onNode(name, 'worker2')).map(({ ID }) => ID);
      expect(now).toEqual(expect.arrayContaining(kept[index] ?? []));
      expect(await marks(name)).toEqual(UNMARKED);
      expect(stdout).toMatch(new RegExp(`^${name} +1 +3 of 3 +- `, 'm'));
    }
    expect(await onNode(all, 'worker1')).toEqual([]);
  });

  test('a manager is drained as well', async () => {
    const flags = ['--replicas', '3', '--update-order', 'start-first', PING];
    const name = await running('manager', flags, { on: 'manager' });
    expect(await drained([name], ['manager'])).toMatchObject({ fewest: [3] });
    expect(await onNode(name, 'manager')).toEqual([]);
  });
});

describe('what fails elsewhere is undone, and nothing is drained', () => {
  test('a task that is not healthy on the other nodes: 5, the old one runs', async () => {
    const only = 'node.hostname==worker1';
    const name = await running('unhealthy', [
      ...['--env', 'NODE={{.Node.Hostname}}', '--health-cmd', 'test $NODE = worker1'],
      ...['--health-interval', '500ms', '--health-retries', '2'],
      ...['--update-order', 'start-first', '--constraint', only, PING],
    ]);
    await swarmroll(['update', '-q', '--constraint-rm', only, name]);
    const [old] = await onNode(name, 'worker1');
    const { stderr, stdout, fewest } = await drained([name], ['worker1'], 5);
    expect({ stdout, fewest }).toEqual({ stdout: '', fewest: [1] });
    expect(stderr).toMatch(
      /^swarmroll: .*: not moved, and undone: update paused due to failure.*; worker1 is paused, not drained$/m,
    );
    expect((await onNode(name, 'worker1')).map(({ ID }) => ID)).toEqual([old?.ID]);
    expect(await marks(name)).toEqual(UNMARKED);
    expect((await nodeNamed('worker1')).Spec).toMatchObject({ Availability: 'pause' });
    expect((await swarmroll(['node', 'undrain', 'worker1'])).code).toBe(0);
    expect((await nodeNamed('worker1')).Spec.Availability).toBe('active');
  });
});

describe('refused before anything is sent', () => {
  test('no place elsewhere, an update that is paused, a one-shot that has ended', async () => {
    const pinned = await running('pinned', ['--constraint', 'node.hostname==worker1', PING]);
    const spread = await running('spread', ['--replicas', '3', '--replicas-max-per-node', '1', PING]);
    const ended = await running('ended', [
      ...['--replicas', '2', '--restart-condition', 'none', '--env', 'SLOT={{.Task.Slot}}'],
      ...['--constraint', 'node.hostname==worker1', PING],
      ...['sh', '-c', 'trap exit TERM; test $SLOT = 1 && exit 0; while :; do sleep 1; done'],
    ]);
    // Two on each node: the one that fails may run on another node afterwards.
    const paused = await running('paused', ['--replicas', '6', PING], { count: 2 });
    expectCode(await swarmroll(['update', '-q', ...PATIENT, '--image', image('crash', '1.0'), paused]), 4);
    const version = async (name: string): Promise<number> => (await storedService(name)).Version.Index;
    const names = [pinned, spread, ended, paused];
    const before = await Promise.all(names.map(version));
    const { code, stdout, stderr } = await swarmroll(['node', 'drain', 'worker1']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^refused: ${pinned}: no place on another node: .*constraints`, 'm'));
    expect(stderr).toMatch(new RegExp(`^refused: ${spread}: no place on another node: .*max replicas`, 'm'));
    expect(stderr).toMatch(
      new RegExp(`^refused: ${ended}: a task that has ended and is not restarted would run`, 'm'),
    );
    expect(stderr).toMatch(
      new RegExp(`^refused: ${paused}: its update is paused, and any change would resume it$`, 'm'),
    );
    expect(stderr).toMatch(/nothing was sent\n$/);
    expect(await Promise.all(names.map(version))).toEqual(before);
    expect((await nodeNamed('worker1')).Spec.Availability).toBe('active');
  });

  test('another drain is under way', async () => {
    await docker(['node', 'update', '--label-add', `${LABEL}=active`, '--availability', 'pause', 'worker2']);
    const { code, stderr } = await swarmroll(['node', 'drain', 'worker1']);
    expect(code).toBe(1);
    expect(stderr).toContain('worker1: a drain of worker2 is under way, or was interrupted\n');
    expect((await swarmroll(['node', 'undrain', 'worker2'])).code).toBe(0);
    expect((await nodeNamed('worker2')).Spec.Availability).toBe('active');
  });
});
