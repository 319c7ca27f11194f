/** What every way of showing progress can do. A renderer is fed views and changes, and decides nothing. */
import type { Change } from '../rollout/changes.ts';
import type { View } from '../rollout/view.ts';

/** One service as it is shown. */
export interface ServiceView {
  readonly name: string;
  readonly view: View;
}

/** What there is to show after a poll of one service. */
export interface ProgressUpdate {
  /** All services of the command, in its order. With one service, its name is not shown. */
  readonly services: readonly ServiceView[];
  /** The index of the service that was polled, and what changed since its last poll. */
  readonly index: number;
  readonly changes: readonly Change[];
  /** Milliseconds by a clock that only goes forward. */
  readonly at: number;
  /** The time of day: only to be shown. */
  readonly date: Date;
}

export interface Progress {
  /** Is called after each poll of a service. */
  update(update: ProgressUpdate): void;
  /** Is called once, after the last update. The terminal stays as this leaves it. */
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

/** The name of the service that an update is about; undefined if the command has only one. */
export function nameOf({ services, index }: ProgressUpdate): string | undefined {
  return services.length === 1 ? undefined : services[index]?.name;
}
