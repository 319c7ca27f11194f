/** When a change that could not be sent is tried again. */
import { EngineError } from '../errors.ts';

/** The shortest and the longest wait before another try (ms). Each wait is twice as long as the one before. */
export const MIN_WAIT = 200;
export const MAX_WAIT = 3_000;

/** Whether the manager could not be reached, or had no leader: nothing is stored, and another try may succeed. */
export const isTransient = (error: Error): boolean =>
  [error, error.cause].some((one) => one instanceof EngineError && one.fault === 'transient');
