/** `stack deploy` is planned before anything is sent: all or nothing, nothing for what is equal, prune last. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoredObject } from '../../../src/api/cluster.ts';
import { afterAll, describe, expect, test } from '@jest/globals';
import { EXECUTABLE } from '../../support/command.ts';
import { api, docker, run, startSwarmroll, storedService, swarmroll, until } from '../support/swarm.ts';
import { answer, proxy } from '../support/proxy.ts';
import { expectCode, opened, posts } from '../rollout/support.ts';
import {
  CRASH,
  MISSING,
  NEXT,
  NO_TASKS,
  PING,
  compose,
  deploy,
  deployment,
  objectsOf,
  servicesOf,
  stackName,
} from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'swarmroll-held-'));
afterAll(() => rmSync(folder, { recursive: true }));

const published = (port: number) => ({
  ports: [{ target: 80, published: port, mode: 'ingress' }],
  networks: undefined,
});
const specs = async (stack: string) => (await servicesOf(stack)).map(({ Spec }) => Spec);
/** `swarmroll WORDS` with a compose file that is not made by `compose`. */
const withFile = (words: readonly string[], file: object) =>
  swarmroll(words, deployment(JSON.stringify(file), {}));

describe('all or nothing', () => {
  test('what the engine refuses while it is sent: all is put back, in a new stack and in one that is there', async () => {
    const stack = stackName('refused');
    const between = await proxy();
    const refuse = (skip: number) =>
      between.inject(/^POST .*\/services\/create/, answer(400, { message: 'not this one' }), { skip });
    const through = (services: Parameters<typeof compose>[0]) =>
      swarmroll(['-H', between.host, 'stack', 'deploy', '-c', '-', stack], deployment(compose(services), {}));
    const both = (of: string) => ({ a: [of, NO_TASKS], b: [of, NO_TASKS] }) as const;
    const third = refuse(2);
    const first = await through({ ...both(PING), z: [PING, NO_TASKS] });
    third.stop();
    expectCode(first, 1);
    expect(first.stderr).toMatch(new RegExp(`^swarmroll: ${stack}_[abz]: not this one`, 'm'));
    expect(await specs(stack)).toEqual([]);
    expectCode(await deploy(stack, both(PING)), 0);
    const before = await specs(stack);
    refuse(0);
    const ended = await through({ ...both(NEXT), z: [PING, NO_TASKS] });
    between.close();
    expectCode(ended, 1);
    expect(ended.stderr).toContain(`  service ${stack}_a: undone\n`);
    expect(await specs(stack)).toEqual(before);
  });

  test('a secret of somebody else is not taken over, and one with other data is refused with --no-rotate; the network goes again', async () => {
    const stack = stackName('secret');
    writeFileSync(join(folder, 'data'), 'one');
    const file = {
      services: { web: { image: PING, secrets: ['key'], deploy: NO_TASKS } },
      secrets: { key: { file: join(folder, 'data') } },
    };
    const create = ['secret', 'create', '--label', 'owner=other', `${stack}_key`, '-'];
    expectCode(await run('docker', create, { input: 'x' }), 0);
    const ended = await withFile(['stack', 'deploy', '-c', '-', stack], file);
    expectCode(ended, 1);
    expect(ended.stderr).toContain(`secret ${stack}_key belongs to no stack`);
    expect(await objectsOf('networks', stack)).toEqual([]);
    expect(await api<object>(`/secrets/${stack}_key`)).toMatchObject({
      Spec: { Labels: { owner: 'other' } },
    });
    expectCode(await docker(['secret', 'rm', `${stack}_key`]), 0);
    expectCode(await withFile(['stack', 'deploy', '-c', '-', stack], file), 0);
    const { Version } = await api<StoredObject>(`/secrets/${stack}_key`);
    const equal = await withFile(['stack', 'diff', '-c', '-', stack], file);
    expect({ code: equal.code, names: equal.stdout.includes(`secret ${stack}`) }).toEqual({
      code: 0,
      names: false,
    });
    writeFileSync(join(folder, 'data'), 'two');
    const differs = await withFile(['stack', 'diff', '--no-rotate', '-c', '-', stack], file);
    expectCode(differs, 6);
    const reason = `secret ${stack}_key: its content differs from the stored one, which cannot be changed`;
    expect(differs.stdout).toContain(`refused: ${reason}`);
    const planned = await withFile(['stack', 'deploy', '--no-rotate', '--dry-run', '-c', '-', stack], file);
    expectCode(planned, 1);
    expect(planned.stdout).toContain(`refused: ${reason}`);
    // The engine was asked, and has stored nothing.
    expect((await api<StoredObject>(`/secrets/${stack}_key`)).Version).toEqual(Version);
    const changed = await withFile(['stack', 'deploy', '--no-rotate', '-c', '-', stack], file);
    expectCode(changed, 1);
    expect(changed.stderr).toContain(reason);
  });

  test('SIGINT while it is sent: what was sent is undone', async () => {
    const stack = stackName('sigint');
    let child: ReturnType<typeof startSwarmroll>['child'] | undefined;
    // The second service is never answered.
    let count = 0;
    const between = await proxy(({ url, method }) => {
      if (method !== 'POST' || url?.includes('/services/create') !== true) return undefined;
      count += 1;
      if (count < 2) return undefined;
      child?.kill('SIGINT');
      return new Promise(() => undefined);
    });
    try {
      const words = ['-H', between.host, 'stack', 'deploy', '-c', '-', stack];
      const started = startSwarmroll(words, deployment(compose({ a: [PING, NO_TASKS], b: [PING] }), {}));
      child = started.child;
      const ended = await started.ended;
      expect(ended.code).toBe(130);
      expect(ended.stderr).toContain('swarmroll: undoing what was sent\n');
      await until('the stack to be gone', async () => ((await specs(stack)).length === 0 ? true : undefined));
    } finally {
      between.close();
    }
  });

  test('a docker that writes something unknown: nothing is sent, although it ends with 0', async () => {
    const stack = stackName('unknown');
    const path = join(folder, 'bin');
    const script = `#!/bin/sh
for word; do case $word in --host=unix://*) socket=\${word#--host=unix://};; esac; done
for request in 'PUT /v1.44/services/x' 'POST /v1.44/session' 'POST /v1.44/containers/create' 'DELETE /v1.44/secrets/x' \\
  'POST /v1.44/services/../containers/create' 'POST /v1.44//services/create/' 'PATCH /v1.44/services/x'; do
  curl -s --path-as-is --unix-socket "$socket" -X \${request% *} -d '{}' -w '%{http_code} ' -o /dev/null http://x\${request#* } >&2
done
curl -s --unix-socket "$socket" -d '{"Name":"${stack}_a","TaskTemplate":{"ContainerSpec":{"Image":"${PING}"}}}' -w '%{http_code}' -o /dev/null http://x/v1.44/services/create >&2
`;
    rmSync(path, { recursive: true, force: true });
    const bin = mkdtempSync(`${path}-`);
    writeFileSync(join(bin, 'docker'), script);
    chmodSync(join(bin, 'docker'), 0o755);
    const between = await opened();
    const ended = await swarmroll(['-H', between.host, 'stack', 'deploy', '-c', '-', stack], {
      env: { PATH: `${bin}:${process.env['PATH'] ?? ''}` },
      input: '',
    });
    expectCode(ended, 1);
    expect(ended.stderr).toContain(
      'swarmroll: docker asked for something that swarmroll does not know: PUT /services/x; nothing was sent\n',
    );
    expect(posts(between)).toEqual([]);
    expect(await specs(stack)).toEqual([]);
  });
});

