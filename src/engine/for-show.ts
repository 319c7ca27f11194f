/** Optional reads: a command can do without them, such as the names of nodes. */
import { EngineError } from '../errors.ts';

/**
 * The reply to an optional request. If the engine refuses it, the command goes on, and shows an id instead of a name.
 * @param onRefusal is called with the message of the error
 * @returns undefined if the request was refused
 * @throws EngineError if no request can succeed now, or the signal's reason when the request's signal aborted
 */
export async function forShow<T>(
  reply: Promise<T>,
  onRefusal: (message: string) => void,
): Promise<T | undefined> {
  try {
    return await reply;
  } catch (error) {
    if (!(error instanceof EngineError) || error.kind !== 'refused' || error.reason === 'locked') throw error;
    onRefusal(error.message);
    return undefined;
  }
}
