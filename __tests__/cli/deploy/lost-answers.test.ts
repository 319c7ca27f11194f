/** A change whose reply is lost: what is stored decides, and it is never sent twice. */
import { describe, expect, test } from '@jest/globals';
import { fakeEngine } from '../../support/fake-engine/engine.ts';
import type { FakeEngine } from '../../support/fake-engine/engine.ts';
import {
  FORBIDDEN,
  LOCKED,
  NO_LEADER,
  answer,
  answerAfterwards,
  cutAfter,
  cutBefore,
  cutReply,
  first,
  hang,
} from '../../support/fake-engine/faults.ts';
import type { Fault } from '../../support/fake-engine/faults.ts';
import { run } from '../../support/fake-world.ts';

const POST = /^POST /;
const HTML = '<html><head><title>504 Gateway Time-out</title></head><body>nginx</body></html>';

/** The engine has stored the change. */
const STORED: readonly (readonly [string, Fault])[] = [
  ['the connection is cut', cutAfter],
  ['the reply is cut in its middle', cutReply],
  ['a gateway answers 504', answerAfterwards(504, HTML)],
  ['a gateway answers 502', answerAfterwards(502, '')],
  [
    'the manager lost its lead meanwhile',
    answerAfterwards(500, { message: 'rpc error: code = Unavailable desc = transport is closing' }),
  ],
];
/** It has not. */
const NOT_STORED: readonly (readonly [string, Fault])[] = [
  ['the connection is cut', cutBefore],
  ['a gateway answers 503', answer(503, HTML)],
];

/** Each command that changes something, and what of it the engine then runs. */
const CHANGES: readonly (readonly [argv: readonly string[], states: Readonly<Record<string, number>>])[] = [
  [
    ['create', '--name', 'new', '--update-monitor', '500ms', '--replicas', '2', 'ping:1.0'],
    { 'ping:1.0 running': 2 },
  ],
  [['update', '--image', 'ping:1.2', 'web'], { 'ping:1.2 running': 1 }],
  [['update', '--force', 'web'], { 'ping:1.1 running': 1 }],
  [['update', '--label-add', 'a=b', 'web'], { 'ping:1.1 running': 1 }],
  [['rollback', 'web'], { 'ping:1.0 running': 1 }],
  [['update', '--rollback', 'web'], { 'ping:1.0 running': 1 }],
  [['scale', 'web=2'], { 'ping:1.1 running': 2 }],
  [['restart', 'web'], { 'ping:1.1 running': 1 }],
];

/** An engine with the service web, whose image has been changed from ping:1.0 to ping:1.1. */
function withWeb(): FakeEngine {
  const engine = fakeEngine();
  engine.given('web');
  engine.change('web', ({ TaskTemplate }) => {
    TaskTemplate.ContainerSpec = { ...TaskTemplate.ContainerSpec, Image: 'ping:1.1' };
  });
  return engine;
}

const cases = (faults: typeof STORED) =>
  CHANGES.flatMap(([argv, states]) =>
    faults.map(([what, fault]) => [argv.join(' '), what, argv, fault, states] as const),
  );
const nameIn = (argv: readonly string[]): string => (argv[0] === 'create' ? 'new' : 'web');

