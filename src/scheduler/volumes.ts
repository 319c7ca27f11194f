/** Which nodes can use the cluster volumes of a task (swarmkit manager/scheduler/volumes.go, filter.go and topology.go). */
import type { ClusterVolume, Node } from '../api/cluster.ts';
import type { Mount, TaskSpec } from '../api/service.ts';

export const clusterMounts = ({ ContainerSpec }: TaskSpec): readonly Mount[] =>
  (ContainerSpec?.Mounts ?? []).filter(({ Type }) => Type === 'cluster');

const GROUP = 'group:';

/**
 * Why a node cannot use the cluster volumes of a task, one reason for each mount. The scheduler takes a node that has the volume
 * of one mount, and does not ask for those of the others. What other tasks do with a volume is not looked at.
 * @param volumes the cluster volumes of the swarm
 * @returns empty if the scheduler accepts the node
 */
export function volumeFaults(node: Node, template: TaskSpec, volumes: readonly ClusterVolume[]): string[] {
  const faults = clusterMounts(template).map((mount) => mountFault(node, mount, volumes));
  return faults.includes(undefined) ? [] : faults.filter((fault) => fault !== undefined);
}

function mountFault(
  node: Node,
  { Source = '', ReadOnly }: Mount,
  volumes: readonly ClusterVolume[],
): string | undefined {
  const group = Source.startsWith(GROUP) ? Source.slice(GROUP.length) : undefined;
  const named = volumes.filter(({ Name, Spec }) =>
    group === undefined ? Name === Source : (Spec.Group ?? '') === group,
  );
  const name = group === undefined ? Source || 'without a name' : `of the group ${group}`;
  const faults = named.map((volume) => volumeFault(node, volume, ReadOnly === true));
  return faults.length === 0
    ? `there is no volume ${name}`
    : faults.includes(undefined)
      ? undefined
      : faults[0];
}

function volumeFault(
  { Description }: Node,
  { Name, Driver, Spec, Info }: ClusterVolume,
  readOnly: boolean,
): string | undefined {
  const { Availability = 'active', AccessMode } = Spec;
  if ((Info?.VolumeID ?? '') === '') return `the driver ${Driver} has not created volume ${Name}`;
  if (Availability !== 'active') return `volume ${Name} has availability ${Availability}`;
  if (AccessMode?.Sharing === 'readonly' && !readOnly) return `volume ${Name} can only be read`;
  const place = Description?.CSIInfo?.find(({ PluginName }) => PluginName === Driver)?.AccessibleTopology;
  const accessible = Info?.AccessibleTopology ?? [];
  const isAccessible =
    place === undefined ||
    place === null ||
    accessible.length === 0 ||
    accessible.some(({ Segments }) =>
      Object.entries(Segments ?? {}).every(([domain, segment]) => place.Segments?.[domain] === segment),
    );
  return isAccessible ? undefined : `the node has no access to volume ${Name}`;
}
