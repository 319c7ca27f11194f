/** Which services a drain refuses to move, for reasons that the fake engine does not get into. */
import { expect, test } from '@jest/globals';
import type { Node } from '../../../src/api/cluster.ts';
import type { Placement, Service, ServiceSpec, Task } from '../../../src/api/service.ts';
import { planDrain } from '../../../src/drain/plan.ts';
import { nodeRefusals } from '../../../src/drain/refusals.ts';
import type { DrainPlan } from '../../../src/drain/plan.ts';

const node = (ID: string): Node => ({
  ID,
  Spec: { Availability: 'active' },
  Description: { Hostname: ID, Resources: { NanoCPUs: 4e9, MemoryBytes: 8e9 } },
  Status: { State: 'ready' },
});
const NODES = [node('n1'), node('n2')];
const spec = (changes: Partial<ServiceSpec> = {}, placement: Placement = {}): ServiceSpec => ({
  Name: 'web',
  TaskTemplate: { ContainerSpec: { Image: 'ping' }, Placement: placement },
  Mode: { Replicated: { Replicas: 2 } },
  ...changes,
});
const service = (Spec: ServiceSpec): Service => ({
  ID: 'web-id',
  Version: { Index: 1 },
  CreatedAt: '',
  UpdatedAt: '',
  Spec,
});
const task = (
  ID: string,
  Slot: number,
  NodeID: string,
  Spec: Task['Spec'],
  changes: Partial<Task> = {},
): Task => ({
  ID,
  Slot,
  NodeID,
  ServiceID: 'web-id',
  CreatedAt: '2026-01-01T00:00:00Z',
  Spec,
  DesiredState: 'running',
  Status: { State: 'running' },
  ...changes,
});
const ENDED = { DesiredState: 'shutdown', Status: { State: 'complete' } };

function plan(of: ServiceSpec, tasks: readonly Task[], nodes = NODES): DrainPlan {
  const [drained] = nodes;
  if (drained === undefined) throw new Error('no node');
  const situation = {
    node: drained,
    nodes,
    services: [service(of)],
    tasks,
    drivers: new Map<string, string>(),
  };
  return planDrain(situation, { startsFirst: false, mayBeDown: new Set(), program: 'swarmroll' });
}
const running = (of: ServiceSpec): readonly Task[] => [
  task('a', 1, 'n1', of.TaskTemplate),
  task('b', 2, 'n2', of.TaskTemplate),
];
const reasons = ({ refusals }: DrainPlan): readonly string[] => refusals.map(({ reason }) => reason);

test('nothing is in the way', () => {
  const { moves, refusals } = plan(spec(), running(spec()));
  expect(refusals).toEqual([]);
  expect(moves).toMatchObject([{ count: 1, wanted: 2, order: 'stop-first', fewest: 1, isSent: false }]);
});

test.each([
  ['down', 'n1', 'swarmroll', 'start it again, or take it out of the swarm with: docker node rm n1'],
  [
    'down',
    'n2',
    'swarmroll --host=a',
    'start it again, or take it out of the swarm with: docker --host=a node rm n1',
  ],
  ['unknown', 'n1', 'swarmroll', 'the manager has not heard from it yet: run the command again in a minute'],
])('a node that is %s, with the host name %s: %s', (State, Hostname, program, todo) => {
  const drained = { ...node('n1'), Status: { State }, Description: { Hostname } };
  const nodes = [drained, node('n2')];
  const situation = { node: drained, nodes, services: [], tasks: [], drivers: new Map<string, string>() };
  expect(nodeRefusals(situation, { program })).toMatchObject([{ reason: `the node is ${State}`, todo }]);
});

test.each<[string, ServiceSpec, readonly Task[], RegExp]>([
  [
    'the constraint is there already',
    spec({}, { Constraints: ['node.id!=n1'] }),
    running(spec({}, { Constraints: ['node.id!=n1'] })),
    /^it has the constraint node\.id!=n1 already, and not from a drain$/,
  ],
  [
    'a task elsewhere has an older spec',
    spec(),
    [
      task('a', 1, 'n1', spec().TaskTemplate),
      task('b', 2, 'n2', { ContainerSpec: { Image: 'old' }, Placement: {} }),
    ],
    /^tasks on other nodes have another spec than the service, and would be replaced too$/,
  ],
  [
    'a one-shot has ended on the node',
    spec({
      TaskTemplate: { ContainerSpec: { Image: 'ping' }, RestartPolicy: { Condition: 'none' }, Placement: {} },
    }),
    ['a', 'b'].map((id, index) =>
      task(
        id,
        index + 1,
        'n1',
        { ContainerSpec: { Image: 'ping' }, RestartPolicy: { Condition: 'none' }, Placement: {} },
        index === 0 ? ENDED : {},
      ),
    ),
    /^a task that has ended and is not restarted would run again$/,
  ],
  [
    'too few nodes for the limit',
    spec({}, { MaxReplicas: 1 }),
    running(spec({}, { MaxReplicas: 1 })),
    /^no place on another node: the task finds no node: .*n2: max replicas per node limit exceed \(1\)/,
  ],
  [
    'a reservation',
    spec({ TaskTemplate: { Resources: { Reservations: { MemoryBytes: 5e9 } }, Placement: {} } }),
    running(spec({ TaskTemplate: { Resources: { Reservations: { MemoryBytes: 5e9 } }, Placement: {} } })),
    /^no place on another node: .*n2: insufficient resources/,
  ],
  [
    'a host port',
    spec({ EndpointSpec: { Ports: [{ TargetPort: 80, PublishedPort: 80, PublishMode: 'host' }] } }),
    running(spec()).map((one) => ({
      ...one,
      Status: {
        State: 'running',
        PortStatus: { Ports: [{ TargetPort: 80, PublishedPort: 80, PublishMode: 'host', Protocol: 'tcp' }] },
      },
    })),
    /^no place on another node: .*n2: host-mode port already in use/,
  ],
])('%s', (_, of, tasks, reason) => {
  expect(reasons(plan(of, tasks))).toEqual([expect.stringMatching(reason)]);
});

