import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { findEndpoint } from '../../../src/connection/connection.ts';

/** A source with these variables and files. `read` lists the files that were asked for. */
function machine(env: Record<string, string> = {}, files: Record<string, string> = {}) {
  const read: string[] = [];
  const source = {
    env: { HOME: '/home/ann', ...env },
    platform: 'linux',
    readFile: (path: string) => {
      read.push(path);
      const text = files[path];
      return text === undefined
        ? Promise.reject(Object.assign(new Error('ENOENT'), { code: 'ENOENT' }))
        : Promise.resolve(Buffer.from(text));
    },
  };
  return { source, read };
}

describe('when flags or variables choose the engine, only config.json is read, for its headers', () => {
  test.each([
    [{ hosts: ['tcp://a:1'] }, {}, '-H'],
    [{ hosts: ['unix:///a.sock'], tlsVerify: true }, {}, '-H'],
    [{ hosts: ['ssh://a'] }, { DOCKER_TLS_VERIFY: '1' }, '-H'],
    [{}, { DOCKER_HOST: 'tcp://a:1' }, 'DOCKER_HOST'],
    [{ context: 'default' }, {}, undefined],
    [{}, { DOCKER_CONTEXT: 'default' }, undefined],
  ])('with %j and %j', async (options, env, namedBy) => {
    const { source, read } = machine(env);
    expect((await findEndpoint(options, source)).namedBy).toBe(namedBy);
    expect(read).toEqual(['/home/ann/.docker/config.json']);
  });
});

describe('the default port', () => {
  const certs = { '/certs/ca.pem': 'ca' };
  test.each([
    [{ hosts: ['tcp://a'] }, {}, 'tcp://a:2375'],
    [{ hosts: ['tcp://a'], tls: true }, { DOCKER_CERT_PATH: '/certs' }, 'tcp://a:2375'],
    [{ hosts: ['https://a'] }, {}, 'https://a:2376'],
    [{ tls: true }, { DOCKER_CERT_PATH: '/certs' }, 'tcp://localhost:2376'],
    [{}, { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs' }, 'tcp://localhost:2376'],
  ])('%j and %j', async (options, env, wanted) => {
    const { source } = machine(env, certs);
    expect((await findEndpoint(options, source)).shown).toBe(wanted);
  });
});

describe('a stored context', () => {
  const id = createHash('sha256').update('prod').digest('hex');
  const store = '/home/ann/.docker/contexts';
  const withMeta = (meta: unknown, files: Record<string, string> = {}) =>
    machine({}, { [`${store}/meta/${id}/meta.json`]: JSON.stringify(meta), ...files }).source;
  const to = (Host: unknown, files?: Record<string, string>) =>
    withMeta({ Endpoints: { docker: { Host } } }, files);

  test.each([
    ['tcp://a', {}, 'tcp://a:80', undefined],
    ['tcp://a:1', {}, 'tcp://a:1', undefined],
    ['https://a', {}, 'https://a:443', { verify: true }],
    [
      'tcp://a',
      { [`${store}/tls/${id}/docker/ca.pem`]: 'ca' },
      'tcp://a:443',
      { ca: Buffer.from('ca'), verify: true },
    ],
    ['', {}, 'unix:///var/run/docker.sock', undefined],
  ])('with the address %j and the files %j', async (host, files, shown, tls) => {
    const found = await findEndpoint({ context: 'prod' }, to(host, files));
    expect(found).toMatchObject({ shown, namedBy: 'context "prod"' });
    expect(found.tls).toEqual(tls);
  });

  test.each([
    [
      'an address that is none',
      to('nonsense://a'),
      'context "prod": "nonsense://a" is not an address of an engine',
    ],
    ['no address', to(5), 'the context "prod" has a docker endpoint without an address: '],
    ['no endpoint', withMeta({ Endpoints: null }), 'the context "prod" has no docker endpoint: '],
    ['no object', withMeta([]), 'the context "prod" has a file that is not a JSON object: '],
    ['no file', machine().source, `there is no context "prod" in ${store}`],
  ])('with %s is an error', async (_, source, message) => {
    await expect(findEndpoint({ context: 'prod' }, source)).rejects.toThrow(message);
  });
});

describe('a hint names docker with the folder of --config', () => {
  const meta = `contexts/meta/${createHash('sha256').update('prod').digest('hex')}/meta.json`;
  test.each([
    [undefined, '/home/ann/.docker', 'docker'],
    ['/my folder', '/my folder', "docker '--config=/my folder'"],
  ])('%s', async (configDir, folder, docker) => {
    const find = (files?: Record<string, string>) =>
      findEndpoint({ context: 'prod', configDir }, machine({}, files).source);
    await expect(find()).rejects.toMatchObject({ hint: `list them with: ${docker} context ls` });
    await expect(find({ [`${folder}/${meta}`]: '{' })).rejects.toMatchObject({
      hint: `create it again: ${docker} context rm --force prod; ${docker} context create prod --docker host=...`,
    });
  });
});

describe('TLS', () => {
  const files = { '/certs/ca.pem': 'ca', '/certs/cert.pem': 'cert', '/certs/key.pem': 'key' };
  const CERTS = { DOCKER_CERT_PATH: '/certs' };
  test.each([
    [{}, {}, undefined],
    [{ tlsCaCert: '/certs/ca.pem' }, {}, undefined],
    [{ tls: true }, CERTS, false],
    [{ tlsVerify: true }, CERTS, true],
    [{ tlsVerify: false }, CERTS, false],
    [{ tls: false, tlsVerify: true }, CERTS, true],
    [{ tls: false }, { ...CERTS, DOCKER_TLS: '1' }, undefined],
    [{}, { ...CERTS, DOCKER_TLS: '1' }, false],
    [{}, { ...CERTS, DOCKER_TLS_VERIFY: '0' }, true],
    [{ tls: false }, { ...CERTS, DOCKER_TLS_VERIFY: '1' }, true],
    [{ tlsVerify: false }, { ...CERTS, DOCKER_TLS_VERIFY: '1' }, false],
  ])('%j and %j: verified %j', async (options, env, verify) => {
    const { source } = machine(env, files);
    expect((await findEndpoint({ hosts: ['tcp://a:1'], ...options }, source)).tls?.verify).toBe(verify);
  });

  test('an https:// address is verified without any TLS flag', async () => {
    const { source } = machine();
    expect((await findEndpoint({ hosts: ['https://a'] }, source)).tls).toEqual({ verify: true });
  });

  test('the default files are not looked up in the folder of --config', async () => {
    const { source, read } = machine({}, {});
    const asked = findEndpoint({ hosts: ['tcp://a'], tlsVerify: true, configDir: '/other' }, source);
    await expect(asked).rejects.toThrow('there is no file /home/ann/.docker/ca.pem');
    expect(read).not.toContain('/other/ca.pem');
  });
});

describe('DOCKER_API_VERSION', () => {
  test.each([
    ['1.41', '1.41'],
    ['v1.41', '1.41'],
    ['', undefined],
  ])('%j', async (text, wanted) => {
    const { source } = machine({ DOCKER_API_VERSION: text, DOCKER_HOST: 'tcp://a' });
    expect((await findEndpoint({}, source)).apiVersion).toBe(wanted);
  });

  test.each(['1', 'abc', '1.41x', ' 1.41', '1.4.1', '../1.41'])('%j is refused', async (text) => {
    const { source } = machine({ DOCKER_API_VERSION: text });
    await expect(findEndpoint({}, source)).rejects.toMatchObject({ kind: 'usage' });
  });
});
