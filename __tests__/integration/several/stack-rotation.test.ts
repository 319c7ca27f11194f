/**
 * `stack deploy` of configs and secrets with other content: what the engine stores and who uses it, what is left in the end, and
 * what plain docker makes of it. SWARMROLL_ROTATIONS is how often three objects are rotated.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import type { StoredObject } from '../../../src/api/cluster.ts';
import type { Service, ServiceSpec, Task } from '../../../src/api/service.ts';
import { neededIds } from '../../../src/stack-plan/rotation.ts';
import {
  api,
  docker,
  run,
  startSwarmroll,
  storedService,
  storedTasks,
  swarm,
  swarmroll,
  until,
} from '../support/swarm.ts';
import type { Ended } from '../support/swarm.ts';
import { proxy } from '../support/proxy.ts';
import { expectCode, posts } from '../rollout/support.ts';
import { DOCKER, PING, deployment, objectsOf, servicesOf, stackName } from './support.ts';

const ROTATIONS = Number(process.env['SWARMROLL_ROTATIONS'] ?? 6);

const folder = mkdtempSync(join(tmpdir(), 'swarmroll-rotation-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file with this content. */
function file(content: string): { readonly file: string } {
  const path = join(folder, createHash('sha256').update(content).digest('hex'));
  writeFileSync(path, content);
  return { file: path };
}

interface Compose {
  readonly services: Readonly<Record<string, object>>;
  readonly configs?: object;
  readonly secrets?: object;
}

/** A service with brisk updates and no network. @param replicas with none, it has converged at once */
const service = (replicas: number, more: object, image = PING): object => ({
  image,
  networks: ['none'],
  stop_grace_period: '2s',
  deploy: { replicas, update_config: { monitor: '500ms' }, restart_policy: { delay: '500ms' } },
  ...more,
});
const text = (compose: Compose): string =>
  JSON.stringify({ ...compose, networks: { none: { external: true, name: 'host' } } });

const deploy = (stack: string, compose: Compose, ...flags: readonly string[]): Promise<Ended> =>
  swarmroll(['stack', 'deploy', '-c', '-', ...flags, stack], deployment(text(compose), {}));

/** `docker stack deploy`, without us. */
function plainDeploy(stack: string, compose: Compose): Promise<Ended> {
  const path = join(folder, `${stack}.json`);
  writeFileSync(path, text(compose));
  return run(DOCKER, ['-H', swarm.host, 'stack', 'deploy', '--detach=true', '-c', path, stack]);
}

/** The secrets and configs of a stack. */
async function allOf(stack: string): Promise<readonly StoredObject[]> {
  const both = await Promise.all([objectsOf('configs', stack), objectsOf('secrets', stack)]);
  return both.flat() as unknown as readonly StoredObject[];
}
const namesOf = async (stack: string): Promise<string[]> =>
  (await allOf(stack)).map(({ Spec }) => Spec.Name ?? '').sort();

const referencesOf = ({ TaskTemplate }: ServiceSpec) => {
  const { Configs, Secrets } = TaskTemplate.ContainerSpec ?? {};
  return { configs: Configs ?? [], secrets: Secrets ?? [] };
};

/** The content of the configs that a service has, by their file names. */
async function configsOf(name: string): Promise<Record<string, string>> {
  const { configs } = referencesOf((await storedService(name)).Spec);
  const found = await Promise.all(
    configs.map(async ({ ConfigID = '', File }) => {
      const { Spec } = await api<StoredObject>(`/configs/${ConfigID}`);
      return [File?.Name ?? '', Buffer.from(String(Spec['Data']), 'base64').toString()] as const;
    }),
  );
  return Object.fromEntries(found);
}
const versionOf = async (name: string): Promise<number> => (await storedService(name)).Version.Index;

