/**
 * Whether a network has enough addresses for the tasks of a service. Each task has one, so does the service with endpoint mode
 * vip, and so does each node with tasks, for its load balancer (swarmkit manager/allocator/network.go; seen on 28.5: without an
 * address of its own a task stays "new", without one of its node "preparing").
 */
import type { Network } from '../api/cluster.ts';
import type { Service, ServiceSpec } from '../api/service.ts';
import type { Risk } from '../service-spec/planned.ts';
import { nearest } from '../values/integer.ts';

/** What a rollout needs at the same time, at least. */
interface Needs {
  /** The tasks of the service, with those beside which a new one starts first. */
  readonly tasks: number;
  /** The nodes that have tasks of the service. */
  readonly nodes: () => number;
}

/**
 * The networks of a service that have fewer addresses than it needs, for certain: what the engine has given away otherwise
 * cannot be read in full, so some are missed.
 * @param networks those of the spec
 * @param others the other services, with their numbers of running tasks
 */
export function addressRisks(
  after: ServiceSpec,
  networks: readonly Network[],
  others: readonly Service[],
  { tasks, nodes }: Needs,
): Risk[] {
  if (tasks === 0) return [];
  const virtual = virtualIps(after);
  return networks.flatMap(({ Id = '', Name = Id, IPAM, Driver }) => {
    const usable = Driver === 'overlay' ? usableAddresses(IPAM) : undefined;
    const beside = others
      .filter(({ Spec }) => isOn(Spec, Id))
      .reduce(
        (sum, { Spec, ServiceStatus }) => sum + virtualIps(Spec) + nearest(ServiceStatus?.RunningTasks ?? 0),
        0,
      );
    // There are no more nodes with tasks than tasks.
    if (usable === undefined || 2 * tasks + virtual + beside <= usable) return [];
    const used = nodes();
    const needed = tasks + used + virtual + beside;
    if (needed <= usable) return [];
    const parts = [
      `${tasks} for tasks`,
      `${used} for ${used === 1 ? 'a node' : 'nodes'}`,
      ...(virtual === 0 ? [] : ['1 for the service']),
      ...(beside === 0 ? [] : [`${beside} for other services`]),
    ];
    const message = `network ${Name} has ${usable} addresses, and ${needed} are needed: ${parts.join(', ')}`;
    return [{ kind: 'network', message }];
  });
}

const virtualIps = ({ EndpointSpec }: ServiceSpec): number => (EndpointSpec?.Mode === 'dnsrr' ? 0 : 1);

const isOn = (spec: ServiceSpec, id: string): boolean =>
  (spec.TaskTemplate.Networks ?? spec.Networks ?? []).some(({ Target }) => Target === id);

/** The most addresses that a network gives away; undefined if its subnets do not say. */
function usableAddresses(ipam: Network['IPAM']): number | undefined {
  const configs = ipam?.Config ?? [];
  const sizes = configs.map(({ Subnet = '', IPRange = '', AuxiliaryAddresses }) => {
    const bits = /^[\d.]+\/(\d+)$/.exec(IPRange === '' ? Subnet : IPRange)?.[1];
    const size = bits === undefined ? undefined : 2 ** (32 - Number(bits));
    // The addresses of the network, of its gateway and for broadcasts. They may lie outside of a range.
    return size === undefined || IPRange !== ''
      ? size
      : Math.max(0, size - 3 - Object.keys(AuxiliaryAddresses ?? {}).length);
  });
  return sizes.length === 0 || sizes.includes(undefined)
    ? undefined
    : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}
