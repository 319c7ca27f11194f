import { describe, expect, test } from '@jest/globals';
import type { ServiceSpec, Task } from '../../../src/api/service.ts';
import { placementOf, placementsOf } from '../../../src/scheduler/placement.ts';
import { placementRisks } from '../../../src/scheduler/risks.ts';
import { hostPort, node, plan, reserve, service, task } from './support.ts';

const NODES = [node('a'), node('b'), node('c')];
const replicated = (Replicas: number, rest: Partial<ServiceSpec> = {}): ServiceSpec => ({
  TaskTemplate: {},
  Mode: { Replicated: { Replicas } },
  ...rest,
});
const update = (Order: string, Parallelism = 1) => ({
  UpdateConfig: { Parallelism, MaxFailureRatio: 0, Order },
});
const most = (MaxReplicas: number) => ({ Placement: { MaxReplicas } });
const changed = { ForceUpdate: 1 };
const on = (nodes: string, { TaskTemplate, EndpointSpec }: ServiceSpec): Task[] =>
  nodes.split('').map((id) =>
    task('s', id, TaskTemplate, {
      Status: { State: 'running', PortStatus: { Ports: EndpointSpec?.Ports ?? [] } },
    }),
  );

/** "2 of 3", or "1 to 2 of 3" if the order of the engine decides. */
function numbers(...words: Parameters<typeof plan>): string {
  const { wanted, least, most: best } = placementOf(...plan(...words));
  return `${least === best ? least : `${least} to ${best}`} of ${wanted}`;
}

/** An update of a service whose tasks run on these nodes. */
function updated(
  nodes: string,
  before: ServiceSpec,
  after: Partial<ServiceSpec['TaskTemplate']>,
  others: Task[] = [],
): string {
  const spec = { ...before, TaskTemplate: { ...before.TaskTemplate, ...changed, ...after } };
  return numbers(spec, NODES, [...on(nodes, before), ...others], before);
}

