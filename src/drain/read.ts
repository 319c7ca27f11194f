/** Reads what a drain depends on. Once something was sent, it goes on while the manager does not answer. */
import type { ClusterVolume, Node } from '../api/cluster.ts';
import type { Service, Task } from '../api/service.ts';
import type { Call } from '../command-line/command.ts';
import { clusterMounts } from '../scheduler/volumes.ts';
import { isTransient } from '../send/not-sent.ts';
import { networkIdsOf } from '../watch/missing-objects.ts';
import { printMessage } from '../watch/print.ts';
import type { Engine } from '../engine/client.ts';
import { networksById } from '../engine/lookup.ts';
import { EngineError, SwarmrollError } from '../errors.ts';

/** The swarm at one moment. */
export interface Situation {
  /** The node that is to be drained. */
  readonly node: Node;
  readonly nodes: readonly Node[];
  readonly services: readonly Service[];
  readonly tasks: readonly Task[];
  /** The drivers of networks, by the ids of the networks that the services use. */
  readonly drivers: ReadonlyMap<string, string>;
  /** The cluster volumes of the swarm. Absent: no service uses any. */
  readonly volumes?: readonly ClusterVolume[];
}

export interface DrainOptions {
  /** New tasks start before old ones stop, whatever the services say. */
  readonly startsFirst: boolean;
  /** The ids of services that may be down: they do not move before the drain. */
  readonly mayBeDown: ReadonlySet<string>;
  /** What the user types to run this program. */
  readonly program: string;
}

/** @param ref the node as the user named it: a host name, an id, or a unique prefix of an id */
export async function readSituation({ world }: Call, engine: Engine, ref: string): Promise<Situation> {
  const { interrupted } = world;
  const [nodes, services, tasks] = await Promise.all([
    engine.nodes({}, interrupted),
    engine.services({}, interrupted),
    engine.tasks({}, interrupted),
  ]);
  const node = findNode(nodes, ref, engine.host);
  const here = new Set(tasks.filter(({ NodeID }) => NodeID === node.ID).map(({ ServiceID }) => ServiceID));
  const moving = services.filter(({ ID }) => here.has(ID)).map(({ Spec }) => Spec);
  const [networks, volumes] = await Promise.all([
    networksById(engine, moving.flatMap(networkIdsOf)),
    moving.some(({ TaskTemplate }) => clusterMounts(TaskTemplate).length > 0)
      ? engine.clusterVolumes(interrupted)
      : undefined,
  ]);
  const drivers = new Map([...networks].map(([id, { Driver = '' }]) => [id, Driver]));
  return { node, nodes, services, tasks, drivers, ...(volumes === undefined ? {} : { volumes }) };
}

export class NoSuchNode extends SwarmrollError {}

/**
 * A node in docker's order: full id, host name, unique prefix of an id (moby daemon/cluster/helpers.go, getNode).
 * @throws NoSuchNode, or SwarmrollError `refused` if several nodes match
 */
export function findNode(nodes: readonly Node[], ref: string, host: string): Node {
  const exact = nodes.filter(({ ID }) => ID === ref);
  const named = nodes.filter(({ Description }) => Description?.Hostname === ref);
  const begun = nodes.filter(({ ID }) => ID.startsWith(ref));
  const [node, ...others] = [exact, named, begun].find((found) => found.length > 0) ?? [];
  const hint = `asked ${host}; list the nodes with: docker node ls`;
  if (node === undefined) throw new NoSuchNode('notFound', `no such node: ${ref}`, { hint });
  if (others.length > 0) throw new SwarmrollError('refused', `several nodes match ${ref}`, { hint });
  return node;
}

/** Between two tries (ms), and after how long (ms) there is no further try. */
const INTERVAL = 500;
const GIVE_UP = 600_000;

/**
 * Tries again while the manager cannot be reached or has no leader, and says so once.
 * @param act must do no harm if it is done twice
 */
export async function untilAnswered<T>(call: Call, act: () => Promise<T>): Promise<T> {
  const { clock, interrupted } = call.world;
  const began = clock.now();
  for (let isTold = false; ; isTold = true) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof SwarmrollError) || interrupted.aborted) throw error;
      const isOutOfSequence = [error, error.cause].some(
        (one) => one instanceof EngineError && one.reason === 'outOfSequence',
      );
      if ((!isOutOfSequence && !isTransient(error)) || clock.now() - began >= GIVE_UP) throw error;
      const reason = `the manager does not answer, trying again: ${error.message}`;
      if (!isTold) printMessage(call, [`swarmroll: ${reason}`], { type: 'note', text: reason });
      await clock.sleep(INTERVAL, interrupted);
      interrupted.throwIfAborted();
    }
  }
}
