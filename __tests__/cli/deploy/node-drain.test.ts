/** `node drain` and `node undrain`: what is refused, what is sent in which order, and what is left. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { ServiceSpec } from '../../../src/api/service.ts';
import { DRAIN_LABEL, markedNode, withMark, withoutMark } from '../../../src/service-spec/drain-mark.ts';
import { fakeEngine } from '../../support/fake-engine/engine.ts';
import type { FakeEngine } from '../../support/fake-engine/engine.ts';
import { LOCKED, NO_MANAGER, answer, cutAfter, cutBefore, first } from '../../support/fake-engine/faults.ts';
import { run } from '../../support/fake-world.ts';
import { violations } from '../../support/schema.ts';

const PING = 'ping:1.0';
const replicas = (Replicas: number): Partial<ServiceSpec> => ({ Mode: { Replicated: { Replicas } } });
const SENT = (name: string): string => `update ${name} registryAuthFrom=spec`;

/** web has a task on each of the three nodes. */
function withWeb(changes: Partial<ServiceSpec> = {}): FakeEngine {
  const engine = fakeEngine();
  engine.given('web', PING, { ...replicas(3), ...changes });
  return engine;
}

const onNode = (engine: FakeEngine, name: string, node: string): number =>
  engine.tasks(name).filter(({ NodeID, DesiredState }) => NodeID === node && DesiredState === 'running')
    .length;
const runningTasks = (engine: FakeEngine, name: string): number =>
  engine
    .tasks(name)
    .filter(({ Status, DesiredState }) => Status.State === 'running' && DesiredState === 'running').length;

test('each service is marked, moves and loses its mark; then the node is drained', async () => {
  const engine = withWeb();
  engine.given('api', PING, replicas(3));
  engine.given('all', PING, { Mode: { Global: {} } });
  const before = ['web', 'api', 'all'].map((name) => engine.stored(name).Spec);
  const kept = engine.tasks('web').filter(({ NodeID }) => NodeID !== 'n2');
  const { code, stdout, stderr } = await run(['node', 'drain', 'node-n2'], { engine });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const sent = engine.sent();
  expect(sent[0]).toBe('node n2');
  expect(sent.at(-1)).toBe('node n2');
  expect(sent.slice(1, -1).sort()).toEqual([SENT('api'), SENT('api'), SENT('web'), SENT('web')]);
  expect(engine.changes[0]?.body).toMatchObject({
    Availability: 'pause',
    Labels: { [DRAIN_LABEL]: 'active' },
  });
  expect(markedNode(engine.changes[1]?.body as ServiceSpec)).toBe('n2');
  expect(engine.node('n2')).toMatchObject({ Availability: 'drain', Labels: { [DRAIN_LABEL]: 'active' } });
  expect(['web', 'api', 'all'].map((name) => engine.stored(name).Spec)).toEqual(before);
  expect(['web', 'api', 'all'].map((name) => onNode(engine, name, 'n2'))).toEqual([0, 0, 0]);
  const now = new Set(
    engine
      .tasks('web')
      .filter(({ DesiredState }) => DesiredState === 'running')
      .map(({ ID }) => ID),
  );
  expect(kept.every(({ ID }) => now.has(ID))).toBe(true);
  expect(stdout).toMatch(/^SERVICE +MOVED +FEWEST RUNNING +FEWER FOR +TO\n(.*\n){2}node-n2 is drained\n$/);
  expect(stdout).toMatch(/^web +1 +2 of 3/m);
});

test('--dry-run prints the plan and sends nothing', async () => {
  const engine = withWeb();
  const { code, stdout, stderr } = await run(['node', 'drain', '--dry-run', 'n2'], { engine });
  expect({ code, sent: engine.sent() }).toEqual({ code: 0, sent: [] });
  expect(stdout).toMatch(/^SERVICE +ON node-n2 +ORDER +FEWEST RUNNING\nweb +1 of 3 +stop-first +2 of 3\n/);
  expect(stderr).toBe('dry run: nothing was changed\n');
});

