/** How many of the tasks that a change makes find a node, and why the others don't. */
import type { Task } from '../api/service.ts';
import { changedSlots, isUpdated, parallelismOf, updateConfigOf } from '../service-spec/replaced-tasks.ts';
import type { ChangedSlots, PlannedChange } from '../service-spec/replaced-tasks.ts';
import { demandOf, demandOfTask, dependsOnOthers, hostPorts } from './demand.ts';
import type { Demand } from './demand.ts';
import { isEnough } from './enough.ts';
import { openNodes, refusalsOf } from './filters.ts';
import type { Refusal } from './filters.ts';
import { endsOf } from './orders.ts';
import type { End, OldSlot, OldTask, Work } from './play-through.ts';
import { count, giveBack, isLeaving, isOnNode, sharedRooms } from './rooms.ts';
import type { Cluster, ClusterState, Room } from './rooms.ts';

export interface PlannedPlacement {
  /** How many tasks need a node: new ones, and those that wait for one already. Of a job: how many at the same time. */
  readonly wanted: number;
  /** How many find one, whatever the order in which the engine goes. */
  readonly least: number;
  /** How many find one in the best order. */
  readonly most: number;
  /** Why each node takes no more of them; empty if all find one. */
  readonly refusals: readonly Refusal[];
  /** On how many nodes the service has tasks at least. It is found out when it is asked for. */
  readonly nodes: () => number;
}

/** A change that is placed. */
export interface ToPlace {
  readonly change: PlannedChange;
  /** The network drivers that the service needs. */
  readonly drivers: readonly string[];
  /** What changedSlots has found, if that is known. */
  readonly changed?: ChangedSlots;
}

/**
 * Places the tasks of a change as its rollout makes them.
 * @param beside the other changes that are made at the same time
 */
export function placementOf(
  change: PlannedChange,
  cluster: Cluster,
  beside: readonly ToPlace[] = [],
): PlannedPlacement {
  const [own] = placementsOf([{ change, drivers: cluster.drivers }, ...beside], cluster);
  return own as PlannedPlacement;
}

/** Places the tasks of changes that are made at the same time. @returns the placement of each */
export function placementsOf(changes: readonly ToPlace[], cluster: ClusterState): PlannedPlacement[] {
  // What one service has of the nodes matters to another only if that one asks the nodes for something.
  const areTogether = changes.some(({ change }) => dependsOnOthers(demandAfter(change)));
  return areTogether ? played(changes, cluster) : changes.flatMap((one) => played([one], cluster));
}

const demandAfter = ({ after: { TaskTemplate, EndpointSpec } }: PlannedChange): Demand =>
  demandOf(TaskTemplate, hostPorts(EndpointSpec));

function played(changes: readonly ToPlace[], cluster: ClusterState): PlannedPlacement[] {
  const rooms = sharedRooms(
    cluster,
    changes.map(({ change }) => change.before?.ID),
    'go',
  );
  const works = changes.map((one, index) => workOf(one, cluster, rooms[index] ?? []));
  const [own] = works;
  if (own !== undefined && works.length === 1 && isEnough(own)) {
    const wanted = wantedOf(own);
    return [{ wanted, least: wanted, most: wanted, refusals: [], nodes: () => nodesAfter(endsOf([own])[0]) }];
  }
  const ends = endsOf(works);
  return works.map((work, index) => {
    const { drivers } = changes[index] as ToPlace;
    return summary(work, ends[index] ?? [], { ...cluster, drivers });
  });
}

const wantedOf = ({ waiting, slots }: Work): number =>
  waiting.length + slots.filter(({ isReplaced }) => isReplaced).length;

/** On how many nodes the service has tasks at least. */
const nodesAfter = (ends: readonly End[] = []): number =>
  Math.min(...ends.map((end) => end.rooms.filter(({ active }) => active > 0).length));

function summary(work: Work, ends: readonly End[], cluster: Cluster): PlannedPlacement {
  const wanted = wantedOf(work);
  const placed = ends.map((end) => end.placed);
  const [least, most] = [Math.min(...placed), Math.max(...placed)];
  const shown = ends.find((end) => end.placed === (most < wanted ? most : least));
  return {
    wanted,
    least,
    most,
    refusals: shown === undefined ? [] : refusals(shown.waiting, shown.rooms, work.demand, cluster),
    nodes: () => nodesAfter(ends),
  };
}

function refusals(
  waiting: End['waiting'],
  rooms: readonly Room[],
  demand: Demand,
  cluster: Cluster,
): readonly Refusal[] {
  if (waiting.length === 0) return [];
  const pinned = new Set(waiting);
  const asked = pinned.has(undefined) ? rooms : rooms.filter(({ seen }) => pinned.has(seen.id));
  return refusalsOf(asked, demand, cluster);
}

/** What the rollout does. Tasks that are stopped without a successor are taken out of the rooms. */
function workOf(
  { change, drivers, changed = changedSlots(change) }: ToPlace,
  cluster: ClusterState,
  rooms: readonly Room[],
): Work {
  const demand = demandAfter(change);
  const { slots, stopped } = changed;
  const oldOf = (tasks: readonly Task[], kept?: Task): OldTask[] =>
    tasks
      .filter((task) => task !== kept && isOnNode(task) && !isLeaving(task))
      .map((task) => ({ node: task.NodeID ?? '', demand: demandOfTask(task, cluster.services) }));
  const byId = new Map(rooms.map((room) => [room.seen.id, room]));
  for (const { node, demand: had } of oldOf(stopped)) {
    const room = byId.get(node);
    if (room === undefined) continue;
    giveBack(room.left, had);
    count(room, -1);
  }
  return {
    rooms,
    open: openNodes(rooms, demand, { ...cluster, drivers }),
    demand,
    waiting: waitingPins(change, changed),
    slots: slots.filter(isUpdated).map(({ tasks, kept }): OldSlot => {
      return { pinned: pinOf(change, tasks[0]), old: oldOf(tasks, kept), isReplaced: kept === undefined };
    }),
    startsFirst: updateConfigOf(change)?.Order === 'start-first',
    parallelism: parallelismOf(change),
  };
}

/** The node to which a task of a global service is bound; undefined: the scheduler chooses. */
const pinOf = ({ after }: PlannedChange, task: Task | undefined): string | undefined =>
  after.Mode?.Global === undefined ? undefined : task?.NodeID;

/** The nodes of the tasks that wait for one from the beginning. */
function waitingPins(
  change: PlannedChange,
  { slots, started, atOnce = Infinity }: ChangedSlots,
): (string | undefined)[] {
  const kept = slots.flatMap((slot) => slot.kept ?? []).filter(isWaiting);
  return [
    ...Array.from({ length: Math.min(started.length, atOnce) }, (_, index) => started[index]),
    ...kept.map((task) => pinOf(change, task)),
  ];
}

const WAITING: ReadonlySet<string> = new Set(['new', 'allocated', 'pending']);
const isWaiting = ({ Status }: Task): boolean => WAITING.has(Status.State);
