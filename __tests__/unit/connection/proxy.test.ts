/** Which proxy of the environment is used: the same as Go's HTTP client, and so docker, uses. */
import { describe, expect, test } from '@jest/globals';
import { findEndpoint } from '../../../src/connection/connection.ts';
import { proxyFor } from '../../../src/connection/proxy.ts';

const address = (host: string, port = 2375) =>
  ({ kind: 'tcp', host, port, prefix: '', secure: false }) as const;

/** "http://host:port" of the proxy for a host; undefined for a direct connection. */
function used(env: Record<string, string>, host = 'engine', port = 2375, tls = false): string | undefined {
  return proxyFor(address(host, port), tls, env)?.shown;
}

describe('the variable that is used', () => {
  test.each([
    [{ HTTP_PROXY: 'http://a:1' }, false, 'http://a:1'],
    [{ HTTP_PROXY: 'http://a:1' }, true, undefined],
    [{ HTTPS_PROXY: 'http://a:1' }, true, 'http://a:1'],
    [{ HTTPS_PROXY: 'http://a:1' }, false, undefined],
    [{ http_proxy: 'http://a:1' }, false, 'http://a:1'],
    [{ https_proxy: 'http://a:1' }, true, 'http://a:1'],
    [{ HTTP_PROXY: 'http://a:1', http_proxy: 'http://b:1' }, false, 'http://a:1'],
    [{ HTTP_PROXY: '', http_proxy: 'http://b:1' }, false, 'http://b:1'],
    [{ ALL_PROXY: 'http://a:1' }, false, undefined],
  ])('%j, TLS %j', (env, tls, wanted) => {
    expect(used(env, 'engine', 2375, tls)).toBe(wanted);
  });
});

describe('the address of a proxy', () => {
  test.each([
    ['a:1', 'http://a:1'],
    ['a', 'http://a:80'],
    ['http://a', 'http://a:80'],
    ['https://a', 'https://a:443'],
    ['https://a:8443/', 'https://a:8443'],
    ['socks5://a', 'socks5://a:1080'],
    ['socks5h://a:9', 'socks5h://a:9'],
    ['http://[::1]:1', 'http://[::1]:1'],
    ['10.0.0.1:3128', 'http://10.0.0.1:3128'],
    ['http://ann:s3cret@a:1', 'http://a:1'],
  ])('%j', (text, shown) => {
    expect(used({ HTTP_PROXY: text })).toBe(shown);
  });

  test('user and password become a Proxy-Authorization header', () => {
    const authorization = (text: string) =>
      proxyFor(address('engine'), false, { HTTP_PROXY: text })?.authorization;
    expect(authorization('http://ann:p%40ss@a')).toBe(`Basic ${Buffer.from('ann:p@ss').toString('base64')}`);
    expect(authorization('http://ann@a')).toBe(`Basic ${Buffer.from('ann:').toString('base64')}`);
    expect(authorization('http://a')).toBeUndefined();
  });

  test.each(['http://ann:s3/cret@a:1', 'http://ann:s3cret@a:x', 'ftp://ann:s3cret@a', 'http://ann:s3cret@'])(
    '%j is refused and not shown',
    (text) => {
      let said = '';
      try {
        used({ HTTP_PROXY: text });
      } catch (error) {
        said = String((error as Error).stack);
      }
      expect(said).toContain('HTTP_PROXY');
      expect(said).not.toMatch(/s3|cret|ann/);
    },
  );

  test('a proxy that is not used is not checked', () => {
    expect(used({ HTTP_PROXY: 'ftp://a', NO_PROXY: 'engine' })).toBeUndefined();
    expect(used({ HTTP_PROXY: 'ftp://a' }, 'localhost')).toBeUndefined();
  });
});

describe('the local machine is always connected to directly', () => {
  test.each(['localhost', '127.0.0.1', '127.9.9.9', '::1'])('%s', (host) => {
    expect(used({ HTTP_PROXY: 'a:1' }, host)).toBeUndefined();
  });

  test.each(['localhost.corp', '128.0.0.1', '::2', '0.0.0.0'])('%s is not the local machine', (host) => {
    expect(used({ HTTP_PROXY: 'a:1' }, host)).toBe('http://a:1');
  });
});

describe('NO_PROXY', () => {
  test.each([
    ['*', 'engine', true],
    ['engine', 'engine', true],
    ['ENGINE', 'engine', true],
    [' other , engine ', 'engine', true],
    ['corp', 'engine.corp', true],
    ['corp', 'corp', true],
    ['corp', 'mycorp', false],
    ['.corp', 'engine.corp', true],
    ['.corp', 'corp', false],
    ['*.corp', 'engine.corp', true],
    ['*.corp', 'corp', false],
    ['engine:2375', 'engine', true],
    ['engine:2376', 'engine', false],
    ['engine:', 'engine', true],
    [':2375', 'engine', false],
    ['.corp:2375', 'engine.corp', true],
    ['10.0.0.1', '10.0.0.1', true],
    ['10.0.0.1:2375', '10.0.0.1', true],
    ['10.0.0.1:1', '10.0.0.1', false],
    ['10.0.0.0/8', '10.1.2.3', true],
    ['10.0.0.5/8', '10.1.2.3', true],
    ['10.0.0.0/8', '11.1.2.3', false],
    ['10.0.0.0/99', '10.0.0.0', false],
    ['fd00::/8', 'fd00::1', true],
    ['fd00::/8', 'fe00::1', false],
    ['fd00::1', 'fd00:0::1', true],
    ['[fd00::1]:2375', 'fd00::1', true],
    ['[fd00::1]:1', 'fd00::1', false],
    ['0.1', '10.0.0.1', false],
    ['bücher.example', 'xn--bcher-kva.example', true],
    ['', 'engine', false],
    [',,', 'engine', false],
  ])('%j and %s: %j', (noProxy, host, direct) => {
    expect(used({ HTTP_PROXY: 'a:1', NO_PROXY: noProxy }, host) === undefined).toBe(direct);
    expect(used({ HTTP_PROXY: 'a:1', no_proxy: noProxy }, host) === undefined).toBe(direct);
  });
});

describe('the proxy of an endpoint', () => {
  const env = { HTTP_PROXY: 'a:1', HTTPS_PROXY: 'b:2', HOME: '/home/ann' };
  const source = {
    env,
    platform: 'linux',
    readFile: () => Promise.reject(Object.assign(new Error(), { code: 'ENOENT' })),
  };
  test.each([
    ['tcp://engine:1', 'http://a:1'],
    ['https://engine:1', 'http://b:2'],
    ['unix:///a.sock', undefined],
    ['ssh://engine', undefined],
  ])('%s', async (host, wanted) => {
    expect((await findEndpoint({ hosts: [host] }, source)).proxy?.shown).toBe(wanted);
  });
});
