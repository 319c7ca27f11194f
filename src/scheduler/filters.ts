/**
 * The scheduler's filters, in the order in which it asks them (swarmkit manager/scheduler/pipeline.go and filter.go). The
 * first one that refuses a node is the one that the engine names.
 */
import type { ClusterVolume } from '../api/cluster.ts';
import type { Mount, Platform } from '../api/service.ts';
import { meetsConstraints } from '../rollout/constraints.ts';
import type { RefusedBy } from '../rollout/evidence.ts';
import { goSize } from '../values/go-number.ts';
import { groupBy } from '../values/group-by.ts';
import { isLimited } from './demand.ts';
import type { Demand } from './demand.ts';
import type { Room } from './rooms.ts';
import { volumeFaults } from './volumes.ts';

/** What a filter asks beside the node and the demand. */
interface FilterContext {
  /** The network drivers that the service needs. */
  readonly drivers: readonly string[];
  /** The cluster volumes of the swarm; undefined: they are not known, and refuse no node. */
  readonly volumes?: readonly ClusterVolume[] | undefined;
}

type FilterName =
  'ready' | 'resources' | 'plugin' | 'constraint' | 'platform' | 'hostPort' | 'maxReplicas' | 'volumes';

interface Filter {
  readonly name: FilterName;
  /** In the engine's words, without the number of nodes. */
  readonly words: string;
  /** Whether tasks on the node make a difference. */
  readonly isAboutTasks: boolean;
  /** Why a node is refused: what is wanted, and what there is. Empty if the node is accepted. */
  readonly faults: (room: Room, demand: Demand, context: FilterContext) => readonly string[];
}

const FILTERS: readonly Filter[] = [
  {
    name: 'ready',
    words: 'not available for new tasks',
    isAboutTasks: false,
    faults: ({ node: { Status }, seen: { availability } }) => {
      if (Status.State !== 'ready') return [Status.State];
      return availability === 'active' ? [] : [AVAILABILITIES.get(availability) ?? availability];
    },
  },
  { name: 'resources', words: 'insufficient resources', isAboutTasks: true, faults: lacking },
  { name: 'plugin', words: 'missing plugin', isAboutTasks: false, faults: missingPlugins },
  {
    name: 'constraint',
    words: 'scheduling constraints not satisfied',
    isAboutTasks: false,
    faults: ({ seen }, { template }) => {
      const constraints = template.Placement?.Constraints ?? [];
      // All together first: if the engine can't parse one of them, it ignores them all.
      return meetsConstraints(seen, constraints)
        ? []
        : constraints.filter((one) => !meetsConstraints(seen, [one]));
    },
  },
  { name: 'platform', words: 'unsupported platform', isAboutTasks: false, faults: missingPlatforms },
  {
    name: 'hostPort',
    words: 'host-mode port already in use',
    isAboutTasks: true,
    faults: ({ left }, { ports }) => ports.filter((port) => (left.ports.get(port) ?? 0) > 0),
  },
  {
    name: 'maxReplicas',
    words: 'max replicas per node limit exceed',
    isAboutTasks: true,
    faults: ({ active }, { maxReplicas }) =>
      maxReplicas === 0 || active < maxReplicas ? [] : [`${maxReplicas}`],
  },
  {
    name: 'volumes',
    words: 'cannot fulfill requested CSI volume mounts',
    isAboutTasks: false,
    faults: ({ node }, { template }, { volumes }) =>
      volumes === undefined ? [] : volumeFaults(node, template, volumes),
  },
];

/** The ids of the nodes that no filter excludes for good: only their tasks may do so. */
export const openNodes = (
  rooms: readonly Room[],
  demand: Demand,
  context: FilterContext,
): ReadonlySet<string> =>
  new Set(
    rooms
      .filter((room) =>
        FILTERS.every((one) => one.isAboutTasks || one.faults(room, demand, context).length === 0),
      )
      .map(({ seen }) => seen.id),
  );

/** Whether the tasks on a node that is open leave room for one more. */
export const hasRoom = (room: Room, demand: Demand): boolean =>
  !isLimited(demand) ||
  FILTERS.every((one) => !one.isAboutTasks || one.faults(room, demand, { drivers: [] }).length === 0);

/** A node that takes no more task, and why. */
export interface Refusal {
  readonly node: string;
  readonly filter: FilterName;
  /** The engine's words, without the number of nodes. */
  readonly words: string;
  readonly detail: string;
}

