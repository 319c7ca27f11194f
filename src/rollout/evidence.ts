/** What is read from the engine beside the polls, for the report on a rollout that did not converge. Plain values. */

/** The last lines of a task's log, or why they cannot be read. */
export type LogText = { readonly lines: readonly string[] } | { readonly unavailable: string };

/**
 * How to roll back after an update that ended badly: by the engine's rollback, to a generation that ran, by its image alone, or
 * not at all. `isUnknown`: nothing tells any more whether it has run. `isFading`: the engine deletes the generation after a few more
 * failures.
 */
export type RollbackTarget =
  | { readonly kind: 'previous'; readonly isUnknown?: true }
  | {
      readonly kind: 'generation';
      readonly id: string;
      readonly image: string;
      readonly isFading: boolean;
    }
  | { readonly kind: 'image'; readonly id: string; readonly image: string }
  | { readonly kind: 'none' };

/** Nodes that refuse a task for the same reason, in the scheduler's words. */
export interface RefusedBy {
  readonly nodes: readonly string[];
  readonly reason: string;
}

/** The most names of nodes in a text for people. */
const MOST_NAMES = 5;

/** "worker1, worker2: insufficient resources (2 CPUs wanted, 0.5 free); manager: not available for new tasks (drained)". */
export const refusalText = (groups: readonly RefusedBy[]): string =>
  groups.map(({ nodes, reason }) => `${namesOf(nodes)}: ${reason}`).join('; ');

function namesOf(nodes: readonly string[]): string {
  if (nodes.length <= MOST_NAMES) return nodes.join(', ');
  return `${nodes.slice(0, MOST_NAMES).join(', ')} and ${nodes.length - MOST_NAMES} more`;
}

export interface Evidence {
  /** The logs of failed tasks, by task id. */
  readonly logs: ReadonlyMap<string, LogText>;
  /** Absent if nobody asked, or if the engine did not answer. */
  readonly rollbackTarget?: RollbackTarget | undefined;
  /** Why nodes take no task of the service, by the id of a task that waits for one. */
  readonly refusals?: ReadonlyMap<string, readonly RefusedBy[]> | undefined;
}

/** Nothing has been read. */
export const NO_EVIDENCE: Evidence = { logs: new Map() };
