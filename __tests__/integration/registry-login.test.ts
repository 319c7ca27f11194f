/** A registry that requires a login: which requests carry the credentials, and how a rollout without them ends. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PASSWORD, PRIVATE, USER, login, privateImage } from './support/private-registry.ts';
import { proxy } from './support/proxy.ts';
import {
  image,
  pullError,
  run,
  startSwarmroll,
  storedService,
  storedTasks,
  swarmroll,
  until,
} from './support/swarm.ts';
import type { Ended } from './support/swarm.ts';
import { NOWHERE, PATIENT, QUICK, create, expectReport, given, serviceName } from './rollout/support.ts';

const FLAG = '--with-registry-auth';

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

/** A docker config folder for this test. */
async function configDir(config?: object): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'swarmroll-'));
  folders.push(folder);
  if (config !== undefined) await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  return folder;
}

/** Creates a real credential helper and a config.json. @returns the environment in which both are found */
async function helper(folder: string, name: string, script: string): Promise<Record<string, string>> {
  const path = join(folder, `docker-credential-${name}`);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return { DOCKER_CONFIG: folder, PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` };
}

const credentialsIn = (header: string): unknown =>
  JSON.parse(Buffer.from(header, 'base64url').toString()) as unknown;

/** All headers with credentials that a proxy has got. */
const headers = new Set<string>();

/** Runs swarmroll through a proxy. @returns how it ended, and the requests with credentials */
async function watched(args: readonly string[], env: Record<string, string>) {
  const carried: [string, unknown][] = [];
  const between = await proxy(({ method = '', url = '', headers: { 'x-registry-auth': header } }) => {
    if (typeof header === 'string') {
      headers.add(header);
      carried.push([`${method} ${url.replace(/\?.*/, '')}`, credentialsIn(header)]);
    }
    return undefined;
  });
  try {
    const ended = await swarmroll(args, { env: { ...env, DOCKER_HOST: between.host } });
    return { ended, carried, requests: between.requests };
  } finally {
    between.close();
  }
}

let env: Record<string, string>;
beforeAll(async () => {
  const folder = await configDir();
  await login(folder);
  env = { DOCKER_CONFIG: folder };
});

const LOGIN = { username: USER, password: PASSWORD, serveraddress: PRIVATE };

function expectNoSecret({ stdout, stderr }: Ended): void {
  const encoded = Buffer.from(`${USER}:${PASSWORD}`).toString('base64');
  for (const text of [stdout, stderr]) {
    for (const secret of [PASSWORD, encoded, ...headers]) expect(text).not.toContain(secret);
  }
}

describe('without the flag', () => {
  test('create sends no credentials, fails, and its report names the flag', async () => {
    const name = serviceName('login');
    const wanted = await privateImage();
    const { ended, carried } = await watched(['create', '--name', name, ...QUICK, wanted], env);
    expect(ended.code).toBe(5);
    expect(carried).toEqual([]);
    expect(ended.stderr).toMatch(/^swarmroll: warning: image .*requires a login: use --with-registry-auth/m);
    expectReport(
      { ...ended, stderr: ended.stderr.replace(/^.*warning.*\n/, '') },
      /failed \d+ times in a row$/,
    );
    // Before the last poll, more tasks may have failed.
    expect(ended.stderr).toMatch(new RegExp(`rejected \\(\\d+ times\\): ${pullError(wanted)}\\n`));
    expect(ended.stderr).toContain(
      `\n  swarmroll update ${FLAG} ${name}   # if the registry requires a login`,
    );
    // The command of the report solves the problem.
    const mended = await swarmroll(['update', FLAG, name], { env });
    expect(mended.code).toBe(0);
  });

  test('the report on an update that the engine rolled back has a command with the image', async () => {
    const name = await given('login-back', ...QUICK, image('ping', '1.0'));
    const next = await privateImage();
    const words = ['update', ...PATIENT, '--update-failure-action', 'rollback', '--image', next, name];
    const { ended, carried } = await watched(words, env);
    expect(ended.code).toBe(3);
    expect(carried).toEqual([]);
    expect(ended.stderr).toContain(`\n  swarmroll update ${FLAG} --image ${next} ${name}   # `);
  });

  test('an update keeps the credentials that the engine has', async () => {
    const [first, second] = [await privateImage('1.0'), await privateImage('1.1')];
    const on = (node: string): string => `node.hostname==${node}`;
    const name = serviceName('login-keep');
    const words = ['create', FLAG, '--name', name, ...QUICK, '--constraint', on('worker1'), first];
    expect((await swarmroll(words, { env })).code).toBe(0);

    const move = ['--constraint-rm', on('worker1'), '--constraint-add', on('worker2')];
    const moved = await watched(['update', ...move, name], env);
    expect([moved.ended.code, moved.carried]).toEqual([0, []]);
    expect(moved.requests).toContainEqual(expect.stringMatching(/update\?.*registryAuthFrom=spec/));

    const updated = await watched(['update', '--image', second, name], env);
    expect([updated.ended.code, updated.carried]).toEqual([0, []]);
    expect(updated.ended.stderr).toContain(`its registry requires a login: use ${FLAG} to send it`);
    expect((await storedService(name)).Spec.TaskTemplate.ContainerSpec?.Image).toBe(second);
    const running = (await storedTasks(name)).filter(({ Status }) => Status.State === 'running');
    expect(running.map(({ Spec }) => Spec.ContainerSpec?.Image)).toEqual([second]);
  });
});

