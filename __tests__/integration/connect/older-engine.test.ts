/** An older engine (20.10, API 1.41): over TCP, over ssh, and the flags that it does not support. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { expectError, httpOf, swarmroll, uniqueName } from '../support/swarm.ts';
import { ME, sshClient, sshd } from './sshd.ts';
import type { Sshd } from './sshd.ts';
import { newUser } from './support.ts';

/** The swarm with the older engine. */
const older = JSON.parse(
  execFileSync('scripts/swarm', ['env', '--engine', '20.10', '--json'], { encoding: 'utf8' }),
) as { readonly DOCKER_HOST: string; readonly SWARMROLL_TEST_REGISTRY: string };
const image = (tag: string): string => `${older.SWARMROLL_TEST_REGISTRY}/ping:${tag}`;

const user = newUser();
const env = { ...user.env, DOCKER_HOST: older.DOCKER_HOST };
const folder = newUser('swarmroll-ssh-').home;
const client = sshClient(join(folder, 'client'));
const service = uniqueName('older');
let server: Sshd;

beforeAll(async () => {
  server = await sshd(join(folder, 'server'), client.publicKey, { DOCKER_HOST: older.DOCKER_HOST });
  client.know([`[127.0.0.1]:${server.port} ${server.hostKey}`]);
  const quick = ['--update-monitor', '1s', '--rollback-monitor', '1s'];
  const made = await swarmroll(['create', '--quiet', '--name', service, ...quick, image('1.0')], { env });
  expect([made.code, made.stderr]).toEqual([0, '']);
});
afterAll(async () => {
  server.close();
  await fetch(`${httpOf(older.DOCKER_HOST)}/services/${service}`, { method: 'DELETE' });
});

const images = async (): Promise<string> =>
  (await swarmroll(['ps', '-f', 'desired-state=running', '--format', '{{.Image}}', service], { env })).stdout;

test('an update and a rollback converge', async () => {
  expect(await swarmroll(['update', '-q', '--image', image('1.1'), service], { env })).toMatchObject({
    code: 0,
  });
  expect(await images()).toBe(`${image('1.1')}\n`);
  expect(await swarmroll(['rollback', '-q', service], { env })).toMatchObject({ code: 0 });
  expect(await images()).toBe(`${image('1.0')}\n`);
});

test('an update over ssh converges, with one ssh process', async () => {
  const before = client.started().length;
  const words = [
    '-H',
    `ssh://${ME}@127.0.0.1:${server.port}`,
    'update',
    '-q',
    '--image',
    image('1.2'),
    service,
  ];
  const ended = await swarmroll(words, { env: { ...user.env, PATH: client.path } });
  expect(ended).toMatchObject({ code: 0, stdout: `${service}\n`, stderr: '' });
  expect(client.started().length - before).toBe(1);
  expect(await images()).toBe(`${image('1.2')}\n`);
});

test('DOCKER_API_VERSION sets the version of the requests, if the engine supports it', async () => {
  const asked = (version: string) =>
    swarmroll(['update', '-d', '--label-add', `v=${version}`, service], {
      env: { ...env, DOCKER_API_VERSION: version },
    });
  expect(await asked('1.40')).toMatchObject({ code: 0, stderr: '' });
  const ended = await asked('1.44');
  expectError(ended, 1, 'client version 1.44 is too new. Maximum supported API version is 1.41');
  expect(ended.stderr).toContain('DOCKER_API_VERSION');
});

test('a flag that the engine does not support is refused', async () => {
  const ended = await swarmroll(['update', '--oom-score-adj', '5', service], { env });
  expectError(ended, 1, '--oom-score-adj needs API version 1.46, but the engine has 1.41');
});
