/** --timeout from the start of the command, and what is said of waits: with an engine that does not answer. */
import { expect, test } from '@jest/globals';
import type { Service } from '../../src/api/service.ts';
import type { Engine } from '../../src/engine/client.ts';
import type { CommandWorld, World } from '../../src/world.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { fakeEngine } from '../support/fake-engine/engine.ts';
import { run as runInWorld } from '../support/fake-world.ts';

type Command = Pick<CommandWorld, 'interrupted' | 'waits'>;

/** A reply that never comes: the call ends when the command does. */
function never({ interrupted, waits }: Command, what: string): Promise<never> {
  const reply = new Promise<never>((_, reject) => {
    interrupted.addEventListener('abort', () => reject(interrupted.reason as Error), { once: true });
  });
  return waits(what, reply);
}

const service = (Name: string): Service => ({
  ID: `${Name}id`,
  Version: { Index: 1 },
  CreatedAt: '',
  UpdatedAt: '',
  Spec: { Name, Mode: { Replicated: { Replicas: 1 } }, TaskTemplate: {} },
});

/** Runs a command line. @param signal the signal that comes after five seconds */
async function run(
  argv: readonly string[],
  engine: (command: Command) => Partial<Engine>,
  signal?: 'SIGINT' | 'SIGTERM',
) {
  const sent: string[] = [];
  const clock = fakeClock();
  const interrupt = new AbortController();
  if (signal !== undefined) clock.later(5_000, () => interrupt.abort(signal));
  const connect: World['connect'] = (_, command) => {
    const fake = { host: 'tcp://a:1', parallel: true, pinnedApiVersion: undefined, ...engine(command) };
    const posts = {
      createService: (...args: Parameters<Engine['createService']>) => {
        sent.push(args[0].Name ?? '');
        return fake.createService?.(...args);
      },
    };
    return Promise.resolve({ ...fake, ...posts } as unknown as Engine);
  };
  const ended = await runInWorld(argv, { clock, changes: { connect, interrupted: interrupt.signal } });
  return { sent, ...ended };
}

const noRegistry = (command: Command): Partial<Engine> => ({
  distribution: (image) => never(command, `the registry to answer about ${image}`),
});

test('a limit that is no whole number of milliseconds is shown as it was given', async () => {
  const ended = await run(['create', '--timeout', '1.001ms', '--name', 'web', 'ping:1.0'], noRegistry);
  expect(ended).toMatchObject({ code: 124, stderr: expect.stringContaining('not done after 1.001ms') });
});

test.each(['0', '0s'])(
  '--timeout %s is no limit: before there is anything to watch, and then',
  async (limit) => {
    const words = ['create', '--timeout', limit, 'ping:1.0'];
    expect((await run(words, noRegistry, 'SIGINT')).code).toBe(130);
    const engine = fakeEngine();
    engine.given('web', 'ping:1.0');
    expect(
      (await runInWorld(['update', '--timeout', limit, '--env-add', 'A=1', 'web'], { engine })).code,
    ).toBe(0);
  },
);

test('a registry that does not answer: said after two seconds, and 124 before anything is sent', async () => {
  const ended = await run(['create', '--timeout', '50s', '--name', 'web', 'ping:1.0'], noRegistry);
  expect(ended).toEqual({
    code: 124,
    sent: [],
    stdout: '',
    stderr:
      'swarmroll: waiting for the registry to answer about ping:1.0\n' +
      'swarmroll: not done after 50s, still waiting for the registry to answer about ping:1.0; nothing was sent\n' +
      '  run it again with a longer --timeout, or without\n',
  });
});

test('-q says only the end, --progress json says it as an object, -o json has the error', async () => {
  const quiet = await run(['create', '-q', '--timeout', '50s', 'ping:1.0'], noRegistry);
  expect(quiet.stderr).toMatch(/^swarmroll: not done after 50s/);
  const flags = ['--progress', 'json', '-o', 'json'];
  const { code, stdout, stderr } = await run(
    ['create', ...flags, '--timeout', '50s', 'ping:1.0'],
    noRegistry,
  );
  expect(JSON.parse(stderr.split('\n')[0] ?? '')).toEqual({
    type: 'note',
    time: '2026-01-01T00:00:02.000Z',
    text: 'waiting for the registry to answer about ping:1.0',
  });
  expect(code).toBe(124);
  expect(JSON.parse(stdout)).toMatchObject({
    verdict: 'error',
    exitCode: 124,
    message: expect.stringContaining('nothing was sent') as unknown,
  });
});

test('a change that was sent: it may be stored', async () => {
  const { code, sent, stderr } = await run(
    ['create', '--no-resolve-image', '--timeout', '50s', '--name', 'web', 'ping:1.0'],
    (command) => ({ createService: () => never(command, 'tcp://a:1 to answer POST /services/create') }),
  );
  expect({ code, sent }).toEqual({ code: 124, sent: ['web'] });
  expect(stderr).toContain(
    'swarmroll: not done after 50s, still waiting for tcp://a:1 to answer POST /services/create; the change may or may not be stored\n' +
      '  check with: docker service ls\n',
  );
});

const two = (command: Command, tried: string[]): Partial<Engine> => ({
  services: () => Promise.resolve([service('one'), service('two')]),
  updateService: (id) => {
    tried.push(id);
    return id === 'oneid' ? Promise.resolve({ Warnings: [] }) : never(command, 'tcp://a:1 to answer');
  },
});

test('of several changes, those that were accepted are named', async () => {
  const tried: string[] = [];
  const ended = await run(['scale', '--timeout', '50s', 'one=2', 'two=2'], (command) => two(command, tried));
  expect(ended.code).toBe(124);
  expect(tried).toEqual(['oneid', 'twoid']);
  expect(ended.stderr).toContain(
    '; one was changed, and the rollout goes on in the engine; the change of two may or may not be stored\n',
  );
});

test('so they are after a signal', async () => {
  const tried: string[] = [];
  const words = ['scale', 'one=2', 'two=2'];
  const { code, stderr } = await run(words, (command) => two(command, tried), 'SIGTERM');
  expect(code).toBe(143);
  expect(stderr).toContain('; the change of two may or may not be stored\n');
});

test('a signal ends the wait for a registry as ever', async () => {
  const words = ['create', '--timeout', '5m', '-o', 'json', 'ping:1.0'];
  const { code, stdout, sent } = await run(words, noRegistry, 'SIGINT');
  expect({ code, sent }).toEqual({ code: 130, sent: [] });
  expect(JSON.parse(stdout)).toMatchObject({ message: 'interrupted before anything was changed' });
});