test('--start-first changes the order for this move alone', async () => {
  const engine = withWeb();
  const { code, stdout } = await run(['node', 'drain', '--start-first', 'n2'], { engine });
  expect(code).toBe(0);
  expect(engine.changes[1]?.body).toMatchObject({ UpdateConfig: { Order: 'start-first' } });
  expect(stdout).toMatch(/^web +1 +3 of 3 +- /m);
  expect(engine.stored('web').Spec.UpdateConfig?.Order).toBeUndefined();
});

test.each<[what: string, prepare: (engine: FakeEngine) => unknown, reason: RegExp]>([
  ['a node that is down', (engine) => engine.setNode('n2', 'down'), /^refused: node-n2: the node is down$/m],
  [
    'an update under way',
    (engine) =>
      engine.change('web', (spec) => {
        Object.assign(spec.TaskTemplate, { ContainerSpec: { Image: 'hangs:1.0' } });
      }),
    /^refused: web: it is being updated\n {2}wait for that with: swarmroll wait web$/m,
  ],
  [
    'no other node',
    (engine) => ['n1', 'n3'].map((id) => engine.setNode(id, 'pause')),
    /^refused: web: no place on another node: the task finds no node: .*node-n2.*paused/m,
  ],
  [
    'a label of somebody else',
    (engine) => engine.change('web', (spec) => (spec.Labels = { [DRAIN_LABEL]: 'x' })),
    /^refused: web: it has a label swarmroll\.drain without the constraint/m,
  ],
  [
    'the mark of another drain',
    (engine) =>
      engine.change('web', (spec) =>
        Object.assign(spec, withMark(spec, 'n9', { startsFirst: false, isSeveral: false })),
      ),
    /^refused: web: (a drain of the node n9 has changed it|it is being updated)$/m,
  ],
])('refused: %s', async (_, prepare, reason) => {
  const engine = withWeb();
  engine.setNode('n2', 'pause');
  prepare(engine);
  await engine.clock.sleep(100);
  const { code, stdout, stderr } = await run(['node', 'drain', 'n2'], { engine });
  expect({ code, stdout, sent: engine.sent() }).toEqual({ code: 1, stdout: '', sent: [] });
  expect(stderr).toMatch(reason);
  expect(stderr).toMatch(
    /^swarmroll: node-n2: not drained, \d things? (is|are) in the way; nothing was sent$/m,
  );
  const dry = await run(['node', 'drain', '--dry-run', 'n2'], { engine });
  expect(dry).toMatchObject({ code: 1, stdout: expect.stringMatching(reason) });
});

test('a node that somebody has set active after a drain: no drain is under way, and it is drained again', async () => {
  const engine = withWeb();
  engine.given('api', PING, replicas(3));
  expect((await run(['node', 'drain', 'n2'], { engine })).code).toBe(0);
  engine.setNode('n2', 'active');
  expect((await run(['node', 'drain', 'n3'], { engine })).code).toBe(0);
  expect((await run(['node', 'undrain', 'n3'], { engine })).code).toBe(0);
  expect((await run(['node', 'drain', 'n2'], { engine })).code).toBe(0);
  expect((await run(['node', 'undrain', 'n2'], { engine })).stdout).toBe('node-n2 is active\n');
});

test('a node that was paused before the drain is paused after undrain', async () => {
  const engine = withWeb();
  engine.setNode('n2', 'pause');
  expect((await run(['node', 'drain', 'n2'], { engine })).code).toBe(0);
  expect((await run(['node', 'undrain', 'n2'], { engine })).stdout).toBe('node-n2 is paused\n');
  expect(engine.node('n2').Availability).toBe('pause');
});

