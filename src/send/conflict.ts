/** The error when someone else has changed a service between our read and our write. */
import { SwarmrollError } from '../errors.ts';

/** @param outcome what became of our change */
export function updateConflict(name: string, outcome: string, cause?: unknown): SwarmrollError {
  return new SwarmrollError('conflict', `${name}: someone else changed the service; ${outcome}`, {
    hint: 'check what is stored now, and run the command again',
    cause,
  });
}
