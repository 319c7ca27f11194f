import { describe, expect, test } from '@jest/globals';
import type { RestartPolicy, Service, ServiceSpec, Task, TaskSpec } from '../../../src/api/service.ts';
import type { NodeSeen } from '../../../src/rollout/observation.ts';
import { taskChanges } from '../../../src/service-spec/replaced-tasks.ts';
import type { TaskChanges } from '../../../src/service-spec/planned.ts';
import type { PlannedChange } from '../../../src/service-spec/replaced-tasks.ts';

const TEMPLATE: TaskSpec = { ContainerSpec: { Image: 'ping:1.0', Init: false }, Placement: {} };
const spec = (template: object = {}, rest: object = {}): ServiceSpec => ({
  TaskTemplate: { ...TEMPLATE, ...template },
  Mode: { Replicated: { Replicas: 2 } },
  EndpointSpec: { Mode: 'vip' },
  ...rest,
});
const service = (Spec: ServiceSpec): Service => ({
  ID: 's',
  Version: { Index: 1 },
  CreatedAt: '',
  UpdatedAt: '',
  Spec,
});
let count = 0;
const task = (fields: Partial<Task> = {}): Task => ({
  ID: `t${(count += 1)}`,
  CreatedAt: '2026-01-01T00:00:00Z',
  ServiceID: 's',
  Slot: count,
  NodeID: 'n1',
  DesiredState: 'running',
  Spec: TEMPLATE,
  Status: { State: 'running' },
  ...fields,
});
const node = (id: string, fields: Partial<NodeSeen> = {}): NodeSeen => ({
  id,
  name: id,
  down: false,
  availability: 'active',
  attributes: { 'node.id': id },
  ...fields,
});
const NODES = [node('n1'), node('n2'), node('n3')];

/** The changes of two running tasks, on n1 and n2. */
const changes = (after: ServiceSpec, more: Partial<PlannedChange> = {}): TaskChanges =>
  taskChanges({
    before: service(spec()),
    after,
    tasks: [task({ Slot: 1 }), task({ Slot: 2, NodeID: 'n2' })],
    nodes: NODES,
    ...more,
  });
const on = (...Constraints: string[]) => ({ Placement: { Constraints } });
const PORTS = { EndpointSpec: { Mode: 'vip', Ports: [{ TargetPort: 80 }] } };

