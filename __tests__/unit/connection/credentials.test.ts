/** Credentials as `docker login` stores them: in config.json, and in real helper programs on the PATH. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { registryAuth } from '../../../src/connection/credentials.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swarmroll-'));
  await program('ok', `read server; echo '{"ServerURL":"'$server'","Username":"ann","Secret":"s3cret"}'`);
  await program('token', `echo '{"Username":"<token>","Secret":"tok"}'`);
  await program('none', 'echo "credentials not found in native keychain"; exit 1');
  await program('broken', 'echo "s3cret leaked"; exit 3');
  await program('rubbish', 'echo "s3cret {"');
  await program('list', `echo '["s3cret"]'`);
  await program('endless', 'yes s3cret');
  await program('killed', 'kill -9 $$');
  await program('hanging', 'exec sleep 60');
  await program('umlaut', `echo '{"Username":"jürgen","Secret":"pä\\u00dfwörd✓"}'`);
  await program('locked', 'echo s3cret', 0o644);
});
afterAll(() => rm(folder, { recursive: true }));

async function program(name: string, script: string, mode = 0o755): Promise<void> {
  const path = join(folder, `docker-credential-${name}`);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, mode);
}

/** The decoded header that is sent with this config.json; undefined means that there is no file. */
async function sent(
  image: string,
  config: object | string | undefined,
  interrupted = new AbortController().signal,
): Promise<unknown> {
  const path = join(folder, 'config.json');
  await rm(path, { force: true });
  if (config !== undefined)
    await writeFile(path, typeof config === 'string' ? config : JSON.stringify(config));
  // Not the PATH of the test: it may have a folder that this user can't read, and then a missing helper is EACCES.
  const env = { DOCKER_CONFIG: folder, PATH: [folder, '/usr/bin', '/bin'].join(delimiter) };
  const header = await registryAuth(image, { env, readFile, interrupted });
  // Engines require base64url with padding.
  expect(header).toMatch(/^(?:[\w-]{4})*(?:[\w-]{2}==|[\w-]{3}=)?$/);
  return JSON.parse(Buffer.from(header, 'base64url').toString());
}

const auth = Buffer.from('bob:pa:ss').toString('base64');
const bob = { username: 'bob', password: 'pa:ss' };

test.each([
  ['no config.json', 'nginx', undefined, {}],
  ['a registry without a login', 'r.example/a', { auths: {} }, {}],
  [
    'a registry with a port',
    'r:5000/a:1',
    { auths: { 'r:5000': { auth } } },
    { ...bob, serveraddress: 'r:5000' },
  ],
  [
    'a key written as a URL',
    'r:5000/a',
    { auths: { 'https://r:5000/v1/': { auth } } },
    { ...bob, serveraddress: 'https://r:5000/v1/' },
  ],
  [
    "Docker Hub's odd key",
    'nginx',
    { auths: { 'https://index.docker.io/v1/': { auth } } },
    { ...bob, serveraddress: 'https://index.docker.io/v1/' },
  ],
  [
    'an identity token',
    'r.io/a',
    { auths: { 'r.io': { identitytoken: 'tok' } } },
    { identitytoken: 'tok', serveraddress: 'r.io' },
  ],
  [
    'a store',
    'r.io/a',
    { credsStore: 'ok', auths: { 'r.io': {} } },
    { username: 'ann', password: 's3cret', serveraddress: 'r.io' },
  ],
  [
    'a helper of this registry, before the store',
    'r.io/a',
    { credsStore: 'broken', credHelpers: { 'r.io': 'token' } },
    { identitytoken: 'tok', serveraddress: 'r.io' },
  ],
  [
    'a helper without credentials for the registry',
    'r.io/a',
    { credsStore: 'none', auths: { 'r.io': { auth } } },
    {},
  ],
  [
    'a helper that prints non-ASCII text',
    'r.io/a',
    { credsStore: 'umlaut' },
    { username: 'jürgen', password: 'päßwörd✓', serveraddress: 'r.io' },
  ],
  [
    'fields other than the one that docker login writes',
    'r.io/a',
    { auths: { 'r.io': { username: 'u', password: 'p', registrytoken: 'rt', unknown: 'x' } } },
    { username: 'u', password: 'p', registrytoken: 'rt', serveraddress: 'r.io' },
  ],
  [
    "another registry's broken entry",
    'r.io/a',
    { auths: { 'x.io': { auth: '!' }, 'r.io': { auth } }, unknown: [] },
    { ...bob, serveraddress: 'r.io' },
  ],
  ['an empty entry', 'r.io/a', { auths: { 'r.io': {} } }, { serveraddress: 'r.io' }],
  ['an entry of null', 'r.io/a', { auths: { 'r.io': null } }, { serveraddress: 'r.io' }],
  ['an empty file', 'r.io/a', '', {}],
  ['a file of null', 'r.io/a', 'null', {}],
])('%s', async (_what, image, config, header) => {
  expect(await sent(image, config)).toEqual(header);
});

