/** Prepares the timeline of a service for render/timeline.ts. Pure. */
import type { Task } from '../api/service.ts';
import type { Lane, TaskRun, Timeline } from '../render/timeline.ts';
import { compareNaturally } from '../values/natural-sort.ts';
import { printable } from '../values/printable.ts';
import { shortImage } from '../values/short-image.ts';
import { hasEnded } from './generations.ts';
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
  const { Global, GlobalJob } = service.Spec.Mode ?? {};
  const isOnNodes = Global !== undefined || GlobalJob !== undefined;
  /** By the slot's number or, if the service is global, the node's id. */
  const lanes = new Map<string, TaskRun[]>();
  for (const { id, tasks } of generations) {
    for (const task of tasks) {
      // The first task of a job has slot 0, which the engine leaves out.
      const key = isOnNodes ? (task.NodeID ?? '') : String(task.Slot ?? 0);
      const runs = lanes.get(key) ?? [];
      runs.push(runOf(task, ids.indexOf(id)));
      lanes.set(key, runs);
    }
  }
  const name = printable(service.Spec.Name ?? service.ID);
  return {
    title: lanes.size === 0 ? `${name}: no tasks are kept` : name,
    now,
    lanes: [...lanes]
      .map(([key, runs]): Lane => ({
        label: isOnNodes ? (nodes.get(key) ?? printable(key)) : key,
        runs: runs.sort((a, b) => a.createdAt - b.createdAt),
      }))
      .sort((a, b) => compareNaturally(a.label, b.label)),
    legend: ids.map((id) => {
      const all = generations.filter((one) => one.id === id);
      const is = [
        ...(all.some(({ isCurrent }) => isCurrent) ? ['current'] : []),
        ...(all.some(({ isPrevious }) => isPrevious) ? ['previous'] : []),
      ];
      return {
        id,
        image: printable(shortImage(all[0]?.template.ContainerSpec?.Image ?? '')),
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
