/** The end of a drain: nothing is left on the node, and where its tasks run now. */
import { shellWord } from '../values/shell-words.ts';
import { printMessage } from '../watch/print.ts';
import { nodeNames } from '../engine/node-names.ts';
import { hasNotEnded, isRunning, nameOf, tasksOf, wantedOf } from './move.ts';
import type { MoveState } from './move.ts';
import type { DrainPlan } from './plan.ts';
import { untilAnswered } from './read.ts';
import type { Moved } from './show.ts';
import { DrainFailure, nodeChanged, untilNextPoll } from './under-way.ts';
import type { Drain } from './under-way.ts';

/** The tasks that a drain itself ends must be gone after this time (ms). */
const END_DEADLINE = 600_000;

/** Where the tasks of the services that have moved run now. */
export async function withPlaces({ call, engine }: Drain, moved: readonly MoveState[]): Promise<Moved[]> {
  if (moved.length === 0) return [];
  const { interrupted: signal } = call.world;
  return untilAnswered(call, async () => {
    const [nodes, tasks] = await Promise.all([engine.nodes({}, signal), engine.tasks({}, signal)]);
    const names = nodeNames(nodes);
    return moved.map((state) => {
      const counts = new Map<string, number>();
      for (const task of tasks) {
        if (task.ServiceID !== state.serviceId || !isRunning(task) || state.good.has(task.ID)) continue;
        const node = names.get(task.NodeID ?? '') ?? '';
        counts.set(node, (counts.get(node) ?? 0) + 1);
      }
      return { state, to: [...counts].map(([node, count]) => `${node} (${count})`).join(', ') };
    });
  });
}

/** Waits until no task is left on the node and every service that has moved runs as many as it wants. */
export async function untilEmpty(
  drain: Drain,
  { jobs }: DrainPlan,
  moved: readonly MoveState[],
): Promise<void> {
  const { call, engine, situation, name } = drain;
  const { clock, interrupted: signal } = call.world;
  const { ID: id } = situation.node;
  const began = clock.now();
  const jobIds = new Set(jobs.map(({ ID }) => ID));
  const ids = new Set(moved.map(({ serviceId }) => serviceId));
  for (let isTold = false; ;) {
    const [nodes, services, tasks] = await untilAnswered(call, () =>
      Promise.all([
        engine.nodes({ id: [id] }, signal),
        engine.services({}, signal),
        engine.tasks({}, signal),
      ]),
    );
    const [node] = nodes;
    if (node?.Spec.Availability !== 'drain') throw nodeChanged(drain, node?.Spec);
    const isDown = node.Status.State === 'down';
    const left = tasks.filter((task) => task.NodeID === id && hasNotEnded(task) && !isDown);
    const few = services.filter(
      (one) => ids.has(one.ID) && tasksOf(one, tasks).filter(isRunning).length < wantedOf(one),
    );
    if (left.length === 0 && few.length === 0) return;
    const ofJobs = left.filter(({ ServiceID }) => jobIds.has(ServiceID));
    if (!isTold && ofJobs.length > 0 && ofJobs.length === left.length) {
      isTold = true;
      printMessage(call, [`swarmroll: ${name}: waiting for jobs to end: ${jobs.map(nameOf).join(', ')}`]);
    }
    if (ofJobs.length === 0 && clock.now() - began >= END_DEADLINE) {
      const names = few.map(nameOf);
      const [what, next] =
        left.length > 0
          ? [`${left.length} tasks are still on it`, `docker node ps ${shellWord(name)}`]
          : [
              `not all run: ${names.join(', ')}`,
              `${call.world.program} ps ${names.map(shellWord).join(' ')}`,
            ];
      throw new DrainFailure('failed', `${name} is drained, but ${what}`, { hint: `see them with: ${next}` });
    }
    await untilNextPoll({ call }, tasks.length);
  }
}
