/** A change under way to the engine, when the user interrupts. */
import { SwarmrollError } from '../errors.ts';
import type { World } from '../world.ts';

/** The engine's reply. @throws SwarmrollError `failed` when a signal came first: nobody knows then what it did */
export async function answered<T>(reply: Promise<T>, { interrupted }: World): Promise<T> {
  try {
    return await reply;
  } catch (error) {
    if (!interrupted.aborted || error instanceof SwarmrollError) throw error;
    throw new SwarmrollError(
      'failed',
      'interrupted before the engine answered: the change may or may not be made',
      {
        hint: 'look with: docker service ls',
        cause: error,
      },
    );
  }
}
