import { expect, test } from '@jest/globals';
import { refusalText } from '../../../src/rollout/evidence.ts';
import { refusalsOfWaiting } from '../../../src/scheduler/waiting-tasks.ts';
import { node, possible, reserve, service, task } from './support.ts';

test('a task that waits for any node is refused by each, one of a global service by its own', () => {
  const spec = { TaskTemplate: reserve(1) };
  const [anywhere, pinned, runs] = [
    task('s', '', reserve(1)),
    task('s', 'b', reserve(1), { Status: { State: 'pending' } }),
    task('s', 'a', reserve(1.5)),
  ];
  const cluster = {
    nodes: possible([node('a'), node('b'), node('c', { Spec: { Availability: 'drain' } })]),
    tasks: [anywhere, pinned, runs, task('o', 'b', reserve(2))],
    services: new Map([['s', service(spec)]]),
    drivers: [],
  };
  const refusals = refusalsOfWaiting('s', cluster);
  const textOf = ({ ID }: { ID: string }) => refusalText(refusals.get(ID) ?? []);
  expect(textOf(anywhere)).toBe(
    'a: insufficient resources (1 CPU wanted, 0.5 free); b: insufficient resources (1 CPU wanted, 0 free); c: not available for new tasks (drained)',
  );
  expect(textOf(pinned)).toBe('b: insufficient resources (1 CPU wanted, 0 free)');
  expect(textOf(runs)).toBe('');
});

test('tasks that differ in their mounts are refused for different reasons', () => {
  const mounted = (Source: string) =>
    task('s', '', { ContainerSpec: { Mounts: [{ Type: 'cluster', Source, Target: '/v' }] } });
  const [first, second] = [mounted('v'), mounted('w')];
  const cluster = {
    nodes: possible([node('a')]),
    tasks: [first, second],
    services: new Map([['s', service({ TaskTemplate: {} })]]),
    drivers: [],
    volumes: [],
  };
  const refusals = refusalsOfWaiting('s', cluster);
  expect([first, second].map(({ ID }) => refusalText(refusals.get(ID) ?? []))).toEqual([
    'a: cannot fulfill requested CSI volume mounts (there is no volume v)',
    'a: cannot fulfill requested CSI volume mounts (there is no volume w)',
  ]);
});