test('a task that waits for its restart has no node yet: it is no task of another spec', () => {
  const waiting = { DesiredState: 'ready', Status: { State: 'pending' } };
  const tasks = [...running(spec()), task('c', 3, '', spec().TaskTemplate, waiting)];
  const { refusals, moves } = plan(spec({ Mode: { Replicated: { Replicas: 3 } } }), tasks);
  expect(refusals).toEqual([]);
  expect(moves).toMatchObject([{ count: 1, wanted: 3 }]);
});

test('the only node', () => {
  expect(reasons(plan(spec(), running(spec()).slice(0, 1), [node('n1')]))).toEqual([
    expect.stringMatching(/^no place on another node: /),
  ]);
});

test('global services, jobs and local data are told, not refused', () => {
  const local = {
    ContainerSpec: { Image: 'ping', Mounts: [{ Type: 'volume', Source: 'v' }] },
    Placement: {},
  };
  expect(
    plan(spec({ TaskTemplate: local }), [task('a', 1, 'n1', local), task('b', 2, 'n2', local)]).notes,
  ).toContain('local data: web: volumes and binds stay on the node; the new tasks begin without that data');
  const one = plan(spec({ Mode: { Global: {} } }), running(spec()));
  expect(one).toMatchObject({
    ...{ moves: [], refusals: [] },
    notes: ['global: web: the task on the node ends when it is drained, and has no successor'],
  });
  const job = plan(spec({ Mode: { ReplicatedJob: {} } }), running(spec()));
  expect(job).toMatchObject({ moves: [], refusals: [], jobs: [{ ID: 'web-id' }] });
});

test('two services of which each finds a place, but not both', () => {
  const asks = (Name: string): ServiceSpec => ({
    ...spec({ Name, Mode: { Replicated: { Replicas: 1 } } }),
    TaskTemplate: {
      ContainerSpec: { Image: 'ping' },
      Resources: { Reservations: { MemoryBytes: 5e9 } },
      Placement: {},
    },
  });
  const nodes = ['n1', 'n2'].map((id) => ({
    ...node(id),
    Description: {
      Hostname: id,
      Resources: { NanoCPUs: 4e9, MemoryBytes: id === 'n1' ? 12e9 : 8e9 },
    },
  }));
  const situation = (names: readonly string[]) => ({
    node: nodes[0] as Node,
    nodes,
    services: names.map((name) => ({ ...service(asks(name)), ID: name })),
    tasks: names.map((name) => ({
      ...task(name, 1, 'n1', asks(name).TaskTemplate),
      ServiceID: name,
    })),
    drivers: new Map<string, string>(),
  });
  const options = { startsFirst: false, mayBeDown: new Set<string>(), program: 'swarmroll' };
  expect(planDrain(situation(['api']), options).refusals).toEqual([]);
  expect(planDrain(situation(['web']), options).refusals).toEqual([]);
  expect(planDrain(situation(['api', 'web']), options).refusals).toMatchObject([
    {
      name: 'api',
      reason: expect.stringMatching(/^no place on another node: together with the other services, /),
    },
    {
      name: 'web',
      reason: expect.stringMatching(/^no place on another node: together with the other services, /),
    },
  ]);
});

test('a cluster volume that another node cannot use', () => {
  const Mounts = [{ Type: 'cluster', Source: 'data', Target: '/data' }];
  const of = spec({ Mode: { Replicated: { Replicas: 1 } } });
  of.TaskTemplate.ContainerSpec = { Image: 'ping', Mounts };
  const situation = {
    node: NODES[0] as Node,
    nodes: NODES,
    services: [service(of)],
    tasks: [task('a', 1, 'n1', of.TaskTemplate)],
    drivers: new Map<string, string>(),
    volumes: [],
  };
  const options = { startsFirst: false, mayBeDown: new Set<string>(), program: 'swarmroll' };
  expect(planDrain(situation, options).refusals).toMatchObject([
    { reason: expect.stringMatching(/^no place on another node: .*volume/) },
  ]);
});
