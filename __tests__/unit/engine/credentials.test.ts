/** Credentials as `docker login` leaves them: in config.json itself, and with real helper programs on the PATH. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { registryAuth } from '../../../src/engine/credentials.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swarmroll-'));
  await program('ok', `read server; echo '{"ServerURL":"'$server'","Username":"ann","Secret":"s3cret"}'`);
  await program('token', `echo '{"Username":"<token>","Secret":"tok"}'`);
  await program('none', 'echo "credentials not found in native keychain"; exit 1');
  await program('broken', 'echo "s3cret leaked"; exit 3');
  await program('rubbish', 'echo "s3cret {"');
});
afterAll(() => rm(folder, { recursive: true }));

async function program(name: string, script: string): Promise<void> {
  const path = join(folder, `docker-credential-${name}`);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}

/** The header's content, with this config.json; none where it is undefined. */
async function sent(image: string, config: object | string | undefined): Promise<unknown> {
  const path = join(folder, 'config.json');
  await rm(path, { force: true });
  if (config !== undefined)
    await writeFile(path, typeof config === 'string' ? config : JSON.stringify(config));
  const env = { DOCKER_CONFIG: folder, PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` };
  const header = await registryAuth(image, { env, readFile });
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
    { ...bob, serveraddress: 'r:5000' },
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
  ['a helper that knows nothing', 'r.io/a', { credsStore: 'none' }, {}],
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
  ['a broken file', '{"auths": s3cret', expect.stringMatching(/config\.json is not valid JSON$/)],
])('%s is one line that tells no secret', async (_what, config, message) => {
  await expect(sent('r.io/a', config)).rejects.toMatchObject({ kind: 'failed', message });
  await expect(sent('r.io/a', config)).rejects.not.toMatchObject({
    message: expect.stringContaining('s3cret'),
  });
});
