/** The two engines of the tests, and what an engine has done to the tasks of a service. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Service, ServiceSpec, Task } from '../../../src/api/service.ts';
import { httpOf, swarm, swarmroll, uniqueName, until } from '../support/swarm.ts';
import type { Ended } from '../support/swarm.ts';

/** How many tasks are replaced, kept, started and stopped. */
export type Effect = Readonly<Record<'replaced' | 'kept' | 'started' | 'stopped', number>>;

const ENDED = ['complete', 'shutdown', 'failed', 'rejected', 'remove', 'orphaned'];

export interface EngineUnderTest {
  readonly image: (tag: string, name?: string) => string;
  /** Runs swarmroll on this engine, with credentials for the engine's registry. @throws if it fails */
  readonly swarmroll: (...words: readonly string[]) => Promise<Ended>;
  readonly get: <T>(path: string) => Promise<T>;
  readonly post: <T>(path: string, body: object) => Promise<T>;
  /** Live tasks by service id. */
  readonly liveTasks: () => Promise<ReadonlyMap<string, readonly Task[]>>;
  /** The prediction of `--dry-run`. */
  readonly predict: (...words: readonly string[]) => Promise<Effect>;
  /** Creates a service with this spec and a name of its own, for one row of a table. Resolves to its id. */
  readonly create: (spec: ServiceSpec) => Promise<string>;
  /** Creates a secret, a config, or an overlay network. Resolves to its name. */
  readonly createObject: (kind: 'secrets' | 'configs' | 'networks') => Promise<string>;
  readonly removeLater: (id: string) => void;
  /** Removes everything that was created. */
  readonly removeAll: () => Promise<void>;
}

/** A config.json with credentials for the registry. The registry asks for none, but the engine stores them. */
function configWithLogin(registry: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'swarmroll-login-'));
  const auth = Buffer.from('ann:secret').toString('base64');
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { [registry]: { auth } } }));
  return folder;
}

/** The swarm with the older engine. */
const older = () =>
  JSON.parse(execFileSync('scripts/swarm', ['env', '--engine', '20.10', '--json'], { encoding: 'utf8' })) as {
    readonly DOCKER_HOST: string;
    readonly SWARMROLL_TEST_REGISTRY: string;
  };

export function engineOf(version: '28.5' | '20.10'): EngineUnderTest {
  const [host, registry] =
    version === '28.5'
      ? [swarm.host, swarm.registry]
      : [older().DOCKER_HOST, older().SWARMROLL_TEST_REGISTRY];
  const env = { DOCKER_HOST: host, DOCKER_CONFIG: configWithLogin(registry) };
  const request = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const headers = { 'Content-Type': 'application/json' };
    const init = body === undefined ? { method } : { method, headers, body: JSON.stringify(body) };
    const reply = await fetch(httpOf(host) + path, init);
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${method} ${path}: ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };
  const run: EngineUnderTest['swarmroll'] = async (...words) => {
    const ended = await swarmroll(words, { env });
    if (ended.code !== 0) throw new Error(`swarmroll ${words.join(' ')}: ${ended.code} ${ended.stderr}`);
    return ended;
  };
  const liveTasks: EngineUnderTest['liveTasks'] = async () => {
    const tasks = await request<Task[]>('GET', '/tasks');
    const live = new Map<string, Task[]>();
    for (const task of tasks) {
      if (ENDED.includes(task.DesiredState)) continue;
      live.set(task.ServiceID, [...(live.get(task.ServiceID) ?? []), task]);
    }
    return live;
  };
  const services: string[] = [];
  const objects: string[] = [];
  return {
    image: (tag, name = 'ping') => `${registry}/${name}:${tag}`,
    swarmroll: run,
    get: (path) => request('GET', path),
    post: (path, body) => request('POST', path, body),
    liveTasks,
    predict: async (...words) => {
      const { stdout } = await run(...words, '--dry-run', '-o', 'json');
      const { replaced, kept, started, stopped } = (JSON.parse(stdout) as { tasks: Effect }).tasks;
      return { replaced, kept, started, stopped };
    },
    create: async (spec) => {
      const body = { ...spec, Name: uniqueName('predicted') };
      const { ID } = await request<{ ID: string }>('POST', '/services/create', body);
      services.push(ID);
      return ID;
    },
    removeLater: (id) => void services.push(id),
    createObject: async (kind) => {
      const Name = uniqueName('predicted');
      const content = kind === 'networks' ? { Driver: 'overlay' } : { Data: 'eA==' };
      await request('POST', `/${kind}/create`, { Name, ...content });
      objects.push(`/${kind}/${Name}`);
      return Name;
    },
    removeAll: async () => {
      rmSync(env.DOCKER_CONFIG, { recursive: true });
      // Engine 28.5 crashes when a service is removed while its tasks are being removed.
      const ours = (await request<Service[]>('GET', '/services')).filter(({ ID }) => services.includes(ID));
      const replicated = ours.filter(({ Spec }) => Spec.Mode?.Replicated !== undefined);
      for (const { ID } of replicated) {
        // The version moves while the engine goes on with the update.
        await until('the service to be scaled to 0', async () => {
          const { Version, Spec } = await request<Service>('GET', `/services/${ID}`);
          const body = { ...Spec, Mode: { Replicated: { Replicas: 0 } } };
          const sent = request('POST', `/services/${ID}/update?version=${Version.Index}`, body);
          return sent.then(
            () => true,
            () => undefined,
          );
        });
      }
      const isGone = async () => {
        const tasks = await request<Task[]>('GET', '/tasks');
        const isLeft = ({ ServiceID, DesiredState }: Task) =>
          replicated.some(({ ID }) => ID === ServiceID) &&
          ['ready', 'running', 'remove'].includes(DesiredState);
        return tasks.some(isLeft) ? undefined : true;
      };
      await until('the tasks to be gone', isGone);
      for (const { ID } of ours) await request('DELETE', `/services/${ID}`);
      for (const path of objects) {
        // A network is in use until the last task has left it.
        await until(`${path} to be removed`, () =>
          request('DELETE', path).then(
            () => true,
            () => undefined,
          ),
        );
      }
    },
  };
}

const keyOf = ({ Slot, NodeID }: Task): string => String(Slot ?? NodeID);

/** What has happened between two lists of the live tasks of a service. */
export function effectOf(before: readonly Task[], after: readonly Task[]): Effect {
  const now = new Map(after.map((task) => [keyOf(task), task.ID]));
  const was = new Map(before.map((task) => [keyOf(task), task.ID]));
  const shared = [...was].filter(([key]) => now.has(key));
  const kept = shared.filter(([key, id]) => now.get(key) === id).length;
  return {
    replaced: shared.length - kept,
    kept,
    started: now.size - shared.length,
    stopped: was.size - shared.length,
  };
}

/** Runs jobs, so many at a time, and keeps the order of the results. */
export async function inParallel<T, R>(items: readonly T[], job: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = [...items.entries()];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      results[next[0]] = await job(next[1]);
    }
  };
  await Promise.all(Array.from({ length: 6 }, worker));
  return results;
}
