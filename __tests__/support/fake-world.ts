/** The world outside of a command, in memory: streams that collect, files, signals, a clock without waiting, the fake engine. */
import { findEndpoint } from '../../src/connection/connection.ts';
import { connect } from '../../src/engine/client.ts';
import { SwarmrollError } from '../../src/errors.ts';
import { main } from '../../src/main.ts';
import { spawnProgram } from '../../src/spawn-program.ts';
import type { World } from '../../src/world.ts';
import { fakeClock } from './fake-clock.ts';
import type { FakeClock } from './fake-clock.ts';
import type { FakeEngine } from './fake-engine/engine.ts';

/** How a command line ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface WorldOptions {
  /** Absent: every connection fails with the error "connected". */
  readonly engine?: FakeEngine | undefined;
  /** Absent: that of the engine, or a new one. */
  readonly clock?: FakeClock;
  readonly isTTY?: boolean;
  /** The bytes of files, by their paths. There are no others. */
  readonly files?: Readonly<Record<string, string>>;
  /** Absent: programs are real. */
  readonly spawn?: World['spawn'];
  /** What else is different. */
  readonly changes?: Partial<World>;
}

/** Makes a world; gives also what was written to its streams so far. */
export function fakeWorld({
  engine,
  clock = engine?.clock ?? fakeClock(),
  isTTY = false,
  files = {},
  spawn = spawnProgram,
  changes = {},
}: WorldOptions = {}) {
  const written = { stdout: '', stderr: '' };
  const world: World = {
    env: {},
    cwd: '/',
    readFile: (path) => {
      const text = files[path];
      if (text !== undefined) return Promise.resolve(Buffer.from(text));
      return Promise.reject(Object.assign(new Error(`no such file: ${path}`), { code: 'ENOENT' }));
    },
    readInput: () => Promise.resolve(Buffer.from('')),
    stdout: { write: (text) => (written.stdout += text), isTTY },
    stderr: { write: (text) => (written.stderr += text) },
    version: '1.2.3',
    commit: '',
    program: 'swarmroll',
    executable: '/opt/swarmroll/dist/cli.js',
    clock,
    atExit: () => () => undefined,
    interrupted: new AbortController().signal,
    outputEnded: new AbortController().signal,
    connect: async (options, command) => {
      if (engine === undefined) throw new SwarmrollError('unreachable', 'connected');
      const { env, readFile } = world;
      const source = { env, readFile, platform: 'linux', warn: command.warn };
      const endpoint = await findEndpoint(options, source);
      return connect(endpoint, command, () => Promise.resolve(engine.http));
    },
    spawn: (start) => clock.during(spawn(start)),
    ...changes,
  };
  return { world, written };
}

/** A command that takes longer (ms, by the fake clock) will not end any more. */
const LIMIT = 300_000;

/** Runs a command line in a world of its own. @throws if it does not end within five minutes of the fake clock */
export async function run(argv: readonly string[], options: WorldOptions = {}): Promise<Ended> {
  const { engine, clock = engine?.clock ?? fakeClock() } = options;
  const { world, written } = fakeWorld({ ...options, clock });
  const ended = new AbortController();
  const tooLong = clock.sleep(LIMIT, ended.signal).then((): never | undefined => {
    if (ended.signal.aborted) return undefined;
    clock.stop();
    throw new Error(`${argv.join(' ')} still runs after ${LIMIT} ms: ${written.stderr}`);
  });
  const code = await Promise.race([main(argv, world), tooLong]);
  ended.abort();
  return { code: code ?? NaN, ...written };
}
