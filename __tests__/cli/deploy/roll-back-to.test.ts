/** `rollback --to ID`: what is sent, what is refused before anything is sent, and how it ends. */
import { describe, expect, test } from '@jest/globals';
import type { ServiceSpec } from '../../../src/api/service.ts';
import { fakeEngine } from '../../support/fake-engine/engine.ts';
import type { FakeEngine } from '../../support/fake-engine/engine.ts';
import { answer } from '../../support/fake-engine/faults.ts';
import { run } from '../../support/fake-world.ts';
import { violations } from '../../support/schema.ts';

const SENT = 'update web registryAuthFrom=spec';

/** An engine with web, whose image was ping:1.0, and that has run with each of these since; and the ids, the newest first. */
async function updated(images: readonly string[], changes: Partial<ServiceSpec> = {}) {
  const engine = fakeEngine();
  engine.given('web', 'ping:1.0', changes);
  for (const image of images) {
    setImage(engine, image);
    await engine.clock.sleep(3_000);
  }
  return { engine, ids: await idsOf(engine) };
}
function setImage(engine: FakeEngine, Image: string): void {
  engine.change('web', ({ TaskTemplate }) => {
    TaskTemplate.ContainerSpec = { ...TaskTemplate.ContainerSpec, Image };
  });
}
const idsOf = async (engine: FakeEngine): Promise<readonly string[]> =>
  (await run(['history', '-q', 'web'], { engine })).stdout.trimEnd().split('\n');
const imageIn = ({ stored }: FakeEngine): string =>
  (stored('web').Spec.TaskTemplate.ContainerSpec?.Image ?? '').replace(/@.*/, '');

test('the task template alone is rolled back, and the plan shows it', async () => {
  const { engine, ids } = await updated(['ping:1.1']);
  engine.change('web', (spec) => {
    spec.Labels = { a: 'b' };
    spec.Mode = { Replicated: { Replicas: 2 } };
  });
  await engine.clock.sleep(3_000);
  const [, id = ''] = ids;
  const plan = await run(['rollback', '--dry-run', '--to', id, 'web'], { engine });
  expect(plan).toMatchObject({ code: 0 });
  expect(plan.stdout).toMatch(
    /^~ image {2}ping:1\.1\S* → ping:1\.0\S*\nreplaces 2 tasks, 1 at a time, in at least \w+\n$/,
  );
  expect(engine.sent()).toEqual([]);
  const ended = await run(['rollback', '--to', id.slice(0, 7).toUpperCase(), 'web'], { engine });
  expect(ended).toMatchObject({ code: 0, stdout: 'web\n' });
  expect(ended.stderr).toMatch(
    new RegExp(
      `^swarmroll: web: rolling back to the task template ${id} \\(ping:1\\.0\\); replicas, ports, labels and update settings stay as they are\n`,
    ),
  );
  expect(engine.sent()).toEqual([SENT]);
  expect(engine.stored('web').Spec).toMatchObject({
    Labels: { a: 'b' },
    Mode: { Replicated: { Replicas: 2 } },
  });
  expect(engine.states('web')).toEqual({ 'ping:1.0 running': 2 });
});

test('after a node drain: without its constraint, which is said', async () => {
  const { engine } = await updated([]);
  const constraint = 'node.id!=fizyfff3s38bkq2v0d1u4x9ab';
  engine.change('web', ({ TaskTemplate }) => {
    TaskTemplate.ContainerSpec = { ...TaskTemplate.ContainerSpec, Image: 'ping:1.1' };
    TaskTemplate.Placement = { Constraints: [constraint] };
  });
  await engine.clock.sleep(3_000);
  const [during = ''] = await idsOf(engine);
  engine.change('web', ({ TaskTemplate }) => {
    TaskTemplate.ContainerSpec = { ...TaskTemplate.ContainerSpec, Image: 'ping:1.2' };
    TaskTemplate.Placement = {};
  });
  await engine.clock.sleep(3_000);
  const ended = await run(['rollback', '--to', during, 'web'], { engine });
  expect(ended).toMatchObject({ code: 0, stdout: 'web\n' });
  expect(ended.stderr).toContain(
    `swarmroll: web: left out: the constraint ${constraint}, which a node drain has left\n`,
  );
  expect(imageIn(engine)).toBe('ping:1.1');
  expect(engine.stored('web').Spec.TaskTemplate.Placement?.Constraints).toBeUndefined();
});