test('refused: another drain is under way', async () => {
  const engine = withWeb();
  engine.inject(/^POST \/services\//, answer(400, { message: 'no' }));
  expect((await run(['node', 'drain', 'n3'], { engine })).code).toBe(1);
  expect(engine.node('n3').Availability).toBe('pause');
  const { code, stderr } = await run(['node', 'drain', 'n2'], { engine });
  expect({ code, sent: engine.sent().filter((line) => line.includes('n2')) }).toEqual({ code: 1, sent: [] });
  expect(stderr).toContain('node-n2: a drain of node-n3 is under way, or was interrupted\n');
});

test('refused: a paused update, which a change would resume', async () => {
  const engine = withWeb();
  await run(['update', '-q', '--image', 'crash:1.0', 'web'], { engine });
  const sent = engine.sent().length;
  const { code, stderr } = await run(['node', 'drain', 'n2'], { engine });
  expect({ code, sent: engine.sent().length }).toEqual({ code: 1, sent });
  expect(stderr).toContain('web: its update is paused, and any change would resume it\n');
});

test('--allow-down: the service is left as it is, and its task ends with the drain', async () => {
  const engine = fakeEngine();
  engine.given('db', PING, {
    TaskTemplate: {
      ContainerSpec: { Image: PING },
      RestartPolicy: { Delay: 5e8 },
      Placement: { Constraints: ['node.id==n2'] },
    },
  });
  const pinned = await run(['node', 'drain', 'n2'], { engine });
  expect(pinned).toMatchObject({ code: 1 });
  expect(pinned.stderr).toContain('--allow-down db');
  const { code } = await run(['node', 'drain', '--allow-down', 'db', 'n2'], { engine });
  expect({ code, sent: engine.sent() }).toEqual({ code: 0, sent: ['node n2', 'node n2'] });
  expect(runningTasks(engine, 'db')).toBe(0);
});

test.each(['PREFIX', 'db'])(
  '--allow-down takes %s: an id, then a name, then the beginning of an id',
  async (ref) => {
    const engine = fakeEngine();
    const id = engine.given('db', PING, replicas(3));
    // Its name is the id of the other one.
    engine.given(id, PING, replicas(3));
    const word = ref === 'PREFIX' ? id.slice(0, 12) : ref;
    for (const one of [word, id]) {
      const { code, stdout } = await run(['node', 'drain', '--dry-run', '--allow-down', one, 'n2'], {
        engine,
      });
      expect({ code, stdout }).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('down meanwhile: db:'),
      });
    }
  },
);

test('a service that fails elsewhere is undone; the rest is not begun, and nothing is drained: 5', async () => {
  const engine = withWeb();
  const before = engine.stored('web').Spec;
  // The other nodes take no tasks from the moment of the first change on.
  engine.setNode('n1', 'pause');
  engine.inject(
    /^POST \/services\//,
    first(() => engine.setNode('n3', 'pause')),
    { times: 1 },
  );
  const { code, stdout, stderr } = await run(['node', 'drain', '--start-first', 'n2'], { engine });
  expect({ code, stdout }).toEqual({ code: 5, stdout: '' });
  expect(stderr).toMatch(
    /^swarmroll: web: not moved, and undone: (a task finds no node|nothing has changed).*; node-n2 is paused, not drained$/m,
  );
  expect(engine.stored('web').Spec).toEqual(before);
  expect(engine.node('n2').Availability).toBe('pause');
  expect(runningTasks(engine, 'web')).toBe(3);
});

