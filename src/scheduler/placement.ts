/** How many of the tasks that a change makes find a node, and why the others don't. */
import type { Task } from '../api/service.ts';
import { changedSlots, isUpdated, parallelismOf, updateConfigOf } from '../service-spec/replaced-tasks.ts';
import type { ChangedSlots, PlannedChange } from '../service-spec/replaced-tasks.ts';
import { demandOf, demandReader, hostPorts, isLimited } from './demand.ts';
import type { Demand } from './demand.ts';
import { hasRoom, open, refusalsOf } from './filters.ts';
import type { Refusal } from './filters.ts';
import { playThrough } from './play-through.ts';
import type { End, OldSlot, OldTask, Work } from './play-through.ts';
import { copyOf, giveBack, isLeaving, isOnNode, roomsOf } from './rooms.ts';
import type { Cluster, Room } from './rooms.ts';

export interface PlannedPlacement {
  /** How many tasks need a node: new ones, and those that wait for one already. Of a job: how many at the same time. */
  readonly wanted: number;
  /** How many find one, whatever the order in which the engine goes. */
  readonly least: number;
  /** How many find one in the best order. */
  readonly most: number;
  /** Why each node takes no more of them; empty if all find one. */
  readonly refusals: readonly Refusal[];
  /** On how many nodes the service has tasks at least. */
  readonly nodes: number;
}

/** The most times that an update is played through, and the most steps that all these take. */
const MOST_RUNS = 24;
const MOST_STEPS = 200_000;

/** Places the tasks of a change as its rollout makes them. @param changed what changedSlots has found, if that is known */
export function placementOf(
  change: PlannedChange,
  cluster: Cluster,
  changed = changedSlots(change),
): PlannedPlacement {
  const { after, before } = change;
  const demand = demandOf(after.TaskTemplate, hostPorts(after.EndpointSpec));
  const rooms = roomsOf(cluster, before?.ID, 'go');
  const work = workOf(change, changed, cluster, demand, rooms);
  const usable = open(rooms, demand, cluster);
  const wanted = work.waiting.length + work.slots.filter(({ isReplaced }) => isReplaced).length;
  const ends = endsOf(usable, work);
  const placed = ends.map((end) => end.placed);
  const [least, most] = [Math.min(...placed), Math.max(...placed)];
  const shown = ends.find((end) => end.placed === (most < wanted ? most : least));
  return {
    wanted,
    least,
    most,
    refusals: shown === undefined ? [] : refusals(shown, rooms, demand, cluster),
    nodes: Math.min(...ends.map((end) => end.rooms.filter(({ active }) => active > 0).length)),
  };
}

/** The nodes with the numbers of the end; those that are excluded for good have taken no task. */
function refusals(
  { waiting, rooms: last }: End,
  rooms: readonly Room[],
  demand: Demand,
  cluster: Cluster,
): readonly Refusal[] {
  if (waiting.length === 0) return [];
  const atEnd = new Map(last.map((room) => [room.seen.id, room]));
  const pinned = new Set(waiting);
  const asked = pinned.has(undefined) ? rooms : rooms.filter(({ seen }) => pinned.has(seen.id));
  return refusalsOf(
    asked.map((room) => atEnd.get(room.seen.id) ?? room),
    demand,
    cluster,
  );
}

/** What the rollout does. Tasks that are stopped without a successor are taken out of the rooms. */
function workOf(
  change: PlannedChange,
  { slots, started, stopped, atOnce = Infinity }: ChangedSlots,
  cluster: Cluster,
  demand: Demand,
  rooms: readonly Room[],
): Work {
  const demandFrom = demandReader(cluster.services);
  const oldOf = (task: Task): OldTask[] =>
    isOnNode(task) && !isLeaving(task) ? [{ node: task.NodeID ?? '', demand: demandFrom(task) }] : [];
  const byId = new Map(rooms.map((room) => [room.seen.id, room]));
  for (const { node, demand: had } of stopped.flatMap(oldOf)) {
    const room = byId.get(node);
    if (room === undefined) continue;
    giveBack(room, had);
    [room.active, room.all] = [room.active - 1, room.all - 1];
  }
  const isGlobal = change.after.Mode?.Global !== undefined;
  const nodeOf = (task: Task | undefined): string | undefined => (isGlobal ? task?.NodeID : undefined);
  const clean = slots.flatMap(({ kept }) => kept ?? []);
  return {
    demand,
    waiting: [
      ...Array.from({ length: Math.min(started.length, atOnce) }, (_, index) => started[index]),
      ...clean.filter(isWaiting).map(nodeOf),
    ],
    slots: slots.filter(isUpdated).map(({ tasks, kept }): OldSlot => {
      const old = tasks.filter((task) => task !== kept).flatMap(oldOf);
      return { pinned: nodeOf(tasks[0]), old, isReplaced: kept === undefined };
    }),
    startsFirst: updateConfigOf(change)?.Order === 'start-first',
    parallelism: parallelismOf(change),
  };
}

const WAITING: ReadonlySet<string> = new Set(['new', 'allocated', 'pending']);
const isWaiting = ({ Status }: Task): boolean => WAITING.has(Status.State);

/** How the rollout can end: in the best and the worst order as far as they are known, and in some others. */
function endsOf(rooms: readonly Room[], work: Work): readonly End[] {
  const { slots, waiting, demand } = work;
  const areAlike = slots.every(({ pinned, old }) => pinned === undefined && old.length === 0);
  // Then no order makes a difference.
  if (areAlike || rooms.length === 0 || !isLimited(demand)) return [playThrough(rooms, work, () => 0)];
  const steps = (slots.length + waiting.length) * (rooms.length + 1);
  const runs = Math.max(2, Math.min(MOST_RUNS, Math.floor(MOST_STEPS / steps)));
  const pick = picker();
  const fits = new Set(slots.filter((slot) => fitsWhereItWas(rooms, slot, work)));
  const goodFirst = [...slots].sort((a, b) => Number(fits.has(b)) - Number(fits.has(a)));
  return Array.from({ length: runs }, (_, run) => {
    const order = run === 0 ? goodFirst : run === 1 ? [...goodFirst].reverse() : shuffled(slots, pick);
    return playThrough(rooms, { ...work, slots: order }, pick);
  });
}

/** Whether the new task of a slot fits on the node of the old one at the beginning. */
function fitsWhereItWas(rooms: readonly Room[], { old }: OldSlot, { demand, startsFirst }: Work): boolean {
  const [first] = old;
  const room = rooms.find(({ seen }) => seen.id === first?.node);
  if (room === undefined || first === undefined) return false;
  const without = copyOf(room);
  if (!startsFirst) {
    giveBack(without, first.demand);
    without.active -= 1;
  }
  return hasRoom(without, demand);
}

/** Numbers that look random and are the same in every run of the program (a linear congruential generator). */
function picker(): (count: number) => number {
  let state = 1;
  return (count) => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return Math.floor((state / 2 ** 32) * count);
  };
}

function shuffled<T>(items: readonly T[], pick: (count: number) => number): T[] {
  const left = [...items];
  for (let last = left.length - 1; last > 0; last -= 1) {
    const other = pick(last + 1);
    [left[last], left[other]] = [left[other] as T, left[last] as T];
  }
  return left;
}
