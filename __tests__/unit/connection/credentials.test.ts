/** Credentials as `docker login` leaves them: in config.json itself, and with real helper programs on the PATH. */
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

/** The header's content, with this config.json; none where it is undefined. */
async function sent(
  image: string,
  config: object | string | undefined,
  interrupted = new AbortController().signal,
): Promise<unknown> {
  const path = join(folder, 'config.json');
  await rm(path, { force: true });
  if (config !== undefined)
    await writeFile(path, typeof config === 'string' ? config : JSON.stringify(config));
  // Not the PATH of the test: where that has a folder that this user may not search, a missing helper is EACCES.
  const env = { DOCKER_CONFIG: folder, PATH: [folder, '/usr/bin', '/bin'].join(delimiter) };
  const header = await registryAuth(image, { env, readFile, interrupted });
  // Engines want base64 in its form for addresses, and padded.
  expect(header).toMatch(/^(?:[\w-]{4})*(?:[\w-]{2}==|[\w-]{3}=)?$/);
  return JSON.parse(Buffer.from(header, 'base64url').toString());
}

const auth = Buffer.from('bob:pa:ss').toString('base64');
const bob = { username: 'bob', password: 'pa:ss' };

test.each([
  ['no config.json', 'nginx', undefined, {}],
  ['a registry that nobody logged in to', 'r.example/a', { auths: {} }, {}],
  [
    'a registry with a port',
    'r:5000/a:1',
    { auths: { 'r:5000': { auth } } },
    { ...bob, serveraddress: 'r:5000' },
  ],
  [
    'a key written as an address',
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
  ['a helper that knows nothing', 'r.io/a', { credsStore: 'none', auths: { 'r.io': { auth } } }, {}],
  [
    'a helper that speaks of more than ASCII',
    'r.io/a',
    { credsStore: 'umlaut' },
    { username: 'jürgen', password: 'päßwörd✓', serveraddress: 'r.io' },
  ],
  [
    'fields beside the one of docker login',
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
    'a helper that is not there',
    { credsStore: 'absent' },
    'the credential helper docker-credential-absent is not on the PATH',
  ],
  [
    'a helper that is no program',
    { credsStore: 'locked' },
    'the credential helper docker-credential-locked is not executable',
  ],
  [
    'a helper that says something else',
    { credsStore: 'list' },
    'the credential helper docker-credential-list answered with something that is not a credential',
  ],
  [
    'a helper that never ends what it says',
    { credsStore: 'endless' },
    'the credential helper docker-credential-endless answered with more than a credential',
  ],
  [
    'a helper that is killed',
    { credsStore: 'killed' },
    'the credential helper docker-credential-killed was ended by SIGKILL',
  ],
  [
    'an entry that is not base64',
    { auths: { 'r.io': { auth: 's3cret!' } } },
    "the credentials of r.io in config.json can't be read",
  ],
  [
    'an entry that is no text',
    { auths: { 'r.io': { auth: 3 } } },
    "the credentials of r.io in config.json can't be read",
  ],
  ['a broken file', '{"auths": s3cret', expect.stringMatching(/config\.json is not valid JSON$/)],
])('%s is one line that tells no secret', async (_what, config, message) => {
  await expect(sent('r.io/a', config)).rejects.toMatchObject({ kind: 'failed', message });
  await expect(sent('r.io/a', config)).rejects.not.toMatchObject({
    message: expect.stringContaining('s3cret'),
  });
});

test('DOCKER_AUTH_CONFIG comes before config.json, for the registries that it knows', async () => {
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

test('who interrupts does not wait for a helper that hangs', async () => {
  const interrupt = new AbortController();
  const asked = sent('r.io/a', { credsStore: 'hanging' }, interrupt.signal);
  interrupt.abort('SIGTERM');
  await expect(asked).rejects.toThrow('interrupted');
});
