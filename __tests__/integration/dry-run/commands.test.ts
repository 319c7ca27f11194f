/** `--dry-run` of each command and `diff`: what they print, what they send, and how they end. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { violations } from '../../support/schema.ts';
import { NOWHERE, QUICK, create, expectCode, given, opened, serviceName } from '../rollout/support.ts';
import {
  api,
  expectError,
  httpOf,
  image,
  storedService,
  storedTasks,
  swarm,
  swarmroll,
  uniqueName,
  until,
} from '../support/swarm.ts';
import type { Ended } from '../support/swarm.ts';

/** Runs a command through a proxy, and expects that it has sent nothing but GET requests. */
async function watched(...words: readonly string[]): Promise<Ended> {
  const between = await opened();
  const ended = await swarmroll(words, { env: { DOCKER_HOST: between.host } });
  expect(between.requests.filter((line) => !line.startsWith('GET '))).toEqual([]);
  return ended;
}

/** Runs a dry run, which must end well; its lines on stdout, without digests. */
async function lines(...words: readonly string[]): Promise<readonly string[]> {
  const ended = await watched(...words);
  expectCode(ended, 0);
  if (words.includes('--dry-run')) expect(ended.stderr).toBe('dry run: nothing was changed\n');
  return ended.stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.replaceAll(/@sha256:\w+/g, '@').replaceAll(/ +/g, ' '));
}

/** The object of `-o json`, which the schema allows. */
async function object<T>(command: string, ...words: readonly string[]): Promise<T> {
  const ended = await watched(command, '-o', 'json', ...words);
  expectCode(ended, 0);
  const result = JSON.parse(ended.stdout) as T;
  expect(violations('result', result)).toEqual([]);
  return result;
}

/** A service that no node can run: no dry run depends on its tasks. */
const idle = async (...words: readonly string[]): Promise<string> => {
  const { name, ...ended } = await create('dry', [
    '--detach',
    '--constraint',
    NOWHERE,
    ...words,
    image('ping', '1.0'),
  ]);
  expectCode(ended, 0);
  return name;
};
const noNode = (tasks: number): string =>
  `risk: ${tasks === 1 ? 'the task finds no node' : `none of ${tasks} tasks finds a node`}: manager, worker1, worker2: scheduling constraints not satisfied (${NOWHERE})`;
const [OLD, NEW] = [`${image('ping', '1.0')}@`, `${image('ping', '1.1')}@`];

let name: string;
beforeAll(async () => {
  name = await given(
    'dry',
    ...QUICK,
    '--replicas',
    '3',
    '--update-delay',
    '2s',
    '-e',
    'A=1',
    image('ping', '1.0'),
  );
});

describe('update --dry-run', () => {
  test('prints the changes, the tasks that are replaced and the least time, and stores nothing', async () => {
    const before = await storedService(name);
    const change = ['--image', image('ping', '1.1'), '--env-add', 'A=2', '--publish-add', '8123:80'];
    expect(await lines('update', '--dry-run', ...change, name)).toEqual([
      `~ image ${OLD} → ${NEW}`,
      '~ env A 1 → 2',
      '+ publish 8123:80 ingress',
      'replaces 3 tasks, 1 at a time, in at least 9s',
    ]);
    expect(await storedService(name)).toEqual(before);
  });

  test('as JSON, with digests as the real run would store them', async () => {
    const result = await object<Record<string, unknown>>(
      'update',
      '--dry-run',
      '--image',
      image('ping', '1.1'),
      name,
    );
    const { ID } = await storedService(name);
    expect(result).toMatchObject({
      action: 'update',
      verdict: 'planned',
      exitCode: 0,
      service: { id: ID, name },
      changes: [
        {
          field: 'image',
          before: expect.stringContaining('@sha256:'),
          after: expect.stringContaining('@sha256:'),
        },
      ],
      tasks: { replaced: 3, kept: 0, started: 0, stopped: 0, atOnce: 1, atLeast: 9000 },
      risks: [],
    });
    const update = await swarmroll(['update', '--detach', '--image', image('ping', '1.1'), name]);
    expectCode(update, 0);
    const stored = (await storedService(name)).Spec.TaskTemplate.ContainerSpec?.Image;
    expect(result['changes']).toEqual([expect.objectContaining({ after: stored })]);
  });

  test('no difference: nothing would be sent', async () => {
    const idleName = await idle('-l', 'a=1');
    expect(await lines('update', '--dry-run', '--label-add', 'a=1', idleName)).toEqual([
      'no difference',
      'replaces no task',
      noNode(1),
    ]);
  });

  test('risks: an image that is not found, reservations; a port that the node chooses is none', async () => {
    const change = [
      '--publish-add',
      'mode=host,target=80',
      '--update-order',
      'start-first',
      '--reserve-cpu',
      '9999',
    ];
    const result = await object<{ risks: { kind: string; message: string }[] }>(
      ...['update', '--dry-run', ...change, '--image', image('nowhere', '1'), name],
    );
    expect(result.risks.map(({ kind, message }) => `${kind}: ${message}`)).toEqual([
      expect.stringMatching(/^image: image .*nowhere:1 is not in its registry: .*manifest unknown/),
      expect.stringMatching(
        /^resources: none of 3 tasks finds a node: manager, worker1, worker2: insufficient resources \(9999 CPUs wanted/,
      ),
    ]);
  });

  test.each([
    [2, ['update', '--dry-run', '--env-add', '=', 'web'], /--env-add/],
    [1, ['update', '--dry-run', 'no-such-service'], /no such service/],
    [2, ['update', '--dry-run', '--rollback', '--force', 'web'], /cannot be combined/],
  ])('errors end as ever: exit %i of %j', async (code, words, message) => {
    const ended = await watched(...words);
    expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) as unknown });
  });
});