test('--rollback-on-failure: what ran before runs again, if the earlier template fails', async () => {
  const { engine, ids } = await updated(['crash:1.0', 'ping:1.1'], {
    TaskTemplate: { ContainerSpec: { Image: 'ping:1.0' }, RestartPolicy: { Delay: 60e9 }, Placement: {} },
  });
  const { code, stderr } = await run(['rollback', '--rollback-on-failure', '--to', ids[1] ?? '', 'web'], {
    engine,
  });
  expect({ code, sent: engine.sent().length, image: imageIn(engine) }).toEqual({
    code: 3,
    sent: 2,
    image: 'ping:1.1',
  });
  expect(stderr).toContain('non-zero exit (3)');
  expect(engine.states('web')).toEqual({ 'ping:1.1 running': 1 });
});

describe('already there: nothing is sent', () => {
  test('0, because the tasks run', async () => {
    const { engine, ids } = await updated(['ping:1.1']);
    const { code, stdout, stderr } = await run(['rollback', '-o', 'json', '--to', ids[0] ?? '', 'web'], {
      engine,
    });
    expect({ code, sent: engine.sent() }).toEqual({ code: 0, sent: [] });
    expect(stderr).toMatch(/^swarmroll: web: already there: \w{12} is the current task template\n/);
    const result = JSON.parse(stdout) as object;
    expect(violations('result', result)).toEqual([]);
    expect(result).toMatchObject({ verdict: 'unchanged', exitCode: 0 });
  });

  test('a forced update is no other template', async () => {
    const { engine } = await updated([]);
    await run(['restart', '-q', 'web'], { engine });
    const { code } = await run(['rollback', '--to', (await idsOf(engine))[1] ?? '', 'web'], { engine });
    expect({ code, sent: engine.sent() }).toEqual({ code: 0, sent: [SENT] });
  });

  test('but its tasks fail: 5', async () => {
    const { engine, ids } = await updated(['crash:1.0'], {
      UpdateConfig: { Parallelism: 1, Monitor: 5e8, MaxFailureRatio: 0, FailureAction: 'continue' },
    });
    const { code, stderr } = await run(['rollback', '--to', ids[0] ?? '', 'web'], { engine });
    expect({ code, sent: engine.sent() }).toEqual({ code: 5, sent: [] });
    expect(stderr).toContain('already there');
    expect(stderr).toContain('task: non-zero exit (3)');
  });
});

