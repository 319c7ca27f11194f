/** What a signal, or --timeout, does to a change that is being sent to the engine. */
import { SwarmrollError, TimeoutError } from '../errors.ts';
import { printable } from '../values/printable.ts';
import type { CommandWorld } from '../world.ts';

/** What became of the changes that the engine has accepted. @param accepted at least one service */
export const acceptedText = (accepted: readonly string[]): string =>
  `${accepted.join(', ')} ${accepted.length === 1 ? 'was' : 'were'} changed, and the rollout goes on in the engine`;

/**
 * Waits for the engine's reply to a change.
 * @param name the service, for messages
 * @throws SwarmrollError if a signal or --timeout came first: it is then unknown whether the engine has stored the change
 */
export async function answered<T>(
  reply: Promise<T>,
  name: string,
  { interrupted, accepted }: CommandWorld,
): Promise<T> {
  try {
    const value = await reply;
    accepted.push(printable(name));
    return value;
  } catch (error) {
    const others = accepted.length === 0 ? '' : `${acceptedText(accepted)}; `;
    const unknown = `${others}the change${others === '' ? '' : ` of ${printable(name)}`} may or may not be stored`;
    const options = { hint: 'check with: docker service ls', cause: error };
    if (error instanceof TimeoutError) throw new TimeoutError(error.wait, unknown, options);
    if (!interrupted.aborted || error instanceof SwarmrollError) throw error;
    throw new SwarmrollError('failed', `interrupted before the engine answered: ${unknown}`, options);
  }
}
