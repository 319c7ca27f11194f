/** Finds the command that leads back from an update that ended badly. */
import type { Engine } from '../engine/client.ts';
import { SwarmrollError } from '../errors.ts';
import { readHistory } from '../generations/read.ts';
import { rollbackTargets } from '../generations/rollback-targets.ts';
import type { RollbackTarget } from '../rollout/evidence.ts';
import { missingObjects } from './missing-objects.ts';

/** So many rollback targets are checked. */
const MAX_CHECKED = 5;

/**
 * The best rollback target of which nothing is missing; `none` if there is none.
 * @param now the time of day, in milliseconds since the epoch
 * @param ranBefore whether the tasks of the previous spec were seen to run
 * @returns undefined if the engine does not say in time. Never throws
 */
export async function findRollbackTarget(
  engine: Engine,
  serviceId: string,
  now: number,
  ranBefore: boolean,
  signal: AbortSignal,
): Promise<RollbackTarget | undefined> {
  const aborted = new Promise<undefined>((resolve) =>
    signal.addEventListener('abort', () => resolve(undefined), { once: true }),
  );
  const found = search(engine, serviceId, now, ranBefore, signal).catch((error: unknown) => {
    if (error instanceof SwarmrollError || signal.aborted) return undefined;
    throw error;
  });
  return Promise.race([found, aborted]);
}

async function search(
  engine: Engine,
  serviceId: string,
  now: number,
  ranBefore: boolean,
  signal: AbortSignal,
): Promise<RollbackTarget> {
  const history = await readHistory(engine, serviceId, signal);
  const { service, generations } = history;
  for (const way of rollbackTargets(history, now, ranBefore).slice(0, MAX_CHECKED)) {
    const generation = 'id' in way ? generations.find(({ id }) => id === way.id) : undefined;
    const target = generation === undefined ? service.PreviousSpec : { TaskTemplate: generation.template };
    if (target !== undefined && (await missingObjects(engine, target, () => undefined)).length === 0)
      return way;
  }
  return { kind: 'none' };
}