describe('refused before anything is sent', () => {
  test.each([
    [
      'beef',
      1,
      /^swarmroll: web: no generation beef is kept; nothing was sent\n {2}see what is kept with: swarmroll history web\n$/,
    ],
    ['', 2, /^swarmroll: --to must be the id of a generation/],
  ])('the id "%s"', async (id, code, said) => {
    const { engine } = await updated(['ping:1.1']);
    const ended = await run(['rollback', '--to', id, 'web'], { engine });
    expect({ code: ended.code, sent: engine.sent() }).toEqual({ code, sent: [] });
    expect(ended.stderr).toMatch(said);
  });

  test.each([
    ['secret', { Secrets: [{ SecretID: 'key-id', SecretName: 'key' }] }],
    ['config', { Configs: [{ ConfigID: 'key-id', ConfigName: 'key' }] }],
  ])('a %s that is gone', async (kind, parts) => {
    const engine = fakeEngine();
    const names = engine.names[`${kind}s` as 'secrets' | 'configs'];
    names.add('key');
    const ContainerSpec = { Image: 'ping:1.0', ...parts } as NonNullable<
      ServiceSpec['TaskTemplate']['ContainerSpec']
    >;
    engine.given('web', 'ping:1.0', { TaskTemplate: { ContainerSpec } });
    engine.change('web', ({ TaskTemplate }) => (TaskTemplate.ContainerSpec = { Image: 'ping:1.1' }));
    await engine.clock.sleep(3_000);
    const [, id = ''] = await idsOf(engine);
    names.delete('key');
    const { code, stderr } = await run(['rollback', '--to', id, 'web'], { engine });
    expect({ code, sent: engine.sent() }).toEqual({ code: 1, sent: [] });
    expect(stderr).toBe(
      `swarmroll: web: cannot roll back to ${id}: ${kind} key (id key-id) is gone; nothing was sent\n` +
        '  to set its image alone: swarmroll update --image ping:1.0 web\n',
    );
  });

  test('what cannot be looked up is named, and counts as there', async () => {
    const engine = fakeEngine();
    for (const kind of ['secrets', 'configs', 'networks'] as const) engine.names[kind].add('key');
    const container = {
      Image: 'ping:1.0',
      Secrets: [{ SecretID: 'key-id', SecretName: 'key' }],
      Configs: [{ ConfigID: 'key-id', ConfigName: 'key' }],
    } as NonNullable<ServiceSpec['TaskTemplate']['ContainerSpec']>;
    engine.given('web', 'ping:1.0', {
      TaskTemplate: { ContainerSpec: container, Networks: [{ Target: 'key-id' }] },
    });
    engine.change('web', ({ TaskTemplate }) => (TaskTemplate.ContainerSpec = { Image: 'ping:1.1' }));
    await engine.clock.sleep(3_000);
    engine.inject(/^GET \/(secrets|configs|networks)/, answer(403, { message: 'not for you' }));
    const { code, stderr } = await run(['rollback', 'web'], { engine });
    expect(code).toBe(0);
    const told = (kind: string) =>
      `swarmroll: warning: not checked: whether the ${kind} of the spec exist: not for you\n`;
    for (const kind of ['secrets', 'configs', 'networks']) expect(stderr).toContain(told(kind));
  });

  test('a network that is gone', async () => {
    const engine = fakeEngine();
    engine.names.networks.add('net');
    engine.given('web', 'ping:1.0', {
      TaskTemplate: { ContainerSpec: { Image: 'ping:1.0' }, Networks: [{ Target: 'net-id' }] },
    });
    engine.change('web', ({ TaskTemplate }) => {
      TaskTemplate.ContainerSpec = { Image: 'ping:1.1' };
      TaskTemplate.Networks = [];
    });
    await engine.clock.sleep(3_000);
    const [, id = ''] = await idsOf(engine);
    engine.names.networks.delete('net');
    const { code, stderr } = await run(['rollback', '--to', id, 'web'], { engine });
    expect({ code, sent: engine.sent() }).toEqual({ code: 1, sent: [] });
    expect(stderr).toMatch(/: cannot roll back to \w+: network net-id is gone; nothing was sent\n/);
  });
});

describe('the verdicts of an update', () => {
  const back: Partial<ServiceSpec> = {
    TaskTemplate: { ContainerSpec: { Image: 'ping:1.0' }, RestartPolicy: { Delay: 60e9 }, Placement: {} },
    UpdateConfig: { Parallelism: 1, Monitor: 5e8, MaxFailureRatio: 0, FailureAction: 'rollback' },
  };

  test('it crashes, and the engine rolls it back: 3, with no previous spec left', async () => {
    const { engine, ids } = await updated(['crash:1.0'], back);
    expect(ids[0]).toBe(ids[2]);
    const { code } = await run(['rollback', '--to', ids[1] ?? '', 'web'], { engine });
    expect({ code, sent: engine.sent() }).toEqual({ code: 3, sent: [SENT] });
    expect(engine.states('web')).toEqual({ 'ping:1.0 running': 1 });
    const nowhere = await run(['rollback', 'web'], { engine });
    expect(nowhere.code).toBe(1);
    expect(nowhere.stderr).toBe(
      'swarmroll: web: nothing to roll back to: there is no previous spec\n  see the earlier task templates with: swarmroll history web; roll back to one with: swarmroll rollback --to ID web\n',
    );
    expect(engine.sent()).toHaveLength(1);
  });

  test('--timeout: 124; --detach: accepted', async () => {
    const { engine, ids } = await updated(['hangs:1.0', 'ping:1.1']);
    const [, hangs = '', first = ''] = ids;
    const late = await run(['rollback', '--timeout', '5s', '--to', hangs, 'web'], { engine });
    expect(late.code).toBe(124);
    expect(late.stderr).toMatch(/^swarmroll: web: not converged after 5s/m);
    const detached = await run(['rollback', '--detach', '-o', 'json', '--to', first, 'web'], { engine });
    expect(detached.code).toBe(0);
    expect(JSON.parse(detached.stdout)).toMatchObject({ action: 'update', verdict: 'accepted' });
    expect(imageIn(engine)).toBe('ping:1.0');
  });
});
