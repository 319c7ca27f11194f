/** What the timeline of a service has for lanes. */
import { expect, test } from '@jest/globals';
import { generationsOf } from '../../../src/generations/generations.ts';
import { timelineOf } from '../../../src/generations/timeline.ts';
import { START, service, task, template } from './support.ts';

test('a global service has a lane for each node, also where two have the same name', () => {
  const spec = template('1.0');
  const web = service(spec);
  const global = { ...web, Spec: { ...web.Spec, Mode: { Global: {} } } };
  const tasks = ['x7k2p9aaaa', 'q3m8zzbbbb', 'gone'].map((NodeID) => task(spec, 0, 'running', { NodeID }));
  const nodes = new Map([
    ['x7k2p9aaaa', 'worker1'],
    ['q3m8zzbbbb', 'worker1'],
  ]);
  const { lanes } = timelineOf(
    { service: global, generations: generationsOf(global, tasks) },
    nodes,
    START + 60_000,
  );
  expect(lanes.map(({ label, runs }) => [label, runs.length])).toEqual([
    ['gone', 1],
    ['worker1', 1],
    ['worker1', 1],
  ]);
});
