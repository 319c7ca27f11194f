import { describe, expect, test } from '@jest/globals';
import type { ClusterVolume, Node } from '../../../src/api/cluster.ts';
import type { EndpointSpec, Mount, Placement, PortConfig, Task, TaskSpec } from '../../../src/api/service.ts';
import { demandOf, portsOf } from '../../../src/scheduler/demand.ts';
import { refusalGroups, refusalsOf } from '../../../src/scheduler/filters.ts';
import { refusalText } from '../../../src/rollout/evidence.ts';
import { sharedRooms } from '../../../src/scheduler/rooms.ts';
import { hostPort, node, possible, reserve, service, task } from './support.ts';

/** Why the node takes no more task; empty if it takes one. */
function refusal(
  template: TaskSpec,
  one: Node = node('n'),
  tasks: readonly Task[] = [],
  ports: readonly string[] = [],
  drivers: readonly string[] = [],
  volumes?: readonly ClusterVolume[],
): string {
  const services = new Map([['p', service({ TaskTemplate: {}, EndpointSpec: hostPort(80) }, 'p')]]);
  const cluster = { nodes: possible([one]), tasks, services, drivers, volumes };
  const [rooms = []] = sharedRooms(cluster, ['s'], 'stay');
  const refusals = refusalsOf(rooms, demandOf(template, ports), cluster);
  return refusalText(refusalGroups(refusals)).replace(/^n: /, '');
}

const gpu = (Value: number): TaskSpec =>
  reserve(0, { GenericResources: [{ DiscreteResourceSpec: { Kind: 'gpu', Value } }] });
const named = (...values: readonly string[]): Node =>
  node('n', {
    Description: {
      Resources: { GenericResources: values.map((Value) => ({ NamedResourceSpec: { Kind: 'gpu', Value } })) },
    },
  });
const placement = (fields: Placement): TaskSpec => ({ Placement: fields });
const volume = (Name: string): TaskSpec => ({
  ContainerSpec: { Mounts: [{ Type: 'volume', VolumeOptions: { DriverConfig: { Name } } }] },
});

