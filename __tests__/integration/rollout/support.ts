/** Rollouts on the real swarm: the services of one test file, and what is asked of each that ends. */
import { afterAll, expect } from '@jest/globals';
import { proxy } from '../support/proxy.ts';
import type { Proxy } from '../support/proxy.ts';
import {
  image,
  orThrow,
  outer,
  removeServices,
  said,
  startSwarmroll,
  storedTasks,
  swarm,
  swarmroll,
  uniqueName,
  until,
} from '../support/swarm.ts';
import type { Ended, RunOptions } from '../support/swarm.ts';

/** Short waits: tests are about how rollouts end, not about how long the engine takes. */
export const BRISK = ['--restart-delay', '500ms', '--stop-grace-period', '2s'];
/** For what goes well. */
const ROLLING = ['--update-monitor', '1s', '--rollback-monitor', '1s'];
export const QUICK = [...BRISK, ...ROLLING];
/**
 * For an update that is to fail. An engine short of processor time may tell of a failure seconds late, when the task
 * counts as stable, or of the first only after more of them: so it has a long time, which the failure ends, and its
 * word alone counts.
 */
export const PATIENT = ['--update-monitor', '30s', '--rollback-monitor', '5s', '--max-failures', '0'];

/** For a new service that is to fail, for the same reason. */
export const FAILING = [...BRISK, '--update-monitor', '30s'];

/** No node has it. */
export const NOWHERE = 'node.labels.zone==nowhere';

const created: string[] = [];
afterAll(() => removeServices(...created));

/** A name for a service that is removed when the file's tests are over. */
export function serviceName(stem: string): string {
  const name = uniqueName(stem);
  created.push(name);
  return name;
}

const proxies: Proxy[] = [];
afterAll(() => proxies.forEach((between) => between.close()));

/** A proxy of a test's own, through which all passes until faults are injected. */
export async function opened(): Promise<Proxy> {
  const between = await proxy();
  proxies.push(between);
  return between;
}

/**
 * A proxy that passes one change on, and no later request before something else has happened. So it happens before the watch
 * sees anything of the change, however long it takes.
 */
export async function openedAfterChange(happens: () => Promise<unknown>): Promise<Proxy> {
  let isPosted = false;
  let over: Promise<undefined> | undefined;
  const between = await proxy(({ method }) => {
    if (isPosted) return (over ??= happens().then(() => undefined));
    isPosted = method === 'POST';
    return undefined;
  });
  proxies.push(between);
  return between;
}

/** Holds the polls of a watch back while something else happens. The rollout goes on, but its watch does not end before. */
export async function meanwhile<T>(between: Proxy, happens: () => Promise<T>): Promise<T> {
  let release = (): void => undefined;
  const over = new Promise<void>((resolve) => (release = resolve));
  const held = between.inject(/^GET /, ({ pass }) => void over.then(() => pass()));
  try {
    return await happens();
  } finally {
    held.stop();
    release();
  }
}

const volumes: string[] = [];
// The services are removed by now, but a task may still be on its way out.
afterAll(async () => {
  for (const volume of volumes)
    await until(`${volume} to go`, async () => {
      const { code } = await outer(['exec', swarm.worker1, 'docker', 'volume', 'rm', '--force', volume]);
      return code === 0 || undefined;
    });
});

/** A volume at /data for tasks on worker1 that remember something, or wait for a file of the test. It is removed at the end. */
export function remembered(stem: string) {
  const volume = uniqueName(stem);
  volumes.push(volume);
  return {
    flags: [
      ...['--mount', `type=volume,source=${volume},target=/data`],
      ...['--constraint', 'node.hostname==worker1'],
    ],
    /** Makes the file /data/NAME, once a task is there. */
    make: (file: string) =>
      orThrow(outer)('exec', swarm.worker1, 'touch', `/var/lib/docker/volumes/${volume}/_data/${file}`),
  };
}

/** Tasks of an update that are neither healthy nor unhealthy before the file /data/open is there (`remembered`). */
export const UNTIL_OPEN = [
  ...['--health-cmd', 'test -e /data/open', '--health-interval', '500ms', '--health-retries', '100000'],
];
/** Tasks that run until the file /data/open is there, and then fail. */
export const FAILS_WHEN_OPEN = [
  ...['--args', `sh -c "trap 'exit 0' TERM; until test -e /data/open; do sleep 0.2; done; exit 1"`],
];

/** The changes that the engine was asked for through a proxy. */
export const posts = ({ requests }: Proxy): readonly string[] =>
  requests.filter((line) => line.startsWith('POST '));

/** A service that has converged, as it is before the change that a test is about. */
export async function given(stem: string, ...words: readonly string[]): Promise<string> {
  const name = serviceName(stem);
  const { code, stderr } = await swarmroll(['create', '--quiet', '--name', name, ...words]);
  if (code !== 0) throw new Error(`the service before did not converge: ${stderr}`);
  return name;
}

/** `create` of a new service; gives its name and how it ended. */
export async function create(
  stem: string,
  words: readonly string[],
  options?: RunOptions,
): Promise<Ended & { readonly name: string }> {
  const name = serviceName(stem);
  return { name, ...(await swarmroll(['create', '--name', name, ...words], options)) };
}

/** An update of ping under way, of which one task at least has been replaced. */
export async function halfWay(name: string, ...flags: readonly string[]) {
  const rollout = startSwarmroll(['update', ...flags, '--image', image('ping', '1.1'), name]);
  await said(rollout, /: 1 out of /);
  return rollout;
}

/** A service whose only task finds no node, and of which the engine has said so. */
export async function stuck(stem: string): Promise<string> {
  const words = ['--detach', ...BRISK, '--constraint', NOWHERE, image('ping', '1.0')];
  const { name } = await create(stem, words);
  await until('the scheduler to say why', async () => {
    const tasks = await storedTasks(name);
    return tasks.some(({ Status }) => (Status.Err ?? '') !== '') || undefined;
  });
  return name;
}

/** Asserts on the exit code; where it is another, the failure shows all that was said. */
export function expectCode(ended: Ended, wanted: number): void {
  const { code, stderr, stdout } = ended;
  if (code !== wanted) throw new Error(`exit ${code} instead of ${wanted}:\n${stderr}\nstdout: ${stdout}`);
}

/** What must hold of every rollout that did not converge: the verdict in one line, no stack trace. */
export function expectReport({ stderr }: Ended, verdict: string | RegExp): void {
  const lines = stderr.split('\n').filter((line) => line.startsWith('swarmroll: '));
  expect(lines).toEqual([
    typeof verdict === 'string' ? `swarmroll: ${verdict}` : expect.stringMatching(verdict),
  ]);
  expect(stderr).not.toMatch(/^ +at /m);
}

/** How many of a service's tasks run, or ran to their end, with an image: `states('web')` → { 'ping:1.0 running': 3 }. */
export async function states(name: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { Spec, Status, DesiredState } of await storedTasks(name)) {
    if (DesiredState !== 'running' && Status.State !== 'complete') continue;
    const image = /([^/]*)@/.exec(Spec.ContainerSpec?.Image ?? '')?.[1] ?? '';
    const key = `${image} ${Status.State}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}
