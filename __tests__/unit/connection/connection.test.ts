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