/** For each node that can't take one more task, the first filter that refuses it. */
export const refusalsOf = (rooms: readonly Room[], demand: Demand, context: FilterContext): Refusal[] =>
  rooms.flatMap((room) => {
    for (const { name, words, faults } of FILTERS) {
      const found = faults(room, demand, context);
      if (found.length > 0) return [{ node: room.seen.name, filter: name, words, detail: found.join(', ') }];
    }
    return [];
  });

/** More different details of one reason than that are left out. */
const MOST_DETAILS = 3;

/**
 * The nodes by reason, the most frequent reason first. A reason has the engine's words and, in parentheses, what is wanted and
 * what there is: "missing plugin (log driver gelf)".
 */
export function refusalGroups(refusals: readonly Refusal[]): readonly RefusedBy[] {
  const byWords = [...groupBy(refusals, ({ words }) => words)];
  const tooMany = byWords.filter(([, own]) => new Set(own.map(({ detail }) => detail)).size > MOST_DETAILS);
  const bare = new Set(tooMany.map(([words]) => words));
  const groups = groupBy(refusals, ({ words, detail }) =>
    detail === '' || bare.has(words) ? words : `${words} (${detail})`,
  );
  return [...groups]
    .map(([reason, own]) => ({ reason, nodes: own.map(({ node }) => node).sort() }))
    .sort((a, b) => b.nodes.length - a.nodes.length);
}

/** ResourceFilter. A generic resource counts as absent once nothing of it is left (genericresource/validate.go HasEnough). */
function lacking({ left }: Room, { cpus, memory, generic }: Demand): string[] {
  // A node can have less than nothing left. Only tasks that ask for something are kept away from it.
  if (cpus === 0 && memory === 0 && generic.length === 0) return [];
  return [
    ...(cpus > left.cpus
      ? [`${cpus / 1e9} ${cpus === 1e9 ? 'CPU' : 'CPUs'} wanted, ${Math.max(0, left.cpus) / 1e9} free`]
      : []),
    ...(memory > left.memory
      ? [`${goSize(memory)} of memory wanted, ${goSize(Math.max(0, left.memory))} free`]
      : []),
    ...generic.flatMap(({ kind, value }) => {
      const free = Math.max(0, left.generic.get(kind) ?? 0);
      return free === 0 || value > free ? [`${kind}=${value} wanted, ${free} free`] : [];
    }),
  ];
}

/** PluginFilter. Engines that name no log driver at all are not asked for one. */
function missingPlugins({ node }: Room, { template }: Demand, { drivers }: FilterContext): string[] {
  const { Engine } = node.Description ?? {};
  const { LogDriver, ContainerSpec } = template;
  if (Engine === undefined) return [];
  const plugins = Engine.Plugins ?? [];
  const lacks = (type: string, name: string): boolean =>
    !plugins.some(({ Type, Name }) => Type === type && (Name === name || Name === `${name}:latest`));
  const log = LogDriver?.Name ?? '';
  const knowsLogs = plugins.some(({ Type }) => Type === 'Log');
  return [
    ...(ContainerSpec?.Mounts ?? [])
      .map(volumeDriver)
      .filter((name) => name !== '' && name !== 'local' && lacks('Volume', name))
      .map((name) => `volume driver ${name}`),
    ...drivers
      .filter((name) => name !== '' && lacks('Network', name))
      .map((name) => `network driver ${name}`),
    ...(log !== '' && log !== 'none' && knowsLogs && lacks('Log', log) ? [`log driver ${log}`] : []),
  ];
}

const volumeDriver = ({ Type, VolumeOptions }: Mount): string =>
  Type === 'volume' ? (VolumeOptions?.DriverConfig?.Name ?? '') : '';

/** PlatformFilter: the platforms of the image, if it has no variant for the node. */
function missingPlatforms({ node }: Room, { template }: Demand): string[] {
  const platforms = template.Placement?.Platforms ?? [];
  const own = node.Description?.Platform;
  const isSame = ({ Architecture = '', OS = '' }: Platform): boolean =>
    (Architecture === '' || archName(Architecture) === archName(own?.Architecture ?? '')) &&
    (OS === '' || OS === (own?.OS ?? ''));
  if (own !== undefined && platforms.some(isSame)) return [];
  return platforms.map(({ OS = '', Architecture = '' }) => `${OS}/${Architecture} wanted`);
}

const AVAILABILITIES: ReadonlyMap<string, string> = new Map([
  ['drain', 'drained'],
  ['pause', 'paused'],
]);

const ARCHITECTURES: ReadonlyMap<string, string> = new Map([
  ['x86_64', 'amd64'],
  ['aarch64', 'arm64'],
]);
const archName = (name: string): string => ARCHITECTURES.get(name) ?? name;
