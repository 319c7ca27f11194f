/** Nodes, tasks and specs for the tests of placements. */
import type { Node } from '../../../src/api/cluster.ts';
import type { Service, ServiceSpec, Task, TaskSpec } from '../../../src/api/service.ts';
import { nodeSeen } from '../../../src/engine/convert.ts';
import type { Cluster, PossibleNode } from '../../../src/scheduler/rooms.ts';
import type { PlannedChange } from '../../../src/service-spec/replaced-tasks.ts';

const PLUGINS = ['Volume local', 'Network overlay', 'Log json-file', 'Log myplugin:latest'].map((one) => {
  const [Type = '', Name = ''] = one.split(' ');
  return { Type, Name };
});

/** A ready node with 2 CPUs, 1 GiB and one gpu. */
export const node = (ID: string, fields: Partial<Node> = {}): Node => ({
  ID,
  Spec: { Availability: 'active', Role: 'worker' },
  Status: { State: 'ready' },
  Description: {
    Hostname: ID,
    Platform: { Architecture: 'x86_64', OS: 'linux' },
    Resources: {
      NanoCPUs: 2e9,
      MemoryBytes: 2 ** 30,
      GenericResources: [{ DiscreteResourceSpec: { Kind: 'gpu', Value: 1 } }],
    },
    Engine: { Plugins: PLUGINS },
  },
  ...fields,
});

export const possible = (nodes: readonly Node[]): PossibleNode[] =>
  nodes.map((one) => ({ node: one, seen: nodeSeen(one) }));

export const reserve = (cpus: number, rest: object = {}): TaskSpec => ({
  Resources: { Reservations: { NanoCPUs: cpus * 1e9, ...rest } },
});

let count = 0;
/** A running task on a node; with an empty node it waits for one. */
export const task = (
  ServiceID: string,
  NodeID: string,
  Spec: TaskSpec = {},
  fields: Partial<Task> = {},
): Task => ({
  ID: `t${(count += 1)}`,
  CreatedAt: '2026-01-01T00:00:00Z',
  ServiceID,
  Slot: count,
  NodeID,
  DesiredState: 'running',
  Spec,
  Status: { State: NodeID === '' ? 'pending' : 'running' },
  ...fields,
});

export const hostPort = (PublishedPort: number, Protocol = 'tcp') => ({
  Ports: [{ TargetPort: 80, PublishedPort, Protocol, PublishMode: 'host' }],
});

export const service = (Spec: ServiceSpec, ID = 's'): Service => ({
  ID,
  Version: { Index: 1 },
  CreatedAt: '',
  UpdatedAt: '',
  Spec,
});

/** A change and the cluster that it meets. */
export function plan(
  after: ServiceSpec,
  nodes: readonly Node[],
  tasks: readonly Task[] = [],
  before?: ServiceSpec,
  others: readonly Service[] = [],
  more: Partial<PlannedChange> = {},
): [PlannedChange, Cluster] {
  const places = possible(nodes);
  const existing = before === undefined ? undefined : service(before);
  const services = new Map(
    [...others, ...(existing === undefined ? [] : [existing])].map((one) => [one.ID, one]),
  );
  const change: PlannedChange = {
    ...(existing === undefined ? {} : { before: existing }),
    after,
    tasks: tasks.filter(({ ServiceID }) => ServiceID === 's'),
    nodes: places.map(({ seen }) => seen),
    ...more,
  };
  return [change, { nodes: places, tasks, services, drivers: [] }];
}
