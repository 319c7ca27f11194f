/** Finds what a service can be rolled back to: something that has run, and of which nothing is missing. */
import type { Service, ServiceSpec } from '../api/service.ts';
import type { Engine } from '../engine/client.ts';
import { SwarmrollError } from '../errors.ts';
import { templateId } from '../generations/generations.ts';
import { readHistory } from '../generations/read.ts';
import type { History } from '../generations/read.ts';
import { rollbackTargets } from '../generations/rollback-targets.ts';
import type { RollbackTarget } from '../rollout/evidence.ts';
import { withoutPastDrains } from '../service-spec/drain-mark.ts';
import { missingObjects } from './missing-objects.ts';

/** The greatest number of rollback targets that are checked. */
const MAX_CHECKED = 5;

/**
 * The best rollback target of which nothing is missing; `none` if there is none.
 * @param now the time of day, in milliseconds since the epoch
 * @param ranBefore whether the tasks of the previous spec were seen to run; undefined if nobody has seen them
 * @returns undefined if the engine does not say in time. Never throws
 */
export async function findRollbackTarget(
  engine: Engine,
  serviceId: string,
  now: number,
  ranBefore: boolean | undefined,
  signal: AbortSignal,
): Promise<RollbackTarget | undefined> {
  const aborted = new Promise<undefined>((resolve) =>
    signal.addEventListener('abort', () => resolve(undefined), { once: true }),
  );
  const find = async (): Promise<RollbackTarget> => {
    const history = await readHistory(engine, serviceId, signal);
    const targets = rollbackTargets(history, now, ranBefore).slice(0, MAX_CHECKED);
    return (await firstWhole(engine, history, targets)) ?? { kind: 'none' };
  };
  const found = find().catch((error: unknown) => {
    if (error instanceof SwarmrollError || signal.aborted) return undefined;
    throw error;
  });
  return Promise.race([found, aborted]);
}

/** A rollback target that is a generation. */
type GenerationTarget = Extract<RollbackTarget, { readonly id: string }>;

/**
 * The newest generation that ran and of which nothing is missing: not the current one, nor that of a spec.
 * @param now the time of day, in milliseconds since the epoch
 */
export async function generationBeside(
  engine: Engine,
  { ID }: Service,
  spec: ServiceSpec,
  now: number,
  signal: AbortSignal,
): Promise<GenerationTarget | undefined> {
  const history = await readHistory(engine, ID, signal);
  const other = templateId(withoutPastDrains(spec.TaskTemplate, history.service.Spec.TaskTemplate));
  const isOther = (target: RollbackTarget): target is GenerationTarget =>
    'id' in target && target.id !== other;
  return firstWhole(engine, history, rollbackTargets(history, now).filter(isOther));
}

/** The first target of which nothing is missing. */
async function firstWhole<T extends RollbackTarget>(
  engine: Engine,
  { service, generations }: History,
  targets: readonly T[],
): Promise<T | undefined> {
  for (const target of targets) {
    const generation = 'id' in target ? generations.find(({ id }) => id === target.id) : undefined;
    const spec = generation === undefined ? service.PreviousSpec : { TaskTemplate: generation.template };
    if (spec !== undefined && (await missingObjects(engine, spec, () => undefined)).length === 0)
      return target;
  }
  return undefined;
}
