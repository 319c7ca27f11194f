/** The rows of ps, compared with the tables of the real docker client for the same tasks. */
import { describe, expect, test } from '@jest/globals';
import { taskRows } from '../../../src/listing/task-rows.ts';
import type { RowOptions } from '../../../src/listing/task-rows.ts';
import { tableOf } from '../../../src/listing/task-table.ts';
import type { Task } from '../../../src/api/service.ts';
import { fixture, psTasks, rowOptions, swarm } from '../support/reading.ts';

describe('docker’s table', () => {
  test('has names, older tasks of a slot below the newest, truncated errors, and no digests', () => {
    expect(tableOf(taskRows(psTasks, rowOptions))).toBe(fixture('ps.txt'));
  });

  test('is not truncated with --no-trunc', () => {
    expect(tableOf(taskRows(psTasks, { ...rowOptions, trunc: false }))).toBe(fixture('ps-no-trunc.txt'));
  });

  test('without tasks has only the titles', () => {
    expect(tableOf([])).toBe(
      'ID        NAME      IMAGE     NODE      DESIRED STATE   CURRENT STATE   ERROR     PORTS\n',
    );
  });
});

test('ids are shown if the names are not known', () => {
  const [row] = taskRows(psTasks.slice(0, 1), { ...rowOptions, services: new Map(), nodes: new Map() });
  expect(row).toMatchObject({ Name: 's1abcdefghijklmnopqrstuvw.1', Node: 'node1aaaaaaaaaaaaaaaaaaaa' });
});

test('tasks of the same millisecond are sorted by their nanoseconds', () => {
  const [task] = swarm.tasks as [Task];
  const at = (ID: string, CreatedAt: string): Task => ({ ...task, ID, CreatedAt });
  const tasks = [
    at('older', '2026-01-01T00:00:00.123456Z'),
    at('newest', '2026-01-01T00:00:00.1234565Z'),
    at('oldest', '2026-01-01T00:00:00.12345Z'),
  ];
  expect(taskRows(tasks, rowOptions).map(({ ID }) => ID)).toEqual(['newest', 'older', 'oldest']);
});

test('slots are sorted by their numbers', () => {
  const [task] = swarm.tasks as [Task];
  const tasks = [10, 9, 100, 1].map((Slot) => ({ ...task, Slot }));
  expect(taskRows(tasks, rowOptions).map(({ Name }) => Name)).toEqual([
    'full.1',
    'full.9',
    'full.10',
    'full.100',
  ]);
});

test('an error of two lines is one line where that is asked for', () => {
  const [task] = psTasks;
  if (task === undefined) throw new Error('no task');
  const Err = 'error from registry: denied\ndenied';
  const failed = { ...task, Status: { ...task.Status, Err } };
  const errorOf = (options: Partial<RowOptions>) =>
    taskRows([failed], { ...rowOptions, trunc: false, ...options })[0]?.Error;
  expect(errorOf({ oneLineErrors: true })).toBe('"error from registry: denied denied"');
  expect(errorOf({ oneLineErrors: true, trunc: true })).toBe('"error from registry: denied d…"');
  expect(errorOf({})).toBe(`"${Err}"`);
});
