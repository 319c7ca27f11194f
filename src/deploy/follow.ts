/** What create, update and rollback share once the engine has accepted the change: watch, report, exit code. */
import type { Call } from '../command-line/command.ts';
import type { Engine } from '../engine/client.ts';
import { EXIT_CODES } from '../errors.ts';
import type { Result } from '../rollout/result.ts';
import { printResult, printText, say } from './announce.ts';
import { detach } from './rollout-flags.ts';
import type { Accepted } from './targets.ts';

/**
 * Prints the id or name, watches an accepted change to its verdict, and says how it ended.
 * @param text what stdout carries: the service's id (create) or name as given
 * @returns the exit code
 */
export async function follow(call: Call, engine: Engine, accepted: Accepted, text: string): Promise<number> {
  printText(call, text);
  if (call.given.get(detach) === true) {
    return printResult(call, {
      ...subjectOf(accepted),
      verdict: 'accepted',
      exitCode: EXIT_CODES.done,
      message: 'accepted by the engine',
    });
  }
  // A command that does not watch need not wait until this is loaded: 5 ms.
  const { explained, watchChanges } = await import('./watch-changes.ts');
  const [watched] = await watchChanges(call, engine, [accepted]);
  if (watched === undefined) throw new Error('a watch without a result');
  if (watched.isUnchanged) return sayUnchanged(call, accepted);
  return printResult(call, await explained(call, engine, watched.state));
}

/** Says that there was nothing to do and prints the name. @returns the exit code */
export function unchanged(call: Call, accepted: Accepted): number {
  printText(call, accepted.name);
  return sayUnchanged(call, accepted);
}

function sayUnchanged(call: Call, accepted: Accepted): number {
  const result = unchangedResult(accepted);
  const { message } = result;
  say(call, [message], { type: 'verdict', verdict: 'unchanged', text: message });
  return printResult(call, result);
}

/** The result of a change that was not needed. */
export function unchangedResult(accepted: Accepted): Result {
  const message = `${accepted.name} is unchanged: its spec is already as asked`;
  return { ...subjectOf(accepted), verdict: 'unchanged', exitCode: EXIT_CODES.done, message };
}

const subjectOf = ({ action, serviceId, name }: Accepted): Pick<Result, 'action' | 'service'> => ({
  action,
  service: { id: serviceId, name },
});
