/** How many of the tasks that a change makes find a node, and why the others don't. */
import type { Task } from '../api/service.ts';
import { changedSlots, isUpdated, parallelismOf, updateConfigOf } from '../service-spec/replaced-tasks.ts';
import type { ChangedSlots, PlannedChange } from '../service-spec/replaced-tasks.ts';
import type { Pick } from './choose-room.ts';
import { demandOf, demandReader, dependsOnOthers, hostPorts, isLimited } from './demand.ts';
import type { Demand } from './demand.ts';
import { hasRoom, openNodes, refusalsOf } from './filters.ts';
import type { Refusal } from './filters.ts';
import { playThrough } from './play-through.ts';
import type { End, OldSlot, OldTask, Work } from './play-through.ts';
import { copiesOf, count, giveBack, isLeaving, isOnNode, sharedRooms } from './rooms.ts';
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
 * @param changed what changedSlots has found, if that is known
 * @param beside the other changes that are made at the same time
 */
export function placementOf(
  change: PlannedChange,
  cluster: Cluster,
  changed = changedSlots(change),
  beside: readonly ToPlace[] = [],
): PlannedPlacement {
  const [own] = placementsOf([{ change, drivers: cluster.drivers, changed }, ...beside], cluster);
  return own as PlannedPlacement;
}

/** Places the tasks of changes that are made at the same time. @returns the placement of each */
export function placementsOf(
  changes: readonly ToPlace[],
  cluster: Omit<Cluster, 'drivers'>,
): PlannedPlacement[] {
  const rooms = sharedRooms(
    cluster,
    changes.map(({ change }) => change.before?.ID),
    'go',
  );
  const works = changes.map((one, index) => workOf(one, cluster, rooms[index] ?? []));
  // What one service has of the nodes matters to another only if that one asks the nodes for something.
  const areContested = works.some(({ demand }) => dependsOnOthers(demand));
  const ends = areContested ? endsOf(works) : works.flatMap((work) => endsOf([work]));
  return works.map((work, index) => {
    const { drivers } = changes[index] as ToPlace;
    return summary(work, ends[index] ?? [], { ...cluster, drivers });
  });
}

/** What the ends of a rollout have in common. */
function summary({ waiting, slots, demand }: Work, ends: readonly End[], cluster: Cluster): PlannedPlacement {
  const wanted = waiting.length + slots.filter(({ isReplaced }) => isReplaced).length;
  const placed = ends.map((end) => end.placed);
  const [least, most] = [Math.min(...placed), Math.max(...placed)];
  const shown = ends.find((end) => end.placed === (most < wanted ? most : least));
  return {
    wanted,
    least,
    most,
    refusals: shown === undefined ? [] : refusals(shown, demand, cluster),
    nodes: Math.min(...ends.map((end) => end.rooms.filter(({ active }) => active > 0).length)),
  };
}

function refusals({ waiting, rooms }: End, demand: Demand, cluster: Cluster): readonly Refusal[] {
  if (waiting.length === 0) return [];
  const pinned = new Set(waiting);
  const asked = pinned.has(undefined) ? rooms : rooms.filter(({ seen }) => pinned.has(seen.id));
  return refusalsOf(asked, demand, cluster);
}

