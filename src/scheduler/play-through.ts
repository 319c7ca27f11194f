/**
 * Plays a rollout through: the updater makes tasks and ends others, the scheduler places them, until nothing moves any more
 * (swarmkit manager/orchestrator/update/updater.go and manager/scheduler/scheduler.go).
 */
import { chooseRoom } from './choose-room.ts';
import type { Pick } from './choose-room.ts';
import type { Demand } from './demand.ts';
import { hasRoom } from './filters.ts';
import { copiesOf, count, giveBack, take } from './rooms.ts';
import type { Room } from './rooms.ts';

/** A task that is on a node, and what it has of it. */
export interface OldTask {
  readonly node: string;
  readonly demand: Demand;
}

/** A slot that the updater goes through. */
export interface OldSlot {
  /** The node of a global service. */
  readonly pinned: string | undefined;
  /** The tasks on nodes that the updater ends. */
  readonly old: readonly OldTask[];
  /** False if one task of the slot is as wanted already: it stays, and no other is made. */
  readonly isReplaced: boolean;
}

/** What the rollout of one service does. */
export interface Work {
  readonly rooms: readonly Room[];
  /** The ids of the nodes that no filter excludes for good. */
  readonly open: ReadonlySet<string>;
  readonly demand: Demand;
  /** Nodes for tasks that wait from the beginning; undefined: the scheduler chooses. */
  readonly waiting: readonly (string | undefined)[];
  readonly slots: readonly OldSlot[];
  readonly startsFirst: boolean;
  readonly parallelism: number;
}

/** How it ends. */
export interface End {
  /** How many of the new tasks have a node. */
  readonly placed: number;
  /** The tasks that wait for ever, by their nodes; undefined: for any node. */
  readonly waiting: readonly (string | undefined)[];
  readonly rooms: readonly Room[];
}

/**
 * Plays the rollouts of services through that share their nodes. Where several could be next, the first one is.
 * @param pick chooses where the engine's order cannot be known: of equal nodes, of the tasks that wait (the scheduler keeps
 * them in a Go map), and whether a task finds a node before the one that it replaces has ended
 * @returns how each of them ends
 */
export function playThrough(works: readonly Work[], pick: Pick): End[] {
  const copies = copiesOf(works.map(({ rooms }) => rooms));
  const players = works.map((work, index) => playerOf({ ...work, rooms: copies[index] ?? [] }, pick));
  const each = (step: 'update' | 'finishLeaving' | 'place'): boolean =>
    players.reduce((moves, player) => player[step]() || moves, false);
  for (let moves = true; moves;) {
    moves = each('update');
    if (pick(2) === 0) moves = each('finishLeaving') || moves;
    moves = each('place') || moves;
    moves = each('finishLeaving') || moves;
    moves = each('place') || moves;
  }
  return players.map(({ end }) => end());
}

/**
 * What the updater and the scheduler do for a service, step by step. Each step says whether it has done anything.
 * @param work its rooms are changed
 */
function playerOf(work: Work, pick: Pick) {
  const { rooms, open, demand, waiting, slots, startsFirst, parallelism } = work;
  const byId = new Map(rooms.map((room) => [room.seen.id, room]));
  const usable = rooms.filter(({ seen }) => open.has(seen.id));
  let next = 0;
  let idle = parallelism;
  let pending: { readonly pinned: string | undefined; readonly slot?: OldSlot }[] = waiting.map((pinned) => ({
    pinned,
  }));
  let leaving: OldTask[] = [];
  let placed = 0;

  const stop = ({ old }: OldSlot): void => {
    for (const task of old) {
      const room = byId.get(task.node);
      if (room !== undefined) count(room, -1);
      leaving.push(task);
    }
  };
  const roomFor = (pinned: string | undefined): Room | undefined => {
    if (pinned === undefined)
      return chooseRoom(usable, demand.template, (room) => hasRoom(room, demand), pick);
    const room = open.has(pinned) ? byId.get(pinned) : undefined;
    return room !== undefined && hasRoom(room, demand) ? room : undefined;
  };
  return {
    /** The updater makes tasks, as far as its parallelism allows, and ends others. */
    update: () => {
      let moves = false;
      for (; idle > 0 && next < slots.length; next += 1) {
        const slot = slots[next] as OldSlot;
        moves = true;
        if (!slot.isReplaced) {
          stop(slot);
          continue;
        }
        idle -= 1;
        if (!startsFirst) stop(slot);
        pending.push({ pinned: slot.pinned, slot });
      }
      return moves;
    },
    /** The tasks that are to end have ended. */
    finishLeaving: () => {
      for (const { node, demand: had } of leaving) {
        const room = byId.get(node);
        if (room !== undefined) giveBack(room.left, had);
      }
      const isAny = leaving.length > 0;
      leaving = [];
      return isAny;
    },
    /** The scheduler places what waits. */
    place: () => {
      const left: typeof pending = [];
      let isFull = false;
      for (const task of pick(2) === 0 ? pending : pending.toReversed()) {
        const room = isFull && task.pinned === undefined ? undefined : roomFor(task.pinned);
        if (room === undefined) {
          isFull ||= task.pinned === undefined;
          left.push(task);
          continue;
        }
        take(room.left, demand);
        count(room, 1);
        placed += 1;
        if (task.slot === undefined) continue;
        idle += 1;
        if (startsFirst) stop(task.slot);
      }
      const isAny = left.length < pending.length;
      pending = left;
      return isAny;
    },
    end: (): End => ({ placed, waiting: pending.map(({ pinned }) => pinned), rooms }),
  };
}
