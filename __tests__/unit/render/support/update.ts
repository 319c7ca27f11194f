/** The update that a renderer gets after a poll, for a command with one service. */
import type { ProgressUpdate } from '../../../../src/render/progress.ts';
import type { ProgressEvent } from '../../../../src/rollout/progress-events.ts';
import type { RolloutState } from '../../../../src/rollout/state.ts';
import { view } from '../../../../src/rollout/view.ts';

export const updateOf = (state: RolloutState, events: readonly ProgressEvent[]): ProgressUpdate => ({
  services: [{ name: 'web', view: view(state) }],
  showsNames: false,
  index: 0,
  events,
  at: state.at,
  date: new Date(state.at),
});
