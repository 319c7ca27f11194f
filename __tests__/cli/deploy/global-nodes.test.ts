/** The nodes of global services. Where the engine and our reading of the constraints disagree, what is seen counts. */
import { expect, test } from '@jest/globals';
import type { Node } from '../../../src/api/cluster.ts';
import { fakeEngine } from '../../support/fake-engine/engine.ts';
import { run } from '../../support/fake-world.ts';

// Its nodes n1, n2 and n3 are in the zones a, b and b.
test.each<[string, zones: Readonly<Record<string, string>>, counts: RegExp]>([
  ['a node that we leave out, but the engine has a task on', { n3: 'c' }, /1 out of 2/],
  ['all nodes: never 0 out of 0', { n2: 'c', n3: 'c' }, /0 out of 2/],
  ['a node that we want, but the engine puts no task on', { n1: 'b' }, /2 out of 3/],
])('%s: 5', async (_, zones, counts) => {
  const engine = fakeEngine();
  const ContainerSpec = { Image: 'ping:1.0' };
  engine.given('web', 'ping:1.0', {
    Mode: { Global: {} },
    TaskTemplate: { ContainerSpec, Placement: { Constraints: ['node.labels.zone==b'] } },
  });
  engine.inject(/^GET \/nodes/, async (pass) => {
    const reply = await pass();
    const nodes = (reply.body as readonly Node[]).map((node) => {
      const zone = zones[node.ID];
      return zone === undefined ? node : { ...node, Spec: { ...node.Spec, Labels: { zone } } };
    });
    return { ...reply, body: nodes };
  });
  const words = ['--progress-deadline', '8s', '--label-add', 'a=b', 'web'];
  const { code, stderr } = await run(['update', ...words], { engine });
  expect(code).toBe(5);
  expect(stderr).toMatch(counts);
  expect(stderr).not.toMatch(/0 out of 0/);
  expect(engine.states('web')).toEqual({ 'ping:1.0 running': 2 });
});

test.each([
  [5, /^risk: no node satisfies the constraints any more, so nothing runs: node.labels.zone==x$/m, 'x'],
  [0, /^(?!.*risk)/s, 'a'],
])('constraints that leave it no node are a risk of the plan: %i', async (exit, plan, zone) => {
  const engine = fakeEngine();
  engine.given('web', 'ping:1.0', { Mode: { Global: {} } });
  const words = ['--constraint-add', `node.labels.zone==${zone}`, 'web'];
  const planned = await run(['update', '--dry-run', ...words], { engine });
  expect([planned.code, planned.stdout]).toEqual([0, expect.stringMatching(plan)]);
  expect((await run(['update', ...words], { engine })).code).toBe(exit);
});