test.each([
  [
    'a helper that fails',
    { credsStore: 'broken' },
    'the credential helper docker-credential-broken failed with exit code 3',
  ],
  [
    'a helper that prints rubbish',
    { credsStore: 'rubbish' },
    'the credential helper docker-credential-rubbish answered with something that is not a credential',
  ],
  [
    'a helper that does not exist',
    { credsStore: 'absent' },
    'the credential helper docker-credential-absent is not on the PATH',
  ],
  [
    'a helper that is not executable',
    { credsStore: 'locked' },
    'the credential helper docker-credential-locked is not executable',
  ],
  [
    'a helper that prints a list',
    { credsStore: 'list' },
    'the credential helper docker-credential-list answered with something that is not a credential',
  ],
  [
    'a helper that prints without end',
    { credsStore: 'endless' },
    'the credential helper docker-credential-endless printed more than 1 MiB',
  ],
  [
    'a helper that is killed',
    { credsStore: 'killed' },
    'the credential helper docker-credential-killed was killed by SIGKILL',
  ],
  [
    'an entry that is not base64',
    { auths: { 'r.io': { auth: 's3cret!' } } },
    "the credentials of r.io in config.json can't be read",
  ],
  [
    'an entry that is not a string',
    { auths: { 'r.io': { auth: 3 } } },
    "the credentials of r.io in config.json can't be read",
  ],
  ['a broken file', '{"auths": s3cret', expect.stringMatching(/config\.json is not valid JSON$/)],
])('%s is an error of one line without secrets', async (_what, config, message) => {
  await expect(sent('r.io/a', config)).rejects.toMatchObject({ kind: 'failed', message });
  await expect(sent('r.io/a', config)).rejects.not.toMatchObject({
    message: expect.stringContaining('s3cret'),
  });
});

test('DOCKER_AUTH_CONFIG takes precedence over config.json for the registries in it', async () => {
  const header = async (image: string, own: string): Promise<unknown> => {
    await writeFile(join(folder, 'config.json'), JSON.stringify({ auths: { 'b.io': { auth } } }));
    const env = { DOCKER_CONFIG: folder, DOCKER_AUTH_CONFIG: own };
    const sent = await registryAuth(image, { env, readFile, interrupted: new AbortController().signal });
    return JSON.parse(Buffer.from(sent, 'base64url').toString());
  };
  const own = JSON.stringify({ auths: { 'a.io': { auth: Buffer.from('eve:pw').toString('base64') } } });
  expect(await header('a.io/x', own)).toEqual({ username: 'eve', password: 'pw', serveraddress: 'a.io' });
  expect(await header('b.io/x', own)).toEqual({ ...bob, serveraddress: 'b.io' });
  await expect(header('a.io/x', '{s3cret')).rejects.toThrow(/^DOCKER_AUTH_CONFIG is not valid JSON$/);
});

test('an interrupt does not wait for a helper that hangs', async () => {
  const interrupt = new AbortController();
  const asked = sent('r.io/a', { credsStore: 'hanging' }, interrupt.signal);
  interrupt.abort('SIGTERM');
  await expect(asked).rejects.toThrow('interrupted');
});
