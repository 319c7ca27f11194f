/** Whether a stored secret has the data of the Compose file: only the engine can tell. */
import type { Engine } from '../engine/client.ts';
import { EngineError } from '../errors.ts';
import type { ObjectWrite, SecretAnswers, SecretQuestion } from '../stack-plan/objects.ts';

/** The engine changes only the labels of a secret or config (swarmkit manager/controlapi/secret.go; seen on 28.5). */
const OTHER_DATA = /only updates to Labels are allowed/;

/** Whether the engine has refused the update of a secret or config because its data is another one. */
export const hasOtherData = (error: unknown): boolean =>
  error instanceof EngineError && OTHER_DATA.test(error.message);

/** @returns the id of the first stored secret that has equal data; undefined if none has. One is asked about after the other */
export async function answerTo(
  { updates }: SecretQuestion,
  isEqual: (update: SecretQuestion['updates'][number]) => Promise<boolean>,
): Promise<string | undefined> {
  for (const update of updates) if (await isEqual(update)) return update.before.ID;
  return undefined;
}

/**
 * Asks the engine about the secrets of a plan. It is asked for an update of version 0, which stores nothing: the engine compares the
 * data first, and then the version, which is never 0 (swarmkit manager/controlapi/secret.go UpdateSecret; seen on 28.5). The manager
 * notes the refusal of an equal secret in its log. So only plans do this; a deployment sends the update itself.
 * @throws EngineError for any other answer
 */
export async function askForSecrets(
  engine: Engine,
  questions: readonly SecretQuestion[],
  signal: AbortSignal,
): Promise<SecretAnswers> {
  const isEqual = async ({ of, before, spec }: ObjectWrite): Promise<boolean> => {
    if (of === 'networks' || before === undefined) return false;
    try {
      await engine.updateObject(of, before.ID, 0, spec, signal);
      return true;
    } catch (error) {
      if (hasOtherData(error)) return false;
      if (error instanceof EngineError && error.reason === 'outOfSequence') return true;
      throw error;
    }
  };
  const answers = questions.map(async (one) => [one.id, await answerTo(one, isEqual)] as const);
  return new Map(await Promise.all(answers));
}
