/** The result of a drain, for its report. Pure. */
import { EXIT_CODES, exitCodeOf } from '../errors.ts';
import type { Result, SeveralResult } from '../rollout/result.ts';
import { counted } from '../values/text.ts';
import type { Moves } from './move-all.ts';
import { nameOf } from './move.ts';
import type { DrainPlan } from './plan.ts';
import type { DrainRefusal } from './refusals.ts';
import type { Moved } from './show.ts';
import { DrainFailure } from './under-way.ts';

const { done, failed: refused, notOurs, tasksFailed } = EXIT_CODES;

const resultOf = (
  name: string,
  id: string | null,
  end: Pick<Result, 'verdict' | 'exitCode' | 'message' | 'tasks'>,
): Result => ({ action: 'update', service: { id, name }, ...end });

/**
 * A result for each service that had to move when the drain began. One that was not begun has the exit code of the drain.
 * @param moved what has moved @param ends what became of the others
 */
export function drainResult(
  { moves }: Pick<DrainPlan, 'moves'>,
  moved: readonly Moved[],
  { failed, unneeded, trouble }: Omit<Moves, 'moved'>,
): SeveralResult {
  const exitCode =
    trouble === undefined ? done : trouble instanceof DrainFailure ? tasksFailed : exitCodeOf(trouble);
  const services = moves.map(({ service: { ID }, service }) => {
    const name = nameOf(service);
    const end = (verdict: Result['verdict'], code: number, message: string): Result =>
      resultOf(name, ID, { verdict, exitCode: code, message: `${name}: ${message}` });
    const there = moved.find(({ state }) => state.serviceId === ID);
    const verdict = failed.find(({ serviceId }) => serviceId === ID)?.verdict;
    if (there !== undefined)
      return {
        ...end('converged', done, movedText(there)),
        tasks: { wanted: there.state.wanted, done: there.state.wanted, failed: 0 },
      };
    if (unneeded.has(ID)) return end('unchanged', done, 'nothing of it was left to move');
    if (verdict === undefined) return end('notSent', exitCode, 'not moved');
    return 'reason' in verdict
      ? end('failed', tasksFailed, `not moved, and undone: ${verdict.reason}`)
      : end('superseded', notOurs, 'not moved: somebody else has changed it');
  });
  return { action: 'node drain', verdict: exitCode === done ? 'converged' : 'failed', exitCode, services };
}

function movedText({ state: { count, fewest, wanted }, to }: Moved): string {
  return `${counted(count, 'task')} moved${to === '' ? '' : ` to ${to}`}; at least ${fewest} of ${wanted} ran`;
}

/** A result for each thing that is in the way. */
export const refusedResult = (refusals: readonly DrainRefusal[]): SeveralResult => ({
  action: 'node drain',
  verdict: 'error',
  exitCode: refused,
  services: refusals.map(({ name, reason, todo }) =>
    resultOf(name, null, { verdict: 'notSent', exitCode: refused, message: `${name}: ${reason}; ${todo}` }),
  ),
});