describe('which tasks of a replicated service are replaced', () => {
  test.each<[string, number, TaskChanges]>([
    ['nothing changes', 0, changes(spec())],
    ['the image', 2, changes(spec({ ContainerSpec: { Image: 'ping:1.1', Init: false } }))],
    ['ForceUpdate', 2, changes(spec({ ForceUpdate: 1 }))],
    ['the restart policy', 2, changes(spec({ RestartPolicy: { Condition: 'any' } }))],
    ['an empty object that was absent', 2, changes(spec({ Resources: {} }))],
    [
      'an empty list, 0, an empty map that was absent',
      0,
      changes(
        spec({
          Networks: [],
          ForceUpdate: 0,
          ContainerSpec: { Image: 'ping:1.0', Init: false, Labels: {}, Env: null },
        }),
      ),
    ],
    ['Init: false that was absent', 2, changes(spec({ ContainerSpec: { Image: 'ping:1.0' } }))],
    ['the ports', 2, changes(spec({}, PORTS))],
    [
      'an endpoint that was absent',
      2,
      changes(spec(), { before: service(spec({}, { EndpointSpec: undefined })) }),
    ],
    [
      'labels, update config, name',
      0,
      changes(spec({}, { Labels: { a: '1' }, UpdateConfig: { Parallelism: 1, MaxFailureRatio: 0 } })),
    ],
    ['the runtime, which only a service has', 0, changes(spec({ Runtime: 'container' }))],
    ['the placement, where the nodes still fit', 0, changes(spec(on('node.id!=n9')))],
    ['the placement, where one node does not', 1, changes(spec(on('node.id==n1')))],
    [
      'the placement of tasks without a node',
      1,
      changes(spec(on('node.id!=n9')), { tasks: [task(), task({ NodeID: '' })] }),
    ],
    ['the placement and the image', 2, changes(spec({ ...on('node.id!=n9'), ForceUpdate: 1 }))],
    [
      'the placement and the ports: the engine compares no ports then',
      0,
      changes(spec(on('node.id!=n9'), PORTS)),
    ],
    ['credentials', 0, changes(spec(), { sendsAuth: true })],
    [
      'credentials, of tasks that have no image yet',
      1,
      changes(spec(), { sendsAuth: true, tasks: [task(), task({ Status: { State: 'preparing' } })] }),
    ],
    ['credentials and the placement', 2, changes(spec(on('node.id!=n9')), { sendsAuth: true })],
  ])('%s: %i', (_, replaced, found) => {
    expect(found).toMatchObject({ replaced, kept: 2 - replaced, started: 0, stopped: 0 });
  });

  test('a task that an earlier change of the placement has kept is judged by its own spec', () => {
    const before = service(spec(on('node.id!=n9')));
    expect(changes(spec(on('node.id!=n9'), PORTS), { before })).toMatchObject({ replaced: 0 });
    expect(changes(spec(on('node.id==n2')), { before })).toMatchObject({ replaced: 1, kept: 1 });
    // And by the ports of the spec that it is of.
    const both = { ...service(spec(on('node.id!=n9'), PORTS)), PreviousSpec: spec() };
    expect(changes(spec(), { before: both })).toMatchObject({ replaced: 0 });
    expect(changes(spec({}, PORTS), { before: both })).toMatchObject({ replaced: 2 });
  });

  test('only tasks that differ are replaced, and a slot with two tasks keeps the one that is as wanted', () => {
    const old = { ...TEMPLATE, ForceUpdate: 7 };
    const tasks = [task({ Slot: 1 }), task({ Slot: 1, Spec: old }), task({ Slot: 2, Spec: old })];
    expect(changes(spec(), { tasks })).toMatchObject({ replaced: 1, kept: 1, atOnce: 1 });
  });

  test('ended tasks: the last of a slot counts if the engine will not restart it', () => {
    const ended = (RestartPolicy: RestartPolicy, State: string, Slot: number) =>
      task({ Slot, DesiredState: 'shutdown', Status: { State }, Spec: { ...TEMPLATE, RestartPolicy } });
    const tasks = [
      ended({ Condition: 'none' }, 'failed', 1),
      ended({ Condition: 'on-failure' }, 'complete', 2),
      ended({ Condition: 'any', MaxAttempts: 2 }, 'failed', 3),
      ended({ Condition: 'any' }, 'failed', 4),
    ];
    const after = spec({}, { Mode: { Replicated: { Replicas: 4 } } });
    expect(changes(after, { tasks })).toMatchObject({ replaced: 3, started: 1 });
    expect(changes(after, { tasks, isRollback: true })).toMatchObject({ replaced: 0, started: 4 });
  });
});

describe('replicas', () => {
  const scaled = (Replicas: number, template = {}) => spec(template, { Mode: { Replicated: { Replicas } } });
  test.each([
    [5, {}, { replaced: 0, kept: 2, started: 3, stopped: 0 }],
    [5, { ForceUpdate: 1 }, { replaced: 2, kept: 0, started: 3, stopped: 0 }],
    [1, {}, { replaced: 0, kept: 1, started: 0, stopped: 1 }],
    [1, { ForceUpdate: 1 }, { replaced: 1, kept: 0, started: 0, stopped: 1 }],
    [0, { ForceUpdate: 1 }, { replaced: 0, kept: 0, started: 0, stopped: 2 }],
  ])('from 2 to %i, with %j', (replicas, template, expected) => {
    expect(changes(scaled(replicas, template))).toMatchObject(expected);
  });

  test('a scale-down keeps one task on each node before a second one, and running ones first', () => {
    const old = { ...TEMPLATE, ForceUpdate: 7 };
    const tasks = [
      task({ Slot: 1, NodeID: 'n1' }),
      task({ Slot: 2, NodeID: 'n1' }),
      task({ Slot: 3, NodeID: 'n2', Spec: old, Status: { State: 'starting' } }),
      task({ Slot: 4, NodeID: 'n2', Spec: old }),
    ];
    expect(changes(scaled(2), { tasks })).toMatchObject({ replaced: 1, kept: 1, stopped: 2 });
    expect(changes(scaled(1), { tasks })).toMatchObject({ replaced: 0, kept: 1, stopped: 3 });
  });
});