/** What the rollout does. Tasks that are stopped without a successor are taken out of the rooms. */
function workOf(
  { change, drivers, changed = changedSlots(change) }: ToPlace,
  cluster: Omit<Cluster, 'drivers'>,
  rooms: readonly Room[],
): Work {
  const { TaskTemplate, EndpointSpec } = change.after;
  const demand = demandOf(TaskTemplate, hostPorts(EndpointSpec));
  const { slots, started, stopped, atOnce = Infinity } = changed;
  const demandFrom = demandReader(cluster.services);
  const oldOf = (task: Task): OldTask[] =>
    isOnNode(task) && !isLeaving(task) ? [{ node: task.NodeID ?? '', demand: demandFrom(task) }] : [];
  const byId = new Map(rooms.map((room) => [room.seen.id, room]));
  for (const { node, demand: had } of stopped.flatMap(oldOf)) {
    const room = byId.get(node);
    if (room === undefined) continue;
    giveBack(room.left, had);
    count(room, -1);
  }
  const isGlobal = change.after.Mode?.Global !== undefined;
  const nodeOf = (task: Task | undefined): string | undefined => (isGlobal ? task?.NodeID : undefined);
  const clean = slots.flatMap(({ kept }) => kept ?? []);
  return {
    rooms,
    open: openNodes(rooms, demand, { ...cluster, drivers }),
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

/**
 * How rollouts that share their nodes can end: in the best and the worst order as far as they are known, and in some others.
 * @returns the ends of each
 */
function endsOf(works: readonly Work[]): readonly (readonly End[])[] {
  const orders = ordersOf(works);
  const runs = works.length === 1 && works.every(isSameInAnyOrder) ? 1 : runsOf(works, orders.length);
  const pick = runs === 1 ? () => 0 : picker();
  const slotOrders = new Map(runs === 1 ? [] : works.map((work) => [work, slotOrdersOf(work, pick)]));
  const played = Array.from({ length: runs }, (_, run) => {
    const order = orders[run % orders.length] ?? works;
    const ordered = order.map((work) => {
      const slots = slotOrders.get(work)?.(Math.floor(run / orders.length)) ?? work.slots;
      return { ...work, slots };
    });
    const ends = playThrough(ordered, pick);
    return new Map(order.map((work, index) => [work, ends[index]]));
  });
  return works.map((work) => played.flatMap((ends) => ends.get(work) ?? []));
}

/** Whether no order of the slots and no choice makes a difference to how many tasks find a node. */
const isSameInAnyOrder = ({ slots, open, demand }: Work): boolean =>
  open.size === 0 ||
  !isLimited(demand) ||
  slots.every(({ pinned, old }) => pinned === undefined && old.length === 0);

function runsOf(works: readonly Work[], orders: number): number {
  const steps = works
    .map(({ slots, waiting, rooms }) => (slots.length + waiting.length) * (rooms.length + 1))
    .reduce((sum, one) => sum + one, 0);
  return Math.max(2, Math.min(Math.max(MOST_RUNS, 2 * orders), Math.floor(MOST_STEPS / Math.max(1, steps))));
}

/** Orders in which each is the first once and the last once. */
function ordersOf<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length === 1) return [items];
  return items.flatMap((_, index) => {
    const order = [...items.slice(index), ...items.slice(0, index)];
    return [order, order.toReversed()];
  });
}

/** The slots in the order of a run: those that fit first, those that do not fit first, then any. */
function slotOrdersOf({ slots, ...work }: Work, pick: Pick): (run: number) => readonly OldSlot[] {
  const fits = new Set(slots.filter((slot) => fitsWhereItWas(slot, work)));
  const goodFirst = [...slots].sort((a, b) => Number(fits.has(b)) - Number(fits.has(a)));
  return (run) => (run === 0 ? goodFirst : run === 1 ? goodFirst.toReversed() : shuffled(slots, pick));
}

/** Whether the new task of a slot fits on the node of the old one at the beginning. */
function fitsWhereItWas(
  { old }: OldSlot,
  { rooms, open, demand, startsFirst }: Omit<Work, 'slots'>,
): boolean {
  const [first] = old;
  const room = rooms.find(({ seen }) => seen.id === first?.node);
  if (room === undefined || first === undefined || !open.has(room.seen.id)) return false;
  const without = copiesOf([[room]])[0]?.[0] ?? room;
  if (!startsFirst) {
    giveBack(without.left, first.demand);
    count(without, -1);
  }
  return hasRoom(without, demand);
}

/** Numbers that look random and are the same in every run of the program (a linear congruential generator). */
function picker(): Pick {
  let state = 1;
  return (choices) => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return Math.floor((state / 2 ** 32) * choices);
  };
}

function shuffled<T>(items: readonly T[], pick: Pick): T[] {
  const left = [...items];
  for (let last = left.length - 1; last > 0; last -= 1) {
    const other = pick(last + 1);
    [left[last], left[other]] = [left[other] as T, left[last] as T];
  }
  return left;
}
