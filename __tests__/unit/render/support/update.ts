/** The update that a renderer gets after a poll, for a command with one service. */
import type { ProgressUpdate } from '../../../../src/render/progress.ts';
import type { Change } from '../../../../src/rollout/changes.ts';
import type { RolloutState } from '../../../../src/rollout/state.ts';
import { view } from '../../../../src/rollout/view.ts';

export const updateOf = (state: RolloutState, changes: readonly Change[]): ProgressUpdate => ({
  services: [{ name: 'web', view: view(state) }],
  showsNames: false,
  index: 0,
  changes,
  at: state.at,
  date: new Date(state.at),
});
