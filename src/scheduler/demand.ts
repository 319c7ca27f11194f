/** What a task asks of the node that it is to run on, as the scheduler's filters see it. */
import type { EndpointSpec, PortConfig, Service, Task, TaskSpec } from '../api/service.ts';
import { nearest } from '../values/integer.ts';

export interface Demand {
  readonly template: TaskSpec;
  /** 1e9 is one CPU. */
  readonly cpus: number;
  /** Bytes. */
  readonly memory: number;
  readonly generic: readonly { readonly kind: string; readonly value: number }[];
  /** The ports of the node that it gets, each once: "8080/tcp". */
  readonly ports: readonly string[];
  /** How many tasks of the service may be on a node; 0 is any number. */
  readonly maxReplicas: number;
}

/** @param ports the ports of the node: see hostPorts and portsOf */
export function demandOf(template: TaskSpec, ports: readonly string[]): Demand {
  const { NanoCPUs = 0, MemoryBytes = 0, GenericResources } = template.Resources?.Reservations ?? {};
  return {
    template,
    cpus: nearest(NanoCPUs),
    memory: nearest(MemoryBytes),
    generic: (GenericResources ?? []).flatMap(({ DiscreteResourceSpec: wanted }) =>
      wanted === undefined ? [] : [{ kind: wanted.Kind, value: nearest(wanted.Value) }],
    ),
    ports,
    maxReplicas: nearest(template.Placement?.MaxReplicas ?? 0),
  };
}

/** What a task has of its node. @param services those whose tasks have ports of their nodes, by id */
export const demandOfTask = (task: Task, services: ReadonlyMap<string, Service>): Demand =>
  demandOf(task.Spec, portsOf(task, services.get(task.ServiceID)));

/** Whether the scheduler compares the demand with what the tasks of other services have. */
export const dependsOnOthers = ({ cpus, memory, generic, ports }: Demand): boolean =>
  cpus > 0 || memory > 0 || generic.length > 0 || ports.length > 0;

/** Whether tasks on a node can keep it from taking one more. */
export const isLimited = (demand: Demand): boolean => demand.maxReplicas > 0 || dependsOnOthers(demand);

/**
 * The ports that each task of a service takes of its node. A port that the node itself chooses is none of them (swarmkit
 * manager/scheduler/filter.go, HostPortFilter).
 */
export const hostPorts = (endpoint: EndpointSpec | undefined): readonly string[] =>
  portKeys((endpoint?.Ports ?? []).filter((port) => isHost(port) && (port.PublishedPort ?? 0) !== 0));

/**
 * The ports of its node that a task has. The API does not give the endpoint of a task: a running task tells its ports, others
 * have those of their service.
 * @param service undefined if it is not known
 */
export function portsOf({ Status }: Task, service: Service | undefined): readonly string[] {
  const running = Status.PortStatus?.Ports ?? [];
  if (running.length === 0) return Status.State === 'running' ? [] : hostPorts(service?.Spec.EndpointSpec);
  const chosenByNode = (service?.Spec.EndpointSpec?.Ports ?? []).filter(
    (port) => isHost(port) && (port.PublishedPort ?? 0) === 0,
  );
  return portKeys(
    running.filter(
      (port) =>
        isHost(port) &&
        !chosenByNode.some(
          ({ TargetPort, Protocol = 'tcp' }) =>
            TargetPort === port.TargetPort && Protocol === (port.Protocol ?? 'tcp'),
        ),
    ),
  );
}

const isHost = ({ PublishMode }: PortConfig): boolean => PublishMode === 'host';

const portKeys = (ports: readonly PortConfig[]): readonly string[] => [
  ...new Set(ports.map(({ PublishedPort = 0, Protocol = 'tcp' }) => `${PublishedPort}/${Protocol}`)),
];
