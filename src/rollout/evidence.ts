/** What is read from the engine beside the polls, for the report on a rollout that did not converge. Plain values. */

/** The last lines of a task's log, or why they cannot be read. */
export type LogText = { readonly lines: readonly string[] } | { readonly unavailable: string };

export interface Evidence {
  /** The logs of failed tasks, by task id. */
  readonly logs: ReadonlyMap<string, LogText>;
}

/** Nothing has been read. */
export const NO_EVIDENCE: Evidence = { logs: new Map() };

/** Whether the log of a task has been read. */
export const hasLog = ({ logs }: Evidence, task: string): boolean => 'lines' in (logs.get(task) ?? {});