describe('how many tasks find a node', () => {
  test.each<[string, string, string]>([
    ['create', numbers(replicated(9), NODES), '9 of 9'],
    ['create nothing', numbers(replicated(0), NODES), '0 of 0'],
    ['create without a node', numbers(replicated(2), []), '0 of 2'],
    ['create with reservations', numbers(replicated(9, { TaskTemplate: reserve(1) }), NODES), '6 of 9'],
    [
      'create beside others',
      numbers(replicated(9, { TaskTemplate: reserve(1) }), NODES, [task('o', 'a', reserve(1.5))]),
      '4 of 9',
    ],
    ['create with a port', numbers(replicated(4, { EndpointSpec: hostPort(80) }), NODES), '3 of 4'],
    ['a port that the node chooses', numbers(replicated(4, { EndpointSpec: hostPort(0) }), NODES), '4 of 4'],
    ['create with max replicas', numbers(replicated(7, { TaskTemplate: most(2) }), NODES), '6 of 7'],
    [
      'create global',
      numbers({ TaskTemplate: reserve(2), Mode: { Global: {} } }, NODES, [task('o', 'a', reserve(1))]),
      '2 of 3',
    ],
    [
      'create a job',
      numbers(
        { TaskTemplate: reserve(2), Mode: { ReplicatedJob: { MaxConcurrent: 4, TotalCompletions: 9 } } },
        NODES,
      ),
      '3 of 4',
    ],
    ['create a global job', numbers({ TaskTemplate: reserve(3), Mode: { GlobalJob: {} } }, NODES), '0 of 3'],
    [
      'scale up',
      numbers(
        replicated(4, { TaskTemplate: most(1) }),
        NODES,
        on('abc', replicated(3, { TaskTemplate: most(1) })),
        replicated(3, { TaskTemplate: most(1) }),
      ),
      '0 of 1',
    ],
    [
      'scale down',
      numbers(
        replicated(1, { TaskTemplate: most(1) }),
        NODES,
        on('abc', replicated(3, { TaskTemplate: most(1) })),
        replicated(3, { TaskTemplate: most(1) }),
      ),
      '0 of 0',
    ],
    [
      'a task that waits already',
      numbers(replicated(4), NODES, on('abc', replicated(4)).concat(task('s', '')), replicated(4)),
      '1 of 1',
    ],
    [
      'start-first with max replicas',
      updated('abc', replicated(3, { TaskTemplate: most(1), ...update('start-first') }), {}),
      '0 of 3',
    ],
    [
      'stop-first with max replicas',
      updated('abc', replicated(3, { TaskTemplate: most(1), ...update('stop-first') }), {}),
      '3 of 3',
    ],
    [
      'start-first with a free node',
      updated('ab', replicated(2, { TaskTemplate: most(1), ...update('start-first') }), {}),
      '2 of 2',
    ],
    [
      'start-first with more than half of a node',
      updated('abc', replicated(3, { TaskTemplate: reserve(1.5), ...update('start-first') }), {}),
      '0 of 3',
    ],
    [
      'start-first with half of a node',
      updated('abc', replicated(3, { TaskTemplate: reserve(1), ...update('start-first') }), {}),
      '3 of 3',
    ],
    [
      'stop-first with all of a node',
      updated('abc', replicated(3, { TaskTemplate: reserve(2), ...update('stop-first') }), {}),
      '3 of 3',
    ],
    [
      'start-first with a port',
      updated('abc', replicated(3, { EndpointSpec: hostPort(80), ...update('start-first') }), {}),
      '0 of 3',
    ],
    [
      'start-first with a new port',
      numbers(
        replicated(3, { TaskTemplate: changed, EndpointSpec: hostPort(81), ...update('start-first') }),
        NODES,
        on('abc', replicated(3)),
        replicated(3, { EndpointSpec: hostPort(80) }),
      ),
      '3 of 3',
    ],
    [
      'more is wanted than was',
      updated('abc', replicated(3, { TaskTemplate: reserve(1), ...update('stop-first') }), reserve(3)),
      '0 of 3',
    ],
    [
      'two on a node, and each wants all of it',
      updated('aabbcc', replicated(6, { TaskTemplate: reserve(1), ...update('stop-first') }), reserve(2)),
      '0 of 6',
    ],
    [
      'the same, all at once',
      updated('aabbcc', replicated(6, { TaskTemplate: reserve(1), ...update('stop-first', 0) }), reserve(2)),
      '3 of 6',
    ],
  ])('%s', (_, found, expected) => {
    expect(found).toBe(expected);
  });

  test('where the order of the engine decides, the plan has both ends', () => {
    const before: ServiceSpec = { TaskTemplate: {}, Mode: { Global: {} }, ...update('stop-first') };
    const after = { ...before, TaskTemplate: reserve(2) };
    expect(numbers(after, NODES, [...on('abc', before), task('o', 'a', reserve(1))], before)).toBe(
      '0 to 2 of 3',
    );
  });

  test('tasks of a scale-up and those of an update wait together, and the scheduler takes either first', () => {
    const before = replicated(2, { TaskTemplate: reserve(1.5), ...update('stop-first') });
    const after = { ...before, ...replicated(4), TaskTemplate: { ...reserve(1.5), ...changed } };
    expect(numbers(after, NODES, on('ab', before), before)).toBe('2 to 3 of 4');
  });

  test('preferences do not keep a task from the only node with room', () => {
    const spread = replicated(3, {
      TaskTemplate: {
        ...reserve(1),
        Placement: { Preferences: [{ Spread: { SpreadDescriptor: 'node.labels.zone' } }] },
      },
      ...update('start-first'),
    });
    expect(updated('aab', spread, {}, [task('o', 'b', reserve(1))])).toBe('3 of 3');
  });

  test('a task of another service that is about to end leaves its place', () => {
    const leaving = task('o', 'a', reserve(2), { DesiredState: 'shutdown' });
    expect(numbers(replicated(6, { TaskTemplate: reserve(1) }), NODES, [leaving])).toBe('6 of 6');
  });

  test("the ports of another service's tasks", () => {
    const other = service({ TaskTemplate: {}, EndpointSpec: hostPort(80) }, 'o');
    const preparing = task('o', 'a', {}, { Status: { State: 'preparing' } });
    expect(
      numbers(replicated(3, { EndpointSpec: hostPort(80) }), NODES, [preparing], undefined, [other]),
    ).toBe('2 of 3');
  });
});

