/** HttpHeaders of config.json: every request has them, as docker's requests have, on every kind of connection. */
import { mkdir, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { proxy } from '../support/proxy.ts';
import type { Proxy } from '../support/proxy.ts';
import { image, removeServices, run, swarmroll, uniqueName } from '../support/swarm.ts';
import { newUser } from './support.ts';

const SECRET = 'Bearer s3cret';
const HEADERS = {
  Authorization: SECRET,
  'X-Name': 'Jürgen ✓',
  'User-Agent': 'mine',
  Host: 'elsewhere',
  'content-type': 'text/mine',
};
/** The headers that are compared. */
const OWN = ['authorization', 'x-name', 'content-type'];

const user = newUser();
const service = uniqueName('headers');
let front: Proxy;
let seen: { method: string; headers: IncomingHttpHeaders }[] = [];

beforeAll(async () => {
  front = await proxy(({ method = '', headers }) => {
    seen.push({ method, headers });
    return undefined;
  });
  await mkdir(join(user.home, '.docker'), { recursive: true });
  await writeFile(join(user.home, '.docker/config.json'), JSON.stringify({ HttpHeaders: HEADERS }));
  await user.docker('context', 'create', 'front', '--docker', `host=${front.host}`);
});
afterAll(async () => {
  front.close();
  await removeServices(service);
});

/** The distinct requests with these headers that a command has sent. */
function sent(): string[] {
  const lines = seen.map(({ method, headers }) =>
    [method, ...OWN.map((name) => `${name}: ${String(headers[name])}`)].join('\n'),
  );
  seen = [];
  return [...new Set(lines)].sort();
}

test('GET and POST requests have the same headers as docker’s', async () => {
  const env = { ...user.env, DOCKER_HOST: front.host };
  const made = await swarmroll(['create', '-d', '--name', service, image('ping', '1.0')], { env });
  expect(made.code).toBe(0);
  const [get, post, ...more] = sent();
  expect(get).toBe(
    `GET\nauthorization: ${SECRET}\nx-name: ${Buffer.from('Jürgen ✓').toString('latin1')}\ncontent-type: text/mine`,
  );
  expect(post).toContain('content-type: application/json');
  expect(more).toEqual([]);

  expect((await run('docker', ['service', 'update', '-d', '--replicas', '2', service], { env })).code).toBe(
    0,
  );
  expect(sent().filter((line) => /^(GET|POST)/.test(line))).toEqual([get, post]);
});

test('users can’t set Host or User-Agent', async () => {
  const env = { ...user.env, DOCKER_HOST: front.host };
  await swarmroll(['ps', service], { env });
  for (const { headers } of seen) {
    expect(headers.host).toBe(front.host.replace('tcp://', ''));
    expect(headers['user-agent']).not.toBe('mine');
  }
  expect(seen.length).toBeGreaterThan(0);
  sent();
});

test('they are sent over a context', async () => {
  const env = { ...user.env, DOCKER_CONTEXT: 'front' };
  expect((await swarmroll(['ps', '-q', service], { env })).code).toBe(0);
  expect(sent()).toEqual([expect.stringContaining(`authorization: ${SECRET}`)]);
});

test('they are sent over a unix socket', async () => {
  const asked: IncomingHttpHeaders[] = [];
  const path = join(user.home, 'engine.sock');
  const server = http.createServer(({ headers }, response) => {
    asked.push(headers);
    response.writeHead(200, { 'content-type': 'application/json' }).end('[]');
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  await swarmroll(['ps', '-q', 'web'], { env: { ...user.env, DOCKER_HOST: `unix://${path}` } });
  server.close();
  expect(asked.length).toBeGreaterThan(0);
  for (const headers of asked) expect(headers.authorization).toBe(SECRET);
});

test('DOCKER_CUSTOM_HEADERS replaces them', async () => {
  const env = { ...user.env, DOCKER_HOST: front.host, DOCKER_CUSTOM_HEADERS: 'X-Name=other' };
  for (const [program, words] of [
    ['swarmroll', ['ps', '-q', service]],
    ['docker', ['service', 'ps', '-q', service]],
  ] as const) {
    const { code } = await (program === 'docker' ? run(program, words, { env }) : swarmroll(words, { env }));
    expect(code).toBe(0);
    const gets = sent().filter((line) => line.startsWith('GET'));
    expect(gets).toEqual(['GET\nauthorization: undefined\nx-name: other\ncontent-type: undefined']);
  }
});

test('no output contains them, even with --debug', async () => {
  const env = { ...user.env, DOCKER_HOST: front.host };
  for (const words of [
    ['update', '--debug', '--force', 'ghost'],
    ['--debug', '-H', 'tcp://127.0.0.1:1', 'ps', 'ghost'],
    ['inspect', '--debug', 'ghost'],
  ]) {
    const { code, stdout, stderr } = await swarmroll(words, { env });
    expect(code).toBe(1);
    expect(stdout + stderr).not.toMatch(/s3cret|Authorization/i);
  }
});