describe('--report', () => {
  const folder = mkdtempSync(join(tmpdir(), 'swarmroll-drain-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Runs a drain with all three forms of a report, one after the other. @returns the JSON, and the others as text */
  async function reported(make: () => FakeEngine, ...flags: readonly string[]) {
    const texts: Record<string, string> = {};
    const codes: number[] = [];
    for (const form of ['json', 'md', 'html']) {
      const path = join(folder, `report.${form}`);
      codes.push((await run(['node', 'drain', ...flags, '--report', path, 'n2'], { engine: make() })).code);
      texts[form] = readFileSync(path, 'utf8');
    }
    const { json = '', md = '', html = '' } = texts;
    const report = JSON.parse(json) as { readonly exitCode: number };
    expect(violations('report', report)).toEqual([]);
    expect(codes).toEqual([report.exitCode, report.exitCode, report.exitCode]);
    return { report, md, html };
  }

  /** web and api, and what somebody else does once the mark of the first one is stored. */
  const withOther = (act: (engine: FakeEngine) => void) => (): FakeEngine => {
    const engine = withWeb();
    engine.given('api', PING, replicas(3));
    let isDone = false;
    engine.inject(
      /^GET \/services\?/,
      first(() => {
        if (isDone || !engine.sent().includes(SENT('api'))) return;
        isDone = true;
        act(engine);
      }),
    );
    return engine;
  };

  test.each([
    ['that moves', 'api'],
    ['that is still to move', 'web'],
  ])('somebody else removes a service %s: nothing of it had to move', async (_, name) => {
    const { report, md } = await reported(withOther((engine) => engine.remove(name)));
    const ends = ['api', 'web'].map((one) => ({
      service: { name: one },
      verdict: one === name ? 'unchanged' : 'converged',
      exitCode: 0,
    }));
    expect(report).toMatchObject({ verdict: 'converged', exitCode: 0, services: ends });
    expect(md).toContain('all 2 services converged');
  });

  test('somebody else changes a service that moves: 7, also in the report', async () => {
    const { report, md, html } = await reported(
      withOther((engine) => engine.change('api', (spec) => Object.assign(spec, withoutMark(spec)))),
    );
    expect(report).toMatchObject({
      verdict: 'error',
      exitCode: 7,
      services: [
        { service: { name: 'api' }, verdict: 'superseded', exitCode: 7 },
        { service: { name: 'web' }, verdict: 'notSent', exitCode: 7 },
      ],
      error: { message: expect.stringContaining('somebody else has changed it') },
    });
    for (const text of [md, html]) expect(text).toContain('replaced by another change');
  });

  test('no service on the node: nothing had to move', async () => {
    const { report, md, html } = await reported(fakeEngine);
    expect(report).toMatchObject({ verdict: 'converged', exitCode: 0, services: [] });
    for (const text of [md, html]) expect(text).toContain('swarmroll node drain: nothing had to move');
  });

  test('what has moved, and where to', async () => {
    const { report, md, html } = await reported(withWeb);
    expect(report).toMatchObject({ action: 'node drain', verdict: 'converged', exitCode: 0 });
    for (const text of [md, html]) expect(text).toContain('swarmroll node drain: web: converged');
    const told = '1 task moved to node-n';
    for (const text of [JSON.stringify(report), md, html]) expect(text).toContain(told);
  });

  test('what could not, with the hint', async () => {
    const { report, md, html } = await reported(() => {
      const engine = withWeb();
      engine.setNode('n1', 'pause');
      engine.inject(
        /^POST \/services\//,
        first(() => engine.setNode('n3', 'pause')),
        { times: 1 },
      );
      return engine;
    }, '--start-first');
    expect(report).toMatchObject({
      verdict: 'failed',
      exitCode: 5,
      services: [{ verdict: 'failed', exitCode: 5, service: { name: 'web' } }],
      error: { hint: 'to undo the drain: swarmroll node undrain node-n2' },
    });
    for (const text of [md, html]) {
      expect(text).toContain('not moved, and undone');
      expect(text).toContain('swarmroll node undrain node-n2');
    }
  });

  test('what is in the way', async () => {
    const { report, md, html } = await reported(() => {
      const engine = withWeb();
      for (const node of ['n1', 'n3']) engine.setNode(node, 'pause');
      return engine;
    });
    expect(report).toMatchObject({ verdict: 'error', exitCode: 1, services: [{ exitCode: 1 }] });
    for (const text of [md, html]) expect(text).toContain('--allow-down');
  });
});

test('undrain: the marks are taken out first, then the node is as it was', async () => {
  const engine = withWeb();
  const before = engine.stored('web').Spec;
  engine.inject(/^POST \/services\//, cutAfter, { times: 1 });
  const stop = new AbortController();
  engine.inject(
    /^GET \/services\?/,
    first(() => {
      if (engine.sent().length >= 2) stop.abort('SIGINT');
    }),
  );
  const { code, stderr } = await run(['node', 'drain', 'n2'], {
    engine,
    changes: { interrupted: stop.signal },
  });
  expect(code).toBe(130);
  expect(stderr).toMatch(/interrupted: node-n2 is not drained yet/);
  expect(markedNode(engine.stored('web').Spec)).toBe('n2');
  const sent = engine.sent().length;
  const undone = await run(['node', 'undrain', 'node-n2'], { engine });
  expect(undone).toMatchObject({ code: 0, stdout: 'node-n2 is active\n' });
  expect(engine.sent().slice(sent)).toEqual([SENT('web'), 'node n2']);
  expect(engine.stored('web').Spec).toEqual(before);
  expect(engine.node('n2')).toMatchObject({ Availability: 'active' });
  expect(engine.node('n2').Labels).not.toHaveProperty(DRAIN_LABEL);
  const all = engine.sent().length;
  expect(await run(['node', 'undrain', 'n2'], { engine })).toEqual({ ...undone, stderr: '' });
  expect(engine.sent()).toHaveLength(all);
});

test.each(['pause', 'drain'] as const)('undrain: a node that somebody has set to %s stays so', async (to) => {
  const engine = withWeb();
  engine.setNode('n2', to);
  const { code, stdout, stderr } = await run(['node', 'undrain', 'n2'], { engine });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('docker node update --availability active node-n2');
  expect(engine.node('n2').Availability).toBe(to);
});

/** The state that a drain leaves which is killed once web has the mark and its tasks have moved. */
async function killed(engine: FakeEngine): Promise<void> {
  const stop = new AbortController();
  engine.inject(
    /^GET \/services\?/,
    first(() => {
      if (engine.sent().length >= 2) stop.abort('SIGINT');
    }),
  );
  await run(['node', 'drain', 'n2'], { engine, changes: { interrupted: stop.signal } });
  await engine.clock.sleep(10_000);
  expect(markedNode(engine.stored('web').Spec)).toBe('n2');
}

test('undrain of a node that has been removed takes the marks out', async () => {
  const engine = withWeb();
  const before = engine.stored('web').Spec;
  engine.change('web', (spec) =>
    Object.assign(spec, withMark(spec, 'n9', { startsFirst: false, isSeveral: false })),
  );
  await engine.clock.sleep(10_000);
  const { code, stdout } = await run(['node', 'undrain', 'n9'], { engine });
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'n9 is no node of the swarm any more\n' });
  expect(engine.stored('web').Spec).toEqual(before);
  expect((await run(['node', 'undrain', 'n9'], { engine })).stderr).toMatch(/^swarmroll: no such node: n9\n/);
});

test('a paused update of somebody else that began during a drain is not resumed by taking the mark out', async () => {
  const engine = withWeb();
  await killed(engine);
  expect((await run(['update', '-q', '--image', 'crash:1.0', 'web'], { engine })).code).toBe(4);
  const sent = engine.sent().length;
  for (const words of [['drain', '--dry-run'], ['drain'], ['undrain']]) {
    const { code, stdout, stderr } = await run(['node', ...words, 'n2'], { engine });
    expect({ code, sent: engine.sent().length }).toEqual({ code: 1, sent });
    expect(`${stdout}${stderr}`).toMatch(
      /web: a drain has changed it, and its update is paused: any change would resume it\n {2}.*swarmroll wait web; then/,
    );
  }
  expect(engine.node('n2').Availability).toBe('pause');
});

test('undrain takes the marks out of all other services', async () => {
  const engine = withWeb();
  engine.given('api', PING, replicas(3));
  engine.given('zoo', PING, replicas(3));
  const before = engine.stored('zoo').Spec;
  for (const name of ['api', 'web', 'zoo'])
    engine.change(name, (spec) =>
      Object.assign(spec, withMark(spec, 'n2', { startsFirst: false, isSeveral: true })),
    );
  await engine.clock.sleep(60_000);
  for (const name of ['api', 'web']) await run(['update', '-q', '--image', 'crash:1.0', name], { engine });
  const { code, stderr } = await run(['node', 'undrain', 'n2'], { engine });
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^swarmroll: (api|web): a drain has changed it, .*; (api|web): a drain has changed it, /m,
  );
  expect(engine.stored('zoo').Spec).toEqual(before);
});

