/** Reads what the scheduler knows, as far as a placement depends on it. */
import type { Network } from '../api/cluster.ts';
import type { Service, ServiceSpec, Task } from '../api/service.ts';
import type { Engine } from '../engine/client.ts';
import { nodeSeen } from '../engine/convert.ts';
import { forShow } from '../engine/for-show.ts';
import { nodeNames } from '../engine/node-names.ts';
import { demandOf, dependsOnOthers, hostPorts } from '../scheduler/demand.ts';
import type { Cluster } from '../scheduler/rooms.ts';
import { clusterMounts } from '../scheduler/volumes.ts';
import { refusalsOfWaiting } from '../scheduler/waiting-tasks.ts';
import type { RefusedBy } from '../rollout/evidence.ts';

/** The part of the swarm that does not depend on one change. */
export interface SwarmRead extends Pick<Cluster, 'nodes' | 'tasks' | 'services' | 'volumes'> {
  /** False if something was refused: then nothing can be placed. */
  readonly isWhole: boolean;
}

/**
 * The nodes, and the tasks of these services: those of all services if a reservation or a port makes that matter.
 * @param specs the specs that are to be placed
 * @param services the services that exist already
 * @param onFailure is called with the reason if nodes or tasks of others cannot be read: nothing can be placed then
 */
export async function readSwarm(
  engine: Engine,
  specs: readonly ServiceSpec[],
  services: readonly Service[],
  signal: AbortSignal,
  onFailure: (reason: string) => void,
): Promise<SwarmRead> {
  const demands = specs.map(({ TaskTemplate, EndpointSpec }) =>
    demandOf(TaskTemplate, hostPorts(EndpointSpec)),
  );
  const seesOthers = demands.some(dependsOnOthers);
  const seesPorts = demands.some(({ ports }) => ports.length > 0);
  const ids = services.map(({ ID }) => ID);
  const readOwn = async (): Promise<readonly Task[]> =>
    ids.length === 0 ? [] : engine.tasks({ service: ids }, signal);
  const seesVolumes = specs.some(({ TaskTemplate }) => clusterMounts(TaskTemplate).length > 0);
  const [nodes, all, listed, volumes] = await Promise.all([
    forShow(engine.nodes({}, signal), onFailure),
    seesOthers ? forShow(engine.tasks({}, signal), onFailure) : readOwn(),
    seesPorts ? forShow(engine.services({}, signal), onFailure) : [],
    seesVolumes ? forShow(engine.clusterVolumes(signal), onFailure) : undefined,
  ]);
  const tasks = all ?? (await readOwn());
  const names = nodeNames(nodes ?? []);
  const seen = (nodes ?? []).map((node) => ({ node, seen: nodeSeen(node, names) }));
  const isRead = nodes !== undefined && listed !== undefined && all !== undefined;
  const byId = new Map([...(listed ?? []), ...services].map((one) => [one.ID, one]));
  return { nodes: seen, tasks, services: byId, volumes, isWhole: isRead };
}

/** The names of the drivers of networks. */
export const driversOf = (networks: Iterable<Network>): readonly string[] =>
  [...networks].map(({ Driver = '' }) => Driver);

/**
 * Why the nodes do not take the tasks of a service that wait for one, by task; undefined if it cannot be read.
 * @throws as `engine.service` and `readSwarm`
 */
export async function readRefusals(
  engine: Engine,
  serviceId: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly RefusedBy[]> | undefined> {
  const service = await engine.service(serviceId, { signal });
  const swarm = await readSwarm(engine, [service.Spec], [service], signal, () => undefined);
  return swarm.isWhole ? refusalsOfWaiting(service.ID, { ...swarm, drivers: [] }) : undefined;
}
