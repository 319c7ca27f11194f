/** The proof that all tasks find a node, beside rollouts that are played through. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SEEDED, runs } from '../../support/random.ts';
import { demandOf } from '../../../src/scheduler/demand.ts';
import { isEnough } from '../../../src/scheduler/enough.ts';
import { hasRoom } from '../../../src/scheduler/filters.ts';
import { endsOf } from '../../../src/scheduler/orders.ts';
import type { Work } from '../../../src/scheduler/play-through.ts';
import { sharedRooms } from '../../../src/scheduler/rooms.ts';
import type { Room } from '../../../src/scheduler/rooms.ts';
import { node, possible } from './support.ts';

const small = fc.integer({ min: 0, max: 3 });
const demands = fc
  .record({ cpus: small, memory: small, gpus: small, port: fc.boolean(), max: small })
  .map(({ cpus, memory, gpus, port, max }) => ({
    ...demandOf({}, port ? ['80/tcp'] : []),
    cpus,
    memory,
    generic: gpus === 0 ? [] : [{ kind: 'gpu', value: gpus }],
    maxReplicas: max,
  }));
const NODES = ['a', 'b', 'c'];
const rooms = fc
  .tuple(...NODES.map(() => fc.record({ free: fc.integer({ min: -1, max: 6 }), port: small, active: small })))
  .map((list): Room[] =>
    list.map(({ free, port, active }, index) => {
      const cluster = { nodes: possible([node(NODES[index] ?? '')]), tasks: [], services: new Map() };
      const [[room] = []] = sharedRooms(cluster, ['s'], 'go');
      const left = {
        cpus: free,
        memory: free,
        generic: new Map([['gpu', free]]),
        ports: new Map([['80/tcp', port]]),
        all: active,
      };
      return { ...(room as Room), left, active };
    }),
  );
const works: fc.Arbitrary<Work> = fc
  .record({
    rooms,
    demand: demands,
    old: demands,
    waiting: small,
    slots: fc.array(fc.constantFrom(...NODES), { maxLength: 5 }),
    startsFirst: fc.boolean(),
    parallelism: fc.constantFrom(1, 2, Infinity),
  })
  .map(({ old, waiting, slots, rooms: others, ...rest }) => ({
    ...rest,
    // The old tasks are on their nodes, beside the tasks of others.
    rooms: others.map((room) => {
      const own = slots.filter((id) => id === room.seen.id).length;
      const ports = new Map([['80/tcp', (room.left.ports.get('80/tcp') ?? 0) + own * old.ports.length]]);
      return { ...room, active: own, left: { ...room.left, ports } };
    }),
    open: new Set(NODES),
    waiting: Array.from({ length: waiting }, () => undefined),
    slots: slots.map((at) => ({ pinned: undefined, old: [{ node: at, demand: old }], isReplaced: true })),
  }));

test(`where there is enough, all tasks find a node in every order ${SEEDED}`, () => {
  let proven = 0;
  for (const work of fc.sample(works, runs(125))) {
    if (!isEnough(work)) continue;
    proven += 1;
    const wanted = work.waiting.length + work.slots.length;
    const [ends = []] = endsOf([work]);
    expect({ work, placed: ends.map(({ placed }) => placed) }).toEqual({
      work,
      placed: ends.map(() => wanted),
    });
  }
  expect(proven).toBeGreaterThan(0);
});

test(`a node takes one more task exactly if it takes any ${SEEDED}`, () => {
  fc.assert(
    fc.property(rooms, demands, (list, demand) => {
      for (const room of list) {
        const open = new Set([room.seen.id]);
        const one = { rooms: [room], open, demand, waiting: [undefined], slots: [] };
        expect(isEnough({ ...one, startsFirst: false, parallelism: 1 })).toBe(hasRoom(room, demand));
      }
    }),
    runs(125),
  );
});
