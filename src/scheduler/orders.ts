/** The orders in which the engine may go where it is not known, and how rollouts end in them. */
import type { Pick } from './choose-room.ts';
import { isLimited } from './demand.ts';
import { hasRoom } from './filters.ts';
import { playThrough } from './play-through.ts';
import type { End, OldSlot, Work } from './play-through.ts';
import { copiesOf, count, giveBack } from './rooms.ts';

/** The most times that an update is played through, and the most steps that all these take. */
const MOST_RUNS = 24;
const MOST_STEPS = 200_000;

/**
 * How rollouts that share their nodes can end: in the best and the worst order as far as they are known, and in some others.
 * @returns the ends of each
 */
export function endsOf(works: readonly Work[]): readonly (readonly End[])[] {
  const [first, ...others] = works;
  if (first !== undefined && others.length === 0 && !isLimited(first.demand))
    // All at once is quick, and leads to the same nodes.
    return [playThrough([{ ...first, parallelism: Infinity }], () => 0)];
  const orders = ordersOf(works);
  const runs = others.length === 0 && works.every(isSameInAnyOrder) ? 1 : runsOf(works, orders.length);
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
const isSameInAnyOrder = ({ slots, open }: Work): boolean =>
  open.size === 0 || slots.every(({ pinned, old }) => pinned === undefined && old.length === 0);

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