describe('only what differs is sent', () => {
  test('an unchanged redeploy sends nothing, and the previous spec survives', async () => {
    const stack = stackName('again');
    const services = { web: [PING, { replicas: 2 }], api: [PING], none: [PING, NO_TASKS] } as const;
    expectCode(await deploy(stack, services), 0);
    expectCode(await deploy(stack, { ...services, web: [NEXT, { replicas: 2 }] }), 0);
    const before = await storedService(`${stack}_web`);
    const between = await opened();
    const words = ['-H', between.host, 'stack', 'deploy', '-c', '-', stack];
    const file = compose({ ...services, web: [NEXT, { replicas: 2 }] });
    expectCode(await swarmroll(words, deployment(file, {})), 0);
    expect(posts(between)).toEqual([]);
    expect(await storedService(`${stack}_web`)).toEqual(before);
  });
});

describe('prune and ports', () => {
  test('what is pruned goes last, and not if a service fails; where it holds a port that is wanted, first', async () => {
    const stack = stackName('prune');
    const others = { old: [PING, NO_TASKS], holder: [PING, NO_TASKS, published(28_443)] } as const;
    expectCode(await deploy(stack, { web: [PING], ...others }), 0);
    const failed = await deploy(stack, { web: [CRASH] }, ['--prune', '--max-failures', '1']);
    expect(failed.code).toBe(4);
    expect((await specs(stack)).map(({ Name }) => Name).sort()).toEqual(
      ['holder', 'old', 'web'].map((name) => `${stack}_${name}`),
    );
    const next = { web: [PING], taker: [PING, NO_TASKS, published(28_443)] } as const;
    const ended = await deploy(stack, next, ['--prune']);
    expectCode(ended, 0);
    const [sent = '', last = ''] = ended.stderr.split(`${stack}_taker: created`);
    expect(sent + last).toContain(`${stack}_holder: removed\n`);
    expect(ended.stderr.trimEnd().split('\n').at(-1)).toBe(`${stack}_old: removed`);
    expect((await specs(stack)).map(({ Name }) => Name).sort()).toEqual(
      ['taker', 'web'].map((name) => `${stack}_${name}`),
    );
  });

  test('a port that one service passes on to another; a swap is refused', async () => {
    const stack = stackName('pass');
    expectCode(
      await deploy(stack, { a: [PING, NO_TASKS, published(28_445)], b: [PING, NO_TASKS, published(28_446)] }),
      0,
    );
    const passed = {
      a: [PING, NO_TASKS, published(28_447)],
      b: [PING, NO_TASKS, published(28_445)],
    } as const;
    const swapped = {
      a: [PING, NO_TASKS, published(28_446)],
      b: [PING, NO_TASKS, published(28_445)],
    } as const;
    const swap = await deploy(stack, swapped);
    expectCode(swap, 1);
    expect(swap.stderr).toContain(`${stack}_a and ${stack}_b swap published ports`);
    expectCode(await deploy(stack, passed), 0);
  });
});