/** Something that happens once, after so many changes were sent. */
function once(engine: FakeEngine, sent: number, act: () => unknown): void {
  let isDone = false;
  engine.inject(
    /^GET \/services\?/,
    first(async () => {
      if (isDone || engine.sent().length < sent) return;
      isDone = true;
      await act();
    }),
  );
}

test('an update of somebody else under way: taking the mark out would make it what the engine rolls back to', async () => {
  const engine = withWeb();
  await killed(engine);
  engine.change('web', (spec) => {
    spec.TaskTemplate = { ...spec.TaskTemplate, ContainerSpec: { Image: 'hangs:1.0' } };
  });
  await engine.clock.sleep(100);
  const sent = engine.sent().length;
  for (const words of [['drain', '--dry-run'], ['drain'], ['undrain']]) {
    const { code, stdout, stderr } = await run(['node', ...words, 'n2'], { engine });
    expect({ code, sent: engine.sent().length }).toEqual({ code: 1, sent });
    expect(`${stdout}${stderr}`).toMatch(
      /web: a drain has changed it, and an update of it is under way\n {2}wait for that with: swarmroll wait web; then/,
    );
  }
});

test('undrain restores the update settings also where somebody else has taken the constraint out', async () => {
  const UpdateConfig = { Parallelism: 1, FailureAction: 'rollback' as const, MaxFailureRatio: 0.3 };
  const engine = withWeb({ UpdateConfig });
  const before = engine.stored('web').Spec;
  await killed(engine);
  const { TaskTemplate } = before;
  engine.change('web', (spec) => Object.assign(spec, { TaskTemplate }));
  await engine.clock.sleep(10_000);
  expect((await run(['node', 'drain', '--dry-run', 'n3'], { engine })).stdout).toContain(
    'web: a drain of the node n2 has changed it\n  undo that with: swarmroll node undrain n2\n',
  );
  expect(engine.stored('web').Spec.UpdateConfig?.FailureAction).toBe('pause');
  expect((await run(['node', 'undrain', 'n2'], { engine })).code).toBe(0);
  expect(engine.stored('web').Spec).toEqual(before);
  expect(engine.node('n2').Availability).toBe('active');
});

