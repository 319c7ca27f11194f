/** What `history` tells of each generation: changes, how its tasks ended, age. */
import { expect, test } from '@jest/globals';
import { generationsOf } from '../../../src/generations/generations.ts';
import { historyRows } from '../../../src/generations/rows.ts';
import { summariesOf } from '../../../src/generations/summary.ts';
import type { Service, Task } from '../../../src/api/service.ts';
import { START, previously, service, task, template } from './support.ts';

const [A, B] = [template('1.0'), template('1.1')];
const NONE = new Map<string, string>();

const rowsOf = (of: Service, tasks: readonly Task[], trunc = true) =>
  historyRows(summariesOf(generationsOf(of, tasks), NONE), { trunc, now: START + 3_700_000 });
const failing = (error: string, at: number): Task =>
  task(B, at, 'failed', { Status: { State: 'failed', Err: error } });

test('the newest comes first, with its changes and how its tasks ended', () => {
  const of = service(A, previously(B));
  const tasks = [
    task(A, 0, 'shutdown'),
    failing('first', 5),
    failing('task: non-zero exit (3)', 6),
    task(A, 9, 'pending'),
  ];
  const rows = rowsOf(of, tasks);
  expect(rows.map(({ Spec, Image, Changes, Tasks, Age }) => [Spec, Image, Changes, Tasks, Age])).toEqual([
    ['current', 'registry:5000/ping:1.0', 'image ping:1.1 → ping:1.0', '1 pending', 'About an hour'],
    [
      'previous',
      'registry:5000/ping:1.1',
      'image ping:1.0 → ping:1.1',
      '2 failed "task: non-zero exit (3)"',
      'About an hour',
    ],
    ['', 'registry:5000/ping:1.0', '-', '1 shut down', 'About an hour'],
  ]);
  const [, full] = rowsOf(of, tasks, false);
  expect(full?.Tasks).toBe('1 failed "task: non-zero exit (3)", 1 failed "first"');
  expect(full?.Image).toBe(B.ContainerSpec?.Image);
});

test('what is added, removed, forced, run again', () => {
  const changes = (before: typeof A, after: typeof A): string | undefined =>
    rowsOf(service(after), [task(before, 0), task(after, 1)])[0]?.Changes;
  const withEnv = (...Env: string[]) => template('1.0', { ContainerSpec: { ...A.ContainerSpec, Env } });
  expect(changes(withEnv('A=1', 'B=2'), withEnv('B=3', 'C=4'))).toBe('env B 2 → 3, +env C 4, -env A 1');
  expect(changes(A, template('1.0', { ForceUpdate: 1 }))).toBe('force 0 → 1');
  expect(changes(A, template('1.1', { ForceUpdate: 1 }))).toBe('image ping:1.0 → ping:1.1');
  const other = { ContainerSpec: { Image: `registry:5000/ping:1.0@sha256:${'1'.repeat(64)}` } };
  expect(changes(A, template('', other))).toBe('image ping:1.0 (000000000000) → (111111111111)');
  const again = [task(A, 0, 'complete'), task(A, 1, 'complete', { JobIteration: { Index: 1 } })];
  expect(rowsOf(service(A, { JobStatus: { JobIteration: { Index: 1 } } }), again)[0]?.Changes).toBe(
    'runs again',
  );
});

test('nothing is known of a generation without tasks', () => {
  const [current] = rowsOf(service(A), []);
  expect([current?.Tasks, current?.Age, current?.CreatedAt]).toEqual(['none', '-', '-']);
});

test('a task that the engine is stopping is not running', () => {
  const leaving = task(A, 0, 'running', { DesiredState: 'shutdown' });
  expect(rowsOf(service(A), [leaving, task(A, 1)])[0]?.Tasks).toBe('1 running, 1 stopping');
});

test('texts from outside are made printable', () => {
  const evil = template('1.0', { ContainerSpec: { ...A.ContainerSpec, Env: ['A=\u001b[31m\n2'] } });
  const [row] = rowsOf(service(evil), [
    task(A, 0),
    task(evil, 1, 'failed', { Status: { State: 'failed', Err: 'a\u202eb' } }),
  ]);
  expect([row?.Changes, row?.Tasks]).toEqual(['+env A \\x1b[31m\\n2', '1 failed "a\\u202eb"']);
});

test('of many distinct errors ten are told', () => {
  const tasks = Array.from({ length: 14 }, (_, index) => failing(`error ${index}`, index));
  const [summary] = summariesOf(generationsOf(service(B), tasks), NONE);
  expect(summary?.tasks).toHaveLength(11);
  expect(summary?.tasks.at(-1)).toEqual({ state: 'failed', count: 4 });
});