describe('each filter', () => {
  test.each<[string, string, string]>([
    ['nothing is asked for', refusal({}), ''],
    ['down', refusal({}, node('n', { Status: { State: 'down' } })), 'not available for new tasks (down)'],
    [
      'unknown',
      refusal({}, node('n', { Status: { State: 'unknown' } })),
      'not available for new tasks (unknown)',
    ],
    [
      'drained',
      refusal({}, node('n', { Spec: { Availability: 'drain' } })),
      'not available for new tasks (drained)',
    ],
    [
      'paused',
      refusal({}, node('n', { Spec: { Availability: 'pause' } })),
      'not available for new tasks (paused)',
    ],
    ['all CPUs', refusal(reserve(2)), ''],
    ['too many CPUs', refusal(reserve(2.5)), 'insufficient resources (2.5 CPUs wanted, 2 free)'],
    [
      'CPUs of other tasks',
      refusal(reserve(1), node('n'), [task('o', 'n', reserve(1.5))]),
      'insufficient resources (1 CPU wanted, 0.5 free)',
    ],
    [
      'memory',
      refusal(reserve(0, { MemoryBytes: 2 ** 31 })),
      'insufficient resources (2GiB of memory wanted, 1GiB free)',
    ],
    ['an amount of a generic resource', refusal(gpu(1)), ''],
    ['more than there is', refusal(gpu(2)), 'insufficient resources (gpu=2 wanted, 1 free)'],
    [
      'what others have',
      refusal(gpu(1), node('n'), [task('o', 'n', gpu(1))]),
      'insufficient resources (gpu=1 wanted, 0 free)',
    ],
    ['named ones', refusal(gpu(2), named('a', 'b')), ''],
    [
      'more names than there are',
      refusal(gpu(2), named('a', 'b'), [task('o', 'n', gpu(1))]),
      'insufficient resources (gpu=2 wanted, 1 free)',
    ],
    [
      'a kind that the node does not have',
      refusal(gpu(1), node('n', { Description: {} })),
      'insufficient resources (gpu=1 wanted, 0 free)',
    ],
    [
      'a task that has ended takes nothing',
      refusal(reserve(1), node('n'), [task('o', 'n', reserve(2), { Status: { State: 'shutdown' } })]),
      '',
    ],
    [
      'one that is to end still does',
      refusal(reserve(1), node('n'), [task('o', 'n', reserve(2), { DesiredState: 'shutdown' })]),
      'insufficient resources (1 CPU wanted, 0 free)',
    ],
    [
      'one that waits takes nothing',
      refusal(reserve(1), node('n'), [task('o', 'n', reserve(2), { Status: { State: 'pending' } })]),
      '',
    ],
    [
      'a task that is being prepared',
      refusal(reserve(1), node('n'), [task('o', 'n', reserve(2), { Status: { State: 'preparing' } })]),
      'insufficient resources (1 CPU wanted, 0 free)',
    ],
    ['a log driver', refusal({ LogDriver: { Name: 'json-file' } }), ''],
    ['a plugin with a tag', refusal({ LogDriver: { Name: 'myplugin' } }), ''],
    ['log driver none', refusal({ LogDriver: { Name: 'none' } }), ''],
    ['a missing log driver', refusal({ LogDriver: { Name: 'gelf' } }), 'missing plugin (log driver gelf)'],
    [
      'an engine that names no log drivers',
      refusal({ LogDriver: { Name: 'gelf' } }, node('n', { Description: { Engine: { Plugins: null } } })),
      '',
    ],
    ['the local volume driver', refusal(volume('local')), ''],
    ['a missing volume driver', refusal(volume('nfs')), 'missing plugin (volume driver nfs)'],
    ['a network driver', refusal({}, node('n'), [], [], ['overlay']), ''],
    [
      'a missing network driver',
      refusal({}, node('n'), [], [], ['weave']),
      'missing plugin (network driver weave)',
    ],
    ['a constraint', refusal(placement({ Constraints: ['node.role==worker'] })), ''],
    [
      'only the constraints that are not met',
      refusal(placement({ Constraints: ['node.role==worker', 'node.hostname==m'] })),
      'scheduling constraints not satisfied (node.hostname==m)',
    ],
    [
      'a platform by its other name',
      refusal(placement({ Platforms: [{ Architecture: 'amd64', OS: 'linux' }] })),
      '',
    ],
    ['any platform', refusal(placement({ Platforms: [{}] })), ''],
    [
      'another platform',
      refusal(placement({ Platforms: [{ Architecture: 'arm64', OS: 'linux' }] })),
      'unsupported platform (linux/arm64 wanted)',
    ],
    ['a port that is free', refusal({}, node('n'), [], ['80/tcp']), ''],
    [
      'a port of a task that is being prepared',
      refusal({}, node('n'), [task('p', 'n', {}, { Status: { State: 'preparing' } })], ['80/tcp']),
      'host-mode port already in use (80/tcp)',
    ],
    [
      'the same number of another protocol',
      refusal({}, node('n'), [task('p', 'n', {}, { Status: { State: 'preparing' } })], ['80/udp']),
      '',
    ],
    ['max replicas', refusal(placement({ MaxReplicas: 2 }), node('n'), [task('s', 'n'), task('o', 'n')]), ''],
    [
      'max replicas that are reached',
      refusal(placement({ MaxReplicas: 2 }), node('n'), [task('s', 'n'), task('s', 'n')]),
      'max replicas per node limit exceed (2)',
    ],
    [
      'a task that is to end is no replica',
      refusal(placement({ MaxReplicas: 1 }), node('n'), [task('s', 'n', {}, { DesiredState: 'shutdown' })]),
      '',
    ],
    [
      'resources come before constraints',
      refusal({ ...reserve(3), ...placement({ Constraints: ['node.role==x'] }) }),
      'insufficient resources (3 CPUs wanted, 2 free)',
    ],
    [
      'readiness comes before resources',
      refusal(reserve(3), node('n', { Status: { State: 'down' } })),
      'not available for new tasks (down)',
    ],
  ])('%s', (_, found, expected) => {
    expect(found).toBe(expected);
  });
});