describe('changes that are made at the same time', () => {
  type Own = readonly [nodes: string, after: ServiceSpec, before?: ServiceSpec];
  /** The numbers of services named 1, 2, ..., and the risks of the first. */
  const together = (...services: Own[]): readonly [string, ...string[]] => {
    const running = services.map(([nodes, after, before = after], index) =>
      on(nodes, before).map((one): Task => ({ ...one, ServiceID: `${index + 1}` })),
    );
    const toPlace = services.map(([, after, before], index) => {
      const [{ nodes }] = plan(after, NODES);
      const stored = before === undefined ? {} : { before: service(before, `${index + 1}`) };
      return { change: { ...stored, after, tasks: running[index] ?? [], nodes }, drivers: [] };
    });
    const [, cluster] = plan(replicated(1), NODES, running.flat());
    const [first, ...beside] = toPlace;
    const placements = placementsOf(toPlace, cluster);
    if (first === undefined || placements[0] === undefined) throw new Error('no service');
    return [
      placements
        .map(
          ({ least, most: best, wanted }) => `${least === best ? least : `${least} to ${best}`} of ${wanted}`,
        )
        .join(', '),
      ...placementRisks(first.change, cluster, placements[0], true, beside).map(({ message }) => message),
    ];
  };
  const wanting = (count: number, cpus: number, rest: Partial<ServiceSpec> = {}) =>
    replicated(count, { TaskTemplate: reserve(cpus), ...rest });
  const again = (spec: ServiceSpec): ServiceSpec => ({
    ...spec,
    TaskTemplate: { ...spec.TaskTemplate, ...changed },
  });
  const half = (order: string) => wanting(2, 1, update(order));

  test.each<[string, readonly string[], readonly string[]]>([
    ['both fit', together(['', wanting(3, 1)], ['', wanting(3, 1)]), ['3 of 3, 3 of 3']],
    [
      'either fits alone',
      together(['', wanting(4, 1)], ['', wanting(4, 1)]),
      [
        '2 to 4 of 4, 2 to 4 of 4',
        'together with the other services, at least 2 of 4 tasks find a node, and all of them only in some orders of the engine: a, b, c: insufficient resources (1 CPU wanted, 0 free); all find one with --reserve-cpu 0.5, or with --replicas 2',
      ],
    ],
    [
      'neither fits alone',
      together(['', wanting(7, 1)], ['', wanting(1, 1)]),
      [
        '5 to 6 of 7, 0 to 1 of 1',
        'at most 6 of 7 tasks find a node: a, b, c: insufficient resources (1 CPU wanted, 0 free); all find one with --reserve-cpu 0.66, or with --replicas 5',
      ],
    ],
    ['one asks for nothing', together(['', wanting(6, 1)], ['', replicated(9)]), ['6 of 6, 9 of 9']],
    [
      'each has its own max replicas',
      together(
        ['', wanting(3, 0, { TaskTemplate: most(1) })],
        ['', replicated(3, { TaskTemplate: most(1) })],
      ),
      ['3 of 3, 3 of 3'],
    ],
    [
      'the same port',
      together(
        ['', replicated(2, { EndpointSpec: hostPort(80) })],
        ['', replicated(1, { EndpointSpec: hostPort(80) })],
      ),
      ['2 of 2, 1 of 1'],
    ],
    [
      'the same port too often',
      together(
        ['', replicated(2, { EndpointSpec: hostPort(80) })],
        ['', replicated(2, { EndpointSpec: hostPort(80) })],
      ),
      [
        '1 to 2 of 2, 1 to 2 of 2',
        'together with the other services, at least 1 of 2 tasks finds a node, and all of them only in some orders of the engine: a, b, c: host-mode port already in use (80/tcp); all find one with --replicas 1',
      ],
    ],
    [
      'two restarts with room for both',
      together(
        ['ab', again(half('stop-first')), half('stop-first')],
        ['ab', again(half('stop-first')), half('stop-first')],
      ),
      ['2 of 2, 2 of 2'],
    ],
    [
      'two restarts that start first, with room for one at a time',
      together(
        ['aab', again(wanting(3, 1, update('start-first'))), wanting(3, 1, update('start-first'))],
        ['bc', again(half('start-first')), half('start-first')],
      ),
      ['3 of 3, 2 of 2'],
    ],
    [
      'one leaves room for the other',
      together(['abc', wanting(1, 2), wanting(3, 2)], ['', wanting(2, 2)]),
      ['0 of 0, 2 of 2'],
    ],
    [
      'one that asks for less from now on leaves room',
      together(
        ['abc', wanting(3, 0.5, update('stop-first')), wanting(3, 2, update('stop-first'))],
        ['', wanting(3, 1.5)],
      ),
      ['3 of 3, 3 of 3'],
    ],
    [
      'one that moves to another node leaves room',
      together(
        [
          'a',
          wanting(1, 2, { TaskTemplate: { ...reserve(2), Placement: { Constraints: ['node.id==b'] } } }),
          wanting(1, 2),
        ],
        ['', wanting(2, 2)],
      ),
      [
        '0 to 1 of 1, 2 of 2',
        'together with the other services, the task finds a node only in some orders of the engine: b, c: insufficient resources (2 CPUs wanted, 0 free); a: scheduling constraints not satisfied (node.id==b)',
      ],
    ],
  ])('%s', (_, found, expected) => {
    expect(found).toEqual(expected);
  });
});

