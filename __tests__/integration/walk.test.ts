/** Creates, inspects, updates and rolls back one service, and after every step checks what the engine has stored. */
import { afterAll, describe, expect, test } from '@jest/globals';
import {
  docker,
  image,
  removeServices,
  storedService,
  storedTasks,
  swarmroll,
  uniqueName,
} from './support/swarm.ts';

const name = uniqueName('walk');
const COMMAND = ['sh', '-c', 'trap "exit 0" TERM; ping 127.0.0.1 & wait'];

afterAll(() => removeServices(name));

/** The table of `ps` without ages. */
const withoutAges = (table: string): string =>
  table.replaceAll(/ (about )?(an?|\d+) \w+ ago/gi, '').replaceAll(/ +/g, ' ');

/** Expects that the counts of progress only rise, up to 4. A late poll does not see each of them. */
function expectRising(stderr: string): void {
  const counts = [...stderr.matchAll(/overall progress: (\d) out of 4 tasks/g)].map(([, count]) => count);
  expect(counts).toEqual([...new Set(counts)].sort());
  expect(counts.at(-1)).toBe('4');
}

/** The table that docker prints for the service. */
const dockerTable = async (): Promise<string> => withoutAges((await docker(['service', 'ps', name])).stdout);

async function running(tag: string): Promise<number> {
  const tasks = await storedTasks(name);
  return tasks.filter((task) => {
    const pinned = task.Spec.ContainerSpec?.Image ?? '';
    return (
      task.Status.State === 'running' &&
      task.DesiredState === 'running' &&
      pinned.startsWith(image('ping', tag))
    );
  }).length;
}

describe('a rolling update and its rollback', () => {
  test('create watches until four replicas have converged; stdout has only the id', async () => {
    const flags = ['--name', name, '--replicas', '4', '--update-delay', '1s', '--update-monitor', '2s'];
    const ended = await swarmroll([
      'create',
      ...flags,
      '--rollback-monitor',
      '2s',
      image('ping', '1.0'),
      ...COMMAND,
    ]);
    const service = await storedService(name);
    expect(ended.stdout).toBe(`${service.ID}\n`);
    expectRising(ended.stderr);
    expect(ended.stderr).toMatch(/ [1-4]\/4: running on (manager|worker1|worker2)\n/);
    expect(ended.stderr).toContain('verify: Waiting 2 seconds to verify that tasks are stable...');
    expect(ended.stderr.trimEnd()).toMatch(new RegExp(`verify: Service ${name} converged$`));
    expect(ended.code).toBe(0);
    expect(await running('1.0')).toBe(4);
    expect(service.Spec.Mode).toEqual({ Replicated: { Replicas: 4 } });
    expect(service.Spec.UpdateConfig).toMatchObject({ Delay: 1e9, Monitor: 2e9 });
    expect(service.Spec.TaskTemplate.ContainerSpec?.Args).toEqual(COMMAND);
    expect(service.Spec.TaskTemplate.ContainerSpec?.Image).toMatch(/\/ping:1\.0@sha256:[0-9a-f]{64}$/);
  });

  test('inspect --pretty and ps print the same as docker', async () => {
    const pretty = await swarmroll(['inspect', '--pretty', name]);
    expect(pretty).toEqual({ ...(await docker(['service', 'inspect', '--pretty', name])), stderr: '' });
    const table = await swarmroll(['ps', name]);
    expect(withoutAges(table.stdout)).toBe(await dockerTable());
    expect(table.code).toBe(0);
  });

  test('update --image replaces one task after the other; stdout has only the name', async () => {
    const ended = await swarmroll(['update', '--image', image('ping', '1.1'), name]);
    expect(ended.stdout).toBe(`${name}\n`);
    expect(ended.stderr).toMatch(/image: ping:1\.0 \([0-9a-f]{12}\) → ping:1\.1 \([0-9a-f]{12}\)/);
    expectRising(ended.stderr);
    expect(ended.stderr.trimEnd()).toMatch(new RegExp(`verify: Service ${name} converged$`));
    expect(ended.code).toBe(0);
    expect(await running('1.1')).toBe(4);
    expect(await running('1.0')).toBe(0);
    const service = await storedService(name);
    expect(service.UpdateStatus?.State).toBe('completed');
    expect(service.Spec.TaskTemplate.ContainerSpec?.Args).toEqual(COMMAND);
  });

  test('ps shows old tasks below the new task of their slot', async () => {
    const { stdout } = await swarmroll(['ps', name]);
    expect(stdout.match(/ \\_ /g)).toHaveLength(4);
    expect(withoutAges(stdout)).toBe(await dockerTable());
  });

  test('rollback shows that it rolls back, and restores the first image', async () => {
    const ended = await swarmroll(['rollback', name]);
    expect(ended.stdout).toBe(`${name}\n`);
    expect(ended.stderr).toContain('overall progress: rolling back update: 4 out of 4 tasks');
    expect(ended.stderr.trimEnd()).toMatch(new RegExp(`verify: Service ${name} converged$`));
    expect(ended.code).toBe(0);
    expect(await running('1.0')).toBe(4);
    expect((await storedService(name)).UpdateStatus?.State).toBe('rollback_completed');
  });

  test('ps shows three generations', async () => {
    const { stdout } = await swarmroll(['ps', name]);
    expect(stdout.match(/ \\_ /g)).toHaveLength(8);
    expect(withoutAges(stdout)).toBe(await dockerTable());
  });
});
