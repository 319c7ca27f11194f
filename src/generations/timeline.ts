/** Prepares the timeline of a service for render/timeline.ts. Pure. */
import type { Service, Task } from '../api/service.ts';
import type { Lane, Run, Timeline } from '../render/timeline.ts';
import { compareNaturally } from '../values/natural-sort.ts';
import { printable } from '../values/printable.ts';
import { shortImage } from '../values/short-image.ts';
import { hasEnded } from './generations.ts';
import type { History } from './read.ts';

/**
 * The timeline of a service: a lane for each slot or, if the service is global, for each node.
 * @param nodes names of nodes by id
 * @param now milliseconds since the epoch
 */
export function timelineOf(
  { service, generations }: History,
  nodes: ReadonlyMap<string, string>,
  now: number,
): Timeline {
  const ids = [...new Set(generations.map(({ id }) => id))];
  const label = laneLabel(service, nodes);
  const lanes = new Map<string, Run[]>();
  for (const { id, tasks } of generations) {
    for (const task of tasks) {
      const runs = lanes.get(label(task)) ?? [];
      runs.push(runOf(task, ids.indexOf(id)));
      lanes.set(label(task), runs);
    }
  }
  const name = printable(service.Spec.Name ?? service.ID);
  return {
    title: lanes.size === 0 ? `${name}: no tasks are kept` : name,
    now,
    lanes: [...lanes]
      .map(([lane, runs]): Lane => ({ label: lane, runs: runs.sort((a, b) => a.createdAt - b.createdAt) }))
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

function laneLabel({ Spec }: Service, nodes: ReadonlyMap<string, string>): (task: Task) => string {
  const isGlobal = Spec.Mode?.Global !== undefined || Spec.Mode?.GlobalJob !== undefined;
  // The first task of a job has slot 0, which the engine leaves out.
  return ({ Slot = 0, NodeID = '' }) => (isGlobal ? printable(nodes.get(NodeID) ?? NodeID) : String(Slot));
}

function runOf(task: Task, generation: number): Run {
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