test('a config and a secret are changed, and changed back: only who uses them is replaced', async () => {
  const stack = stackName('rotated');
  const compose = (conf: string, key: string): Compose => ({
    services: {
      both: service(1, {
        configs: [
          { source: 'conf', target: '/a', uid: '1', gid: '2', mode: 0o440 },
          { source: 'conf', target: '/b' },
        ],
        secrets: ['key'],
      }),
      config: service(0, { configs: [{ source: 'conf', target: '/c' }] }),
      other: service(1, {}),
    },
    configs: { conf: file(conf) },
    secrets: { key: file(key) },
  });
  expectCode(await deploy(stack, compose('one', 'secret one')), 0);
  const [first, other] = [await storedService(`${stack}_both`), await storedService(`${stack}_other`)];
  const outside = `${stack}-outside`;
  const config = ['--config', `source=${stack}_conf,target=/conf`, '--network', 'host'];
  expectCode(
    await docker(['service', 'create', '-d', '--name', outside, '--replicas', '0', ...config, PING]),
    0,
  );
  try {
    const planned = await deploy(stack, compose('two', 'secret two'), '--dry-run');
    expectCode(planned, 0);
    expect(planned.stdout).toContain(
      `rotates config ${stack}_conf (data differs): replaces 1 task of ${stack}_both, starts 0 tasks of ${stack}_config\n`,
    );
    expect(planned.stdout).toContain(
      `rotates secret ${stack}_key (data differs): replaces 1 task of ${stack}_both\n`,
    );
    expect(await namesOf(stack)).toEqual([`${stack}_conf`, `${stack}_key`]);

    const changed = await deploy(stack, compose('two', 'secret two'));
    expectCode(changed, 0);
    expect(await configsOf(`${stack}_both`)).toEqual({ '/a': 'two', '/b': 'two' });
    expect(await configsOf(`${stack}_config`)).toEqual({ '/c': 'two' });
    expect(await configsOf(outside)).toEqual({ '/conf': 'one' });
    expect(await storedService(`${stack}_other`)).toEqual(other);
    const before = referencesOf(first.Spec);
    const after = referencesOf((await storedService(`${stack}_both`)).Spec);
    const filesOf = ({ configs, secrets }: typeof before) => [...configs, ...secrets].map(({ File }) => File);
    const byName = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
    expect(filesOf(after).sort(byName)).toEqual(filesOf(before).sort(byName));
    for (const { SecretName } of after.secrets) expect(SecretName).toMatch(/_key_[0-9a-f]{8}$/);

    // The same again: nothing but docker's own update of the secret.
    const between = await proxy();
    const words = ['-H', between.host, 'stack', 'deploy', '-c', '-', stack];
    const same = await swarmroll(words, deployment(text(compose('two', 'secret two')), {}));
    between.close();
    expectCode(same, 0);
    expect(posts(between)).toEqual([expect.stringMatching(/\/secrets\/\S+\/update/)]);

    const back = await deploy(stack, compose('one', 'secret one'));
    expectCode(back, 0);
    expect(referencesOf((await storedService(`${stack}_both`)).Spec).secrets).toMatchObject([
      { SecretName: `${stack}_key` },
    ]);
    expect(await configsOf(`${stack}_both`)).toEqual({ '/a': 'one', '/b': 'one' });
    expect(await namesOf(stack)).toHaveLength(4);

    // What a secret contains is told nowhere, and no hash of it.
    const told = JSON.stringify([planned, changed, same, back, await allOf(stack)]);
    for (const value of ['secret one', 'secret two']) {
      expect(told).not.toContain(value);
      expect(told).not.toContain(Buffer.from(value).toString('base64'));
      for (const algorithm of ['sha256', 'sha1', 'md5'])
        expect(told).not.toContain(createHash(algorithm).update(value).digest('hex').slice(0, 8));
    }
  } finally {
    await docker(['service', 'rm', outside]);
  }
});

test('SIGINT while a new one is sent whose answer does not come: it is removed again', async () => {
  const stack = stackName('interrupted');
  const compose = (content: string): Compose => ({
    services: { web: service(0, { configs: ['conf'], secrets: ['key'] }) },
    configs: { conf: file(content) },
    secrets: { key: file('secret') },
  });
  expectCode(await deploy(stack, compose('one')), 0);
  const before = await storedService(`${stack}_web`);
  const between = await proxy();
  // The engine stores it. The answer is lost.
  between.inject(/^POST .*\/configs\/create/, ({ pass }) => pass((reply) => reply.resume()));
  const words = ['-H', between.host, 'stack', 'deploy', '-c', '-', stack];
  const started = startSwarmroll(words, deployment(text(compose('two')), {}));
  await until('the config', async () => ((await namesOf(stack)).length === 3 ? true : undefined));
  started.child.kill('SIGINT');
  const ended = await started.ended;
  between.close();
  expect(ended.code).toBe(130);
  expect(ended.stderr).toMatch(/ {2}config \S+_conf_[0-9a-f]{8}: removed\n/);
  expect(await namesOf(stack)).toEqual([`${stack}_conf`, `${stack}_key`]);
  expect(await storedService(`${stack}_web`)).toEqual(before);
});

