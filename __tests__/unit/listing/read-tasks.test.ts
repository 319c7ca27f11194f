/** The requests of ps to the engine. */
import { describe, expect, test } from '@jest/globals';
import { readTasks } from '../../../src/listing/read-tasks.ts';
import type { Engine, Filters } from '../../../src/engine/client.ts';
import { EngineError, SwarmrollError } from '../../../src/errors.ts';
import { swarm } from '../support/reading.ts';

/** An engine with the fixture’s swarm. It records the requests, and how many requests each round trip had. */
function engine() {
  const asked: string[] = [];
  const rounds: number[] = [];
  let pending = 0;
  const answer = async <T>(name: string, filters: Filters, reply: () => T): Promise<T> => {
    asked.push(`${name} ${JSON.stringify(filters)}`);
    pending += 1;
    if (pending === 1) rounds.push(0);
    rounds[rounds.length - 1] = (rounds.at(-1) ?? 0) + 1;
    await new Promise((resolve) => setTimeout(resolve, 1));
    pending -= 1;
    return reply();
  };
  const begins = (list: readonly string[] | undefined, text: string) =>
    list?.some((ref) => text.startsWith(ref));
  const fake = {
    host: 'tcp://x:1',
    services: (filters: Filters) =>
      answer('services', filters, () =>
        swarm.services.filter(
          ({ ID, Spec }) =>
            begins(filters['id'], ID) === true || begins(filters['name'], Spec.Name ?? '') === true,
        ),
      ),
    tasks: (filters: Filters) =>
      answer('tasks', filters, () => {
        const ids = (filters['service'] ?? []).map((ref) => {
          const service = swarm.services.find(({ ID, Spec }) => ID === ref || Spec.Name === ref);
          if (service === undefined) throw new SwarmrollError('notFound', `service ${ref} not found`);
          return service.ID;
        });
        return swarm.tasks.filter(({ ServiceID }) => ids.includes(ServiceID));
      }),
    nodes: (filters: Filters) => answer('nodes', filters, () => swarm.nodes),
    ownNodeId: () => answer('info', {}, () => 'node2'),
  };
  return { engine: fake as unknown as Engine, asked, rounds };
}

const wanted = { filters: [], nodeNames: true, signal: new AbortController().signal };

describe('requests', () => {
  test('are four in one round trip, for any number of services', async () => {
    const { engine: fake, asked, rounds } = engine();
    const { tasks, services, nodes, missing } = await readTasks(fake, ['full', 'bare'], wanted);
    expect(rounds).toEqual([4]);
    expect(asked).toContain('tasks {"service":["full","bare"]}');
    expect(tasks).toHaveLength(swarm.tasks.length);
    expect(services.get('s2bbcdefghijklmnopqrstuvw')).toBe('bare');
    expect(nodes.get('node2aaaaaaaaaaaaaaaaaaaa')).toBe('näme');
    expect(nodes.get('node3aaaaaaaaaaaaaaaaaaaa')).toBe('node3aaaaaaaaaaaaaaaaaaaa');
    expect(missing).toEqual([]);
  });

  test('leave out the nodes if no names are shown', async () => {
    const { engine: fake, rounds } = engine();
    await readTasks(fake, ['full'], { ...wanted, nodeNames: false });
    expect(rounds).toEqual([3]);
  });

  test('need a second round trip if a reference matches no service', async () => {
    const { engine: fake, asked, rounds } = engine();
    const { tasks, missing } = await readTasks(fake, ['bare', 'nope'], wanted);
    expect(rounds).toEqual([4, 1]);
    expect(asked.at(-1)).toBe('tasks {"service":["s2bbcdefghijklmnopqrstuvw"]}');
    expect(tasks).toHaveLength(2);
    expect(missing).toEqual(['nope']);
  });
});

test('filters are passed to the engine; values of the same name are collected', async () => {
  const { engine: fake, asked } = engine();
  const filters = [
    ['node', 'a'],
    ['node', 'self'],
    ['desired-state', 'running'],
    ['service', 'rep0'],
    ['constructor', 'x'],
  ] as const;
  await readTasks(fake, ['full'], { ...wanted, filters });
  expect(asked).toContain(
    'tasks {"node":["a","node2"],"desired-state":["running"],"service":["rep0","full"],"constructor":["x"]}',
  );
});

test('a service that only a filter selects is shown by its name too', async () => {
  const { engine: fake } = engine();
  const { services } = await readTasks(fake, ['full'], { ...wanted, filters: [['service', 'bare']] });
  expect(services.get('s2bbcdefghijklmnopqrstuvw')).toBe('bare');
});

test('it is an error if no reference matches a service', async () => {
  const { engine: fake } = engine();
  await expect(readTasks(fake, ['no', 'nope'], wanted)).rejects.toThrow(
    'no such service: no; no such service: nope',
  );
});

test('nodes that a proxy does not list are shown by their ids', async () => {
  const { engine: fake } = engine();
  const refusal = new EngineError('refused', 'GET /nodes: no (HTTP 403 from x)', { fault: 'final' });
  const filtered = { ...fake, nodes: () => Promise.reject(refusal) };
  const { tasks, nodes, noNames } = await readTasks(filtered, ['full'], wanted);
  expect(tasks).not.toEqual([]);
  expect([...nodes]).toEqual([]);
  expect(noNames).toEqual(['GET /nodes: no (HTTP 403 from x)']);
});

test('a locked manager is an error, whatever it refuses', async () => {
  const { engine: fake } = engine();
  const locked = new EngineError('refused', 'locked', { fault: 'transient', reason: 'locked' });
  const reading = readTasks({ ...fake, nodes: () => Promise.reject(locked) }, ['full'], wanted);
  await expect(reading).rejects.toBe(locked);
});
