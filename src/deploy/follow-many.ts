/** The end of every command on several services: watches all of them and reports a verdict on each. */
import type { Call } from '../command-line/command.ts';
import type { Engine } from '../engine/client.ts';
import { EXIT_CODES } from '../errors.ts';
import type { Result, SeveralResult } from '../rollout/result.ts';
import { printable } from '../values/printable.ts';
import { printMessage, printResult } from '../watch/print.ts';
import { acceptedResult, unchangedResult } from './follow.ts';
import { isToBeUndone, isInterrupted, worstOf } from '../watch/outcome.ts';
import type { Ended } from '../undo/undo-changes.ts';
import { detach, undoesOnFailure, wantsJson } from '../watch/rollout-flags.ts';
import type { AnyChange } from '../watch/sequence.ts';
import type { ChangeToWatch } from '../watch/targets.ts';

/**
 * Watches changes to their verdicts, all at the same time; a LaterChange is sent meanwhile. When a verdict is bad, its report is
 * printed on stderr at once. At the end, the verdict of each service is printed.
 * With --detach, nothing is watched, and `changes` must all be sent.
 * @param options.linesTo where the verdicts go without -o json; default stdout
 * @param options.refused the results of changes that the engine did not accept
 * @param options.last is called before the results are printed. It gives more results
 * @param options.removed gives the services that the command has removed; --rollback-on-failure creates them again
 * @returns the exit code of the worst verdict
 */
export async function followMany(
  call: Call,
  engine: Engine,
  action: SeveralResult['action'],
  changes: readonly AnyChange[],
  options: {
    readonly linesTo?: 'stdout' | 'stderr';
    readonly refused?: readonly Result[];
    readonly removed?: () => readonly ChangeToWatch[];
    readonly last?: (areAllDone: boolean) => Promise<readonly Result[]>;
  } = {},
): Promise<number> {
  const { linesTo = 'stdout', refused = [], removed = () => [], last = () => Promise.resolve([]) } = options;
  const finish = async (results: readonly Result[]): Promise<number> => {
    const isDone = (worstOf(results)?.exitCode ?? EXIT_CODES.done) === EXIT_CODES.done;
    return print(call, action, [...results, ...(await last(isDone))], linesTo);
  };
  if (call.given.get(detach) === true) return finish([...changes.map(acceptedResult), ...refused]);
  const { watchChanges } = await import('../watch/watch-changes.ts');
  const watched = (await watchChanges(call, engine, changes, true)).map(
    ({ change, result, isUnchanged }) => ({
      change,
      result: isUnchanged && change?.action === 'update' ? unchangedResult(change) : result,
    }),
  );
  const all = [...watched.map(({ result }) => result), ...refused];
  if (!undoesOnFailure(call.given) || !all.some(isToBeUndone) || all.some(isInterrupted)) return finish(all);
  const { undoChanges } = await import('../undo/undo-changes.ts');
  const ended = watched.flatMap(({ change, result }): Ended[] =>
    change === undefined ? [] : [{ change, result }],
  );
  const removals = removed().map((change) => ({ change, result: removedResult(change) }));
  // Those that were not sent are as they were.
  const others = all.filter((result) => !ended.some((one) => one.result === result));
  const undone = await undoChanges(call, engine, [...ended, ...removals], true, others);
  const worst = worstOf([...undone.values()]);
  const results = [...all, ...removals.map(({ result }) => result)].map((result) => {
    const exitCode = worst?.exitCode ?? result.exitCode;
    return undone.get(result) ?? (result.verdict === 'notSent' ? { ...result, exitCode } : result);
  });
  return finish(results);
}

function removedResult({ serviceId, name }: ChangeToWatch): Result {
  const service = { id: serviceId, name };
  const message = `${name}: removed`;
  return { action: 'remove', verdict: 'converged', exitCode: EXIT_CODES.done, service, message };
}

/** Prints the results. @returns the exit code of the worst verdict */
function print(
  call: Call,
  action: SeveralResult['action'],
  results: readonly Result[],
  linesTo: 'stdout' | 'stderr',
): number {
  const { given, world } = call;
  const worst = worstOf(results);
  const verdict = worst?.verdict ?? 'unchanged';
  const exitCode = worst?.exitCode ?? EXIT_CODES.done;
  printResult(call, { action, verdict, exitCode, services: results });
  if (wantsJson(given)) return exitCode;
  const width = Math.max(0, ...results.map(({ service }) => service.name.length));
  const lines = results.map(({ service, verdict }) => `${printable(service.name).padEnd(width)}  ${verdict}`);
  if (linesTo === 'stdout') world.stdout.write(lines.map((line) => `${line}\n`).join(''));
  else printMessage(call, lines);
  return exitCode;
}
