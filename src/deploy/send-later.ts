/** Changes that are sent while others of the same command are watched, or go on: what one of them fails on is its own verdict. */
import type { Call } from '../command-line/command.ts';
import { EXIT_CODES, SwarmrollError, exitCodeOf } from '../errors.ts';
import type { Result } from '../rollout/result.ts';
import { MAX_WAIT, MIN_WAIT, isTransient } from '../send/not-sent.ts';
import { errorResult, signalOf } from '../watch/outcome.ts';
import type { Subject } from '../watch/outcome.ts';
import { printMessage } from '../watch/print.ts';
import { watchLimitsOf } from '../watch/rollout-flags.ts';
import type { ChangeToWatch, SentChange } from '../watch/targets.ts';

/**
 * Sends a change in the middle of a watch. As the watch does, it tries again while the manager cannot be reached, for the progress
 * deadline and until --timeout. If the engine refuses the change, this prints why.
 */
export async function sendLater(
  call: Call,
  change: Subject,
  send: () => Promise<ChangeToWatch>,
): Promise<SentChange> {
  const { clock, interrupted, startedAt } = call.world;
  const { timeout = Infinity, progressDeadline } = watchLimitsOf(call.given);
  const giveUpAt = Math.min(startedAt + timeout, clock.now() + (progressDeadline || Infinity));
  for (let wait = MIN_WAIT; ; wait = Math.min(2 * wait, MAX_WAIT)) {
    try {
      return { accepted: await send() };
    } catch (error) {
      if (!(error instanceof SwarmrollError)) throw error;
      if (!isTransient(error) || interrupted.aborted || clock.now() >= giveUpAt)
        return { result: refusedChange(call, change, error) };
      if (wait === MIN_WAIT) {
        const { name } = change;
        const lines = [`swarmroll: ${name}: cannot be sent yet, trying again: ${error.message}`];
        printMessage(call, lines, { type: 'unreachable', service: name, reason: error.message });
      }
      await clock.sleep(wait, interrupted);
    }
  }
}

/** The result of a change that the engine did not accept. It prints why. */
export function refusedChange(call: Call, change: Subject, error: SwarmrollError): Result {
  const { interrupted } = call.world;
  printMessage(call, [
    `swarmroll: ${error.message}`,
    ...(error.hint === undefined ? [] : [`  ${error.hint}`]),
  ]);
  const isSignal = interrupted.aborted && error.kind !== 'timedOut';
  return errorResult(change, error, isSignal ? EXIT_CODES[signalOf(interrupted)] : exitCodeOf(error));
}
