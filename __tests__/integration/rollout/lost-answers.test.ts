/** A change was sent and no answer came: what the engine has stored decides, and nothing is sent twice. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { answer, answerAfterwards, cutAfter, cutBefore, cutReply } from '../support/proxy.ts';
import type { Fault } from '../support/proxy.ts';
import { api, docker, image, removeServices, storedService, swarmroll, until } from '../support/swarm.ts';
import type { Service } from '../../../src/api/service.ts';
import { NOWHERE, QUICK, expectCode, given, opened, posts, serviceName, states } from './support.ts';

const ping = image('ping', '1.0');
const next = image('ping', '1.1');
const POST = /^POST /;
const HTML = '<html><head><title>504 Gateway Time-out</title></head><body>nginx</body></html>';

/** The engine has stored the change. */
const STORED: readonly (readonly [string, Fault])[] = [
  ['the connection is cut', cutAfter],
  ['the answer is cut in its middle', cutReply],
  ['a gateway answers 504', answerAfterwards(504, HTML)],
  ['a gateway answers 502', answerAfterwards(502, '')],
];
/** It has not. */
const NOT_STORED: readonly (readonly [string, Fault])[] = [
  ['the connection is cut', cutBefore],
  ['a gateway answers 503', answer(503, HTML)],
];

const named = (name: string): Promise<Service[]> =>
  api(`/services?filters=${encodeURIComponent(JSON.stringify({ name: [name] }))}`);

describe('update: stored, but', () => {
  test.each(STORED)('%s: watched to 0', async (_, fault) => {
    const name = await given('lost', ...QUICK, '--replicas', '2', ping);
    const between = await opened();
    between.inject(POST, fault);
    const ended = await swarmroll(['-H', between.host, 'update', '--image', next, name]);
    expectCode(ended, 0);
    expect(ended.stdout).toBe(`${name}\n`);
    expect(posts(between)).toHaveLength(1);
    expect(await states(name)).toEqual({ 'ping:1.1 running': 2 });
  });

  test('its tasks fail: the verdict is theirs', async () => {
    const name = await given('lost-crash', ...QUICK, '--update-failure-action', 'rollback', ping);
    const between = await opened();
    between.inject(POST, cutAfter);
    const words = ['update', '--no-resolve-image', '--image', image('ping', '9.9'), name];
    const ended = await swarmroll(['-H', between.host, ...words]);
    expectCode(ended, 3);
    expect(posts(between)).toHaveLength(1);
    expect(await states(name)).toEqual({ 'ping:1.0 running': 1 });
  });

  test('the manager is away for a while after it: found later', async () => {
    const name = await given('lost-away', ...QUICK, '--replicas', '2', ping);
    const between = await opened();
    const post = between.inject(POST, cutAfter);
    let isAway = true;
    const away = between.inject(/^GET /, (exchange) =>
      post.hits() > 0 && isAway
        ? answer(500, { message: 'rpc error: no leader' })(exchange)
        : exchange.pass(),
    );
    const running = swarmroll(['-H', between.host, 'update', '--image', next, name]);
    // The change itself is through before anybody reads it back.
    await until('the engine to have replaced both', async () =>
      (await states(name))['ping:1.1 running'] === 2 ? true : undefined,
    );
    const seenBy = away.hits();
    isAway = false;
    expectCode(await running, 0);
    expect(seenBy).toBeGreaterThan(1);
    expect(posts(between)).toHaveLength(1);
  });

  test('--detach: accepted', async () => {
    const name = await given('lost-detach', ...QUICK, ping);
    const between = await opened();
    between.inject(POST, cutAfter);
    const ended = await swarmroll(['-H', between.host, 'update', '--detach', '--image', next, name]);
    expectCode(ended, 0);
    expect(ended.stdout).toBe(`${name}\n`);
    expect((await storedService(name)).Spec.TaskTemplate.ContainerSpec?.Image).toContain('ping:1.1');
  });

  test('a forced update, which differs by a number alone', async () => {
    const name = await given('lost-force', ...QUICK, ping);
    const between = await opened();
    between.inject(POST, cutAfter);
    const ended = await swarmroll(['-H', between.host, 'update', '--force', name]);
    expectCode(ended, 0);
    expect(posts(between)).toHaveLength(1);
    expect((await storedService(name)).Spec.TaskTemplate['ForceUpdate']).toBe(1);
  });
});

