/** What a signal does to a change that is being sent to the engine. */
import { SwarmrollError } from '../errors.ts';
import type { World } from '../world.ts';

/**
 * Waits for the engine's reply to a change.
 * @throws SwarmrollError `failed` if a signal came first: it is then unknown whether the engine has stored the change
 */
export async function answered<T>(reply: Promise<T>, { interrupted }: World): Promise<T> {
  try {
    return await reply;
  } catch (error) {
    if (!interrupted.aborted || error instanceof SwarmrollError) throw error;
    throw new SwarmrollError(
      'failed',
      'interrupted before the engine answered: the change may or may not be stored',
      {
        hint: 'check with: docker service ls',
        cause: error,
      },
    );
  }
}
