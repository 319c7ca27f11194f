/** What is read from the engine beside the polls, for the report on a rollout that did not converge. Plain values. */

/** The last lines of a task's log, or why they cannot be read. */
export type LogText = { readonly lines: readonly string[] } | { readonly unavailable: string };

/**
 * How to go back after an update that ended badly: by the engine's rollback, to a generation that ran, by its image alone, or
 * not at all. `isFading`: the engine deletes the generation after a few more failures.
 */
export type WayBack =
  | { readonly kind: 'previous' }
  | {
      readonly kind: 'generation';
      readonly id: string;
      readonly image: string;
      readonly isFading: boolean;
    }
  | { readonly kind: 'image'; readonly id: string; readonly image: string }
  | { readonly kind: 'none' };

export interface Evidence {
  /** The logs of failed tasks, by task id. */
  readonly logs: ReadonlyMap<string, LogText>;
  /** Absent if nobody asked, or if the engine did not answer. */
  readonly wayBack?: WayBack;
}

/** Nothing has been read. */
export const NO_EVIDENCE: Evidence = { logs: new Map() };

/** Whether the log of a task has been read. */
export const hasLog = ({ logs }: Evidence, task: string): boolean => 'lines' in (logs.get(task) ?? {});
