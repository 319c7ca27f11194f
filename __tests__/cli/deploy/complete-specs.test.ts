/** A stored spec without a placement, as clients of the API make it: it is completed in everything that is sent. */
import { expect, test } from '@jest/globals';
import type { ServiceSpec } from '../../../src/api/service.ts';
import { fakeEngine } from '../../support/fake-engine/engine.ts';
import type { FakeEngine } from '../../support/fake-engine/engine.ts';
import { run } from '../../support/fake-world.ts';

const config = { Parallelism: 1, Monitor: 5e8, MaxFailureRatio: 0 };
const template = (Image: string): ServiceSpec['TaskTemplate'] => ({
  ContainerSpec: { Image },
  RestartPolicy: { Delay: 5e8 },
});

/** An engine with the service web, whose spec has no placement. */
function bare(changes: Partial<ServiceSpec> = {}): FakeEngine {
  const engine = fakeEngine();
  engine.given('web', 'ping:1.0', { TaskTemplate: template('ping:1.0'), ...changes });
  return engine;
}

/** The placement in each request that has a spec. */
const placements = ({ changes }: FakeEngine): readonly unknown[] =>
  changes.map(({ body }) => (body as ServiceSpec).TaskTemplate.Placement);

test.each([
  [['scale', 'web=2']],
  [['restart', 'web']],
  [['update', '--label-add', 'a=b', 'web']],
  [['update', '--env-add', 'A=1', 'web']],
])('%j', async (argv) => {
  const engine = bare();
  expect(await run(argv, { engine })).toMatchObject({ code: 0 });
  expect(placements(engine)).toEqual([{}]);
});

test('what is added replaces no task and is no change', async () => {
  const engine = bare();
  const tasks = engine.tasks('web').map(({ ID }) => ID);
  const { code, stderr } = await run(['update', '--label-add', 'a=b', 'web'], { engine });
  expect({ code, ids: engine.tasks('web').map(({ ID }) => ID) }).toEqual({ code: 0, ids: tasks });
  expect(stderr).not.toContain('another change');
  engine.change('web', (spec) => delete spec.TaskTemplate.Placement);
  const same = await run(['update', '--label-add', 'a=b', 'web'], { engine });
  expect(same.stderr).toContain('web is unchanged');
});

test('a spec that has a placement is sent as it is', async () => {
  const engine = bare({ TaskTemplate: { ...template('ping:1.0'), Placement: { MaxReplicas: 2 } } });
  await run(['scale', 'web=2'], { engine });
  expect(placements(engine)).toEqual([{ MaxReplicas: 2 }]);
});

test.each([
  ['the previous spec', ['current']],
  ['the current spec', ['previous']],
  ['both', []],
])('rollback where %s has none: an update to the previous spec', async (_, complete) => {
  const spec = (image: string, which: string): ServiceSpec['TaskTemplate'] => ({
    ...template(image),
    ...(complete.includes(which) ? { Placement: {} } : {}),
  });
  const engine = bare({ TaskTemplate: spec('ping:1.0', 'previous') });
  engine.change('web', (stored) => (stored.TaskTemplate = spec('ping:1.1', 'current')));
  engine.clock.later(0, () => undefined);
  const { code, stderr } = await run(['rollback', 'web'], { engine });
  expect({ code, sent: engine.sent(), placements: placements(engine) }).toEqual({
    code: 0,
    sent: ['update web registryAuthFrom=spec'],
    placements: [{}],
  });
  expect(stderr).toContain('web: it is rolled back by an update');
  expect(engine.stored('web').Spec.TaskTemplate.ContainerSpec?.Image).toBe('ping:1.0');
});

test('--rollback-on-failure puts a complete spec back', async () => {
  const engine = bare();
  const { code } = await run(['update', '--rollback-on-failure', '--image', 'crash:1.0', 'web'], { engine });
  expect({ code, sent: engine.sent() }).toEqual({
    code: 3,
    sent: ['update web registryAuthFrom=spec', 'update web registryAuthFrom=spec'],
  });
  expect(placements(engine)).toEqual([{ Platforms: [{ Architecture: 'amd64', OS: 'linux' }] }, {}]);
});

test('where the engine rolls back by itself, the stored spec is completed first', async () => {
  const engine = bare({ UpdateConfig: { ...config, FailureAction: 'rollback' } });
  const { code } = await run(['update', '--image', 'crash:1.0', 'web'], { engine });
  expect(code).toBe(3);
  expect(engine.changes.map(({ body }) => body)).toMatchObject([
    { TaskTemplate: { ContainerSpec: { Image: 'ping:1.0' }, Placement: {} } },
    { TaskTemplate: { ContainerSpec: { Image: expect.stringMatching(/^crash:1.0@/) } } },
  ]);
  expect(engine.stored('web').Spec.TaskTemplate).toMatchObject({
    ContainerSpec: { Image: 'ping:1.0' },
    Placement: {},
  });
});
