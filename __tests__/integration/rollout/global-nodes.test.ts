/** Global services: which nodes are wanted is seen, not believed (constraints.test.ts compares every constraint). */
import { describe, expect, test } from '@jest/globals';
import { violations } from '../../support/schema.ts';
import { api, docker, image, swarmroll } from '../support/swarm.ts';
import { FAILING, QUICK, create, expectCode, expectReport, given, opened, states } from './support.ts';
import { rewrite } from '../support/proxy.ts';
import type { Node } from '../../../src/api/cluster.ts';

const ping = image('ping', '1.0');
const next = image('ping', '1.1');
const crash = image('crash', '1.0');
const GLOBAL = ['--mode', 'global'];

/** "x86_64" on most machines: as the nodes say it, and as Docker's documentation has it. */
const [{ Description }] = await api<[Node]>('/nodes');
const ON_PLATFORM = ['--constraint', `node.platform.arch==${Description?.Platform?.Architecture ?? ''}`];

describe('node.platform.arch, in the form that the engine itself has', () => {
  test('all nodes are wanted', async () => {
    const created = await create('arch', [...QUICK, ...GLOBAL, ...ON_PLATFORM, '-o', 'json', ping]);
    expectCode(created, 0);
    const result = JSON.parse(created.stdout) as { readonly tasks: object };
    expect(violations('result', result)).toEqual([]);
    expect(result.tasks).toMatchObject({ wanted: 3, done: 3 });
    expect(created.stderr).toContain('overall progress: 3 out of 3 tasks');
    const updated = await swarmroll(['update', '--update-parallelism', '0', '--image', next, created.name]);
    expectCode(updated, 0);
    expect(await states(created.name)).toEqual({ 'ping:1.1 running': 3 });
  });

  test('when every task crashes it is 5', async () => {
    const ended = await create('arch-crash', [...FAILING, ...GLOBAL, ...ON_PLATFORM, crash]);
    expectCode(ended, 5);
    expectReport(
      ended,
      /: the new service failed: the task on (manager|worker[12]) failed \d+ times in a row$/,
    );
    expect(ended.stderr).toContain('task: non-zero exit (3)\n');
  });
});

describe('where the engine and our reading of the constraints disagree', () => {
  /** An engine that calls worker2 by another name. */
  async function renamed(): Promise<string> {
    const between = await opened();
    between.inject(/^GET \/nodes/, rewrite('"Hostname":"worker2"', '"Hostname":"other"'));
    return between.host;
  }
  const CHANGE = ['update', '--progress-deadline', '8s', '--label-add', 'a=b'];

  test('a node that we leave out, but the engine has a task on: never 0', async () => {
    const name = await given('theirs', ...QUICK, ...GLOBAL, '--constraint', 'node.hostname!=other', ping);
    const ended = await swarmroll(['-H', await renamed(), ...CHANGE, name]);
    expectCode(ended, 5);
    expect(ended.stderr).toMatch(/2 out of 3/);
  });
});

test('a node that is wanted no longer: its task has to go', async () => {
  const name = await given('leaves', ...QUICK, ...GLOBAL, ping);
  const ended = await swarmroll(['update', '--constraint-add', 'node.hostname!=worker1', name]);
  expectCode(ended, 0);
  expect(await states(name)).toEqual({ 'ping:1.0 running': 2 });
  const { stdout } = await docker([
    'service',
    'ps',
    '--filter',
    'desired-state=running',
    '--format',
    '{{.Node}}',
    name,
  ]);
  expect(stdout.trim().split('\n').sort()).toEqual(['manager', 'worker2']);
});
