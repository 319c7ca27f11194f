/** The real swarm under test: the built executable, the real docker client, and the node containers. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { afterAll, expect } from '@jest/globals';
import type { Service, ServiceSpec, Task } from '../../../src/api/service.ts';
import { EXECUTABLE } from '../../support/command.ts';

/** The result of a process: its exit code or signal, and its whole output. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Added to this process's environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What the process gets on stdin. */
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

/** The addresses and container names of the swarm, from the variables that `scripts/swarm env` prints. */
export const swarm = {
  host: fromEnvironment('DOCKER_HOST'),
  /** The registry's host and port as seen from the nodes. */
  registry: fromEnvironment('SWARMROLL_TEST_REGISTRY'),
  /** The address of the engine that runs the node containers. */
  outerHost: fromEnvironment('SWARMROLL_TEST_OUTER_HOST'),
  manager: fromEnvironment('SWARMROLL_TEST_MANAGER'),
  worker1: fromEnvironment('SWARMROLL_TEST_WORKER1'),
  worker2: fromEnvironment('SWARMROLL_TEST_WORKER2'),
};

/** A test image in the swarm's registry: image('ping', '1.0') → "registry:5000/ping:1.0". */
export const image = (name: string, tag: string): string => `${swarm.registry}/${name}:${tag}`;

/**
 * The error of a task whose node cannot pull this image, as the source of a RegExp. Engines before 29.6 say "No such image"
 * whatever the cause. Later ones have the error of the pull, in the words of containerd's image store or of overlay2.
 */
export const pullError = (image: string): string =>
  `(No such image: ${image}|failed to resolve reference "${image}": .+|manifest for ${image} not found: .+|Head "[^"]+": no basic auth credentials)`;

/** A busy machine adds these to stderr, as lines and as objects: an answer takes longer than 2 s (main.ts, tellWait). */
const WAITS = /^(swarmroll: waiting for .*|\{"type":"note","time":"[^"]+","text":"waiting for .*\})\n/gm;

const started = new Set<ChildProcess>();
// A failed test may have left processes, which would go on watching a service that is about to be removed.
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
});

/** Runs a program to its end. Resolves for every exit code. Its stderr is without WAITS. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return start(program, args, options).ended;
}

/** Starts a program, for tests that do something meanwhile. What it has said so far is whole. */
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
      resolve({ code, signal, stdout, stderr: stderr.replace(WAITS, '') });
    });
  });
  return { child, ended, stderr: () => stderr, stdout: () => stdout };
}

/** Runs the built swarmroll against the swarm. */
export const swarmroll = (args: readonly string[], options?: RunOptions): Promise<Ended> =>
  run(EXECUTABLE, args, options);

/** Starts it without waiting for its end. */
export const startSwarmroll = (args: readonly string[], options?: RunOptions) =>
  start(EXECUTABLE, args, options);

/** Runs the real docker client inside the manager. It has the version of the manager's engine. */
export const docker = (args: readonly string[]): Promise<Ended> =>
  run('docker', ['-H', swarm.outerHost, 'exec', swarm.manager, 'docker', ...args]);

/** Runs a docker command on the engine with the node containers: to pause a worker, to restart the manager. */
export const outer = (args: readonly string[]): Promise<Ended> =>
  run('docker', ['-H', swarm.outerHost, ...args]);

/** Wraps a docker client so that it throws when the exit code is not 0. */
export const orThrow =
  (client: (args: readonly string[]) => Promise<Ended>) =>
  async (...args: readonly string[]): Promise<Ended> => {
    const ended = await client(args);
    if (ended.code !== 0) throw new Error(`docker ${args.join(' ')}: ${ended.stderr}`);
    return ended;
  };

/** Expects this exit code, nothing on stdout, and on stderr the message and at most one hint line. */
export function expectError({ code, stdout, stderr }: Ended, wanted: number, message: string): void {
  const [first, hint, ...more] = stderr.split('\n');
  expect({ first, code, stdout }).toEqual({ first: `swarmroll: ${message}`, code: wanted, stdout: '' });
  expect(hint).toMatch(/^ {2}\S|^$/);
  expect(more.filter((line) => line !== '')).toEqual([]);
}

/** An engine's tcp:// address as http://, for fetch. */
export const httpOf = (host: string): string => host.replace(/^tcp:/, 'http:');

/** A service as the engine has stored it. @throws when there is no such service */
export const storedService = (name: string): Promise<Service> =>
  api<Service>(`/services/${encodeURIComponent(name)}`);

/** The engine's tasks of a service. */
export const storedTasks = (name: string): Promise<Task[]> =>
  api<Task[]>(`/tasks?filters=${encodeURIComponent(JSON.stringify({ service: [name] }))}`);