test('a slow registry: all images are looked up at the same time, each once, and docker warns of nothing', async () => {
  const stack = stackName('slow');
  const images = [PING, NEXT, MISSING];
  // No look-up is answered before all have been asked.
  const asked: string[] = [];
  let release = (): void => undefined;
  const all = new Promise<undefined>((resolve) => (release = () => resolve(undefined)));
  const between = await proxy(({ url = '' }) => {
    const [, image] = /\/distribution\/(.*)\/json/.exec(url) ?? [];
    if (image === undefined) return undefined;
    if (asked.push(image) === images.length) release();
    return all;
  });
  const words = ['-H', between.host, 'stack', 'deploy', '-c', '-', stack];
  const services = { a: [PING, NO_TASKS], b: [NEXT, NO_TASKS], c: [MISSING, NO_TASKS] } as const;
  // docker tells of an image that it cannot look up when it updates a service, not when it creates one.
  expectCode(await deploy(stack, { c: services.c }), 0);
  const ended = await swarmroll(words, deployment(compose(services), {}));
  between.close();
  expectCode(ended, 0);
  expect(asked.sort()).toEqual(images);
  // docker's own warning of the image that the registry does not have, and of no other.
  expect(ended.stderr.match(/could not be accessed/g)).toHaveLength(1);
  const stored = (await specs(stack)).map(({ TaskTemplate }) => TaskTemplate.ContainerSpec?.Image).sort();
  expect(stored).toEqual([
    expect.stringMatching(`${PING}@sha256:`),
    expect.stringMatching(`${NEXT}@sha256:`),
    MISSING,
  ]);
});

test('a Compose file from the pipe of a shell is read once, and given to each run of docker', async () => {
  const stack = stackName('pipe');
  const path = join(folder, 'compose.json');
  writeFileSync(path, compose({ a: [PING, NO_TASKS], b: [NEXT, NO_TASKS] }));
  // docker runs twice: no look-up is answered before both have been asked.
  let count = 0;
  let release = (): void => undefined;
  const both = new Promise<undefined>((resolve) => (release = () => resolve(undefined)));
  const between = await proxy(({ url = '' }) => {
    if (!url.includes('/distribution/')) return undefined;
    count += 1;
    if (count === 2) release();
    return both;
  });
  const command = `'${EXECUTABLE}' -H ${between.host} stack deploy -d -c <(cat '${path}') ${stack}`;
  const ended = await run('bash', ['-c', command], deployment('', {}));
  between.close();
  expectCode(ended, 0);
  expect((await specs(stack)).map(({ Name }) => Name).sort()).toEqual([`${stack}_a`, `${stack}_b`]);
});

test('a registry that is down strips no digest: the stored one is kept', async () => {
  const stack = stackName('digest');
  expectCode(await deploy(stack, { web: [PING, NO_TASKS] }), 0);
  const before = await storedService(`${stack}_web`);
  const between = await proxy();
  between.inject(/^GET .*\/distribution\//, ({ response }) =>
    response.writeHead(500, { 'content-type': 'application/json' }).end('{"message":"registry is down"}'),
  );
  const words = ['-H', between.host, 'stack', 'deploy', '-c', '-', stack];
  const ended = await swarmroll(words, deployment(compose({ web: [PING, NO_TASKS] }), {}));
  between.close();
  expectCode(ended, 0);
  expect(ended.stderr).toContain('the stored one is kept');
  expect(await storedService(`${stack}_web`)).toEqual(before);
});
