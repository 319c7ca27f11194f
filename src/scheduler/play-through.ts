/**
 * Plays a rollout through: the updater makes tasks and ends others, the scheduler places them, until nothing moves any more
 * (swarmkit manager/orchestrator/update/updater.go and manager/scheduler/scheduler.go).
 */
import { chooseRoom } from './choose-room.ts';
import type { Pick } from './choose-room.ts';
import type { Demand } from './demand.ts';
import { hasRoom } from './filters.ts';
import { copyOf, giveBack, take } from './rooms.ts';
import type { Room } from './rooms.ts';

/** A task that is on a node, and what it has of it. */
export interface OldTask {
  /** The node's id. */
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

export interface Work {
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
 * @param rooms the nodes that no filter excludes for good
 * @param pick chooses where the engine's order cannot be known: of the slots, of equal nodes, of the tasks that wait (the
 * scheduler keeps them in a Go map), and whether a task finds a node before the one that it replaces has ended
 */
export function playThrough(
  rooms: readonly Room[],
  { demand, waiting, slots, startsFirst, parallelism }: Work,
  pick: Pick,
): End {
  const now = rooms.map(copyOf);
  const byId = new Map(now.map((room) => [room.seen.id, room]));
  const queue = [...slots];
  let idle = parallelism;
  let pending: { readonly pinned: string | undefined; readonly slot?: OldSlot }[] = waiting.map((pinned) => ({
    pinned,
  }));
  let leaving: OldTask[] = [];
  let placed = 0;

  const end = ({ old }: OldSlot): void => {
    for (const task of old) {
      const room = byId.get(task.node);
      if (room !== undefined) [room.active, room.all] = [room.active - 1, room.all - 1];
      leaving.push(task);
    }
  };
  const finishLeaving = (): boolean => {
    for (const { node, demand: had } of leaving) {
      const room = byId.get(node);
      if (room !== undefined) giveBack(room, had);
    }
    const isAny = leaving.length > 0;
    leaving = [];
    return isAny;
  };
  const place = (): boolean => {
    const left: typeof pending = [];
    let isFull = false;
    for (const task of pick(2) === 0 ? pending : pending.toReversed()) {
      const room = isFull && task.pinned === undefined ? undefined : roomFor(task.pinned);
      if (room === undefined) {
        isFull ||= task.pinned === undefined;
        left.push(task);
        continue;
      }
      take(room, demand);
      [room.active, room.all] = [room.active + 1, room.all + 1];
      placed += 1;
      if (task.slot === undefined) continue;
      idle += 1;
      if (startsFirst) end(task.slot);
    }
    const isAny = left.length < pending.length;
    pending = left;
    return isAny;
  };
  const roomFor = (pinned: string | undefined): Room | undefined => {
    if (pinned === undefined) return chooseRoom(now, demand.template, (room) => hasRoom(room, demand), pick);
    const room = byId.get(pinned);
    return room !== undefined && hasRoom(room, demand) ? room : undefined;
  };

  for (let moves = true; moves;) {
    moves = false;
    while (idle > 0 && queue.length > 0) {
      const slot = queue.shift();
      if (slot === undefined) break;
      moves = true;
      if (!slot.isReplaced) {
        end(slot);
        continue;
      }
      idle -= 1;
      if (!startsFirst) end(slot);
      pending.push({ pinned: slot.pinned, slot });
    }
    if (pick(2) === 0) moves = finishLeaving() || moves;
    moves = place() || moves;
    moves = finishLeaving() || moves;
    moves = place() || moves;
  }
  return { placed, waiting: pending.map(({ pinned }) => pinned), rooms: now };
}
