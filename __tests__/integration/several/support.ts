/** Stacks of the real swarm, deployed by the real docker from compose files. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll } from '@jest/globals';
import { api, httpOf, image, removeServices, swarm, swarmroll, uniqueName, until } from '../support/swarm.ts';
import type { Ended, RunOptions } from '../support/swarm.ts';
import type { Service } from '../../../src/api/service.ts';

export const PING = image('ping', '1.0');
export const NEXT = image('ping', '1.1');
export const CRASH = image('crash', '1.0');
export const MISSING = image('ping', '9.9');
export const ONESHOT = image('oneshot', '1.0');

/**
 * A docker on the PATH that is new enough, whatever the machine has: the one that SWARMROLL_TEST_DOCKER names, or that of the
 * manager, with its C library.
 */
const folder = mkdtempSync(join(tmpdir(), 'swarmroll-docker-'));
export const DOCKER = join(folder, 'docker');
const { SWARMROLL_TEST_DOCKER: named = '' } = process.env;
if (named === '') {
  for (const file of ['/usr/bin/docker', '/lib64/ld-linux-x86-64.so.2', '/lib/x86_64-linux-gnu/libc.so.6'])
    execFileSync('docker', [
      '-H',
      swarm.outerHost,
      'cp',
      '-qL',
      `${swarm.manager}:${file}`,
      join(folder, `manager-${basename(file)}`),
    ]);
  renameSync(join(folder, 'manager-libc.so.6'), join(folder, 'libc.so.6'));
  const script = `#!/bin/sh
exec ${folder}/manager-ld-linux-x86-64.so.2 --library-path ${folder} ${folder}/manager-docker "$@"
`;
  writeFileSync(DOCKER, script);
  chmodSync(DOCKER, 0o755);
} else symlinkSync(named, DOCKER);
const PATH = `${folder}:${process.env['PATH'] ?? ''}`;

const composes = process.env['SWARMROLL_TEST_COMPOSE'] ?? '';
/** Folders for DOCKER_CONFIG, with Docker Compose as a plugin: 2.26, and a newer one. */
export const OLDER = join(composes, 'trixie');
export const NEWER = join(composes, 'forky');

const stacks: string[] = [];
afterAll(async () => {
  for (const stack of stacks) await removeStack(stack);
  rmSync(folder, { recursive: true });
});

/** A stack that is removed when the file's tests are over. */
export function stackName(stem: string): string {
  const name = uniqueName(stem);
  stacks.push(name);
  return name;
}

/** What the engine has of a stack. */
export async function servicesOf(stack: string): Promise<Service[]> {
  const filters = JSON.stringify({ label: [`com.docker.stack.namespace=${stack}`] });
  return api<Service[]>(`/services?filters=${encodeURIComponent(filters)}`);
}

/** The networks, secrets or configs of a stack. */
export async function objectsOf(
  kind: 'secrets' | 'configs' | 'networks',
  stack: string,
): Promise<readonly StackObject[]> {
  const filters = JSON.stringify({ label: [`com.docker.stack.namespace=${stack}`] });
  return api<StackObject[]>(`/${kind}?filters=${encodeURIComponent(filters)}`);
}

type StackObject = Readonly<Record<string, unknown>> & {
  readonly ID?: string;
  readonly Id?: string;
  readonly Name?: string;
  readonly Spec?: { readonly Name?: string };
};

/** Removes all of a stack, and waits until its networks are gone: tasks use them a little longer. */
export async function removeStack(stack: string): Promise<void> {
  await removeServices(...(await servicesOf(stack)).map(({ ID }) => ID));
  for (const kind of ['secrets', 'configs', 'networks'] as const) {
    await until(`the ${kind} of ${stack} to go`, async () => {
      const left = await objectsOf(kind, stack);
      for (const { ID, Id } of left)
        await fetch(`${httpOf(swarm.host)}/${kind}/${ID ?? Id ?? ''}`, { method: 'DELETE' });
      return left.length === 0 || undefined;
    });
  }
}

/** Such a service has converged at once. */
export const NO_TASKS = { replicas: 0 };

/** A service of a compose file: its image and what stands below `deploy`. */
export type Composed = readonly [image: string, deploy?: object, more?: object];

/**
 * A compose file, as JSON: YAML takes it. The services have no network: nothing but tasks is made. What is to fail has a long
 * monitor period, which the failure ends: a busy engine may tell of it seconds late.
 */
export function compose(services: Readonly<Record<string, Composed>>): string {
  const all = Object.entries(services).map(([name, [of, deploy = {}, more = {}]]) => {
    const restart = { delay: '500ms' };
    const update = { monitor: of === CRASH ? '30s' : '1s' };
    const isJob = 'mode' in deploy && deploy.mode === 'replicated-job';
    const whole = { ...(isJob ? {} : { restart_policy: restart, update_config: update }), ...deploy };
    return [name, { image: of, deploy: whole, stop_grace_period: '2s', networks: ['none'], ...more }];
  });
  const networks = { none: { external: true, name: 'host' } };
  return JSON.stringify({ services: Object.fromEntries(all) as object, networks });
}

export const deployment = (file: string, options: RunOptions): RunOptions => ({
  ...options,
  input: file,
  env: { PATH, ...options.env },
});

/** `swarmroll stack deploy -c - STACK`, to its end. */
export const deploy = (
  stack: string,
  services: Readonly<Record<string, Composed>>,
  flags: readonly string[] = [],
  options: RunOptions = {},
): Promise<Ended> =>
  swarmroll(['stack', 'deploy', '-c', '-', ...flags, stack], deployment(compose(services), options));

/** What stdout says: the verdict of each service, by its name without the stack's. */
export function verdicts({ stdout }: Ended, stack: string): Record<string, string> {
  const lines = stdout.trimEnd().split('\n');
  return Object.fromEntries(
    lines.map((line) => line.replace(`${stack}_`, '').split(/ +/, 2) as [string, string]),
  );
}
