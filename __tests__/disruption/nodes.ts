/** The swarm's own nodes, stopped and started again in the middle of a rollout, and left as they were found. */
import { afterAll, afterEach } from '@jest/globals';
import { api, docker, orThrow, outer, swarm, until } from '../integration/support/swarm.ts';
import type { Node } from '../../src/api/cluster.ts';

const NODES = [swarm.manager, swarm.worker1, swarm.worker2];

/** Unpauses what a test left paused, drained or promoted, and waits until the swarm is whole again. */
export async function restore(): Promise<void> {
  for (const node of NODES) {
    const { stdout } = await outer(['inspect', '--format', '{{.State.Status}}', node]);
    if (stdout.trim() === 'paused') await outer(['unpause', node]);
    if (stdout.trim() === 'exited') await outer(['start', node]);
  }
  await whole();
  for (const { Spec, Description } of await api<Node[]>('/nodes')) {
    if (Spec.Availability !== 'active') await activate(Description?.Hostname ?? '');
  }
}

/** Waits until a leader answers and every node is ready. */
export const whole = (): Promise<true> =>
  until(
    'every node to be ready',
    async () => {
      const nodes = await api<Node[]>('/nodes').catch(() => []);
      return nodes.length === 3 && nodes.every(({ Status }) => Status.State === 'ready') ? true : undefined;
    },
    150_000,
  );

/** For every file that disturbs the swarm: others use it after. */
export function restoreAfterwards(): void {
  afterEach(restore);
  afterAll(restore);
}

/** Freezes a node: its connections stay open, nothing answers. */
export async function pause(node: string): Promise<void> {
  await orThrow(outer)('pause', node);
}

export async function unpause(node: string): Promise<void> {
  await outer(['unpause', node]);
}

export async function restart(node: string): Promise<void> {
  await orThrow(outer)('restart', '--time', '1', node);
}

const onManager = orThrow(docker);

/** Takes a node's tasks away, by its name in the swarm. */
export async function drain(name: string): Promise<void> {
  await onManager('node', 'update', '--availability', 'drain', name);
}

/** Has a node keep its tasks and take no others. */
export async function cordon(name: string): Promise<void> {
  await onManager('node', 'update', '--availability', 'pause', name);
}

/** Has the engine keep only so many tasks of each slot. */
export async function keepTasks(count: number): Promise<void> {
  await onManager('swarm', 'update', '--task-history-limit', String(count));
}

export async function activate(name: string): Promise<void> {
  await onManager('node', 'update', '--availability', 'active', name);
}

/**
 * Makes all three nodes managers: then the swarm outlives the loss of any one. A manager that has lost the lead and got it back
 * makes too many tasks for jobs, so no test of jobs may use the swarm afterwards (scripts/test).
 */
export async function promoteWorkers(): Promise<void> {
  await onManager('node', 'promote', 'worker1', 'worker2');
  await until('three managers', async () => ((await managers()).length === 3 ? true : undefined), 150_000);
}

/** Makes them workers again, where they are not. */
export async function demoteWorkers(): Promise<void> {
  await whole();
  for (const name of ['worker1', 'worker2']) {
    // Two changes of the managers at the same time may find the raft group without a leader.
    await until(`${name} to be a worker`, async () => {
      const { code } = await docker(['node', 'demote', name]);
      return code === 0 && !(await managers()).some(({ Description }) => Description?.Hostname === name)
        ? true
        : undefined;
    });
  }
  await whole();
}

/** The managers that the others reach. */
export async function managers(): Promise<readonly Manager[]> {
  const nodes = await api<Manager[]>('/nodes').catch(() => []);
  return nodes.filter(({ ManagerStatus }) => ManagerStatus?.Reachability === 'reachable');
}

export type Manager = Node & {
  readonly ManagerStatus?: { readonly Leader?: boolean; readonly Reachability?: string };
};