describe('global services', () => {
  const global = (template: object = {}) => spec(template, { Mode: { Global: {} } });
  const tasks = ['n1', 'n2', 'n3'].map((NodeID) => task({ NodeID, Slot: undefined }));
  const of = (after: ServiceSpec, nodes: readonly NodeSeen[] = NODES) =>
    changes(after, { before: service(global()), tasks, nodes });

  test('every node has one task; paused nodes are left alone', () => {
    expect(of(global())).toMatchObject({ replaced: 0, kept: 3, started: 0, stopped: 0 });
    expect(of(global({ ForceUpdate: 1 }))).toMatchObject({ replaced: 3 });
    const paused = [
      node('n1', { availability: 'pause' }),
      node('n2'),
      node('n3', { down: true }),
      node('n4'),
    ];
    expect(of(global({ ForceUpdate: 1 }), paused)).toMatchObject({ replaced: 1, started: 1, stopped: 0 });
  });

  test('tasks on nodes that no longer fit are stopped, the others stay', () => {
    expect(of(global(on('node.id!=n2')))).toMatchObject({ replaced: 0, kept: 2, stopped: 1 });
  });
});

test('a job starts anew with every change', () => {
  const job = (Mode: object) => spec({}, { Mode });
  const tasks = [task(), task({ DesiredState: 'complete', Status: { State: 'complete' } })];
  expect(changes(job({ ReplicatedJob: { TotalCompletions: 5, MaxConcurrent: 2 } }), { tasks })).toEqual({
    replaced: 0,
    kept: 0,
    started: 5,
    stopped: 1,
    atOnce: 2,
    atLeast: 0,
  });
  expect(changes(job({ GlobalJob: {} }), { tasks })).toMatchObject({ started: 3, stopped: 1 });
});

test('a new service starts all its tasks', () => {
  expect(taskChanges({ after: spec(), tasks: [], nodes: NODES })).toMatchObject({ replaced: 0, started: 2 });
});

describe('how long it takes at least, in milliseconds', () => {
  const four = [1, 2, 3, 4].map((Slot) => task({ Slot }));
  const config = (fields: object) => ({ Parallelism: 1, MaxFailureRatio: 0, ...fields });
  test.each([
    [undefined, { atOnce: 1, atLeast: 5_000 }],
    [config({ Delay: 10e9, Monitor: 5e9 }), { atOnce: 1, atLeast: 51_000 }],
    [config({ Delay: 10e9, Monitor: 1e9, Parallelism: 3 }), { atOnce: 3, atLeast: 31_000 }],
    [config({ Delay: 10e9, Parallelism: 0 }), { atOnce: 4, atLeast: 21_000 }],
    [config({ Parallelism: 9, Monitor: 1e9 }), { atOnce: 4, atLeast: 1_000 }],
  ])('%j', (UpdateConfig, expected) => {
    const after = spec({ ForceUpdate: 1 }, { Mode: { Replicated: { Replicas: 4 } }, UpdateConfig });
    expect(changes(after, { tasks: four })).toMatchObject(expected);
    const back = { ...after, UpdateConfig: undefined as never, RollbackConfig: UpdateConfig };
    expect(changes(back as ServiceSpec, { tasks: four, isRollback: true })).toMatchObject(expected);
  });
  test('nothing replaced takes no time', () =>
    expect(changes(spec())).toMatchObject({ atOnce: 0, atLeast: 0 }));
});
