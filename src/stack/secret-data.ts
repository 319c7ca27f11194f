/** Whether a stored secret has other data than the Compose file: only the engine can tell. */
import type { Engine } from '../engine/client.ts';
import { EngineError } from '../errors.ts';
import { isKnownToDiffer } from './plan.ts';
import type { ObjectWrite } from './plan.ts';

/** The engine changes only the labels of a secret or config (swarmkit manager/controlapi/secret.go; seen on 28.5). */
const OTHER_DATA = /only updates to Labels are allowed/;

/** Whether the engine has refused the update of a secret or config because its data is another one. */
export const hasOtherData = (error: unknown): boolean =>
  error instanceof EngineError && OTHER_DATA.test(error.message);

/**
 * Asks the engine about each stored secret of a plan. It is asked for an update of version 0, which stores nothing: the engine compares
 * the data first, and then the version, which is never 0 (swarmkit manager/controlapi/secret.go UpdateSecret; seen on 28.5). The manager
 * notes the refusal of an equal secret in its log. So only plans do this; a deployment sends the update itself.
 * @returns the plan's objects without the secrets that are stored as they are wanted, and those with other data
 * @throws EngineError for any other answer
 */
export async function compareSecrets(
  engine: Engine,
  objects: readonly ObjectWrite[],
  signal: AbortSignal,
): Promise<{ readonly changed: readonly ObjectWrite[]; readonly other: readonly ObjectWrite[] }> {
  const answers = await Promise.all(
    objects.map(async (object) => ({ object, isOther: await isOther(engine, object, signal) })),
  );
  return {
    changed: answers.flatMap(({ object, isOther: other }) =>
      other || object.before === undefined || isKnownToDiffer(object) ? [object] : [],
    ),
    other: answers.flatMap(({ object, isOther: other }) => (other ? [object] : [])),
  };
}

/** The secrets of a driver have no data here: the engine would take that for equal. */
async function isOther(
  engine: Engine,
  { of, spec, before }: ObjectWrite,
  signal: AbortSignal,
): Promise<boolean> {
  if (of !== 'secrets' || before === undefined || (spec['Data'] ?? '') === '') return false;
  try {
    await engine.updateObject(of, before.ID, 0, spec, signal);
    return false;
  } catch (error) {
    if (hasOtherData(error)) return true;
    if (error instanceof EngineError && error.reason === 'outOfSequence') return false;
    throw error;
  }
}