test('a drain that is run again takes the label out where somebody else has taken the constraint out', async () => {
  const engine = withWeb();
  const before = engine.stored('web').Spec;
  await killed(engine);
  const { TaskTemplate } = before;
  engine.change('web', (spec) => Object.assign(spec, { TaskTemplate }));
  await engine.clock.sleep(10_000);
  expect(onNode(engine, 'web', 'n2')).toBe(0);
  expect((await run(['node', 'drain', 'n2'], { engine })).code).toBe(0);
  expect(engine.stored('web').Spec).toEqual(before);
});

test('an update of somebody else that is paused while the service moves: its mark stays', async () => {
  const engine = withWeb();
  once(engine, 2, () => {
    engine.change('web', (spec) => {
      spec.TaskTemplate = { ...spec.TaskTemplate, ContainerSpec: { Image: 'crash:1.0' } };
    });
  });
  const { code, stderr } = await run(['node', 'drain', 'n2'], { engine });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^swarmroll: web: a drain has changed it, and its update is paused: /m);
  expect(engine.stored('web').UpdateStatus?.State).toBe('paused');
});

test.each<[string, string, number, (engine: FakeEngine) => unknown, RegExp, string]>([
  [
    'set the node active',
    'api',
    3,
    (engine) => engine.setNode('n2', 'active'),
    /it is active now\n {2}run the command again, or undo it with: swarmroll node undrain node-n2\n$/,
    'active',
  ],
  ['drained the node', 'api', 2, (engine) => engine.setNode('n2', 'drain'), /it is drained now\n/, 'drain'],
  [
    'undone the drain',
    'web',
    3,
    (engine) => run(['node', 'undrain', 'n2'], { engine }),
    /it is active now\n {2}run the command again\n$/,
    'active',
  ],
])(
  'somebody else has %s meanwhile: 7, and the node stays so',
  async (_, other, sent, act, told, availability) => {
    const engine = withWeb();
    if (other !== 'web') engine.given(other, PING, replicas(3));
    once(engine, sent, () => act(engine));
    const { code, stdout, stderr } = await run(['node', 'drain', 'n2'], { engine });
    expect({ code, stdout, stderr }).toMatchObject({
      code: 7,
      stdout: '',
      stderr: expect.stringMatching(/^swarmroll: node-n2: somebody else has changed it: /m),
    });
    expect(stderr).toMatch(told);
    expect(engine.node('n2').Availability).toBe(availability);
  },
);