describe('update: not stored, for', () => {
  test.each(NOT_STORED)('%s: 1, and nothing was changed', async (_, fault) => {
    const name = await given('unsent', ...QUICK, ping);
    const { Version } = await storedService(name);
    const between = await opened();
    between.inject(POST, fault);
    const ended = await swarmroll(['-H', between.host, 'update', '--image', next, name]);
    expectCode(ended, 1);
    expect(ended.stderr).toMatch(/^swarmroll: .*nothing was changed/m);
    expect(posts(between)).toHaveLength(1);
    expect((await storedService(name)).Version).toEqual(Version);
  });

  test('and somebody else has changed the service meanwhile: 7', async () => {
    const name = await given('unsent-theirs', ...QUICK, ping);
    const between = await opened();
    between.inject(POST, ({ response }) => {
      const theirs = ['service', 'update', '--detach', '--no-resolve-image', '--image', image('ping', '1.2')];
      void docker([...theirs, name]).then(() => response.destroy());
    });
    const ended = await swarmroll(['-H', between.host, 'update', '--image', next, name]);
    expectCode(ended, 7);
    expect(posts(between)).toHaveLength(1);
    expect((await storedService(name)).Spec.TaskTemplate.ContainerSpec?.Image).toBe(image('ping', '1.2'));
  });
});

describe('rollback', () => {
  test('stored, but the answer is lost: watched to 0', async () => {
    const name = await given('lost-rollback', ...QUICK, '--replicas', '2', ping);
    expectCode(await swarmroll(['update', '--quiet', '--image', next, name]), 0);
    const between = await opened();
    between.inject(POST, cutAfter);
    const ended = await swarmroll(['-H', between.host, 'rollback', name]);
    expectCode(ended, 0);
    expect(posts(between)).toHaveLength(1);
    expect(await states(name)).toEqual({ 'ping:1.0 running': 2 });
  });

  test('not stored: 1, and nothing was changed', async () => {
    const name = await given('unsent-rollback', ...QUICK, ping);
    expectCode(await swarmroll(['update', '--quiet', '--image', next, name]), 0);
    const between = await opened();
    between.inject(POST, cutBefore);
    const ended = await swarmroll(['-H', between.host, 'rollback', name]);
    expectCode(ended, 1);
    expect(ended.stderr).toMatch(/nothing was changed/);
    expect(await states(name)).toEqual({ 'ping:1.1 running': 1 });
  });
});

describe('create', () => {
  const unnamed: string[] = [];
  afterAll(() => removeServices(...unnamed));

  test.each(STORED)('stored, but %s: watched to 0, and stdout is its id', async (_, fault) => {
    const name = serviceName('lost-create');
    const between = await opened();
    between.inject(POST, fault);
    const words = ['create', '--name', name, ...QUICK, '--replicas', '2', ping];
    const ended = await swarmroll(['-H', between.host, ...words]);
    expectCode(ended, 0);
    expect(posts(between)).toHaveLength(1);
    expect((await named(name)).map(({ ID }) => `${ID}\n`)).toEqual([ended.stdout]);
    expect(await states(name)).toEqual({ 'ping:1.0 running': 2 });
  });

  test('without a name of its own: found by what it is', async () => {
    const label = serviceName('lost-label');
    const between = await opened();
    between.inject(POST, cutAfter);
    const words = ['create', '--label', `test=${label}`, ...QUICK, ping];
    const ended = await swarmroll(['-H', between.host, ...words]);
    const filters = encodeURIComponent(JSON.stringify({ label: [`test=${label}`] }));
    const made = await api<Service[]>(`/services?filters=${filters}`);
    unnamed.push(...made.map(({ ID }) => ID));
    expectCode(ended, 0);
    expect(made.map(({ ID }) => `${ID}\n`)).toEqual([ended.stdout]);
  });

  test.each(NOT_STORED)('not stored, for %s: 1, and nothing was changed', async (_, fault) => {
    const name = serviceName('unsent-create');
    const between = await opened();
    between.inject(POST, fault);
    const words = ['create', '--name', name, '--constraint', NOWHERE, ping];
    const ended = await swarmroll(['-H', between.host, ...words]);
    expectCode(ended, 1);
    expect(ended.stderr).toMatch(/^swarmroll: .*nothing was changed/m);
    expect(ended.stdout).toBe('');
    expect(posts(between)).toHaveLength(1);
    expect(await named(name)).toEqual([]);
  });

  test('the same service was there before: it is not taken for the new one', async () => {
    const words = [...QUICK, '--replicas', '1', ping];
    const name = await given('there-before', ...words);
    const between = await opened();
    // As if another had been quicker: the engine has one of that name, which is not what was lost.
    between.inject(POST, cutBefore);
    const ended = await swarmroll(['-H', between.host, 'create', '--name', name, ...words]);
    expectCode(ended, 1);
    expect(ended.stdout).toBe('');
  });
});