describe('with the flag', () => {
  test('only the request for the digest and the change carry credentials; no output contains them', async () => {
    const name = serviceName('login-with');
    const wanted = await privateImage();
    const words = ['create', '--debug', FLAG, '--name', name, ...QUICK, wanted];
    const { ended, carried } = await watched(words, env);
    expect(ended.code).toBe(0);
    expect(ended.stderr).not.toContain('warning');
    expect(carried).toEqual([
      [`GET /distribution/${wanted}/json`, LOGIN],
      ['POST /services/create', LOGIN],
    ]);
    const { Image = '' } = (await storedService(name)).Spec.TaskTemplate.ContainerSpec ?? {};
    expect(Image).toMatch(/^private:5000\/.*:1\.0@sha256:/);
    expect(headers).not.toEqual(new Set());
    expectNoSecret(ended);

    const { ended: again, carried: resent } = await watched(['update', '-d', FLAG, name], env);
    expect(again.code).toBe(0);
    expect(resent).toEqual([[`POST /services/${(await storedService(name)).ID}/update`, LOGIN]]);
  });

  test('a login that the registry refuses is a warning', async () => {
    const auth = Buffer.from(`${USER}:wrong`).toString('base64');
    const folder = await configDir({ auths: { [PRIVATE]: { auth } } });
    const words = ['-d', FLAG, '--constraint', NOWHERE, await privateImage()];
    const ended = await create('login-wrong', words, { env: { DOCKER_CONFIG: folder } });
    expect(ended.code).toBe(0);
    expect(ended.stderr).toMatch(/^swarmroll: warning: .*; its registry refused the login that was sent\n$/);
  });
});

describe('a credential helper', () => {
  const NOTE = `note="$(dirname "$0")/note"
case $1 in store) cat >"$note";; get) cat "$note" 2>/dev/null || { echo 'credentials not found in native keychain'; exit 1; };; esac`;

  test.each([{ credsStore: 'note' }, { credHelpers: { [PRIVATE]: 'note' }, credsStore: 'absent' }])(
    'that docker login has used: %j',
    async (config) => {
      const folder = await configDir({ ...config, unknown: { setting: [1] }, detachKeys: 'ctrl-e,e' });
      const found = await helper(folder, 'note', NOTE);
      await login(folder, found);
      expect(await readFile(join(folder, 'config.json'), 'utf8')).not.toContain('"auth"');
      const words = ['-d', FLAG, '--constraint', NOWHERE, await privateImage()];
      const ended = await create('login-helper', words, { env: found });
      expect([ended.code, ended.stderr]).toEqual([0, '']);
      const { Image } = (await storedService(ended.name)).Spec.TaskTemplate.ContainerSpec ?? {};
      expect(Image).toContain('@sha256:');
    },
  );

  test.each([
    ['fails', `echo "${PASSWORD}"; echo "${PASSWORD}" >&2; exit 3`, 'failed with exit code 3'],
    ['prints rubbish', `echo '${PASSWORD} {'`, 'answered with something that is not a credential'],
  ])('that %s ends the command before anything is sent', async (_what, script, told) => {
    const found = await helper(await configDir({ credsStore: 'bad' }), 'bad', script);
    const words = ['create', '--debug', '-d', FLAG, '--name', serviceName('login-bad'), `${PRIVATE}/x`];
    const { ended, requests } = await watched(words, found);
    expect(ended.code).toBe(1);
    expect(ended.stdout).toBe('');
    expect(ended.stderr.split('\n').slice(0, 2)).toEqual([
      `swarmroll: the credential helper docker-credential-bad ${told}`,
      expect.stringContaining(`echo ${PRIVATE} | docker-credential-bad get`),
    ]);
    expectNoSecret(ended);
    expect(requests).toEqual([]);
  });

  test('that hangs does not delay the end after a signal', async () => {
    const folder = await configDir({ credsStore: 'slow' });
    const found = await helper(folder, 'slow', 'touch "$(dirname "$0")/asked"; exec sleep 60');
    const { child, ended } = startSwarmroll(['create', FLAG, `${PRIVATE}/x`], { env: found });
    await until('the helper to be asked', () => readFile(join(folder, 'asked')).catch(() => undefined));
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 143, stdout: '', stderr: '' });
  });
});

