/** Every command that rolls out, from its words to each of its exit codes; and those that only read. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Node } from '../../../src/api/cluster.ts';
import type { UpdateConfig } from '../../../src/api/service.ts';
import { EXIT_CODES } from '../../../src/errors.ts';
import { fakeEngine } from '../../support/fake-engine/engine.ts';
import type { FakeEngine } from '../../support/fake-engine/engine.ts';
import { LOCKED, answer } from '../../support/fake-engine/faults.ts';
import { run } from '../../support/fake-world.ts';
import { violations } from '../../support/schema.ts';

const folder = mkdtempSync(join(tmpdir(), 'swarmroll-exit-codes-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Words = readonly [command: string, ...words: string[]];

const config = (FailureAction: string): UpdateConfig => ({
  Parallelism: 1,
  Monitor: 5e8,
  MaxFailureRatio: 0,
  FailureAction,
});

/** Makes the tasks of web run an image, each command in its own way. @param action of a failure of the update or the rollback */
const PREPARED: Readonly<
  Record<string, (engine: FakeEngine, image: string, action: string) => Words | Promise<Words>>
> = {
  create: (_, image) => [
    'create',
    '--name',
    'web',
    '--restart-delay',
    '500ms',
    '--update-monitor',
    '500ms',
    image,
  ],
  update: (engine, image, action) => {
    engine.given('web', 'ping:1.0', { UpdateConfig: config(action) });
    return ['update', '--image', image, 'web'];
  },
  restart: (engine, image, action) => {
    engine.given('web', image, { UpdateConfig: config(action) });
    return ['restart', 'web'];
  },
  scale: (engine, image) => {
    engine.given('web', image);
    return ['scale', 'web=2'];
  },
  rollback: async (engine, image, action) => {
    engine.given('web', image, { RollbackConfig: config(action) });
    setImage(engine, 'ping:1.2');
    await engine.clock.sleep(3_000);
    return ['rollback', 'web'];
  },
  wait: (engine, image, action) => {
    engine.given('web', 'ping:1.0', { UpdateConfig: config(action) });
    setImage(engine, image);
    return ['wait', 'web'];
  },
};

const setImage = (engine: FakeEngine, Image: string): void =>
  engine.change('web', ({ TaskTemplate }) => {
    TaskTemplate.ContainerSpec = { ...TaskTemplate.ContainerSpec, Image };
  });

/** What happens, and the exit code of each command; those that are not named have the first one. */
const ENDS: readonly (readonly [
  what: string,
  {
    readonly code: number;
    readonly others?: Readonly<Record<string, number>>;
    readonly image?: string;
    readonly action?: string;
    readonly flags?: readonly string[];
    readonly meanwhile?: (engine: FakeEngine, interrupt: AbortController) => void;
  },
])[] = [
  ['all runs', { code: 0 }],
  ['accepted, with --detach', { code: 0, image: 'crash:1.0', flags: ['--detach'], others: { wait: 2 } }],
  [
    'nothing is sent, with --dry-run',
    { code: 0, image: 'crash:1.0', flags: ['--dry-run'], others: { wait: 2 } },
  ],
  [
    'refused',
    {
      code: 1,
      meanwhile: (engine) => engine.inject(/^POST/, answer(400, { message: 'no good' })),
      others: { wait: 0 },
    },
  ],
  ['the swarm is locked', { code: 1, meanwhile: (engine) => engine.inject(/./, LOCKED) }],
  ['a wrong flag', { code: 2, flags: ['--nope'] }],
  // Only an update pauses or is rolled back: not the tasks that are new.
  [
    'its tasks fail, pause',
    { code: 4, image: 'crash:1.0', action: 'pause', others: { create: 5, scale: 5 } },
  ],
  ['its tasks fail, continue', { code: 5, image: 'crash:1.0', action: 'continue' }],
  // A rollback is never rolled back, and what a restart is undone to crashes as well.
  [
    'its tasks fail, rollback',
    {
      code: 3,
      image: 'crash:1.0',
      action: 'rollback',
      others: { create: 5, scale: 5, restart: 4, rollback: 4 },
    },
  ],
  ['nothing moves', { code: 5, image: 'hangs:1.0', flags: ['--progress-deadline', '4s'] }],
  [
    'the service is removed',
    {
      code: 7,
      image: 'hangs:1.0',
      meanwhile: ({ clock, remove }) => clock.later(2_000, () => remove('web')),
    },
  ],
  [
    'another image',
    {
      code: 7,
      image: 'hangs:1.0',
      meanwhile: (engine) => engine.clock.later(2_000, () => setImage(engine, 'ping:1.1')),
      others: { wait: 0, scale: 7 },
    },
  ],
  ['a timeout', { code: 124, image: 'hangs:1.0', flags: ['--timeout', '3s'] }],
  [
    'SIGINT',
    {
      code: 130,
      image: 'hangs:1.0',
      meanwhile: ({ clock }, interrupt) => clock.later(2_000, () => interrupt.abort('SIGINT')),
    },
  ],
  [
    'SIGTERM',
    {
      code: 143,
      image: 'hangs:1.0',
      meanwhile: ({ clock }, interrupt) => clock.later(2_000, () => interrupt.abort('SIGTERM')),
    },
  ],
];

