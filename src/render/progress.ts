/** What every way of showing progress can do. They are fed the same changes and views, and decide nothing. */
import type { Change } from '../rollout/changes.ts';
import type { View } from '../rollout/view.ts';

export interface Progress {
  /** Called after each look, with what changed since the one before; `at` in milliseconds, `date` is only shown. */
  update(view: View, changes: readonly Change[], at: number, date: Date): void;
  /** Called once, after the last update: leaves the terminal as it should stay. */
  end(): void;
}

/** Where progress is written: stderr. */
export interface Screen {
  write(text: string): unknown;
  readonly columns?: number;
  readonly rows?: number;
}

/** Shows nothing. */
export const quiet: Progress = { update: () => undefined, end: () => undefined };
