/** Somebody else changes the service while our update rolls: 7 only where it is what we changed, else told and followed. */
import { describe, expect, test } from '@jest/globals';
import type { ServiceSpec } from '../../../src/api/service.ts';
import { fakeEngine } from '../../support/fake-engine/engine.ts';
import type { FakeEngine } from '../../support/fake-engine/engine.ts';
import { run } from '../../support/fake-world.ts';

type Theirs = (spec: ServiceSpec, engine: FakeEngine) => unknown;

/** Updates the image of two tasks and makes these changes; they come between the two. */
async function underWay(ours: readonly string[], ...theirs: readonly Theirs[]) {
  const engine = fakeEngine();
  engine.given('web', 'ping:1.0', {
    Mode: { Replicated: { Replicas: 2 } },
    Labels: { team: 'a' },
    UpdateConfig: { Parallelism: 1, Monitor: 5e8, MaxFailureRatio: 0, Delay: 5e9 },
  });
  theirs.forEach((change, index) =>
    engine.clock.later(2_000 + 500 * index, () => engine.change('web', (spec) => void change(spec, engine))),
  );
  const ended = await run(['update', ...ours, '--image', 'ping:1.1', 'web'], { engine });
  return { ...ended, states: engine.states('web'), labels: engine.stored('web').Spec.Labels };
}
const scale =
  (Replicas: number) =>
  (spec: ServiceSpec): unknown =>
    (spec.Mode = { Replicated: { Replicas } });
const label =
  (name: string, value: string): Theirs =>
  (spec) =>
    (spec.Labels = { ...spec.Labels, [name]: value });
const setting =
  (changes: object): Theirs =>
  (spec) =>
    (spec.UpdateConfig = { Parallelism: 1, MaxFailureRatio: 0, ...spec.UpdateConfig, ...changes });
const template =
  (changes: object): Theirs =>
  (spec) =>
    (spec.TaskTemplate = { ...spec.TaskTemplate, ...changes });
const container =
  (changes: object): Theirs =>
  (spec) =>
    (spec.TaskTemplate.ContainerSpec = { ...spec.TaskTemplate.ContainerSpec, ...changes });

describe('a field that our change does not own: told, and the service is judged with it', () => {
  test.each<[string, readonly string[], readonly Theirs[], number, object]>([
    ['a scale up', [], [scale(4)], 4, { team: 'a' }],
    ['a scale down', [], [scale(1)], 1, { team: 'a' }],
    ['a label', [], [label('theirs', '1')], 2, { team: 'a', theirs: '1' }],
    ['another label than ours', ['--label-add', 'ours=1'], [label('team', 'b')], 2, { team: 'b', ours: '1' }],
    ['the update order, then a scale', [], [setting({ Order: 'start-first' }), scale(3)], 3, { team: 'a' }],
  ])('%s: 0', async (_, ours, theirs, count, wanted) => {
    const { code, stderr, states, labels } = await underWay(ours, ...theirs);
    expect({ code, states, labels }).toEqual({
      code: 0,
      states: { 'ping:1.1 running': count },
      labels: wanted,
    });
    expect(stderr).toMatch(/another change of the service/);
    expect(stderr).toContain(`overall progress: ${count} out of ${count} tasks`);
  });

  test('a scale to more than there are places for: 5, for want of nodes', async () => {
    const { code, stderr } = await underWay(['--progress-deadline', '10s'], (spec, { setNode }) => {
      for (const id of ['n1', 'n2', 'n3']) setNode(id, 'pause');
      scale(4)(spec);
    });
    expect(code).toBe(5);
    expect(stderr).toMatch(/another change of the service/);
    expect(stderr).toMatch(/^swarmroll: web: the update failed: nothing has moved for /m);
    expect(stderr).toContain('no suitable node (');
  });
});

describe('a field that our change owns: 7', () => {
  test.each<[string, readonly string[], Theirs]>([
    ['the image', [], container({ Image: 'ping:1.2' })],
    ['another part of the task template', [], container({ Env: ['A=b'] })],
    ['a forced update', [], template({ ForceUpdate: 1 })],
    ['the replicas that we asked for', ['--replicas', '3'], scale(4)],
    ['the label that we set', ['--label-add', 'ours=1'], label('ours', '2')],
    ['the label that we took away', ['--label-rm', 'team'], label('team', 'c')],
    ['a field of the update configuration', ['--update-parallelism', '1'], setting({ Parallelism: 2 })],
  ])('%s', async (_, ours, theirs) => {
    const { code, stderr } = await underWay(ours, theirs);
    expect(code).toBe(7);
    expect(stderr).toMatch(/^swarmroll: web: another change replaced this update while it rolled out$/m);
  });
});