describe.each(Object.entries(PREPARED))('%s', (command, prepare) => {
  test.each(ENDS)(
    '%s',
    async (what, { code, others = {}, image = 'ping:1.1', action = 'pause', flags = [], meanwhile }) => {
      const engine = fakeEngine();
      const interrupt = new AbortController();
      const [name, ...words] = await prepare(engine, image, action);
      meanwhile?.(engine, interrupt);
      const watches = !flags.some((flag) => /^--(detach|dry-run|nope)$/.test(flag));
      const report = join(folder, `${command}-${what.replace(/\W/g, '-')}.json`);
      const ours = ['-o', 'json', '--max-failures', '3', ...(watches ? ['--report', report] : [])];
      const argv = [name, ...flags, ...ours, ...words];
      const {
        code: ended,
        stdout,
        stderr,
      } = await run(argv, { engine, changes: { interrupted: interrupt.signal } });
      const wanted = others[command] ?? code;
      if (ended !== wanted) throw new Error(`exit ${ended} instead of ${wanted}:\n${stderr}`);
      const result = JSON.parse(stdout) as object;
      expect(result).toMatchObject({ exitCode: wanted });
      expect(violations('result', result)).toEqual([]);
      expect(stderr).not.toMatch(/^ +at /m);
      if (!watches) return;
      // The report is the same object, with what was seen over time.
      const reported = JSON.parse(readFileSync(report, 'utf8')) as object;
      expect(violations('report', reported)).toEqual([]);
      const without = (key: string, value: unknown): unknown =>
        ['timeline', 'changed', 'purposes'].includes(key) ? undefined : value;
      expect(JSON.parse(JSON.stringify(reported, without))).toEqual(result);
      const wasWatched = wanted !== 1 && !stdout.includes('"unchanged"');
      expect(JSON.stringify(reported).includes('"timeline"')).toBe(wasWatched);
    },
  );
});

test('there is a case of every exit code but that of a difference', () => {
  const codes = ENDS.flatMap(([, { code, others = {} }]) => [code, ...Object.values(others)]);
  expect([...new Set(codes)].sort((a, b) => a - b)).toEqual(
    Object.values(EXIT_CODES)
      .filter((code) => code !== EXIT_CODES.differs)
      .sort((a, b) => a - b),
  );
});

test.each([['ps'], ['inspect'], ['diff'], ['history']])(
  '%s: 0, 1 for a service that does not exist, 2 for a wrong flag',
  async (command) => {
    const engine = fakeEngine();
    engine.given('web');
    setImage(engine, 'ping:1.1');
    const codes: number[] = [];
    for (const words of [['web'], ['nope'], ['--nope', 'web']])
      codes.push((await run([command, ...words], { engine })).code);
    expect(codes).toEqual([0, 1, 2]);
    expect(engine.sent()).toEqual([]);
  },
);

test.each([
  [['create', '--constraint', 'node.labels.zone==a', 'ping:1.1'], 0],
  [['create', '--constraint', 'zone=a', 'ping:1.1'], 1],
  [['create', '--name', 'web', 'ping:1.1'], 1],
  [['update', '--image', 'ping:1.1', 'web'], 0],
  [['update', '--constraint-add', 'zone=a', 'web'], 1],
  [['scale', 'web=2', 'job=3'], 0],
  [['restart', 'web', 'old'], 1],
])('the dry run of %j ends with %i: 1 if the engine would refuse a change', async (words, code) => {
  const engine = fakeEngine();
  engine.given('web');
  engine.given('job', 'ping:1.0', { Mode: { ReplicatedJob: {} } });
  const Secrets = [
    { SecretID: 'gone', SecretName: 'gone', File: { Name: 'x', UID: '0', GID: '0', Mode: 0o444 } },
  ];
  engine.given('old', 'ping:1.0', { TaskTemplate: { ContainerSpec: { Image: 'ping:1.0', Secrets } } });
  const [command = '', ...others] = words;
  const planned = await run([command, '--dry-run', ...others], { engine });
  expect(planned.code).toBe(code);
  expect(engine.sent()).toEqual([]);
  const { stdout } = await run([command, '--dry-run', '-o', 'json', ...others], { engine });
  expect(JSON.parse(stdout)).toMatchObject({ exitCode: code });
  expect(violations('result', JSON.parse(stdout))).toEqual([]);
});

// The nodes n1, n2 and n3 are in the zones a, b and b. Where the engine reads the constraints in another way than we do,
// what is seen counts.
test.each<[string, zones: Readonly<Record<string, string>>, counts: RegExp]>([
  ['a node that we leave out, but the engine has a task on', { n3: 'c' }, /1 out of 2/],
  ['all nodes: never 0 out of 0', { n2: 'c', n3: 'c' }, /0 out of 2/],
  ['a node that we want, but the engine puts no task on', { n1: 'b' }, /2 out of 3/],
])('a global service, %s: 5', async (_, zones, counts) => {
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
])('constraints that leave a global service no node are a risk of the plan: %i', async (exit, plan, zone) => {
  const engine = fakeEngine();
  engine.given('web', 'ping:1.0', { Mode: { Global: {} } });
  const words = ['--constraint-add', `node.labels.zone==${zone}`, 'web'];
  const planned = await run(['update', '--dry-run', ...words], { engine });
  expect([planned.code, planned.stdout]).toEqual([0, expect.stringMatching(plan)]);
  expect((await run(['update', ...words], { engine })).code).toBe(exit);
});
