/** The result of a drain, for its report. Pure. */
import { EXIT_CODES } from '../errors.ts';
import type { Result, SeveralResult } from '../rollout/result.ts';
import type { MoveState } from './move.ts';
import { nameOf } from './plan.ts';
import type { DrainPlan } from './plan.ts';
import type { DrainRefusal } from './refusals.ts';
import type { Moved } from './show.ts';

const { done, failed: refused, tasksFailed } = EXIT_CODES;

const resultOf = (
  name: string,
  id: string | null,
  end: Pick<Result, 'verdict' | 'exitCode' | 'message' | 'tasks'>,
): Result => ({ action: 'update', service: { id, name }, ...end });

/**
 * A result for each service that had to move. Those of which nothing was moved have the exit code of the drain.
 * @param moved what has moved @param failed what could not
 */
export function drainResult(
  { moves }: DrainPlan,
  moved: readonly Moved[],
  failed: readonly MoveState[],
): SeveralResult {
  const services = moves.map(({ service }) => {
    const name = nameOf(service);
    const there = moved.find(({ state }) => state.serviceId === service.ID);
    const verdict = failed.find(({ serviceId }) => serviceId === service.ID)?.verdict;
    if (verdict !== undefined && 'reason' in verdict) {
      const message = `${name}: not moved, and undone: ${verdict.reason}`;
      return resultOf(name, service.ID, { verdict: 'failed', exitCode: tasksFailed, message });
    }
    if (there === undefined)
      return resultOf(name, service.ID, {
        verdict: 'notSent',
        exitCode: tasksFailed,
        message: `${name}: not moved`,
      });
    const { count, fewest, wanted } = there.state;
    const to = there.to === '' ? '' : ` to ${there.to}`;
    return resultOf(name, service.ID, {
      verdict: 'converged',
      exitCode: done,
      message: `${name}: ${count} ${count === 1 ? 'task' : 'tasks'} moved${to}; at least ${fewest} of ${wanted} ran`,
      tasks: { wanted, done: wanted, failed: 0 },
    });
  });
  const isOver = services.every(({ exitCode }) => exitCode === done);
  return {
    action: 'node drain',
    verdict: isOver ? 'converged' : 'failed',
    exitCode: isOver ? done : tasksFailed,
    services,
  };
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