test.each([
  ['the node', /^GET \/nodes/, { status: 200, body: [] }, 'node-n2: somebody has removed it from the swarm'],
  [
    'a network',
    /^POST \/services\//,
    { status: 404, body: { message: 'network x not found' } },
    'network x not found',
  ],
])('%s is gone meanwhile: 1 that says so', async (_, request, { status, body }, told) => {
  const engine = withWeb();
  engine.inject(request, async (pass) => (engine.sent().length < 1 ? pass() : { status, body }));
  const { code, stderr } = await run(['node', 'drain', 'n2'], { engine });
  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining(told) });
  expect(stderr.includes('removed it')).toBe(told.includes('removed it'));
});

test('undrain: if a mark cannot be taken out, the node stays as it is', async () => {
  const engine = withWeb();
  await killed(engine);
  engine.inject(/^POST \/services\//, answer(403, 'Forbidden'));
  const { code } = await run(['node', 'undrain', 'n2'], { engine });
  expect(code).toBe(1);
  expect(engine.node('n2').Availability).toBe('pause');
});

test('rollback after a drain does not bring the constraint back', async () => {
  const engine = withWeb();
  await run(['node', 'drain', 'n2'], { engine });
  const sent = engine.sent().length;
  const { code, stderr } = await run(['rollback', 'web'], { engine });
  expect({ code, sent: engine.sent().length }).toEqual({ code: 1, sent });
  expect(stderr).toContain('web: nothing to roll back to: the previous spec is that of a node drain\n');
});

test('a wrong command line: 2, and a node that does not exist: 1', async () => {
  const engine = withWeb();
  expect((await run(['node', 'drain'], { engine })).code).toBe(2);
  const { code, stderr } = await run(['node', 'drain', 'n9'], { engine });
  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('no such node: n9') });
});

test.each([
  ['cannot be reached', cutBefore, /^swarmroll: cannot reach the engine/],
  ['is no manager', NO_MANAGER, /is not a swarm manager\n.*: choose a manager of the swarm/],
  ['is locked', LOCKED, /needs to be unlocked.*\n.*: unlock it with: docker swarm unlock/],
])('an engine that %s: 1 at once, as from any command', async (_, fault, told) => {
  for (const words of [['drain'], ['drain', '--dry-run'], ['undrain']]) {
    const engine = fakeEngine();
    engine.inject(/./, fault);
    const { code, stderr } = await run(['node', ...words, 'node-n1'], { engine });
    expect({ code, changes: engine.changes, time: engine.clock.now() }).toEqual({
      code: 1,
      changes: [],
      time: 0,
    });
    expect(stderr).toMatch(told);
    expect(stderr).not.toContain('trying again');
  }
});