/** GETs a path of the manager's API directly. @throws when the status is not 2xx */
export async function api<T>(path: string): Promise<T> {
  const reply = await fetch(httpOf(swarm.host) + path);
  if (!reply.ok) throw new Error(`${path}: ${await reply.text()}`);
  return (await reply.json()) as T;
}

/** Random, not the process id: process ids repeat, and an aborted run leaves its services. */
const runId = randomBytes(4).toString('hex');
let count = 0;

/** A name that no other test uses. Tests run in parallel against one swarm. */
export const uniqueName = (stem: string): string => `${stem}-${runId}-${(count += 1)}`;

/**
 * Removes services that exist. Replicated and global ones get no tasks any more first, and that is waited for: engine 28.5 crashes when a
 * service is removed while one of its tasks is being removed (swarmkit manager/orchestrator/service.go,
 * SetServiceTasksRemove; seen with a global service that kept failing).
 */
export async function removeServices(...names: readonly string[]): Promise<void> {
  await Promise.all(names.map(stopTasks));
  for (const name of names) {
    const reply = await until(`the engine to remove ${name}`, async () => {
      const response = await fetch(serviceUrl(name), { method: 'DELETE' }).catch(() => undefined);
      // An engine that has crashed restarts soon. At first it has no leader and replies with 5xx.
      return response === undefined || response.status >= 500 ? undefined : response;
    });
    if (!reply.ok && reply.status !== 404) throw new Error(`cannot remove ${name}: ${await reply.text()}`);
  }
}

const serviceUrl = (name: string): string => `${httpOf(swarm.host)}/services/${encodeURIComponent(name)}`;

/** The spec of a service that wants no tasks; undefined for jobs. */
function withoutTasks(spec: ServiceSpec): ServiceSpec | undefined {
  const { Mode, TaskTemplate } = spec;
  if (Mode?.Replicated !== undefined) return { ...spec, Mode: { Replicated: { Replicas: 0 } } };
  if (Mode?.Global === undefined) return undefined;
  const Placement = { ...TaskTemplate.Placement, Constraints: ['node.labels.zone==nowhere'] };
  return { ...spec, TaskTemplate: { ...TaskTemplate, Placement } };
}

/** Has a service want no tasks and waits until none is left to stop; does nothing for jobs, and for none. */
async function stopTasks(name: string): Promise<void> {
  const isStopped = await until(`the engine to take ${name} without tasks`, async () => {
    const reply = await fetch(serviceUrl(name)).catch(() => undefined);
    if (reply === undefined || reply.status >= 500) return undefined;
    if (!reply.ok) return false;
    const { ID, Version, Spec } = (await reply.json()) as Service;
    const without = withoutTasks(Spec);
    if (without === undefined) return false;
    const body = JSON.stringify(without);
    const url = `${httpOf(swarm.host)}/services/${ID}/update?version=${Version.Index}`;
    const headers = { 'Content-Type': 'application/json' };
    const update = await fetch(url, { method: 'POST', headers, body }).catch(() => undefined);
    // The version may have moved in between.
    return update?.ok === true ? true : undefined;
  });
  if (!isStopped) return;
  const left = async (): Promise<true | undefined> => {
    const tasks = await storedTasks(name).catch(() => undefined);
    // Tasks that have ended may stay in the history.
    const isLeft = tasks?.some(({ DesiredState }) => DesiredState === 'running' || DesiredState === 'remove');
    return isLeft === false || undefined;
  };
  // A busy engine may take longer. Then the service is removed all the same: that seldom makes it crash.
  await until(`the tasks of ${name} to be gone`, left).catch(() => undefined);
}

/**
 * Polls every 100 ms until `poll` returns a value.
 * @param what the condition, for the error
 * @throws Error after `ms` milliseconds
 */
export async function until<T>(what: string, poll: () => Promise<T | undefined>, ms = 150_000): Promise<T> {
  const deadline = Date.now() + ms;
  for (;;) {
    const found = await poll();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`waited ${ms} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/**
 * Waits until a running command's stderr matches. Where the command's requests go through a proxy of the test, what the test
 * does next comes before the command's next request: the output is read by the same event loop, and was written before.
 * @throws Error when the command ends without having said it, or after `ms` milliseconds
 */
export function said(
  { child, stderr, ended }: ReturnType<typeof start>,
  what: RegExp,
  ms = 150_000,
): Promise<void> {
  let stop = (): void => undefined;
  return new Promise<void>((resolve, reject) => {
    const fail = (why: string) => (): void =>
      reject(new Error(`${why} ${what.source} on stderr: ${stderr()}`));
    const timer = setTimeout(fail(`waited ${ms} ms for`), ms);
    const check = (): void => {
      if (what.test(stderr())) resolve();
    };
    stop = () => {
      clearTimeout(timer);
      child.stderr.off('data', check);
    };
    child.stderr.on('data', check);
    ended.then(fail('it ended without'), reject);
    check();
  }).finally(() => stop());
}
