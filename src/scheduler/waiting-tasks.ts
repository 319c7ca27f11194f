/** Why the nodes do not take the tasks of a service that wait for one. */
import type { Task } from '../api/service.ts';
import type { RefusedBy } from '../rollout/evidence.ts';
import { demandOf, hostPorts } from './demand.ts';
import { refusalGroups, refusalsOf } from './filters.ts';
import { isLeaving, sharedRooms } from './rooms.ts';
import type { Cluster } from './rooms.ts';

/**
 * The refusals as they are now, by task. The engine only counts the nodes of each reason.
 * @param serviceId the service whose tasks wait
 */
export function refusalsOfWaiting(
  serviceId: string,
  cluster: Cluster,
): ReadonlyMap<string, readonly RefusedBy[]> {
  const [rooms = []] = sharedRooms(cluster, [serviceId], 'stay');
  const ports = hostPorts(cluster.services.get(serviceId)?.Spec.EndpointSpec);
  const isWaiting = (task: Task): boolean =>
    task.ServiceID === serviceId && task.Status.State === 'pending' && !isLeaving(task);
  // Thousands of tasks that wait anywhere share a few templates.
  const known = new Map<string, readonly RefusedBy[]>();
  return new Map(
    cluster.tasks.filter(isWaiting).map(({ ID, NodeID = '', Spec }) => {
      const key = `${NodeID} ${JSON.stringify([Spec.Resources, Spec.Placement, Spec.LogDriver, Spec.ContainerSpec?.Mounts])}`;
      const asked = NodeID === '' ? rooms : rooms.filter(({ seen }) => seen.id === NodeID);
      const groups = known.get(key) ?? refusalGroups(refusalsOf(asked, demandOf(Spec, ports), cluster));
      known.set(key, groups);
      return [ID, groups];
    }),
  );
}