describe('create --dry-run', () => {
  test('prints what was asked for, and creates none', async () => {
    const fresh = serviceName('dry-new');
    const printed = await lines(
      'create',
      '--dry-run',
      '--name',
      fresh,
      '--replicas',
      '2',
      '-e',
      'A=1',
      image('ping', '1.0'),
    );
    expect(printed).toEqual([
      `+ image ${OLD}`,
      '+ env A 1',
      '+ replicas 2',
      `+ name ${fresh}`,
      'starts 2 tasks',
    ]);
    expect(
      await api<unknown[]>(`/services?filters=${encodeURIComponent(JSON.stringify({ name: [fresh] }))}`),
    ).toEqual([]);
  });

  test('as JSON without a name; and a name that is taken is a risk', async () => {
    const unnamed = await object<object>('create', '--dry-run', image('ping', '1.0'));
    expect(unnamed).toMatchObject({
      action: 'create',
      service: { id: null, name: null },
      tasks: { started: 1 },
    });
    const words = ['--name', name, image('ping', '1.0')];
    const { code, stdout } = await swarmroll(['create', '--dry-run', '-o', 'json', ...words]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ exitCode: 1, risks: [{ kind: 'name' }] });
  });
});

describe('rollback --dry-run and diff', () => {
  test('rollback shows what comes back, diff what the last change has done', async () => {
    const web = await idle(
      '--replicas',
      '2',
      '-e',
      'A=1',
      '--update-parallelism',
      '0',
      '--rollback-parallelism',
      '0',
      '--rollback-monitor',
      '9s',
    );
    expectError(
      await watched('rollback', '--dry-run', web),
      1,
      `${web}: nothing to roll back to: there is no previous spec`,
    );
    expectError(await watched('diff', web), 1, `${web} has no previous spec to compare with`);
    expectCode(await swarmroll(['update', '--detach', '--env-add', 'A=2', '--replicas', '3', web]), 0);
    await until('the engine to have updated all tasks', async () => {
      const live = (await storedTasks(web)).filter(({ DesiredState }) => DesiredState !== 'shutdown');
      const isNew = live.every(({ Spec }) => Spec.ContainerSpec?.Env?.[0] === 'A=2');
      return (live.length === 3 && isNew) || undefined;
    });
    expect(await lines('rollback', '--dry-run', web)).toEqual([
      '~ env A 2 → 1',
      '~ replicas 3 → 2',
      'replaces 2 tasks, all at once, in at least 9s; stops 1 task',
      noNode(2),
    ]);
    expect(await lines('update', '--rollback', '--dry-run', web)).toContain('~ env A 2 → 1');
    expect(await lines('diff', web)).toEqual([
      '~ env A 1 → 2',
      '~ replicas 2 → 3',
      'replaces 2 tasks, all at once, in at least 5s; starts 1 task',
      noNode(3),
    ]);
    expect(await object('diff', web)).toMatchObject({ action: 'diff', verdict: 'compared' });
    expect(await object('rollback', '--dry-run', web)).toMatchObject({
      action: 'rollback',
      verdict: 'planned',
    });
  });

  test('a rollback to a spec whose secret is gone is the same error as without --dry-run', async () => {
    const secret = uniqueName('dry-secret');
    const host = httpOf(swarm.host);
    const headers = { 'Content-Type': 'application/json' };
    const body = JSON.stringify({ Name: secret, Data: 'eA==' });
    await fetch(`${host}/secrets/create`, { method: 'POST', headers, body });
    const web = await idle('--secret', secret);
    expectCode(await swarmroll(['update', '--detach', '--secret-rm', secret, web]), 0);
    expect((await fetch(`${host}/secrets/${secret}`, { method: 'DELETE' })).status).toBe(204);
    const [real, dry] = [await watched('rollback', web), await watched('rollback', '--dry-run', web)];
    expect(real.code).toBe(1);
    expect(dry).toEqual(real);
  });

  test('a rollback to the same spec is the same error as without --dry-run', async () => {
    const web = await idle();
    const { ID, Spec, Version } = await storedService(web);
    const host = httpOf(swarm.host);
    const headers = { 'Content-Type': 'application/json' };
    await fetch(`${host}/services/${ID}/update?version=${Version.Index}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(Spec),
    });
    const [real, dry] = [await watched('rollback', web), await watched('rollback', '--dry-run', web)];
    expect(real.code).toBe(1);
    expect(dry).toEqual(real);
    expect(await lines('diff', web)).toEqual(['no difference', 'replaces no task', noNode(1)]);
  });
});

describe('scale and restart --dry-run', () => {
  test('each service has its lines', async () => {
    const [web, api] = [await idle('--replicas', '2'), await idle('--replicas', '2')];
    expect(await lines('scale', '--dry-run', `${web}=5`, `${api}=0`)).toEqual([
      `${web}:`,
      ' ~ replicas 2 → 5',
      ' replaces no task; starts 3 tasks',
      ` ${noNode(5)}`,
      `${api}:`,
      ' ~ replicas 2 → 0',
      ' stops 2 tasks',
    ]);
    expect(await lines('restart', '--dry-run', web)).toEqual([
      `${web}:`,
      ' ~ force 0 → 1',
      ' replaces 2 tasks, 1 at a time, in at least 5s',
      ` ${noNode(2)}`,
    ]);
    const result = await object<{ services: object[] }>('scale', '--dry-run', `${web}=5`, `${api}=0`);
    expect(result).toMatchObject({ action: 'scale', verdict: 'planned', exitCode: 0 });
    expect(result.services).toMatchObject([{ tasks: { started: 3 } }, { tasks: { stopped: 2 } }]);
  });
});
