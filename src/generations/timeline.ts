/** Prepares the timeline of a service for render/timeline.ts. Pure. */
import type { Task } from '../api/service.ts';
import type { Lane, TaskRun, Timeline } from '../render/timeline.ts';
import { groupBy } from '../values/group-by.ts';
import { compareNaturally } from '../values/natural-sort.ts';
import { printable } from '../values/printable.ts';
import { shortImage } from '../values/reference.ts';
import { isGlobalSpec } from '../service-spec/mode.ts';
import { hasEnded, slotKey } from './generations.ts';
import type { History } from './read.ts';

/**
 * The timeline of a service: a lane for each slot or, if the service is global, for each node.
 * @param nodes the names of nodes by id (engine/node-names.ts)
 * @param now milliseconds since the epoch
 */
export function timelineOf(
  { service, generations }: History,
  nodes: ReadonlyMap<string, string>,
  now: number,
): Timeline {
  const ids = [...new Set(generations.map(({ id }) => id))];
  const all = generations.flatMap(({ id, tasks }) =>
    tasks.map((task) => ({ task, run: runOf(task, ids.indexOf(id)) })),
  );
  const lanes = groupBy(all, ({ task }) => slotKey(task, service.Spec));
  const name = printable(service.Spec.Name ?? service.ID);
  return {
    title: lanes.size === 0 ? `${name}: no tasks are kept` : name,
    now,
    lanes: [...lanes]
      .map(([key, ofLane]): Lane => ({
        label: isGlobalSpec(service.Spec) ? (nodes.get(key) ?? printable(key)) : key,
        runs: ofLane.map(({ run }) => run).sort((a, b) => a.createdAt - b.createdAt),
      }))
      .sort((a, b) => compareNaturally(a.label, b.label)),
    legend: ids.map((id) => {
      const own = generations.filter((one) => one.id === id);
      const is = [
        ...(own.some(({ isCurrent }) => isCurrent) ? ['current'] : []),
        ...(own.some(({ isPrevious }) => isPrevious) ? ['previous'] : []),
      ];
      return {
        id,
        image: printable(shortImage(own[0]?.template.ContainerSpec?.Image ?? '')),
        is: is.join(', '),
      };
    }),
  };
}

function runOf(task: Task, generation: number): TaskRun {
  const { State, Timestamp = '' } = task.Status;
  const createdAt = Date.parse(task.CreatedAt);
  // A new task has no time of its own yet.
  const since = Math.max(createdAt, Date.parse(Timestamp) || createdAt);
  if (!hasEnded(task)) {
    return State === 'running'
      ? { generation, createdAt, startedAt: since, state: 'running' }
      : { generation, createdAt, state: 'starting' };
  }
  const isFailed = State === 'failed' || State === 'rejected' || State === 'orphaned';
  const state = isFailed ? 'failed' : State === 'complete' ? 'complete' : 'stopped';
  return { generation, createdAt, endedAt: since, state };
}
