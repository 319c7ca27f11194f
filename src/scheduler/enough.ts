/** A quick proof that all tasks of a rollout find a node, whatever the order of the engine. */
import { isLimited } from './demand.ts';
import type { Demand } from './demand.ts';
import type { OldSlot, Work } from './play-through.ts';
import type { Room } from './rooms.ts';

/**
 * Whether there is so much room that no order can go wrong. All new tasks are alike, so each takes one place. Each slot gives one
 * back whose old task has all that the new one asks for; with start-first, only after it has taken one.
 * @returns false if that is not known
 */
export function isEnough({ rooms, open, demand, waiting, slots, startsFirst }: Work): boolean {
  const giving = new Set(
    rooms.filter((room) => open.has(room.seen.id) && !isOverfull(room, demand)).map(({ seen }) => seen.id),
  );
  const isPinned = (pin: string | undefined): boolean => pin !== undefined;
  if (waiting.some(isPinned) || slots.some(({ pinned }) => isPinned(pinned))) return false;
  let needed = waiting.length;
  let isAnyGiving = false;
  for (const slot of slots) {
    if (!slot.isReplaced) continue;
    if (givesBack(slot, demand, giving)) isAnyGiving = true;
    else needed += 1;
  }
  if (startsFirst && isAnyGiving) needed += 1;
  let places = 0;
  for (const room of rooms) {
    if (places >= needed) break;
    if (open.has(room.seen.id)) places += placesOn(room, demand);
  }
  return places >= needed;
}

/** Whether a task that leaves makes no place, because a node has more than fits already. */
const isOverfull = ({ left, active }: Room, { generic, ports, maxReplicas }: Demand): boolean =>
  left.cpus < 0 ||
  left.memory < 0 ||
  generic.some(({ kind }) => (left.generic.get(kind) ?? 0) < 0) ||
  ports.some((port) => (left.ports.get(port) ?? 0) > 1) ||
  (maxReplicas > 0 && active > maxReplicas);

const givesBack = ({ old }: OldSlot, demand: Demand, nodes: ReadonlySet<string>): boolean =>
  old.some(
    ({ node, demand: had }) =>
      nodes.has(node) &&
      had.cpus >= demand.cpus &&
      had.memory >= demand.memory &&
      demand.ports.every((port) => had.ports.includes(port)) &&
      demand.generic.every(({ kind, value }) =>
        had.generic.some((one) => one.kind === kind && one.value >= value),
      ),
  );

/** How many more tasks a node takes that is open. */
function placesOn({ left, active }: Room, demand: Demand): number {
  const { cpus, memory, generic, ports, maxReplicas } = demand;
  if (!isLimited(demand)) return Infinity;
  const asks = cpus > 0 || memory > 0 || generic.length > 0;
  const times = (free: number, each: number): number =>
    each > 0 ? Math.floor(free / each) : asks && free < 0 ? 0 : Infinity;
  return Math.max(
    0,
    Math.min(
      times(left.cpus, cpus),
      times(left.memory, memory),
      ...generic.map(({ kind, value }) => {
        const free = left.generic.get(kind) ?? 0;
        return free <= 0 ? 0 : times(free, value);
      }),
      ...ports.map((port) => ((left.ports.get(port) ?? 0) > 0 ? 0 : 1)),
      maxReplicas === 0 ? Infinity : maxReplicas - active,
    ),
  );
}