describe('cluster volumes', () => {
  const csiNode = node('n', {
    Description: { CSIInfo: [{ PluginName: 'csi', AccessibleTopology: { Segments: { zone: 'a' } } }] },
  });
  const stored = (name: string, fields: ClusterVolume['Spec'] = {}, info: ClusterVolume['Info'] = {}) => ({
    Name: name,
    Driver: 'csi',
    Spec: { Availability: 'active', AccessMode: { Sharing: 'all' }, ...fields },
    Info: { VolumeID: name, ...info },
  });
  const zone = (name: string) => ({ AccessibleTopology: [{ Segments: { zone: name } }] });
  const WORDS = 'cannot fulfill requested CSI volume mounts';
  test.each<[string, readonly Mount[], ClusterVolume[] | undefined, string]>([
    ['one that is there', [{ Source: 'v' }], [stored('v')], ''],
    ['one that is not', [{ Source: 'v' }], [], `${WORDS} (there is no volume v)`],
    ['volumes that could not be read', [{ Source: 'v' }], undefined, ''],
    [
      'one that its driver has not made',
      [{ Source: 'v' }],
      [stored('v', {}, { VolumeID: '' })],
      `${WORDS} (the driver csi has not created volume v)`,
    ],
    [
      'one that is paused',
      [{ Source: 'v' }],
      [stored('v', { Availability: 'pause' })],
      `${WORDS} (volume v has availability pause)`,
    ],
    [
      'one for readers',
      [{ Source: 'v' }],
      [stored('v', { AccessMode: { Sharing: 'readonly' } })],
      `${WORDS} (volume v can only be read)`,
    ],
    [
      'one for readers, by a reader',
      [{ Source: 'v', ReadOnly: true }],
      [stored('v', { AccessMode: { Sharing: 'readonly' } })],
      '',
    ],
    ['one of the zone', [{ Source: 'v' }], [stored('v', {}, zone('a'))], ''],
    [
      'one of another zone',
      [{ Source: 'v' }],
      [stored('v', {}, zone('b'))],
      `${WORDS} (the node has no access to volume v)`,
    ],
    ['a group', [{ Source: 'group:g' }], [stored('v', { Group: 'g' })], ''],
    [
      'a group without volumes',
      [{ Source: 'group:g' }],
      [stored('v')],
      `${WORDS} (there is no volume of the group g)`,
    ],
    ['one of two: the scheduler asks for no more', [{ Source: 'w' }, { Source: 'v' }], [stored('v')], ''],
    [
      'none of two',
      [{ Source: 'w' }, { Source: '' }],
      [stored('v')],
      `${WORDS} (there is no volume w, there is no volume without a name)`,
    ],
  ])('%s', (_, mounts, volumes, expected) => {
    const template = { ContainerSpec: { Mounts: mounts.map((one) => ({ ...one, Type: 'cluster' })) } };
    expect(refusal(template, csiNode, [], [], [], volumes)).toBe(expected);
  });
});

describe('the ports of a task', () => {
  const published = (PublishedPort: number, TargetPort = 80) => ({
    PublishedPort,
    TargetPort,
    Protocol: 'tcp',
    PublishMode: 'host',
  });
  const running = (...ports: PortConfig[]): Task =>
    task('s', 'n', {}, { Status: { State: 'running', PortStatus: { Ports: ports } } });
  const of = (endpoint: EndpointSpec) => service({ TaskTemplate: {}, EndpointSpec: endpoint });

  test('a running task tells them, whatever its service publishes now', () => {
    expect(portsOf(running(published(8080)), of(hostPort(9090)))).toEqual(['8080/tcp']);
  });
  test('a port that the node chose is none', () => {
    const endpoint = {
      Ports: [
        { TargetPort: 80, PublishMode: 'host' },
        { TargetPort: 81, PublishedPort: 81, PublishMode: 'host' },
      ],
    };
    expect(portsOf(running(published(32768), published(81, 81)), of(endpoint))).toEqual(['81/tcp']);
  });
  test('a task that does not run yet has those of its service', () => {
    const preparing = task('s', 'n', {}, { Status: { State: 'preparing' } });
    expect(portsOf(preparing, of(hostPort(80)))).toEqual(['80/tcp']);
    expect(
      portsOf(preparing, of({ Ports: [{ TargetPort: 80, PublishedPort: 80, PublishMode: 'ingress' }] })),
    ).toEqual([]);
    expect(portsOf(preparing, undefined)).toEqual([]);
  });
});

describe('the text', () => {
  const refuse = (name: string, detail: string) =>
    ({ node: name, filter: 'resources', words: 'insufficient resources', detail }) as const;
  test('nodes with the same reason stand together, the most first', () => {
    expect(refusalText(refusalGroups([refuse('c', 'x'), refuse('b', 'y'), refuse('a', 'y')]))).toBe(
      'a, b: insufficient resources (y); c: insufficient resources (x)',
    );
  });
  test('many nodes and many details are cut short', () => {
    const many = Array.from({ length: 12 }, (_, index) => refuse(`n${index}`, `${index}`));
    expect(refusalText(refusalGroups(many))).toBe('n0, n1, n10, n11, n2 and 7 more: insufficient resources');
  });
});