test('plain docker before and after', async () => {
  const stack = stackName('plain');
  const compose = (content: string): Compose => ({
    services: { web: service(0, { configs: ['conf'], secrets: ['key'] }) },
    configs: { conf: file(content) },
    secrets: { key: file(`secret ${content}`) },
  });
  expectCode(await plainDeploy(stack, compose('one')), 0);
  expectCode(await deploy(stack, compose('two')), 0);
  // The names of the file are still stored: docker's own error.
  const refused = await plainDeploy(stack, compose('two'));
  expectCode(refused, 1);
  expect(refused.stderr).toContain('only updates to Labels are allowed');
  expect(await configsOf(`${stack}_web`)).toEqual({ conf: 'two' });
  // Then neither the current nor the previous spec refers to them, and there are no tasks.
  const third = await deploy(stack, compose('three'));
  expectCode(third, 0);
  expect(third.stderr).toContain(`config ${stack}_conf: removed, because nothing refers to it any more\n`);
  expect(third.stderr).toContain(`secret ${stack}_key: removed, because nothing refers to it any more\n`);
  expect(await namesOf(stack)).toHaveLength(4);
  expectCode(await plainDeploy(stack, compose('three')), 0);
  const { Spec } = await storedService(`${stack}_web`);
  expect(referencesOf(Spec)).toMatchObject({
    configs: [{ ConfigName: `${stack}_conf` }],
    secrets: [{ SecretName: `${stack}_key` }],
  });
  // docker's own ones are in use: they stay the current ones.
  const version = await versionOf(`${stack}_web`);
  expectCode(await deploy(stack, compose('three')), 0);
  expect(await versionOf(`${stack}_web`)).toBe(version);
});

test('two deployments at once: one of them wins, and its content is used', async () => {
  const stack = stackName('both');
  const compose = (content: string): Compose => ({
    services: { web: service(0, { configs: ['conf'], secrets: ['key'] }) },
    configs: { conf: file(content) },
    secrets: { key: file(`secret ${content}`) },
  });
  expectCode(await deploy(stack, compose('one')), 0);
  const contents = ['two', 'three'];
  const ended = await Promise.all(contents.map((content) => deploy(stack, compose(content))));
  const codes = ended.map(({ code }) => code);
  for (const code of codes) expect([0, 7]).toContain(code);
  const winners = contents.filter((_, index) => codes[index] === 0);
  expect(winners.length === 0 ? ['one'] : winners).toContain((await configsOf(`${stack}_web`))['conf']);
  // Whoever comes now finds a stack that works.
  expectCode(await deploy(stack, compose('four')), 0);
  expect(await configsOf(`${stack}_web`)).toEqual({ conf: 'four' });
});

test(
  `after ${ROTATIONS} rotations of three objects, exactly those exist that are still referred to`,
  async () => {
    const stack = stackName('many');
    const compose = (count: number): Compose => ({
      services: {
        web: service(1, { configs: ['one'], secrets: ['key'], stop_grace_period: '1s' }),
        idle: service(0, { configs: ['one', 'two'] }),
      },
      configs: { one: file(`one ${count}`), two: file(`two ${count}`) },
      secrets: { key: file(`secret ${count}`) },
    });
    for (let count = 0; count <= ROTATIONS; count += 1) expectCode(await deploy(stack, compose(count)), 0);
    // The engine keeps five tasks of a slot. It removes the others a little later.
    await until('the old tasks to go', async () =>
      (await storedTasks(`${stack}_web`)).length <= 5 ? true : undefined,
    );
    expectCode(await deploy(stack, compose(ROTATIONS)), 0);
    const [services, tasks] = [await api<Service[]>('/services'), await api<Task[]>('/tasks')];
    const needed = neededIds(services, tasks);
    const stored = (await allOf(stack)).map(({ ID }) => ID);
    const own = await servicesOf(stack);
    const ownTasks = tasks.filter(({ ServiceID }) => own.some(({ ID }) => ID === ServiceID));
    expect(stored.filter((id) => !needed.has(id))).toEqual([]);
    expect([...neededIds(own, ownTasks)].filter((id) => !stored.includes(id))).toEqual([]);
    expect((await allOf(stack)).filter(({ Spec }) => Spec.Name?.includes('_two'))).toHaveLength(2);
  },
  60_000 + ROTATIONS * 30_000,
);
