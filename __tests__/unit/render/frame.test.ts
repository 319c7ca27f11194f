/** The frame on a terminal: it fits the width and height for all names and errors of tasks. */
import { describe, expect, test } from '@jest/globals';
import { frameOf } from '../../../src/render/frame-of-services.ts';
import { frameOfService, truncate } from '../../../src/render/frame.ts';
import { view } from '../../../src/rollout/view.ts';
import { awaitedView, settledView } from '../../../src/watch/awaited.ts';
import type { TaskSeen } from '../../../src/rollout/observation.ts';
import { displayWidth } from '../../../src/values/width.ts';
import { after, failedTask, node, oldTask, seen, task } from '../rollout/support/made.ts';

const mode = (replicas: number) => ({ mode: { kind: 'replicated', replicas } }) as const;

/** The view of so many replicas: most run, some of them with the previous spec, and so many fail. */
function viewOf(replicas: number, failing: number, error = 'task: non-zero exit (3)') {
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
  ])('%i replicas, %i failing', (replicas, failing) => {
    for (const error of ['task: non-zero exit (3)', 'x'.repeat(500), wide]) {
      const now = viewOf(replicas, failing, error);
      for (const columns of [10, 20, 40, 80, 200]) {
        for (const rows of [5, 10, 24, 50]) {
          const lines = frameOfService(now, { columns, rows });
          expect(lines.length).toBeLessThan(rows);
          expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(columns);
        }
      }
    }
  });
});

describe('a terminal with enough rows', () => {
  test('has a line for each slot, with the bar, the node, the other image and the error', () => {
    const tasks = [
      task({ slot: 1 }),
      task({ slot: 2, state: 'preparing', nodeId: 'n2' }),
      oldTask({ slot: 3, nodeId: 'n3' }),
      task({ slot: 4, state: 'pending', nodeId: '', error: 'no suitable node' }),
    ];
    const lines = frameOfService(view(after({}, seen(0, tasks, mode(4)))), { columns: 80, rows: 24 });
    expect(lines).toEqual([
      'overall progress: 1 out of 4 tasks',
      'image: ping:1.0 → ping:1.1',
      '1/4: running   [================================================>]  n1',
      '2/4: preparing [================================>                ]  n2',
      '3/4: running                                                        n3  ping:1.0',
      '4/4: pending    no suitable node',
    ]);
  });

  test('shows the count but no bars if it is narrow', () => {
    const lines = frameOfService(view(after({ action: 'rollback' }, seen(0, [task()], mode(1)))), {
      columns: 40,
      rows: 24,
    });
    expect(lines[0]).toBe('rolling back update: 1 out of 1 tasks');
  });

  test('shows each node of a global service once', () => {
    const state = after({}, seen(0, [task()], { mode: { kind: 'global' } }, [node('n1', { name: 'alpha' })]));
    const [, , line = ''] = frameOfService(view(state), { columns: 80, rows: 24 });
    expect(line.match(/alpha/g)).toHaveLength(1);
  });
});

describe('a terminal with too few rows', () => {
  test('shows 200 replicas on 24 rows: counts by state, and a line for each failing slot', () => {
    const lines = frameOfService(viewOf(200, 3), { columns: 80, rows: 24 });
    expect(lines[0]).toMatch(/^overall progress: \d+ out of 200 tasks$/);
    expect(lines).toContain('147 running');
    expect(lines).toContain(' 50 running (ping:1.0)');
    expect(lines).toContain('  3 ready');
    const named = lines.filter((line) => /^\d+\/200: /.test(line));
    expect(named).toHaveLength(3);
    for (const line of named) expect(line).toContain('failed once: task: non-zero exit (3)');
  });

  test('has no line for a task that is only slow', () => {
    const starting = Array.from({ length: 40 }, (_, index) => task({ slot: index + 1, state: 'starting' }));
    const state = after({}, seen(0, starting, mode(40)), seen(5, starting, mode(40)));
    const lines = frameOfService(view(state), { columns: 80, rows: 24 });
    expect(lines.slice(2)).toEqual(['40 starting']);
    const pending = starting.map((one) => ({ ...one, state: 'pending', error: 'no suitable node' }));
    expect(
      frameOfService(view(after({}, seen(0, pending, mode(40)))), { columns: 80, rows: 24 }).at(-1),
    ).toMatch(/more with errors$/);
  });

  test('counts the failing slots that have no line', () => {
    const lines = frameOfService(viewOf(200, 150), { columns: 80, rows: 24 });
    const named = lines.filter((line) => /^ *\d+\/200: /.test(line)).length;
    expect(lines.at(-1)).toBe(`... and ${150 - named} more with errors`);
  });
});

describe('truncate', () => {
  test.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdef', 5, 'abcd…'],
    ['日本語', 6, '日本語'],
    ['日本語', 5, '日本…'],
    ['日本語', 4, '日…'],
    ['👩‍👩‍👧xy', 3, '👩‍👩‍👧…'],
    ['🇩🇪xy', 2, '…'],
    ['abc', 1, '…'],
    ['abc', 0, ''],
  ])('%j in %i columns', (text, columns, expected) => {
    expect(truncate(text, columns)).toBe(expected);
  });
});

test('a service that is not sent yet has no bar: what it waits for has the line', () => {
  const services = [
    { name: 'db', view: viewOf(3, 0) },
    { name: 'web', view: awaitedView([{ name: 'db', state: undefined }]) },
  ];
  const lines = frameOf(services, { columns: 40, rows: 24 });
  expect(lines.at(-1)).toBe('web   -  waiting for db (not sent yet)');
  expect(lines.find((line) => line.startsWith('db '))).toMatch(/^db {2}\d\/3 \[/);
});

test('the headline of several services counts those that have converged, not those that have failed', () => {
  const services = [
    { name: 'a', view: settledView('converged') },
    ...(['failed', 'timedOut', 'notSent', 'progressing'] as const).map((verdict) => ({
      name: verdict,
      view: settledView(verdict),
    })),
  ];
  for (const rows of [4, 24])
    expect(frameOf(services, { columns: 80, rows })[0]).toBe('overall progress: 1 out of 5 services');
});
