/** The verdict on a service that moves off a node. */
import { expect, test } from '@jest/globals';
import type { Service, Task, UpdateState } from '../../../src/api/service.ts';
import { isBetterUndoneLater, startMove, stepMove } from '../../../src/drain/move.ts';
import type { MoveState } from '../../../src/drain/move.ts';
import { withMark, withoutMark } from '../../../src/service-spec/drain-mark.ts';

const unmarked = {
  Name: 'web',
  TaskTemplate: { ContainerSpec: { Image: 'ping' } },
  Mode: { Replicated: { Replicas: 2 } },
};
const marked = withMark(unmarked, 'n1', { startsFirst: false, isSeveral: false });
const web = (State?: UpdateState, Spec: Service['Spec'] = marked): Service => ({
  ID: 'web-id',
  Version: { Index: 1 },
  CreatedAt: '',
  UpdatedAt: '',
  Spec,
  ...(State === undefined ? {} : { UpdateStatus: { State, Message: 'of task x' } }),
});
const task = (ID: string, NodeID: string, state = 'running', desired = 'running', Err = ''): Task => ({
  ID,
  ServiceID: 'web-id',
  CreatedAt: '2026-01-01T00:00:00Z',
  Spec: marked.TaskTemplate,
  NodeID,
  DesiredState: desired,
  Status: { State: state, Err },
});
const BEFORE = [task('a', 'n1'), task('b', 'n2')];
const begin = (): MoveState => startMove('n1', web(), BEFORE, 0);
const step = (
  service: Service | undefined,
  tasks: readonly Task[],
  at = 100,
  from = begin(),
  isNodeDown = false,
) => stepMove(from, { at, service, tasks, isNodeDown });
const OLD = task('a', 'n1', 'shutdown', 'shutdown');
const MOVED = [OLD, task('b', 'n2'), task('c', 'n2')];

test.each<[string, Service | undefined, readonly Task[], string]>([
  ['the engine has completed it', web('completed'), MOVED, 'moved'],
  ['nothing had to be replaced', web(), MOVED, 'moved'],
  ['the engine still monitors', web('updating'), MOVED, 'moving'],
  [
    'the old task still stops',
    web('completed'),
    [task('a', 'n1', 'running', 'shutdown'), ...MOVED.slice(1)],
    'moving',
  ],
  [
    'completed, but a task has crashed since',
    web('completed'),
    [OLD, task('b', 'n2'), task('c', 'n2', 'failed', 'shutdown')],
    'moving',
  ],
  [
    'paused',
    web('paused'),
    [OLD, task('b', 'n2'), task('c', 'n2', 'failed', 'shutdown', 'exit 1')],
    'failed',
  ],
  [
    'a good task is replaced',
    web('updating'),
    [task('a', 'n1'), task('b', 'n2', 'running', 'shutdown')],
    'tripped',
  ],
  [
    'a good task crashes by itself',
    web('updating'),
    [task('a', 'n1'), task('b', 'n2', 'failed', 'shutdown')],
    'moving',
  ],
  [
    'a good task is scaled away',
    web('updating'),
    [task('a', 'n1'), task('b', 'n2', 'running', 'remove')],
    'moving',
  ],
  ['the mark is gone, tasks are still on the node', web(undefined, withoutMark(marked)), BEFORE, 'changed'],
  ['the mark is gone, but all have moved', web('completed', withoutMark(marked)), MOVED, 'moved'],
  ['removed', undefined, [], 'gone'],
])('%s', (_, service, tasks, kind) => {
  expect(step(service, tasks).verdict.kind).toBe(kind);
});

test('somebody else’s new image replaces the tasks on all nodes: followed', () => {
  const theirs = { ...marked, TaskTemplate: { ...marked.TaskTemplate, ContainerSpec: { Image: 'other' } } };
  const tasks = [task('a', 'n1'), task('b', 'n2', 'running', 'shutdown')];
  const followed = step(web('updating', theirs), tasks);
  expect(followed.verdict.kind).toBe('moving');
  const back = [...tasks.slice(0, 1), task('b', 'n2', 'shutdown', 'shutdown'), task('c', 'n2')];
  expect(step(web('rollback_started'), back, 200, followed).verdict.kind).toBe('moving');
});

test('a task without a node: stuck after five seconds, with the engine’s reason', () => {
  const tasks = [
    task('a', 'n1'),
    task('b', 'n2'),
    task('c', '', 'pending', 'running', 'no suitable node (x)'),
  ];
  const first = step(web('updating'), tasks);
  expect(first.verdict.kind).toBe('moving');
  expect(step(web('updating'), tasks, 5_099, first).verdict.kind).toBe('moving');
  const { verdict } = step(web('updating'), tasks, 5_100, first);
  expect(verdict).toEqual({ kind: 'stuck', reason: 'a task finds no node: no suitable node (x)' });
  const found = step(web('updating'), BEFORE, 4_000, first);
  expect(step(web('updating'), tasks, 6_000, found).verdict.kind).toBe('moving');
});

test('the tasks of a node that is down never end: they do not count', () => {
  const tasks = [task('a', 'n1', 'running', 'shutdown'), task('b', 'n2'), task('c', 'n2')];
  expect(step(web(), tasks, 100, begin(), true).verdict.kind).toBe('moved');
});

test('nothing changes for ten minutes: failed', () => {
  const tasks = [task('a', 'n1'), task('b', 'n2'), task('c', 'n2', 'starting')];
  const first = step(web('updating'), tasks);
  expect(step(web('updating'), tasks, 600_000, first).verdict.kind).toBe('moving');
  expect(step(web('updating'), tasks, 600_100, first).verdict.kind).toBe('failed');
});

test('the fewest running tasks, and for how long there were fewer than wanted', () => {
  const one = step(web('updating'), [OLD, task('b', 'n2'), task('c', 'n2', 'preparing')], 100);
  const two = step(web('updating'), [OLD, task('b', 'n2'), task('c', 'n2', 'starting')], 400, one);
  const end = step(web('completed'), MOVED, 600, two);
  expect(end).toMatchObject({ count: 1, wanted: 2, fewest: 1, below: 400, hasBegun: true });
});

test('a move that has failed is undone while the new task is not to run, or after fifteen seconds', () => {
  const inSlot = (one: Task): Task => ({ ...one, Slot: 1 });
  const tasks = (desired: string) => [task('a', 'n1'), task('c', 'n2', 'starting', desired)].map(inSlot);
  const ready = step(web('paused'), tasks('ready'));
  expect([ready.verdict.kind, isBetterUndoneLater(ready)]).toEqual(['failed', false]);
  const runs = step(web('paused'), tasks('running'));
  expect([runs.verdict.kind, isBetterUndoneLater(runs)]).toEqual(['failed', true]);
  expect(isBetterUndoneLater(step(web('paused'), tasks('ready'), 400, runs))).toBe(false);
  expect(isBetterUndoneLater(step(web('paused'), tasks('running'), 15_100, runs))).toBe(false);
});
