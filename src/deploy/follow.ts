/** The end of create, update and rollback: watches the accepted change, prints the report, and gives the exit code. */
import type { Call } from '../command-line/command.ts';
import type { Engine } from '../engine/client.ts';
import { EXIT_CODES } from '../errors.ts';
import type { Result } from '../rollout/result.ts';
import { printMessage, printResult, printText } from '../watch/print.ts';
import { isToBeUndone, subjectOf } from '../watch/outcome.ts';
import { detach, undoesOnFailure } from '../watch/rollout-flags.ts';
import type { AnyChange } from '../watch/sequence.ts';
import type { ChangeToWatch } from '../watch/targets.ts';

/**
 * Prints the id or name, watches an accepted change to its verdict, and reports it. With --detach, nothing is watched.
 * @param text the line for stdout: the service's id (create) or its name as the user gave it
 * @returns the exit code
 */
export async function follow(
  call: Call,
  engine: Engine,
  accepted: ChangeToWatch,
  text: string,
): Promise<number> {
  printText(call, text);
  if (call.given.get(detach) === true)
    return accepted.posted === false
      ? reportUnchanged(call, accepted)
      : printResult(call, acceptedResult(accepted));
  // The import takes 5 ms, and --detach does not need it.
  const { watchChanges } = await import('../watch/watch-changes.ts');
  const [watched] = await watchChanges(call, engine, [accepted], false);
  if (watched === undefined) throw new Error('a watch without a result');
  if (watched.isUnchanged) return reportUnchanged(call, accepted);
  const { result } = watched;
  if (!undoesOnFailure(call.given) || !isToBeUndone(result) || result.verdict === 'rolledBack')
    return printResult(call, result);
  const { undoChanges } = await import('../undo/undo-changes.ts');
  const undone = await undoChanges(call, engine, [{ change: accepted, result }], false);
  return printResult(call, undone.get(result) ?? result);
}

function reportUnchanged(call: Call, accepted: ChangeToWatch): number {
  const result = unchangedResult(accepted);
  const { message } = result;
  printMessage(call, [message], { type: 'verdict', verdict: 'unchanged', text: message });
  return printResult(call, result);
}

/** The result of a change that is not watched. */
export const acceptedResult = (change: AnyChange): Result => ({
  ...subjectOf(change),
  verdict: 'accepted',
  exitCode: EXIT_CODES.done,
  message: 'accepted by the engine',
});

/** The result of a change that was not needed. */
export function unchangedResult(accepted: ChangeToWatch): Result {
  const message = `${accepted.name} is unchanged: it already has this spec`;
  return { ...subjectOf(accepted), verdict: 'unchanged', exitCode: EXIT_CODES.done, message };
}
