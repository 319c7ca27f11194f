/** The swarm's own nodes, stopped and started again in the middle of a rollout, and left as they were found. */
import { afterAll, afterEach } from '@jest/globals';
import { api, orThrow, outer, swarm, until } from '../integration/support/swarm.ts';
import type { Node } from '../../src/api/cluster.ts';

const NODES = [swarm.manager, swarm.worker1, swarm.worker2];

/** Unpauses what a test left paused, and waits until the swarm is whole again. */
async function restore(): Promise<void> {
  for (const node of NODES) {
    const { stdout } = await outer(['inspect', '--format', '{{.State.Status}}', node]);
    if (stdout.trim() === 'paused') await outer(['unpause', node]);
    if (stdout.trim() === 'exited') await outer(['start', node]);
  }
  await until(
    'every node to be ready',
    async () => {
      const nodes = await api<Node[]>('/nodes').catch(() => []);
      return nodes.length === 3 && nodes.every(({ Status }) => Status.State === 'ready') ? true : undefined;
    },
    90_000,
  );
}

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