describe('the risk', () => {
  const risks = (...words: Parameters<typeof plan>) => {
    const [change, cluster] = plan(...words);
    return placementRisks(change, cluster, placementOf(change, cluster), true).map(
      ({ kind, message }) => `${kind}: ${message}`,
    );
  };
  const limited = replicated(3, { TaskTemplate: most(1), ...update('start-first') });

  test.each<[string, string[], string[]]>([
    ['none if all find a node', risks(replicated(3), NODES), []],
    [
      'flags that help',
      risks({ ...limited, TaskTemplate: { ...most(1), ...changed } }, NODES, on('abc', limited), limited),
      [
        'placement: none of 3 tasks finds a node: a, b, c: max replicas per node limit exceed (1); all find one with --update-order stop-first, or with --replicas-max-per-node 2',
      ],
    ],
    [
      'amounts that help',
      risks(replicated(5, { TaskTemplate: reserve(1.5) }), NODES),
      [
        'resources: at most 3 of 5 tasks find a node: a, b, c: insufficient resources (1.5 CPUs wanted, 0.5 free); all find one with --reserve-cpu 1, or with --replicas 3',
      ],
    ],
    [
      'a port',
      risks(replicated(4, { EndpointSpec: hostPort(80) }), NODES),
      [
        'hostPort: at most 3 of 4 tasks find a node: a, b, c: host-mode port already in use (80/tcp); all find one with --replicas 3',
      ],
    ],
    [
      'nothing helps',
      risks(replicated(1, { TaskTemplate: { LogDriver: { Name: 'gelf' } } }), NODES),
      ['placement: the task finds no node: a, b, c: missing plugin (log driver gelf)'],
    ],
    ['no node', risks(replicated(1), []), ['placement: the task finds no node: there is no node for them']],
    [
      'a job',
      risks({ TaskTemplate: reserve(2), Mode: { ReplicatedJob: { MaxConcurrent: 4 } } }, NODES),
      [
        'resources: at most 3 of 4 tasks that may run at the same time find a node: a, b, c: insufficient resources (2 CPUs wanted, 0 free); all find one with --reserve-cpu 1',
      ],
    ],
  ])('%s', (_, found, expected) => {
    expect(found).toEqual(expected);
  });
});
