/** The real swarm under test: the built executable, the real docker client, and the node containers. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Service, Task } from '../../../src/engine/wire.ts';

const EXECUTABLE = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url));

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

/** Runs a program to its end; never throws for its exit code. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return start(program, args, options).ended;
}

/** Starts a program: for signals in the middle. */
export function start(program: string, args: readonly string[], { env = {}, input = '' }: RunOptions = {}) {
  const child = spawn(program, args, { env: { ...process.env, NODE_OPTIONS: '', ...env } });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined).end(input);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
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

/** What the engine has stored of a service; throws where there is none. */
export async function storedService(name: string): Promise<Service> {
  const [service] = await api<Service[]>(`/services?filters=${filter({ name: [name] })}`);
  if (service === undefined) throw new Error(`the engine has no service ${name}`);
  return service;
}

/** The engine's tasks of a service. */
export const storedTasks = (name: string): Promise<Task[]> =>
  api<Task[]>(`/tasks?filters=${filter({ service: [name] })}`);

/** A GET of the manager's own API, past swarmroll. */
export async function api<T>(path: string): Promise<T> {
  const reply = await fetch(swarm.host.replace(/^tcp:/, 'http:') + path);
  if (!reply.ok) throw new Error(`${path}: ${await reply.text()}`);
  return (await reply.json()) as T;
}

const filter = (filters: Record<string, string[]>): string => encodeURIComponent(JSON.stringify(filters));

let count = 0;

/** A service name that no other test has: they run side by side against one swarm. */
export const uniqueName = (stem: string): string => `${stem}-${process.pid}-${(count += 1)}`;

/**
 * Removes services, whether or not they are there. Tests keep to few tasks: Engine 28.5 can crash (swarmkit,
 * SetServiceTasksRemove) when a service goes away together with many.
 */
export async function removeServices(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await fetch(`${swarm.host.replace(/^tcp:/, 'http:')}/services/${encodeURIComponent(name)}`, {
      method: 'DELETE',
    });
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
