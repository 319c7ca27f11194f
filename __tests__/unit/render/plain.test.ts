/** --progress plain: a line for each change, and a heartbeat. */
import { expect, test } from '@jest/globals';
import { plain } from '../../../src/render/plain.ts';
import type { ProgressEvent } from '../../../src/rollout/progress-events.ts';
import { after, seen, task } from '../rollout/support/made.ts';
import { updateOf } from './support/update.ts';

const half = [task()];

function written(...updates: readonly (readonly [second: number, ...events: ProgressEvent[]])[]): string[] {
  let text = '';
  const progress = plain({ write: (line: string) => (text += line) });
  for (const [second, ...list] of updates) {
    const state = after({}, seen(0, half), seen(second, half));
    progress.update(updateOf(state, list));
  }
  progress.end();
  return text.split('\n').slice(0, -1);
}

const count: ProgressEvent = {
  type: 'progress',
  text: 'overall progress: 1 out of 2 tasks',
  done: 1,
  wanted: 2,
};

test('every line starts with the time', () => {
  expect(written([0, count], [1.9, { type: 'reachable' }])).toEqual([
    '2026-01-01T00:00:00Z overall progress: 1 out of 2 tasks',
    '2026-01-01T00:00:01Z the manager answers again',
  ]);
});

test('a heartbeat after every 30 s without a line', () => {
  expect(written([0, count], [29.9], [30], [31], [59.9], [60])).toEqual([
    '2026-01-01T00:00:00Z overall progress: 1 out of 2 tasks',
    '2026-01-01T00:00:30Z still overall progress: 1 out of 2 tasks',
    '2026-01-01T00:01:00Z still overall progress: 1 out of 2 tasks',
  ]);
});

test('every line restarts the 30 s', () => {
  expect(written([0, count], [20, count], [40], [50])).toHaveLength(3);
});
