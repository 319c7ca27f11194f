/** The commands that a report tells, after each end of a change: each is run as it stands, and what was there before runs again. */
import { expect, test } from '@jest/globals';
import type { ServiceSpec } from '../../../src/api/service.ts';
import { fakeEngine } from '../../support/fake-engine/engine.ts';
import type { FakeEngine } from '../../support/fake-engine/engine.ts';
import { run } from '../../support/fake-world.ts';

const CRASH = ['--image', 'crash:1.0', 'web'];
const config = (FailureAction: string) => ({
  Parallelism: 1,
  Monitor: 5e8,
  MaxFailureRatio: 0,
  FailureAction,
});

interface Told {
  readonly failures: readonly unknown[];
  readonly next: readonly string[];
  readonly hint?: string;
}
interface Case {
  readonly before?: Partial<ServiceSpec>;
  readonly image?: string;
  /** What happens before the command. */
  readonly prepare?: (engine: FakeEngine) => unknown;
  readonly argv: readonly [command: string, ...words: string[]];
  /** SIGINT comes after ten seconds. */
  readonly signal?: boolean;
  readonly codes: readonly number[];
  /** The commands but `ps`, where ID is the id of a generation. */
  readonly next: readonly string[];
  readonly hint?: RegExp;
  /** What runs once they were followed. */
  readonly states: Readonly<Record<string, number>>;
}

const change = (engine: FakeEngine, ...words: readonly string[]) =>
  run(['update', '-q', ...words], { engine });
/** A failed task is restarted after a minute: some slots still run what was there before. */
const SLOWLY: Partial<ServiceSpec> = {
  Mode: { Replicated: { Replicas: 3 } },
  TaskTemplate: { ContainerSpec: { Image: 'ping:1.0' }, RestartPolicy: { Delay: 10e9 }, Placement: {} },
};
const paused = (engine: FakeEngine) => change(engine, ...CRASH);
const later = (act: (engine: FakeEngine) => void) => (engine: FakeEngine) =>
  engine.clock.later(2_000, () => act(engine));

/** No node takes new tasks. */
const noPlace = (engine: FakeEngine): void => ['n1', 'n2', 'n3'].forEach((id) => engine.setNode(id, 'pause'));

