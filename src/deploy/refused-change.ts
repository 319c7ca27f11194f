/** A change that the engine did not accept, of a command on several services: the others go on. */
import type { Call } from '../command-line/command.ts';
import { EXIT_CODES, exitCodeOf } from '../errors.ts';
import type { SwarmrollError } from '../errors.ts';
import type { Result } from '../rollout/result.ts';
import { errorResult } from '../watch/outcome.ts';
import { printMessage } from '../watch/print.ts';

/** Prints why it was not accepted. @returns its result */
export function refusedChange(
  call: Call,
  subject: Pick<Result, 'action' | 'service'>,
  error: SwarmrollError,
): Result {
  const { interrupted } = call.world;
  printMessage(call, [
    `swarmroll: ${error.message}`,
    ...(error.hint === undefined ? [] : [`  ${error.hint}`]),
  ]);
  const signal = interrupted.reason === 'SIGTERM' ? EXIT_CODES.SIGTERM : EXIT_CODES.SIGINT;
  const isSignal = interrupted.aborted && error.kind !== 'timedOut';
  return errorResult(subject, error, isSignal ? signal : exitCodeOf(error));
}
