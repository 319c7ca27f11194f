/** DOCKER_API_VERSION: every request uses this version, and flags that need a newer one are refused. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { NOWHERE } from '../rollout/support.ts';
import { proxy } from '../support/proxy.ts';
import type { Proxy } from '../support/proxy.ts';
import {
  expectError,
  image,
  removeServices,
  storedService,
  swarm,
  swarmroll,
  uniqueName,
} from '../support/swarm.ts';

const IDLE = ['--detach', '--constraint', NOWHERE];

let seen: Proxy;
const names: string[] = [];
beforeAll(async () => {
  seen = await proxy(() => undefined);
});
afterAll(async () => {
  seen.close();
  await removeServices(...names);
});

test('every request uses the version, and the service is stored', async () => {
  const name = uniqueName('pinned');
  names.push(name);
  const env = { DOCKER_HOST: seen.host, DOCKER_API_VERSION: '1.41' };
  const created = await swarmroll(
    ['create', ...IDLE, '--name', name, '--cap-add', 'NET_ADMIN', image('ping', '1.0')],
    { env },
  );
  expect(created).toMatchObject({ code: 0, stderr: '' });
  expect(await swarmroll(['ps', '-q', name], { env })).toMatchObject({ code: 0 });
  expect(await swarmroll(['update', '--detach', '--label-add', 'a=b', name], { env })).toMatchObject({
    code: 0,
  });
  expect((await storedService(name)).Spec.Labels).toEqual({ a: 'b' });
  expect(seen.requests.length).toBeGreaterThan(4);
  expect(seen.requests.filter((request) => !/^(GET|POST) \/v1\.41\//.test(request))).toEqual([]);
});

test('without it, requests name no version', async () => {
  const before = seen.requests.length;
  const env = { DOCKER_HOST: seen.host, DOCKER_API_VERSION: '' };
  expectError(await swarmroll(['ps', 'ghost'], { env }), 1, 'no such service: ghost');
  const requests = seen.requests.slice(before);
  expect(requests).not.toEqual([]);
  expect(requests.filter((request) => / \/v\d/.test(request))).toEqual([]);
});

test('a flag that needs a newer version is refused before anything is sent', async () => {
  const before = seen.requests.length;
  const env = { DOCKER_HOST: seen.host, DOCKER_API_VERSION: 'v1.43' };
  const words = ['create', ...IDLE, '--health-start-interval', '1s', image('ping', '1.0')];
  const ended = await swarmroll(words, { env });
  expectError(
    ended,
    1,
    '--health-start-interval needs API version 1.44, but DOCKER_API_VERSION asks for 1.43',
  );
  expect(seen.requests.slice(before)).toEqual([]);
});

test('fields of the stored spec that the engine would drop: nothing is sent, and the message names them', async () => {
  const name = uniqueName('dropped');
  names.push(name);
  const flags = ['--cap-add', 'NET_ADMIN', '--sysctl', 'a=1', '--limit-pids', '9', '--replicas', '0'];
  await swarmroll(['create', ...IDLE, '--name', name, ...flags, image('ping', '1.0')]);
  const stored = await storedService(name);
  const message = (version: string, fields: string): string =>
    `DOCKER_API_VERSION asks for ${version}, and the engine would drop what needs a newer API version: ${fields}; nothing was sent`;
  const old = { env: { DOCKER_HOST: swarm.host, DOCKER_API_VERSION: '1.24' } };
  const all = 'sysctl (1.40), cap-add (1.41), limit-pids (1.41)';
  for (const words of [['update'], ['update', '--dry-run'], ['update', '--detach']]) {
    const ended = await swarmroll([...words, '--label-add', 'a=b', name], old);
    expectError(ended, 1, message('1.24', all));
    expect(ended.stderr).toContain('\n  set DOCKER_API_VERSION to 1.41 or a newer version, or unset it\n');
  }
  const scaled = await swarmroll(['scale', `${name}=1`], old);
  expect([scaled.code, scaled.stderr]).toEqual([1, expect.stringContaining(message('1.24', all))]);
  const newer = { env: { DOCKER_HOST: swarm.host, DOCKER_API_VERSION: '1.40' } };
  const ended = await swarmroll(['update', '--label-add', 'a=b', name], newer);
  expectError(ended, 1, message('1.40', 'cap-add (1.41), limit-pids (1.41)'));
  expect(await storedService(name)).toEqual(stored);
  const job = await swarmroll(['create', ...IDLE, '--mode', 'global-job', image('ping', '1.0')], newer);
  expectError(job, 1, message('1.40', 'mode global-job (1.41)'));
});

test.each([
  ['1.23', /^swarmroll: GET \S+: client version 1\.23 is too old/],
  ['1.99', /^swarmroll: client version 1\.99 is too new/],
])('%s, which the engine does not support', async (version, words) => {
  const env = { DOCKER_HOST: swarm.host, DOCKER_API_VERSION: version };
  const ended = await swarmroll(['update', '--force', 'ghost'], { env });
  expect(ended.stderr).toMatch(words);
  expect(ended.stderr).toContain('\n  DOCKER_API_VERSION asks for this version');
  expect([ended.code, ended.stdout]).toEqual([1, '']);
});

test('a value that is not a version', async () => {
  const ended = await swarmroll(['ps', 'ghost'], {
    env: { DOCKER_HOST: swarm.host, DOCKER_API_VERSION: 'latest' },
  });
  expectError(ended, 2, 'DOCKER_API_VERSION: "latest" is not an API version');
});
