/** The interface of all renderers of progress. A renderer gets views and events; it makes no decisions. */
import type { ProgressEvent } from '../rollout/progress-events.ts';
import type { View } from '../rollout/view.ts';
import type { Terminal } from './in-place.ts';

/** One service, with the name to show. */
export interface ServiceView {
  readonly name: string;
  readonly view: View;
}

/** What there is to show after a poll of one service. */
export interface ProgressUpdate {
  /** All services of the command, in its order. */
  readonly services: readonly ServiceView[];
  /** Whether lines and objects name their service: always, if the command can be about several. */
  readonly showsNames: boolean;
  /** The index of the service that was polled, and what changed since its last poll. */
  readonly index: number;
  readonly events: readonly ProgressEvent[];
  /** The time of a monotonic clock, in milliseconds. */
  readonly at: number;
  /** The time of day: only to show it. */
  readonly date: Date;
}

export interface Progress {
  /** Is called after each poll of a service. */
  update(update: ProgressUpdate): void;
  /** Prints something else at once. On a terminal, it stays above the drawing. */
  printAbove(print: () => void): void;
  /** Is called once, after the last update. It leaves the terminal in its final state. */
  end(): void;
}

/** Where progress is written: stderr. */
export interface Screen {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
}

/** Whether a stream goes to a terminal: then it is always Node's stream (cli.ts). */
export const isTty = (stream: Screen): stream is Terminal => stream.isTTY === true;

/** The renderer of --quiet: shows nothing. */
export const quiet: Progress = {
  update: () => undefined,
  printAbove: (print) => print(),
  end: () => undefined,
};

/** The name of the service that an update is about; undefined if the command is about one service. */
export function serviceNameOf({ services, index, showsNames }: ProgressUpdate): string | undefined {
  return showsNames ? services[index]?.name : undefined;
}
