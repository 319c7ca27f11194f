/** The real swarm under test: the built executable, the real docker client, and the node containers. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, expect } from '@jest/globals';
import type { Service, Task } from '../../../src/api/service.ts';

/** What is under test. */
export const EXECUTABLE = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url));

/** How a process ended: its exit code (or signal) and all that it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Added to ours; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
}

function fromEnvironment(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') {
    throw new Error(
      `${name} is not set: these tests need the test swarm: scripts/swarm up; eval "$(scripts/swarm env)"`,
    );
  }
  return value;
}

/** Where the swarm is: what `scripts/swarm env` printed. */
export const swarm = {
  host: fromEnvironment('DOCKER_HOST'),
  /** The registry's name as the nodes know it. */
  registry: fromEnvironment('SWARMROLL_TEST_REGISTRY'),
  /** The engine that holds the node containers. */
  outerHost: fromEnvironment('SWARMROLL_TEST_OUTER_HOST'),
  manager: fromEnvironment('SWARMROLL_TEST_MANAGER'),
  worker1: fromEnvironment('SWARMROLL_TEST_WORKER1'),
  worker2: fromEnvironment('SWARMROLL_TEST_WORKER2'),
};

/** A test image in the swarm's registry: image('ping', '1.0') → "registry:5000/ping:1.0". */
export const image = (name: string, tag: string): string => `${swarm.registry}/${name}:${tag}`;

const started = new Set<ChildProcess>();
// A test that failed may have left some, and they would go on against a service that is about to be removed.
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
});

/** Runs a program to its end; never throws for its exit code. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return start(program, args, options).ended;
}

/** Starts a program: for signals in the middle. */
export function start(program: string, args: readonly string[], { env = {}, input = '' }: RunOptions = {}) {
  const child = spawn(program, args, { env: { ...process.env, NODE_OPTIONS: '', ...env } });
  started.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined).end(input);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      started.delete(child);
      resolve({ code, signal, stdout, stderr });
    });
  });
  return { child, ended, stderr: () => stderr, stdout: () => stdout };
}

/** The built swarmroll against the swarm. */
export const swarmroll = (args: readonly string[], options?: RunOptions): Promise<Ended> =>
  run(EXECUTABLE, args, options);

/** The same, started only. */
export const startSwarmroll = (args: readonly string[], options?: RunOptions) =>
  start(EXECUTABLE, args, options);

/** The real docker client of the manager's own generation, run inside the manager. */
export const docker = (args: readonly string[]): Promise<Ended> =>
  run('docker', ['-H', swarm.outerHost, 'exec', swarm.manager, 'docker', ...args]);

/** A docker command on the engine that holds the node containers: pause a worker, restart the manager. */
export const outer = (args: readonly string[]): Promise<Ended> =>
  run('docker', ['-H', swarm.outerHost, ...args]);

/** A docker client of which every command has to go well. @throws for another exit code than 0 */
export const orThrow =
  (client: (args: readonly string[]) => Promise<Ended>) =>
  async (...args: readonly string[]): Promise<Ended> => {
    const ended = await client(args);
    if (ended.code !== 0) throw new Error(`docker ${args.join(' ')}: ${ended.stderr}`);
    return ended;
  };

/** Exit 1 or 2, nothing on stdout, one line of what went wrong and one of what to do. */
export function expectError({ code, stdout, stderr }: Ended, wanted: number, message: string): void {
  const [first, hint, ...more] = stderr.split('\n');
  expect({ first, code, stdout }).toEqual({ first: `swarmroll: ${message}`, code: wanted, stdout: '' });
  expect(hint).toMatch(/^ {2}\S|^$/);
  expect(more.filter((line) => line !== '')).toEqual([]);
}

/** Where fetch finds an engine that docker finds at tcp://... */
export const httpOf = (host: string): string => host.replace(/^tcp:/, 'http:');

/** What the engine has stored of a service; throws where there is none. */
export const storedService = (name: string): Promise<Service> =>
  api<Service>(`/services/${encodeURIComponent(name)}`);

/** The engine's tasks of a service. */
export const storedTasks = (name: string): Promise<Task[]> =>
  api<Task[]>(`/tasks?filters=${encodeURIComponent(JSON.stringify({ service: [name] }))}`);

/** A GET of the manager's own API, past swarmroll. */
export async function api<T>(path: string): Promise<T> {
  const reply = await fetch(httpOf(swarm.host) + path);
  if (!reply.ok) throw new Error(`${path}: ${await reply.text()}`);
  return (await reply.json()) as T;
}

/** Process ids begin anew, and a run that was broken off leaves its services. */
const mine = randomBytes(4).toString('hex');
let count = 0;

/** A service name that no other test has: they run side by side against one swarm. */
export const uniqueName = (stem: string): string => `${stem}-${mine}-${(count += 1)}`;

/**
 * Removes services, whether or not they are there. Tests keep to few tasks: Engine 28.5 can crash (swarmkit,
 * SetServiceTasksRemove) when a service goes away together with many.
 */
export async function removeServices(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    const url = `${httpOf(swarm.host)}/services/${encodeURIComponent(name)}`;
    const reply = await until(`the engine to remove ${name}`, async () => {
      const answer = await fetch(url, { method: 'DELETE' }).catch(() => undefined);
      // One that has crashed is back soon, at first without a leader.
      return answer === undefined || answer.status >= 500 ? undefined : answer;
    });
    if (!reply.ok && reply.status !== 404) throw new Error(`cannot remove ${name}: ${await reply.text()}`);
  }
}

/** Waits until `look` gives something, asking every 100 ms. @throws after `ms` milliseconds, saying what was awaited */
export async function until<T>(what: string, look: () => Promise<T | undefined>, ms = 30_000): Promise<T> {
  const deadline = Date.now() + ms;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`waited ${ms} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Waits until a command that was started has said this on stderr. */
export const said = ({ stderr }: { readonly stderr: () => string }, what: RegExp): Promise<true> =>
  until(`${what.source} on stderr`, () => Promise.resolve(what.test(stderr()) || undefined));
