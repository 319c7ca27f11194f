/**
 * Proxies from the environment, compared with docker: only the proxy can resolve the engine's name. With and without
 * TLS.
 */
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { expectError, image, removeServices, run, swarm, swarmroll, uniqueName } from '../support/swarm.ts';
import type { Ended } from '../support/swarm.ts';
import { newAuthority } from './certificates.ts';
import { httpProxy, socksProxy } from './forward-proxy.ts';
import type { ForwardOptions, ForwardProxy } from './forward-proxy.ts';
import { newUser } from './support.ts';

const PLAIN = 'engine.invalid:2375';
const TLS = 'engine.invalid:2376';
const LOGIN = 'ann:s3cret';

const user = newUser();
const authority = newAuthority(join(user.home, 'certs'));
const service = uniqueName('proxied');

/** A TLS server for engine.invalid that forwards to the swarm. */
let front: https.Server;
let routes: ForwardOptions['routes'];
const open: ForwardProxy[] = [];

beforeAll(async () => {
  const { cert, key } = authority.sign('engine', { use: 'serverAuth', hosts: 'DNS:engine.invalid' });
  const { hostname, port } = new URL(swarm.host);
  front = https.createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (request, response) => {
    const { method, url: path, headers } = request;
    const onward = http.request({ hostname, port, method, path, headers }, (reply) => {
      response.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  routes = { [PLAIN]: Number(port), [TLS]: (front.address() as AddressInfo).port };
  const made = await swarmroll(['create', '-d', '--name', service, image('ping', '1.0')]);
  expect(made.code).toBe(0);
});
afterAll(async () => {
  front.close();
  front.closeAllConnections();
  await removeServices(service);
});
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

/** Starts a proxy that is closed after the test. */
async function started(make: typeof httpProxy, options: Partial<ForwardOptions> = {}): Promise<ForwardProxy> {
  const made = await make({ routes, ...options });
  open.push(made);
  return made;
}

/** Both clients with the same environment; with TLS unless the address is PLAIN. */
function clients(env: Readonly<Record<string, string>>, address: string) {
  const connection = [
    ...['-H', `tcp://${address}`],
    ...(address === TLS ? ['--tlsverify', '--tlscacert', authority.cert] : []),
  ];
  const options = { env: { ...user.env, ...env } };
  return {
    ours: (...words: readonly string[]): Promise<Ended> => swarmroll([...connection, ...words], options),
    theirs: (...words: readonly string[]): Promise<Ended> =>
      run('docker', [...connection, 'service', ...words], options),
  };
}

const on = ({ port }: ForwardProxy): string => `http://127.0.0.1:${port}`;

describe('both clients use the proxy', () => {
  test.each([
    ['HTTP_PROXY', PLAIN, /^GET http:\/\/engine\.invalid:2375\/.*\/?services/],
    ['http_proxy', PLAIN, /^GET http:\/\/engine\.invalid:2375\//],
    ['HTTPS_PROXY', TLS, /^CONNECT engine\.invalid:2376$/],
    ['https_proxy', TLS, /^CONNECT engine\.invalid:2376$/],
  ])('%s to %s', async (variable, address, wanted) => {
    const proxy = await started(httpProxy);
    const { ours, theirs } = clients({ [variable]: on(proxy) }, address);
    const answers = [];
    for (const client of [ours, theirs]) {
      proxy.requests.length = 0;
      const { code, stdout } = await client('ps', '-q', '--no-trunc', service);
      answers.push({ code, stdout });
      expect(proxy.requests.length).toBeGreaterThan(0);
      expect(proxy.requests.some((request) => wanted.test(request))).toBe(true);
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.stdout).not.toBe('');
  });

  test.each([
    ['no TLS', PLAIN, 'HTTP_PROXY'],
    ['TLS', TLS, 'HTTPS_PROXY'],
  ])('with a login, %s', async (_, address, variable) => {
    const proxy = await started(httpProxy, { login: LOGIN });
    const right = clients({ [variable]: `http://${LOGIN}@127.0.0.1:${proxy.port}` }, address);
    expect((await right.ours('ps', '-q', service)).code).toBe(0);
    expect((await right.theirs('ps', '-q', service)).code).toBe(0);
    const wrong = clients({ [variable]: `http://ann:n0t@127.0.0.1:${proxy.port}` }, address);
    const ended = await wrong.ours('ps', '--debug', service);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/requires a login/);
    expect(ended.stderr).not.toMatch(/n0t|ann:/);
    expect((await wrong.theirs('ps', '-q', service)).code).not.toBe(0);
  });

  test.each([
    ['no TLS', PLAIN, 'HTTP_PROXY'],
    ['TLS', TLS, 'HTTPS_PROXY'],
  ])('SOCKS, %s', async (_, address, variable) => {
    const proxy = await started(socksProxy, { login: LOGIN });
    const { ours, theirs } = clients({ [variable]: `socks5://${LOGIN}@127.0.0.1:${proxy.port}` }, address);
    for (const client of [ours, theirs]) {
      proxy.requests.length = 0;
      expect((await client('ps', '-q', service)).code).toBe(0);
      expect(new Set(proxy.requests)).toEqual(new Set([`CONNECT ${address}`]));
    }
  });

  test('a proxy that uses TLS itself', async () => {
    // --tlscacert is for the engine. The proxy's certificate is verified with the system's authorities.
    const certificate = authority.sign('proxy', { use: 'serverAuth' });
    const proxy = await started(httpProxy, { certificate });
    const env = { HTTP_PROXY: `https://127.0.0.1:${proxy.port}` };
    const { code, stderr } = await clients(env, PLAIN).ours('ps', '-q', service);
    expect(code).toBe(1);
    expect(stderr.split('\n')[0]).toBe(
      `swarmroll: cannot reach the engine at tcp://${PLAIN}: the proxy https://127.0.0.1:${proxy.port} (HTTP_PROXY): ` +
        'its certificate is signed by an unknown authority',
    );
    expect(proxy.requests).toEqual([]);
  });
});

describe('a whole rollout uses the proxy', () => {
  test.each([
    [PLAIN, 'HTTP_PROXY'],
    [TLS, 'HTTPS_PROXY'],
  ])('%s', async (address, variable) => {
    const proxy = await started(httpProxy);
    const { ours } = clients({ [variable]: on(proxy) }, address);
    const ended = await ours(
      'update',
      '--force',
      '--update-monitor',
      '1s',
      '--stop-grace-period',
      '1s',
      service,
    );
    expect(ended).toMatchObject({ code: 0, stdout: `${service}\n` });
    expect(ended.stderr).toContain(`verify: Service ${service} converged`);
    expect(ended.stderr).not.toContain("can't be reached");
  });
});

describe('the proxy is not used', () => {
  test.each([
    ['for hosts in NO_PROXY', { NO_PROXY: '.invalid' }, `tcp://${PLAIN}`],
    ['for TLS when only HTTP_PROXY is set', {}, `https://${TLS}`],
  ])('%s', async (_, env, host) => {
    const proxy = await started(httpProxy);
    const ended = await swarmroll(['-H', host, 'ps', service], {
      env: { ...user.env, HTTP_PROXY: on(proxy), ...env },
    });
    expectError(ended, 1, `cannot reach the engine at ${host}: the host name is not known`);
    expect(proxy.requests).toEqual([]);
  });

  test('for the local machine and for a socket', async () => {
    const proxy = await started(httpProxy);
    const env = { ...user.env, HTTP_PROXY: on(proxy), HTTPS_PROXY: on(proxy) };
    expect((await swarmroll(['-H', swarm.host, 'ps', '-q', service], { env })).code).toBe(0);
    expect((await swarmroll(['-H', swarm.outerHost, 'ps', service], { env })).code).toBe(1);
    expect(proxy.requests).toEqual([]);
  });
});

describe('the error says what is wrong with the proxy', () => {
  test('nothing listens at its address', async () => {
    const ended = await clients({ HTTP_PROXY: `http://${LOGIN}@127.0.0.1:1` }, PLAIN).ours('ps', service);
    expectError(
      ended,
      1,
      `cannot reach the engine at tcp://${PLAIN}: the proxy http://127.0.0.1:1 (HTTP_PROXY): connection refused`,
    );
    expect(ended.stderr).toContain('tcp://engine.invalid:2375 is from -H: check HTTP_PROXY');
  });

  test('it can’t reach the engine, without TLS', async () => {
    const proxy = await started(httpProxy, { routes: {} });
    const ended = await clients({ HTTP_PROXY: on(proxy) }, PLAIN).ours('ps', service);
    expectError(ended, 1, `GET /services: No such host (HTTP 502 from tcp://${PLAIN})`);
    expect(ended.stderr).toContain(`HTTP_PROXY sets the proxy ${on(proxy)}`);
  });

  test.each([
    ['HTTP', httpProxy, 'http', `cannot connect to ${TLS}: HTTP 502 Bad Gateway`],
    ['SOCKS', socksProxy, 'socks5', `cannot connect to ${TLS}: no route to the host`],
  ])('it does not reach the engine, in a tunnel: %s', async (_, make, scheme, why) => {
    const proxy = await started(make, { routes: {} });
    const shown = `${scheme}://127.0.0.1:${proxy.port}`;
    const ended = await clients({ HTTPS_PROXY: shown }, TLS).ours('ps', service);
    expectError(
      ended,
      1,
      `cannot reach the engine at tcp://${TLS}: the proxy ${shown} (HTTPS_PROXY): ${why}`,
    );
  });

  test('the value of the variable is invalid', async () => {
    const ended = await clients({ HTTP_PROXY: 'ftp://ann:s3cret@a' }, PLAIN).ours('ps', service);
    expectError(ended, 2, 'HTTP_PROXY is not the address of a proxy');
    expect(ended.stderr).not.toContain('s3cret');
  });

  test('an engine behind the proxy has a certificate for other hosts', async () => {
    const proxy = await started(httpProxy, { routes: { 'other.invalid:2376': routes[TLS] ?? 0 } });
    const ended = await swarmroll(
      ['-H', 'tcp://other.invalid:2376', '--tlsverify', '--tlscacert', authority.cert, 'ps', service],
      { env: { ...user.env, HTTPS_PROXY: on(proxy) } },
    );
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('its certificate is for other hosts: engine.invalid');
  });
});
