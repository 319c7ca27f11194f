/** What makes a change risky, as far as it can be seen before the change is made. */
import type { Node } from '../api/cluster.ts';
import type { Resources, ServiceSpec } from '../api/service.ts';
import { goSize } from '../values/go-number.ts';
import { nearest } from '../values/integer.ts';
import { meetsConstraints } from './constraints.ts';
import type { NodeSeen } from './observation.ts';

/** A risk. Scripts depend on the kinds, so they are stable. */
export interface Risk {
  readonly kind: 'image' | 'hostPort' | 'placement' | 'resources' | 'missing' | 'name' | 'port' | 'invalid';
  readonly message: string;
}

/** A node, as the engine describes it and as constraints see it. */
export interface PossibleNode {
  readonly node: Node;
  readonly seen: NodeSeen;
}

/** The risks that the spec and the nodes show. @param nodes undefined if they are not known */
export function risksOf(spec: ServiceSpec, nodes: readonly PossibleNode[] | undefined): Risk[] {
  return [...hostPortRisks(spec), ...(nodes === undefined ? [] : nodeRisks(spec, nodes))];
}

/** With start-first, the new task waits for a port of the node that the old task has until the new one runs. */
function hostPortRisks({ EndpointSpec, UpdateConfig, Mode }: ServiceSpec): Risk[] {
  const isHost = EndpointSpec?.Ports?.some(({ PublishMode }) => PublishMode === 'host') === true;
  if (!isHost || UpdateConfig?.Order !== 'start-first') return [];
  const message =
    Mode?.Global === undefined
      ? 'start-first with a host-mode port: a new task needs a node where no task of the service has the port'
      : 'start-first with a host-mode port on a global service: a new task never gets the port of the old one';
  return [{ kind: 'hostPort', message }];
}

/** The first condition of the scheduler that leaves no node (swarmkit manager/scheduler/filter.go). */
function nodeRisks({ TaskTemplate, Mode }: ServiceSpec, nodes: readonly PossibleNode[]): Risk[] {
  const { Placement, Resources: needs } = TaskTemplate;
  const { Constraints, Platforms, MaxReplicas = 0 } = Placement ?? {};
  const { Reservations } = needs ?? {};
  const active = nodes.filter(
    ({ node, seen }) => node.Status.State === 'ready' && seen.availability === 'active',
  );
  if (active.length === 0) return [{ kind: 'placement', message: 'no node is ready and active' }];
  const matching = active.filter(({ seen }) => meetsConstraints(seen, Constraints ?? []));
  const inactive = nodes.filter(({ seen }) => meetsConstraints(seen, Constraints ?? []));
  if (matching.length === 0 && inactive.length > 0) {
    const names = inactive.map(({ seen: { name, down, availability } }) => {
      const why = down ? 'down' : availability === 'drain' ? 'drained' : 'paused';
      return `${name} is ${why}`;
    });
    return [
      { kind: 'placement', message: `no node that satisfies the constraints is active: ${names.join(', ')}` },
    ];
  }
  if (matching.length === 0)
    return [
      { kind: 'placement', message: `no node satisfies the constraints: ${(Constraints ?? []).join(', ')}` },
    ];
  const able = matching.filter(({ node }) => hasPlatform(node, Platforms ?? []));
  if (able.length === 0) {
    const wanted = (Platforms ?? []).map(({ OS = '', Architecture = '' }) => `${OS}/${Architecture}`);
    return [{ kind: 'placement', message: `no node has a platform of the image: ${wanted.join(', ')}` }];
  }
  const large = able.filter(({ node }) => hasResources(node, Reservations));
  if (large.length === 0)
    return [{ kind: 'resources', message: `no node has the reserved resources: ${amounts(Reservations)}` }];
  const replicas = nearest(Mode?.Replicated?.Replicas ?? 0);
  const room = nearest(MaxReplicas) * large.length;
  if (room === 0 || replicas <= room) return [];
  const message = `${replicas} replicas do not fit: at most ${MaxReplicas} on each of ${large.length} ${large.length === 1 ? 'node' : 'nodes'}`;
  return [{ kind: 'placement', message }];
}

type Platforms = readonly { readonly Architecture?: string; readonly OS?: string }[];

/** Whether the image has a variant for the node (filter.go, PlatformFilter). */
function hasPlatform({ Description }: Node, platforms: Platforms): boolean {
  const { Architecture: own = '', OS: ownOs = '' } = Description?.Platform ?? {};
  return (
    platforms.length === 0 ||
    platforms.some(
      ({ Architecture = '', OS = '' }) =>
        (Architecture === '' || archName(Architecture) === archName(own)) && (OS === '' || OS === ownOs),
    )
  );
}

const ARCHITECTURES: ReadonlyMap<string, string> = new Map([
  ['x86_64', 'amd64'],
  ['aarch64', 'arm64'],
]);
const archName = (name: string): string => ARCHITECTURES.get(name) ?? name;

/** Whether the node is large enough, without regard to what other tasks have reserved (filter.go, ResourceFilter). */
function hasResources({ Description }: Node, wanted: Resources | undefined): boolean {
  const { NanoCPUs = 0, MemoryBytes = 0, GenericResources } = Description?.Resources ?? {};
  const ofKind = (kind: string): number =>
    (GenericResources ?? []).reduce((sum, { DiscreteResourceSpec: discrete, NamedResourceSpec: named }) => {
      if (discrete?.Kind === kind) return sum + nearest(discrete.Value);
      return named?.Kind === kind ? sum + 1 : sum;
    }, 0);
  return (
    nearest(wanted?.NanoCPUs ?? 0) <= nearest(NanoCPUs) &&
    nearest(wanted?.MemoryBytes ?? 0) <= nearest(MemoryBytes) &&
    (wanted?.GenericResources ?? []).every(
      ({ DiscreteResourceSpec: needed }) =>
        needed === undefined || nearest(needed.Value) <= ofKind(needed.Kind),
    )
  );
}

/** Reserved resources in a message: "2 CPUs, 64GiB of memory, gpu=2". */
function amounts({ NanoCPUs = 0, MemoryBytes = 0, GenericResources }: Resources = {}): string {
  const cpus = nearest(NanoCPUs) / 1e9;
  return [
    ...(cpus === 0 ? [] : [`${cpus} ${cpus === 1 ? 'CPU' : 'CPUs'}`]),
    ...(nearest(MemoryBytes) === 0 ? [] : [`${goSize(MemoryBytes)} of memory`]),
    ...(GenericResources ?? []).flatMap(({ DiscreteResourceSpec: needed }) =>
      needed === undefined ? [] : [`${needed.Kind}=${needed.Value}`],
    ),
  ].join(', ');
}