describe('stored', () => {
  test.each(cases(STORED))('%s: %s: watched to 0', async (_, __, argv, fault, states) => {
    const engine = withWeb();
    await engine.clock.sleep(10_000);
    engine.inject(POST, fault);
    const ended = await run(argv, { engine });
    expect({ code: ended.code, sent: engine.sent().length }).toEqual({ code: 0, sent: 1 });
    const name = nameIn(argv);
    if (name === 'new') expect(ended.stdout).toBe(`${engine.stored('new').ID}\n`);
    expect(engine.states(name)).toEqual(states);
  });

  test.each(CHANGES)('%j --detach: accepted', async (argv) => {
    const engine = withWeb();
    engine.inject(POST, cutAfter);
    const [command = '', ...rest] = argv;
    const { code } = await run([command, '--detach', ...rest], { engine });
    expect({ code, sent: engine.sent().length }).toEqual({ code: 0, sent: 1 });
  });

  test('the manager is away for a while after it: found later', async () => {
    const engine = withWeb();
    engine.inject(POST, cutAfter);
    engine.inject(/^GET /, NO_LEADER, { skip: 2, times: 10 });
    const { code, stderr } = await run(['update', '--image', 'ping:1.2', 'web'], { engine });
    expect({ code, sent: engine.sent().length }).toEqual({ code: 0, sent: 1 });
    expect(stderr).toContain('swarmroll: waiting for the engine to say what is stored of web\n');
  });

  test('its tasks fail: the verdict is theirs', async () => {
    const engine = withWeb();
    engine.inject(POST, cutAfter);
    const words = ['update', '--update-failure-action', 'rollback', '--image', 'crash:1.0', 'web'];
    const { code } = await run(words, { engine });
    expect({ code, sent: engine.sent().length }).toEqual({ code: 3, sent: 1 });
    expect(engine.states('web')).toEqual({ 'ping:1.1 running': 1 });
  });

  test('create without a name: found by what it is', async () => {
    const engine = withWeb();
    engine.inject(POST, cutAfter);
    const { code, stdout } = await run(
      ['create', '-q', '--label', 'a=b', '--update-monitor', '500ms', 'ping:1.0'],
      { engine },
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${engine.stored('service2').ID}\n` });
  });
});

describe('not stored', () => {
  test.each(cases(NOT_STORED))('%s: %s: 1, nothing was changed', async (_, __, argv, fault) => {
    const engine = withWeb();
    await engine.clock.sleep(10_000);
    const { Spec } = engine.stored('web');
    engine.inject(POST, fault);
    const { code, stderr } = await run(argv, { engine });
    expect({ code, sent: engine.sent().length }).toEqual({ code: 1, sent: 1 });
    expect(stderr).toMatch(
      new RegExp(
        `^swarmroll: ${nameIn(argv)}: the change did not reach the engine, nothing was changed: .*\\n {2}run the command again$`,
        'm',
      ),
    );
    expect(engine.stored('web').Spec).toEqual(Spec);
    expect(() => engine.stored('new')).toThrow('no service');
  });

  test('and another has changed the service meanwhile: 7', async () => {
    const engine = withWeb();
    engine.inject(POST, async () => {
      engine.change('web', (spec) => (spec.Labels = { theirs: '1' }));
      return cutBefore(() => Promise.reject(new Error('not passed')));
    });
    const { code, stderr } = await run(['update', '--image', 'ping:1.2', 'web'], { engine });
    expect({ code, sent: engine.sent().length }).toEqual({ code: 7, sent: 1 });
    expect(stderr).toMatch(/^swarmroll: web: someone else changed the service; this change is not stored\n/);
  });

  test('the same service was there before: it is not taken for the new one', async () => {
    const engine = fakeEngine();
    engine.given('new', 'ping:1.0', {});
    engine.inject(POST, cutBefore);
    const { code, stdout } = await run(['create', '--name', 'new', 'ping:1.0'], { engine });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });
});

describe('unknown: 1, said so', () => {
  test.each<[string, Fault, RegExp]>([
    [
      'the manager does not come back',
      NO_LEADER,
      /: the change may or may not be stored: .*\n {2}once the manager answers again, check with: docker service ls\n/,
    ],
    ['the swarm is locked afterwards', LOCKED, /: the change may or may not be stored: /],
    [
      'it may not be read',
      FORBIDDEN,
      /: the change may or may not be stored: .*; then .*Forbidden.*\n {2}check with: docker service ls\n/,
    ],
  ])('%s', async (_, fault, said) => {
    for (const [argv] of CHANGES) {
      const engine = withWeb();
      const isSent = engine.inject(POST, cutAfter);
      engine.inject(/^GET /, (pass) => (isSent() > 0 ? fault(pass) : pass()));
      const { code, stderr } = await run(argv, { engine });
      expect({ argv, code, sent: engine.sent().length }).toEqual({ argv, code: 1, sent: 1 });
      expect(stderr).toMatch(said);
      // A manager that does not answer is asked less and less often.
      expect(engine.requests.length).toBeLessThan(50);
    }
  });

  test.each<[string, readonly string[], number]>([
    ['SIGINT', [], 130],
    ['SIGTERM', [], 143],
    ['--timeout', ['--timeout', '30s'], 124],
  ])('%s while the engine does not answer', async (how, flags, code) => {
    for (const [argv] of CHANGES) {
      const engine = withWeb();
      const interrupt = new AbortController();
      const [command = '', ...rest] = argv;
      engine.inject(POST, hang);
      engine.inject(
        POST,
        first(() => undefined),
      );
      if (how !== '--timeout') engine.clock.later(5_000, () => interrupt.abort(how));
      const ended = await run([command, ...flags, ...rest], {
        engine,
        changes: { interrupted: interrupt.signal },
      });
      expect({ argv, code: ended.code }).toEqual({ argv, code });
      expect(ended.stderr).toMatch(
        /the change may or may not be stored\n {2}check with: docker service ls\n$/,
      );
    }
  });
});
