/** --progress tty on terminals of different sizes, and on terminals without a size. */
import { EventEmitter } from 'node:events';
import { expect, test } from '@jest/globals';
import { tty } from '../../../src/render/tty.ts';
import type { Terminal } from '../../../src/render/in-place.ts';
import { eventsBetween } from '../../../src/rollout/progress-events.ts';
import { after, seen, task } from '../rollout/support/made.ts';
import { updateOf } from './support/update.ts';

/** A fake terminal of a size. It records what is written to it, and how its cursor moves up. */
function terminal(columns: number, rows: number) {
  const written: string[] = [];
  const fake = Object.assign(new EventEmitter(), {
    isTTY: true,
    columns,
    rows,
    write: (text: string) => written.push(text) > 0,
    cursorTo: () => true,
    clearLine: () => true,
    moveCursor: (_: number, lines: number) => written.push(`<up ${-lines}>`) > 0,
    getColorDepth: () => 1,
    hasColors: () => false,
  });
  return { written, stream: fake as unknown as Terminal };
}

const half = after({}, seen(0, [task()]));
const two = [task(), task({ slot: 2 })];
const done = after({}, seen(0, two), seen(5, two));

test.each([
  [80, 24],
  [0, 0],
  [1, 1],
])('%i columns, %i rows: the last frame stays, and the cursor is visible again', (columns, rows) => {
  const { written, stream } = terminal(columns, rows);
  const progress = tty(stream, false);
  progress.update(updateOf(half, []));
  progress.update(updateOf(done, eventsBetween(half, done)));
  progress.end();
  const text = written.join('');
  expect(written.length).toBeLessThan(500);
  expect(text).toContain('\u001b[?25l');
  expect(text.lastIndexOf('\u001b[?25h')).toBeGreaterThan(text.lastIndexOf('\u001b[?25l'));
  expect(text).toContain(columns === 1 ? '✔' : '✔ overall progress: 2 out of 2 tasks');
  expect(text.endsWith('\n')).toBe(true);
  expect(stream.listenerCount('resize')).toBe(0);
});

test('what is printed meanwhile stays above the frame', () => {
  const { written, stream } = terminal(80, 24);
  const progress = tty(stream, false);
  progress.printAbove(() => stream.write('before\n'));
  progress.update(updateOf(half, []));
  progress.printAbove(() => stream.write('one line\n'));
  const at = written.indexOf('one line\n');
  // The frame was cleared before: its lines are gone from the screen, and it is drawn again below.
  expect(written.slice(0, at).join('')).toMatch(/<up 1>$/);
  expect(written.slice(at + 1).join('')).toContain('overall progress: 1 out of 2 tasks');
  progress.end();
  progress.printAbove(() => stream.write('after\n'));
  expect(written.at(0)).toBe('before\n');
  expect(written.at(-1)).toBe('after\n');
});
