/** The rows of ps, against the real docker client's tables of the same tasks. */
import { describe, expect, test } from '@jest/globals';
import { taskRows } from '../../../src/listing/task-rows.ts';
import { tableOf } from '../../../src/listing/task-table.ts';
import type { Task } from '../../../src/api/service.ts';
import { fixture, psTasks, rowOptions, swarm } from '../support/reading.ts';

describe('docker’s table', () => {
  test('with names, older tasks of a slot under the newest, errors cut and digests left out', () => {
    expect(tableOf(taskRows(psTasks, rowOptions))).toBe(fixture('ps.txt'));
  });

  test('with nothing cut', () => {
    expect(tableOf(taskRows(psTasks, { ...rowOptions, trunc: false }))).toBe(fixture('ps-no-trunc.txt'));
  });

  test('of no tasks is the titles', () => {
    expect(tableOf([])).toBe(
      'ID        NAME      IMAGE     NODE      DESIRED STATE   CURRENT STATE   ERROR     PORTS\n',
    );
  });
});

test('ids stand where names are not known', () => {
  const [row] = taskRows(psTasks.slice(0, 1), { ...rowOptions, services: new Map(), nodes: new Map() });
  expect(row).toMatchObject({ Name: 's1abcdefghijklmnopqrstuvw.1', Node: 'node1aaaaaaaaaaaaaaaaaaaa' });
});

test('tasks of one moment are in the order of their nanoseconds', () => {
  const [task] = swarm.tasks as [Task];
  const at = (ID: string, CreatedAt: string): Task => ({ ...task, ID, CreatedAt });
  const tasks = [
    at('older', '2026-01-01T00:00:00.123456Z'),
    at('newest', '2026-01-01T00:00:00.1234565Z'),
    at('oldest', '2026-01-01T00:00:00.12345Z'),
  ];
  expect(taskRows(tasks, rowOptions).map(({ ID }) => ID)).toEqual(['newest', 'older', 'oldest']);
});

test('many slots are in the order of their numbers', () => {
  const [task] = swarm.tasks as [Task];
  const tasks = [10, 9, 100, 1].map((Slot) => ({ ...task, Slot }));
  expect(taskRows(tasks, rowOptions).map(({ Name }) => Name)).toEqual([
    'full.1',
    'full.9',
    'full.10',
    'full.100',
  ]);
});