const CASES: Readonly<Record<string, Case>> = {
  paused: {
    argv: ['update', ...CRASH],
    codes: [4],
    next: ['swarmroll rollback web'],
    states: { 'ping:1.0 running': 1 },
  },
  'a label on a paused update: back to a generation that ran': {
    before: SLOWLY,
    prepare: paused,
    argv: ['update', '--label-add', 'a=b', 'web'],
    codes: [4, 5],
    next: ['swarmroll rollback --to ID web'],
    states: { 'ping:1.0 running': 3 },
  },
  'a scale of a paused update: back to a generation that ran': {
    before: SLOWLY,
    prepare: paused,
    argv: ['scale', 'web=4'],
    codes: [4, 5],
    next: ['swarmroll rollback --to ID web'],
    states: { 'ping:1.0 running': 4 },
  },
  'a wait for a paused update': {
    prepare: paused,
    argv: ['wait', 'web'],
    codes: [4],
    next: ['swarmroll rollback web'],
    states: { 'ping:1.0 running': 1 },
  },
  'a wait for a paused update, of which no task before is kept': {
    before: { TaskTemplate: { ...SLOWLY.TaskTemplate, RestartPolicy: { Delay: 1e9 } } },
    prepare: async (engine) => {
      await paused(engine);
      await engine.clock.sleep(30_000);
    },
    argv: ['wait', 'web'],
    codes: [4],
    next: ['swarmroll rollback web'],
    states: { 'ping:1.0 running': 1 },
  },
  'nothing before it has run': {
    image: 'crash:1.0',
    argv: ['update', '--env-add', 'A=1', 'web'],
    codes: [4],
    next: [],
    hint: /^no earlier generation that has run is kept/,
    states: {},
  },
  'a scale that finds no place: back to as many as before': {
    prepare: noPlace,
    argv: ['update', '--replicas', '3', '--progress-deadline', '4s', 'web'],
    codes: [5],
    next: ['docker node ls', 'swarmroll rollback web'],
    states: { 'ping:1.0 running': 1 },
  },
  'the engine has rolled back': {
    before: { UpdateConfig: config('rollback') },
    argv: ['update', ...CRASH],
    codes: [3],
    next: [],
    states: { 'ping:1.0 running': 1 },
  },
  'with --rollback-on-failure': {
    argv: ['update', '--rollback-on-failure', ...CRASH],
    codes: [3],
    next: [],
    states: { 'ping:1.0 running': 1 },
  },
  'an image that the registry does not have: no login helps': {
    argv: ['update', '--image', 'ping:9.9', 'web'],
    codes: [4],
    next: ['swarmroll rollback web'],
    states: { 'ping:1.0 running': 1 },
  },
  'the previous spec has lost its secret: back to the generation before that': {
    before: SLOWLY,
    prepare: async (engine) => {
      engine.names.secrets.add('key');
      await change(engine, '--secret-add', 'key', '--image', 'ping:1.1', 'web');
      engine.inject(/^POST/, async (pass) => {
        const reply = await pass();
        engine.names.secrets.delete('key');
        return reply;
      });
    },
    argv: ['update', '--secret-rm', 'key', ...CRASH],
    codes: [4],
    next: ['swarmroll rollback --to ID web'],
    states: { 'ping:1.0 running': 3 },
  },
  'a timeout, with no place for the task': {
    prepare: noPlace,
    argv: ['update', '--timeout', '10s', '--env-add', 'A=1', 'web'],
    codes: [124],
    next: ['docker node ls'],
    states: { 'ping:1.0 pending': 1 },
  },
  'a signal, with no place for the task': {
    prepare: noPlace,
    signal: true,
    argv: ['update', '--env-add', 'A=1', 'web'],
    codes: [130],
    next: ['docker node ls'],
    states: { 'ping:1.0 pending': 1 },
  },
  'a rollback to a spec that fails': {
    image: 'crash:1.0',
    prepare: (engine) => change(engine, '--image', 'ping:1.1', 'web'),
    argv: ['rollback', '--max-failures', '0', 'web'],
    codes: [4],
    next: [],
    states: {},
  },
  superseded: {
    prepare: later((engine) =>
      engine.change('web', ({ TaskTemplate }) => (TaskTemplate.ContainerSpec = { Image: 'ping:1.2' })),
    ),
    argv: ['update', '--image', 'hangs:1.0', 'web'],
    codes: [7],
    next: ['swarmroll inspect --pretty web'],
    states: { 'ping:1.2 running': 1 },
  },
};

test.each(Object.entries(CASES))(
  '%s',
  async (_, { before = {}, image, prepare, argv, signal = false, codes, next, hint, states }) => {
    const engine = fakeEngine();
    engine.given('web', image, before);
    await prepare?.(engine);
    const [command, ...words] = argv;
    const interrupt = new AbortController();
    if (signal) engine.clock.later(10_000, () => interrupt.abort('SIGINT'));
    const ended = await run([command, '-q', '-o', 'json', ...words], {
      engine,
      changes: { interrupted: interrupt.signal },
    });
    expect(codes).toContain(ended.code);
    const result = JSON.parse(ended.stdout) as Told & { readonly services?: readonly [Told] };
    const told = result.services?.[0] ?? result;
    // A paused change tells why, also long after it was paused.
    if (ended.code === 4) expect(told.failures).not.toEqual([]);
    const withoutIds = told.next.map((one) => one.replace(/--to [0-9a-f]{12}/, '--to ID'));
    expect(withoutIds.filter((one) => !one.includes(' ps '))).toEqual(next);
    if (hint === undefined) expect(told.hint).toBeUndefined();
    else expect(told.hint).toMatch(hint);
    const ours = told.next.filter((one) => !one.startsWith('docker '));
    expect(ours).toContainEqual(expect.stringMatching(/^swarmroll ps (--no-trunc )?web$/));
    for (const [, ...argvOf] of ours.map((one) => one.split(' ')))
      expect(await run(argvOf, { engine })).toMatchObject({ code: 0 });
    await engine.clock.sleep(1_000);
    expect(engine.states('web')).toEqual(states);
  },
);
