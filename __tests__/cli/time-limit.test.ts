/** --timeout from the start of the command, and what is said of waits: with an engine that does not answer. */
import { beforeEach, expect, test } from '@jest/globals';
import type { Service } from '../../src/api/service.ts';
import type { Engine } from '../../src/engine/client.ts';
import { main } from '../../src/main.ts';
import type { CommandWorld, World } from '../../src/world.ts';

type Command = Pick<CommandWorld, 'interrupted' | 'waits'>;

/** A clock that stands still until the command waits for the engine. */
let now: number;
let timers: { readonly at: number; readonly ring: () => void }[];
beforeEach(() => {
  now = 0;
  timers = [];
});

function pass(ms: number): void {
  now += ms;
  for (const { at, ring } of timers.sort((a, b) => a.at - b.at)) if (at <= now) ring();
}

/** A reply that never comes: the call ends when the command does. First, three seconds pass, then a minute. */
function never({ interrupted, waits }: Command, what: string): Promise<never> {
  const reply = new Promise<never>((_, reject) => {
    interrupted.addEventListener('abort', () => reject(interrupted.reason as Error), { once: true });
  });
  setTimeout(() => pass(3_000), 1);
  setTimeout(() => pass(60_000), 10);
  return waits(what, reply);
}

const service = (Name: string): Service => ({
  ID: `${Name}id`,
  Version: { Index: 1 },
  CreatedAt: '',
  UpdatedAt: '',
  Spec: { Name, Mode: { Replicated: { Replicas: 1 } }, TaskTemplate: {} },
});

/** Runs a command line. */
async function run(
  argv: readonly string[],
  engine: (command: Command) => Partial<Engine>,
  signal: AbortSignal = new AbortController().signal,
) {
  const written = { stdout: '', stderr: '' };
  const sent: string[] = [];
  const world: World = {
    env: {},
    cwd: '/',
    readFile: () => Promise.reject(Object.assign(new Error('no file'), { code: 'ENOENT' })),
    stdout: { write: (text) => (written.stdout += text) },
    stderr: { write: (text: string) => (written.stderr += text) },
    version: '1.2.3',
    commit: '',
    program: 'swarmroll',
    executable: '/opt/swarmroll/dist/cli.js',
    clock: {
      now: () => now,
      date: () => new Date(0),
      sleep: (ms) => new Promise((ring) => timers.push({ at: now + ms, ring })),
    },
    interrupted: signal,
    connect: (_, command) => {
      const fake = { host: 'tcp://a:1', parallel: true, pinnedApiVersion: undefined, ...engine(command) };
      const posts = {
        createService: (...args: Parameters<Engine['createService']>) => {
          sent.push(args[0].Name ?? '');
          return fake.createService?.(...args);
        },
      };
      return Promise.resolve({ ...fake, ...posts } as unknown as Engine);
    },
  };
  return { code: await main(argv, world), sent, ...written };
}

const noRegistry = (command: Command): Partial<Engine> => ({
  distribution: (image) => never(command, `the registry to answer about ${image}`),
});

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
    time: '1970-01-01T00:00:00.000Z',
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
  const signal = new AbortController();
  const tried: string[] = [];
  const running = run(
    ['scale', 'one=2', 'two=2'],
    (command) => {
      setTimeout(() => signal.abort('SIGTERM'), 30);
      return two(command, tried);
    },
    signal.signal,
  );
  const { code, stderr } = await running;
  expect(code).toBe(143);
  expect(stderr).toContain('; the change of two may or may not be stored\n');
});

test('a signal ends the wait for a registry as ever', async () => {
  const signal = new AbortController();
  setTimeout(() => signal.abort('SIGINT'), 30);
  const words = ['create', '--timeout', '5m', '-o', 'json', 'ping:1.0'];
  const { code, stdout, sent } = await run(words, noRegistry, signal.signal);
  expect({ code, sent }).toEqual({ code: 130, sent: [] });
  expect(JSON.parse(stdout)).toMatchObject({ message: 'interrupted before anything was changed' });
});
