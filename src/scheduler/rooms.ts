/**
 * What each node has left for tasks: swarmkit's NodeInfo (manager/scheduler/nodeinfo.go), made of what the API tells.
 */
import type { ClusterVolume, Node } from '../api/cluster.ts';
import type { Service, Task } from '../api/service.ts';
import type { NodeSeen } from '../rollout/observation.ts';
import { ENDING, ON_NODE } from '../rollout/slots.ts';
import { nearest } from '../values/integer.ts';
import { demandOfTask } from './demand.ts';
import type { Demand } from './demand.ts';

/** A node, as the engine describes it and as constraints see it. */
export interface PossibleNode {
  readonly node: Node;
  readonly seen: NodeSeen;
}

/** What the scheduler knows of the swarm. */
export interface ClusterState {
  readonly nodes: readonly PossibleNode[];
  /** All tasks of the swarm, or those of the service alone if its demand does not depend on others. */
  readonly tasks: readonly Task[];
  /** The services whose tasks have ports of their nodes, and the service itself, by id. */
  readonly services: ReadonlyMap<string, Service>;
  /** The cluster volumes of the swarm; undefined: they are not known, or not needed. */
  readonly volumes?: readonly ClusterVolume[] | undefined;
}

/** The same for one service. */
export interface Cluster extends ClusterState {
  /** The network drivers that the service needs. */
  readonly drivers: readonly string[];
}

/** What a node has left for the tasks of any service. The numbers change while rollouts are played through. */
interface Left {
  cpus: number;
  memory: number;
  readonly generic: Map<string, number>;
  /** How many tasks have each port. */
  readonly ports: Map<string, number>;
  /** The tasks on the node that are not about to end. */
  all: number;
}

/** A node as one service sees it. */
export interface Room extends PossibleNode {
  /** Services that are placed together share it. */
  readonly left: Left;
  /** The tasks of the service on the node that are not about to end. */
  active: number;
}

/** Whether a task takes something of its node: it is assigned to it and has not ended (scheduler.go, updateTask). */
export const isOnNode = ({ NodeID = '', Status }: Task): boolean =>
  NodeID !== '' && ON_NODE.has(Status.State);

/** Whether a task is about to end. What it has stays taken until it has ended. */
export const isLeaving = ({ DesiredState }: Task): boolean => ENDING.has(DesiredState);

/**
 * The nodes with what their tasks leave. Several services share that.
 * @param serviceIds the services that are to be placed; undefined for a new one
 * @param leaving `stay`: as it is now; `go`: as it is once all tasks that are about to end have ended
 * @returns the nodes as each of the services sees them
 */
export function sharedRooms(
  { nodes, tasks, services }: ClusterState,
  serviceIds: readonly (string | undefined)[],
  leaving: 'stay' | 'go',
): Room[][] {
  const all = nodes.map((one) => ({ ...one, left: leftOf(one) }));
  const lefts = new Map(all.map(({ seen, left }) => [seen.id, left]));
  const counts = new Map(serviceIds.map((id) => [id, new Map<string, number>()]));
  for (const task of tasks) {
    const { NodeID = '' } = task;
    const left = isOnNode(task) ? lefts.get(NodeID) : undefined;
    if (left === undefined || (leaving === 'go' && isLeaving(task))) continue;
    take(left, demandOfTask(task, services));
    if (isLeaving(task)) continue;
    left.all += 1;
    const active = counts.get(task.ServiceID);
    active?.set(NodeID, (active.get(NodeID) ?? 0) + 1);
  }
  return serviceIds.map((serviceId) =>
    all.map((one) => ({ ...one, active: counts.get(serviceId)?.get(one.seen.id) ?? 0 })),
  );
}

function leftOf({ node }: PossibleNode): Left {
  const { NanoCPUs = 0, MemoryBytes = 0, GenericResources } = node.Description?.Resources ?? {};
  const generic = new Map<string, number>();
  const add = (kind: string, value: number): void => void generic.set(kind, (generic.get(kind) ?? 0) + value);
  for (const { DiscreteResourceSpec: discrete, NamedResourceSpec: named } of GenericResources ?? []) {
    if (discrete !== undefined) add(discrete.Kind, nearest(discrete.Value));
    if (named !== undefined) add(named.Kind, 1);
  }
  return { cpus: nearest(NanoCPUs), memory: nearest(MemoryBytes), generic, ports: new Map(), all: 0 };
}

/** Copies whose numbers change on their own. Rooms that share what is left share it in the copies too. */
export function copiesOf(rooms: readonly (readonly Room[])[]): Room[][] {
  const copies = new Map<Left, Left>();
  return rooms.map((list) =>
    list.map((room) => {
      const { left } = room;
      const copy = copies.get(left) ?? {
        ...left,
        generic: new Map(left.generic),
        ports: new Map(left.ports),
      };
      copies.set(left, copy);
      return { ...room, left: copy };
    }),
  );
}

/** Takes what a task asks for from a node. */
export const take = (left: Left, demand: Demand): void => move(left, demand, -1);
/** Gives it back. */
export const giveBack = (left: Left, demand: Demand): void => move(left, demand, 1);

/** Counts one more task, or one task less, that is not about to end. */
export function count(room: Room, change: 1 | -1): void {
  room.active += change;
  room.left.all += change;
}

function move(node: Left, { cpus, memory, generic, ports }: Demand, sign: 1 | -1): void {
  node.cpus += sign * cpus;
  node.memory += sign * memory;
  // A kind that the node does not have stays unknown to it.
  for (const { kind, value } of generic) {
    const left = node.generic.get(kind);
    if (left !== undefined) node.generic.set(kind, left + sign * value);
  }
  for (const port of ports) node.ports.set(port, (node.ports.get(port) ?? 0) - sign);
}
