/**
 * What each node has left for tasks: swarmkit's NodeInfo (manager/scheduler/nodeinfo.go), made of what the API tells.
 */
import type { ClusterVolume, Node } from '../api/cluster.ts';
import type { Service, Task } from '../api/service.ts';
import type { NodeSeen } from '../rollout/observation.ts';
import { ENDING, ON_NODE } from '../rollout/slots.ts';
import { nearest } from '../values/integer.ts';
import { demandReader } from './demand.ts';
import type { Demand } from './demand.ts';

/** A node, as the engine describes it and as constraints see it. */
export interface PossibleNode {
  readonly node: Node;
  readonly seen: NodeSeen;
}

/** What the scheduler knows of the swarm. */
export interface Cluster {
  readonly nodes: readonly PossibleNode[];
  /** All tasks of the swarm, or those of the service alone if its demand does not depend on others. */
  readonly tasks: readonly Task[];
  /** The services whose tasks have ports of their nodes, and the service itself, by id. */
  readonly services: ReadonlyMap<string, Service>;
  /** The network drivers that the service needs. */
  readonly drivers: readonly string[];
  /** The cluster volumes of the swarm; undefined: they are not known, or not needed. */
  readonly volumes?: readonly ClusterVolume[] | undefined;
}

/** A node and what it has left. The numbers change while a rollout is played through. */
export interface Room extends PossibleNode {
  cpus: number;
  memory: number;
  readonly generic: Map<string, number>;
  /** How many tasks have each port. */
  readonly ports: Map<string, number>;
  /** The tasks of the service on the node that are not about to end. */
  active: number;
  /** The same of all services. */
  all: number;
}

/** Whether a task takes something of its node: it is assigned to it and has not ended (scheduler.go, updateTask). */
export const isOnNode = ({ NodeID = '', Status }: Task): boolean =>
  NodeID !== '' && ON_NODE.has(Status.State);

/** Whether a task is about to end. What it has stays taken until it has ended. */
export const isLeaving = ({ DesiredState }: Task): boolean => ENDING.has(DesiredState);

/**
 * The nodes with what their tasks leave.
 * @param serviceId the service that is to be placed; undefined for a new one
 * @param leaving `stay`: as it is now; `go`: as it is once all tasks that are about to end have ended
 */
export function roomsOf(
  { nodes, tasks, services }: Cluster,
  serviceId: string | undefined,
  leaving: 'stay' | 'go',
): Room[] {
  const rooms = new Map(nodes.map((one) => [one.seen.id, emptyRoom(one)]));
  const demandFrom = demandReader(services);
  for (const task of tasks) {
    const room = isOnNode(task) ? rooms.get(task.NodeID ?? '') : undefined;
    if (room === undefined || (leaving === 'go' && isLeaving(task))) continue;
    take(room, demandFrom(task));
    if (isLeaving(task)) continue;
    room.all += 1;
    if (task.ServiceID === serviceId) room.active += 1;
  }
  return [...rooms.values()];
}

function emptyRoom(one: PossibleNode): Room {
  const { NanoCPUs = 0, MemoryBytes = 0, GenericResources } = one.node.Description?.Resources ?? {};
  const generic = new Map<string, number>();
  const add = (kind: string, value: number): void => void generic.set(kind, (generic.get(kind) ?? 0) + value);
  for (const { DiscreteResourceSpec: discrete, NamedResourceSpec: named } of GenericResources ?? []) {
    if (discrete !== undefined) add(discrete.Kind, nearest(discrete.Value));
    if (named !== undefined) add(named.Kind, 1);
  }
  const [cpus, memory] = [nearest(NanoCPUs), nearest(MemoryBytes)];
  return { ...one, cpus, memory, generic, ports: new Map(), active: 0, all: 0 };
}

/** A copy whose numbers change on their own. */
export const copyOf = (room: Room): Room => ({
  ...room,
  generic: new Map(room.generic),
  ports: new Map(room.ports),
});

/** Takes what a task asks for from a node. */
export const take = (room: Room, demand: Demand): void => move(room, demand, -1);
/** Gives it back. */
export const giveBack = (room: Room, demand: Demand): void => move(room, demand, 1);

function move(room: Room, { cpus, memory, generic, ports }: Demand, sign: 1 | -1): void {
  room.cpus += sign * cpus;
  room.memory += sign * memory;
  // A kind that the node does not have stays unknown to it.
  for (const { kind, value } of generic) {
    const left = room.generic.get(kind);
    if (left !== undefined) room.generic.set(kind, left + sign * value);
  }
  for (const port of ports) room.ports.set(port, (room.ports.get(port) ?? 0) - sign);
}
