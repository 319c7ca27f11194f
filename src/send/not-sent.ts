/** A change that could not be sent: when another try may succeed, and when somebody else has changed the service. */
import { EngineError, SwarmrollError } from '../errors.ts';

/** The shortest and the longest wait before another try (ms). Each wait is twice as long as the one before. */
export const MIN_WAIT = 200;
export const MAX_WAIT = 3_000;

/** Whether the manager could not be reached, or had no leader: nothing is stored, and another try may succeed. */
export const isTransient = (error: Error): boolean =>
  [error, error.cause].some((one) => one instanceof EngineError && one.fault === 'transient');

/** The error when someone else has changed a service between our read and our write. @param outcome what became of our change */
export function updateConflict(name: string, outcome: string, cause?: unknown): SwarmrollError {
  return new SwarmrollError('conflict', `${name}: someone else changed the service; ${outcome}`, {
    hint: 'check what is stored now, and run the command again',
    cause,
  });
}
