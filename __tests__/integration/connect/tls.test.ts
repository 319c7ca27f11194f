/** TLS: a real engine that requires it, with valid certificates from every source and invalid ones of every kind. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import net from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { expectError, swarm, swarmroll } from '../support/swarm.ts';
import { compose, deployment } from '../several/support.ts';
import { newAuthority } from './certificates.ts';
import type { Certificate } from './certificates.ts';
import { newUser } from './support.ts';
import { tlsEngine } from './tls-engine.ts';
import type { TlsEngine } from './tls-engine.ts';

const user = newUser();
const authority = newAuthority(join(user.home, 'certs'));
const client: Certificate = {
  cert: join(authority.folder, 'cert.pem'),
  key: join(authority.folder, 'key.pem'),
};
/** An authority that neither the engine nor the system trusts. */
const stranger = newAuthority(join(user.home, 'stranger'));

const VERIFIED = ['--tlsverify', '--tlscacert', authority.cert];
const withClient = ({ cert, key }: Certificate): string[] => ['--tlscert', cert, '--tlskey', key];

/** Asks for a service that does not exist. */
const ask = (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  swarmroll([...words, 'ps', 'ghost'], { env: { ...user.env, ...env } });

describe('an engine that requires TLS', () => {
  let engine: TlsEngine;
  let host: string;
  beforeAll(async () => {
    engine = await tlsEngine(authority);
    host = `tcp://127.0.0.1:${engine.port}`;
    const files = `ca=${authority.cert},cert=${client.cert},key=${client.key}`;
    await user.docker('context', 'create', 'tls', '--docker', `host=${host},${files}`);
    await user.docker(
      'context',
      'create',
      'https',
      '--docker',
      `host=https://localhost:${engine.port},${files}`,
    );
    await user.docker(
      ...['context', 'create', 'unverified', '--docker'],
      `host=${host},cert=${client.cert},key=${client.key},skip-tls-verify=true`,
    );
    await user.docker(
      'context',
      'create',
      'no-authority',
      '--docker',
      `host=${host},cert=${client.cert},key=${client.key}`,
    );
    await user.docker('context', 'create', 'plain', '--docker', `host=${host}`);
  });
  afterAll(() => engine.remove());

  test.each<[string, (host: string) => { words?: string[]; env?: Record<string, string> }]>([
    ['flags', (at) => ({ words: ['-H', at, ...VERIFIED, ...withClient(client)] })],
    [
      '--tls and the files of DOCKER_CERT_PATH',
      (at) => ({ words: ['-H', at, '--tls'], env: { DOCKER_CERT_PATH: authority.folder } }),
    ],
    [
      '--tlsverify=false, which is TLS too',
      (at) => ({ words: ['-H', at, '--tlsverify=false'], env: { DOCKER_CERT_PATH: authority.folder } }),
    ],
    [
      'the environment',
      (at) => ({ env: { DOCKER_HOST: at, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: authority.folder } }),
    ],
    [
      'DOCKER_TLS_VERIFY, even when it is 0',
      (at) => ({ env: { DOCKER_HOST: at, DOCKER_TLS_VERIFY: '0', DOCKER_CERT_PATH: authority.folder } }),
    ],
    [
      'a host name in the certificate',
      (at) => ({ words: ['-H', at.replace('127.0.0.1', 'localhost'), ...VERIFIED, ...withClient(client)] }),
    ],
    [
      'the files in docker’s config folder',
      (at) => ({ words: ['-H', at, '--tlsverify'], env: { DOCKER_CONFIG: authority.folder } }),
    ],
    [
      'https:// and flags',
      (at) => ({
        words: ['-H', at.replace('tcp', 'https'), '--tlscacert', authority.cert, ...withClient(client)],
      }),
    ],
    ['a context', () => ({ words: ['-c', 'tls'] })],
    [
      'a context, with TLS variables that it ignores',
      () => ({ words: ['-c', 'tls'], env: { DOCKER_TLS_VERIFY: '1' } }),
    ],
    ['a context of https://', () => ({ words: ['-c', 'https'] })],
    ['a context that does not verify', () => ({ words: ['-c', 'unverified'] })],
  ])('is reached with %s', async (_, how) => {
    const { words = [], env = {} } = how(host);
    const ended = await ask(words, env);
    expectError(ended, 1, 'no such service: ghost');
  });

  test('stores a service and returns it', async () => {
    const words = [
      '--detach',
      '--constraint',
      'node.labels.none==true',
      '--no-resolve-image',
      '--name',
      'web',
      'ping',
    ];
    const env = { ...user.env, DOCKER_CONTEXT: 'tls' };
    const created = await swarmroll(['create', ...words], { env });
    expect([created.code, created.stderr]).toEqual([0, '']);
    const { stdout } = await user.docker('--context', 'tls', 'service', 'ls', '--format', '{{.Name}}');
    expect(stdout).toBe('web\n');
    const inspected = await swarmroll(['inspect', '--format', '{{.Spec.Name}}', 'web'], { env });
    expect(inspected).toMatchObject({ code: 0, stdout: 'web\n' });
  });

  test.each<[string, (host: string) => { words?: string[]; env?: Record<string, string> }]>([
    [
      'the environment',
      (at) => ({ env: { DOCKER_HOST: at, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: authority.folder } }),
    ],
    ['a context', () => ({ words: ['-c', 'tls'] })],
    ['flags', (at) => ({ words: ['-H', at, ...VERIFIED, ...withClient(client)] })],
  ])('deploys a stack with %s, though docker itself speaks no TLS', async (way, how) => {
    const { words = [], env = {} } = how(host);
    const stack = `stack-${way.replaceAll(' ', '-')}`;
    const file = compose({ web: ['ping', { replicas: 0 }] });
    const flags = ['stack', 'deploy', '--detach', '--resolve-image=never', '-c', '-'];
    const ended = await swarmroll(
      [...words, ...flags, stack],
      deployment(file, { env: { ...user.env, ...env } }),
    );
    expect([ended.code, ended.stderr]).toEqual([0, `${stack}_web: created\n`]);
    const format = '{{.Name}} {{.Image}}';
    const { stdout } = await user.docker(
      ...['--context', 'tls', 'service', 'ls', '--filter', `name=${stack}`],
      ...['--format', format],
    );
    expect(stdout).toBe(`${stack}_web ping:latest\n`);
  });

  test.each<[string, (host: string) => string[], string]>([
    ['plain text', (at) => ['-H', at], 'it requires TLS'],
    ['a context without TLS', () => ['-c', 'plain'], 'it requires TLS'],
    ['no client certificate', (at) => ['-H', at, ...VERIFIED], 'it requires a client certificate'],
    [
      'a certificate without its key',
      (at) => ['-H', at, ...VERIFIED, '--tlscert', client.cert],
      'it requires a client certificate',
    ],
    [
      'a client certificate of an unknown authority',
      (at) => [
        '-H',
        at,
        ...VERIFIED,
        ...withClient({ cert: join(stranger.folder, 'cert.pem'), key: join(stranger.folder, 'key.pem') }),
      ],
      'it rejects our client certificate',
    ],
    [
      'a client certificate that has expired',
      (at) => ['-H', at, ...VERIFIED, ...withClient(authority.sign('old', { use: 'clientAuth', days: -1 }))],
      'it rejects our client certificate',
    ],
    [
      'an authority that has not signed the engine’s certificate',
      (at) => ['-H', at, '--tlsverify', '--tlscacert', stranger.cert, ...withClient(client)],
      'its certificate is signed by an unknown authority',
    ],
    [
      'only the authorities of the system',
      () => ['-c', 'no-authority'],
      'its certificate is signed by an unknown authority',
    ],
  ])('is not reached with %s', async (_, words, reason) => {
    const ended = await ask(words(host));
    expectError(ended, 1, `cannot reach the engine at ${host}: ${reason}`);
  });
});

describe('a server whose certificate', () => {
  const servers: Server[] = [];
  let requests = 0;
  afterAll(() => servers.forEach((server) => server.close()));

  async function listen({ cert, key }: Certificate): Promise<string> {
    const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (_, response) => {
      requests += 1;
      response.end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
    const address = server.address();
    return `tcp://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  test.each<[string, () => Certificate, string]>([
    [
      'has expired',
      () => authority.sign('expired', { use: 'serverAuth', days: -1 }),
      'its certificate has expired',
    ],
    [
      'is for other hosts',
      () => authority.sign('elsewhere', { use: 'serverAuth', hosts: 'DNS:engine.example.com,IP:10.1.2.3' }),
      'its certificate is for other hosts: engine.example.com, 10.1.2.3',
    ],
    ['is self-signed', () => stranger, 'its certificate is self-signed'],
    [
      'is signed by an unknown authority',
      () => stranger.sign('engine', { use: 'serverAuth' }),
      'its certificate is signed by an unknown authority',
    ],
  ])('%s gets no request', async (_, made, reason) => {
    const host = await listen(made());
    // Node's own variable for skipping the verification must not apply.
    const ended = await ask(['-H', host, ...VERIFIED, ...withClient(client)], {
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
    });
    expect(ended.stderr).toContain(`swarmroll: cannot reach the engine at ${host}: ${reason}\n`);
    expect([ended.code, ended.stdout, requests]).toEqual([1, '', 0]);
  });

  test('is not verified is reached with --tls alone', async () => {
    const host = await listen(authority.sign('unverified', { use: 'serverAuth', hosts: 'DNS:elsewhere' }));
    await ask(['-H', host, '--tls', '--tlscacert', authority.cert]);
    expect(requests).toBeGreaterThan(0);
  });
});

describe('files', () => {
  const host = 'tcp://127.0.0.1:1';
  const broken = join(user.home, 'broken.pem');
  writeFileSync(broken, '-----BEGIN CERTIFICATE-----\nsecret\n-----END CERTIFICATE-----\n');

  test.each<[string, string[], string]>([
    ['that are not there', ['--tlsverify'], `cannot use TLS: there is no file ${user.home}/.docker/ca.pem`],
    [
      'that flags name and that do not exist',
      [...VERIFIED, '--tlscert', '/none.pem'],
      'cannot use TLS: there is no file /none.pem',
    ],
    [
      'that contain no authority',
      ['--tlsverify', '--tlscacert', broken],
      `cannot use TLS for ${host}: the file of the authority contains no certificate`,
    ],
    [
      'that contain no certificate',
      [...VERIFIED, '--tlscert', broken, '--tlskey', client.key],
      `cannot use TLS for ${host}: the certificate or the key cannot be read`,
    ],
    [
      'with a key that does not belong to the certificate',
      [...VERIFIED, '--tlscert', client.cert, '--tlskey', authority.key],
      `cannot use TLS for ${host}: the key does not belong to the certificate`,
    ],
  ])('%s', async (_, words, message) => {
    const ended = await ask(['-H', host, ...words]);
    expectError(ended, 1, message);
    expect(ended.stderr).not.toContain('secret');
  });
});

test('an engine without TLS is an error when TLS is asked for', async () => {
  const ended = await ask(['-H', swarm.host, ...VERIFIED, ...withClient(client)]);
  expectError(ended, 1, `cannot reach the engine at ${swarm.host}: it does not speak TLS`);
});

test('a server that closes the connection is an error whose hint says how to use TLS', async () => {
  const server = net.createServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const host = `tcp://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const ended = await ask(['-H', host]);
  server.close();
  expectError(ended, 1, `cannot reach the engine at ${host}: the connection was closed`);
  expect(ended.stderr).toContain('if it requires TLS, give --tlsverify');
});
