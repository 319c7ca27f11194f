/** The terminal's picture: within its width and height, whatever the tasks' names and errors are. */
import { describe, expect, test } from '@jest/globals';
import { cut, frame } from '../../../src/render/frame.ts';
import { view } from '../../../src/rollout/view.ts';
import type { TaskSeen } from '../../../src/rollout/observation.ts';
import { displayWidth } from '../../../src/values/width.ts';
import { after, failedTask, node, oldTask, seen, task } from '../rollout/support/made.ts';

const mode = (replicas: number) => ({ mode: { kind: 'replicated', replicas } }) as const;

/** A picture of so many replicas: most run, some of the spec before, a few in trouble. */
function picture(replicas: number, failing: number, error = 'task: non-zero exit (3)') {
  const tasks = Array.from({ length: replicas }, (_, index): TaskSeen[] => {
    const slot = index + 1;
    if (index < failing) return [failedTask({ slot, error }), task({ slot, state: 'ready', nodeId: 'n2' })];
    return [index % 4 === 3 ? oldTask({ slot }) : task({ slot })];
  });
  return view(after({ maxFailures: 0 }, seen(0, []), seen(1, tasks.flat(), mode(replicas))));
}

describe('no line is wider than the terminal, and the frame leaves a row for the cursor', () => {
  const wide = '日本語のエラー'.repeat(20);
  test.each([
    [3, 0],
    [3, 3],
    [40, 2],
    [200, 0],
    [200, 7],
    [200, 150],
  ])('%i replicas, %i in trouble', (replicas, failing) => {
    for (const error of ['task: non-zero exit (3)', 'x'.repeat(500), wide]) {
      const now = picture(replicas, failing, error);
      for (const columns of [10, 20, 40, 80, 200]) {
        for (const rows of [5, 10, 24, 50]) {
          const lines = frame(now, { columns, rows });
          expect(lines.length).toBeLessThan(rows);
          for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
        }
      }
    }
  });
});

describe('what fits', () => {
  test('a line a slot, with bar, node, the other image, and the error', () => {
    const tasks = [
      task({ slot: 1 }),
      task({ slot: 2, state: 'preparing', nodeId: 'n2' }),
      oldTask({ slot: 3, nodeId: 'n3' }),
      task({ slot: 4, state: 'pending', nodeId: '', error: 'no suitable node' }),
    ];
    const lines = frame(view(after({}, seen(0, tasks, mode(4)))), { columns: 80, rows: 24 });
    expect(lines).toEqual([
      'overall progress: 1 out of 4 tasks',
      'image: ping:1.0 → ping:1.1',
      '1/4: running   [================================================>]  n1',
      '2/4: preparing [================================>                ]  n2',
      '3/4: running                                                        n3  ping:1.0',
      '4/4: pending    no suitable node',
    ]);
  });

  test('a narrow terminal keeps the count, and does without bars', () => {
    const lines = frame(view(after({ action: 'rollback' }, seen(0, [task()], mode(1)))), {
      columns: 40,
      rows: 24,
    });
    expect(lines[0]).toBe('rolling back update: 1 out of 1 tasks');
  });

  test('a global service names each node once', () => {
    const state = after({}, seen(0, [task()], { mode: { kind: 'global' } }, [node('n1', { name: 'alpha' })]));
    const [, , line = ''] = frame(view(state), { columns: 80, rows: 24 });
    expect(line.match(/alpha/g)).toHaveLength(1);
  });
});

describe('what does not fit', () => {
  test('200 replicas on 24 lines: counted by state, those in trouble by name', () => {
    const lines = frame(picture(200, 3), { columns: 80, rows: 24 });
    expect(lines[0]).toMatch(/^overall progress: \d+ out of 200 tasks$/);
    expect(lines).toContain('147 running');
    expect(lines).toContain(' 50 running (ping:1.0)');
    expect(lines).toContain('  3 ready');
    const named = lines.filter((line) => /^\d+\/200: /.test(line));
    expect(named).toHaveLength(3);
    for (const line of named) expect(line).toContain('failed once: task: non-zero exit (3)');
  });

  test('a task that only takes its time is not in trouble', () => {
    const starting = Array.from({ length: 40 }, (_, index) => task({ slot: index + 1, state: 'starting' }));
    const state = after({}, seen(0, starting, mode(40)), seen(5, starting, mode(40)));
    const lines = frame(view(state), { columns: 80, rows: 24 });
    expect(lines.slice(2)).toEqual(['40 starting']);
    const pending = starting.map((one) => ({ ...one, state: 'pending', error: 'no suitable node' }));
    expect(frame(view(after({}, seen(0, pending, mode(40)))), { columns: 80, rows: 24 }).at(-1)).toMatch(
      /more in trouble$/,
    );
  });

  test('more in trouble than there is room for are counted', () => {
    const lines = frame(picture(200, 150), { columns: 80, rows: 24 });
    const named = lines.filter((line) => /^ *\d+\/200: /.test(line)).length;
    expect(lines.at(-1)).toBe(`... and ${150 - named} more in trouble`);
  });
});

describe('cut', () => {
  test.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdef', 5, 'abcd…'],
    ['日本語', 6, '日本語'],
    ['日本語', 5, '日本…'],
    ['日本語', 4, '日…'],
    ['abc', 1, '…'],
    ['abc', 0, ''],
  ])('%j in %i columns', (text, columns, expected) => {
    expect(cut(text, columns)).toBe(expected);
  });
});