describe('swarmroll sends the same as docker, for a registry with', () => {
  const auth = Buffer.from('bob:pa:ss').toString('base64');
  const token = `echo '{"ServerURL":"x","Username":"<token>","Secret":"tok"}'`;
  const secret = `read at; echo '{"ServerURL":"'$at'","Username":"jürgen","Secret":"päß✓"}'`;

  test.each<[string, string, object]>([
    ['no entry', 'r.io/a', { auths: {} }],
    ['a port', 'r:5000/a', { auths: { 'r:5000': { auth } } }],
    ['an address for a key', 'r.io/a', { auths: { 'https://r.io/v1/': { auth } } }],
    ['Docker Hub’s key', 'nginx', { auths: { 'https://index.docker.io/v1/': { auth } } }],
    ['another key of Docker Hub', 'nginx', { auths: { 'index.docker.io': { auth } } }],
    ['an identity token', 'r.io/a', { auths: { 'r.io': { auth, identitytoken: 'tok' } } }],
    ['a registry token', 'r.io/a', { auths: { 'r.io': { registrytoken: 'tok' } } }],
    ['an empty entry', 'r.io/a', { auths: { 'r.io': {} } }],
    ['a helper', 'r.io/a', { auths: { 'r.io': { auth } }, credHelpers: { 'r.io': 'secret' } }],
    ['a helper for Docker Hub', 'nginx', { credHelpers: { 'https://index.docker.io/v1/': 'token' } }],
    ['a store and an empty entry', 'r.io/a', { auths: { 'r.io': {} }, credsStore: 'token' }],
    ['a store that has nothing', 'r.io/a', { auths: { 'r.io': { auth } }, credsStore: 'none' }],
  ])('%s', async (_what, from, config) => {
    const folder = await configDir(config);
    await helper(folder, 'token', token);
    await helper(folder, 'none', 'echo "credentials not found in native keychain"; exit 1');
    const found = await helper(folder, 'secret', secret);
    const sent: unknown[] = [];
    const refusing = http.createServer((request, response) => {
      const header = request.headers['x-registry-auth'];
      if (request.method === 'POST') sent.push(credentialsIn(String(header)));
      const answer = request.method === 'POST' ? 403 : 200;
      response.writeHead(answer, { 'Content-Type': 'application/json', 'Api-Version': '1.41' });
      response.end('{"message":"refused","ApiVersion":"1.41"}');
    });
    await new Promise<void>((resolve) => refusing.listen(join(folder, 'engine.sock'), resolve));
    const options = { env: { ...found, DOCKER_HOST: `unix://${folder}/engine.sock` } };
    const words = ['create', '-d', '--no-resolve-image', FLAG, from];
    const ended = [await run('docker', ['service', ...words], options), await swarmroll(words, options)];
    refusing.close();
    expect(ended.map(({ code, stderr }) => [code, stderr.includes('refused')])).toEqual([
      [1, true],
      [1, true],
    ]);
    expect(sent).toHaveLength(2);
    expect(sent[1]).toEqual(sent[0]);
  });
});
