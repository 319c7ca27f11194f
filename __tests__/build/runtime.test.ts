/** What differs between the runtimes of the two builds, Node and Bun: the built command must not show it. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EXECUTABLE, isNodeBuild } from '../support/command.ts';

/** One more than the largest integer that a double can tell from the next one, and the largest of the engine. */
const LARGE = '9007199254740993';
const LARGEST = '18446744073709551615';

/** A label whose value is larger than the buffers of pipes and sockets. */
const LONG = 'x'.repeat(8_000_000);

const service = (
  label = '',
) => `{"ID":"l9x3k2","Version":{"Index":${LARGE}},"CreatedAt":"2026-01-01T00:00:00Z",
  "UpdatedAt":"2026-01-01T00:00:00Z","Spec":{"Name":"web","Labels":{"long":"${label}"},"Mode":{"Replicated":{"Replicas":1}},
  "TaskTemplate":{"ContainerSpec":{"Image":"ping"},"Resources":{"Limits":{"MemoryBytes":${LARGEST}}}}}}`;

let folder: string;
let host: string;
const requests: { line: string; body: string }[] = [];
const server = createServer((request, reply) => {
  void text(request).then((body) => {
    const { method = '', url = '' } = request;
    requests.push({ line: `${method} ${url}`, body });
    if (method === 'POST') reply.end('{}');
    // Node sends this in chunks, since it has no Content-Length.
    else
      for (const part of service(url.includes('long') ? LONG : '').match(/[^]{1,65536}/g) ?? [])
        reply.write(part);
    reply.end();
  });
});
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swarmroll-'));
  const path = join(folder, 'engine.sock');
  host = `unix://${path}`;
  await new Promise<void>((resolve) => server.listen(path, resolve));
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

/** Starts the command in the folder, with nothing in its environment but what is given. */
function start(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { PATH, HOME } = process.env;
  return spawn(EXECUTABLE, args, { cwd: folder, env: { PATH, HOME, DOCKER_HOST: host, ...env } });
}

async function run(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = start(args, env);
  const code = new Promise((resolve) => child.on('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { stdout, stderr, code: await code };
}

test('numbers of 64 bits are posted as they were read', async () => {
  const ended = await run(['update', '--detach', '--label-add', 'a=b', 'web']);
  expect(ended).toEqual({ stdout: 'web\n', stderr: '', code: 0 });
  const posted = requests.find(({ line }) => line.startsWith('POST '));
  expect(posted?.line).toBe(`POST /services/l9x3k2/update?version=${LARGE}&registryAuthFrom=spec`);
  expect(posted?.body).toContain(`"MemoryBytes":${LARGEST}}`);
});

describe('a large reply', () => {
  test('is printed whole to a pipe whose reader starts late: the process waits for it', async () => {
    const child = start(['inspect', 'long']);
    await sleep(500);
    expect(child.exitCode).toBeNull();
    const [printed] = JSON.parse(await text(child.stdout)) as [{ Spec: { Labels: { long: string } } }];
    expect(printed.Spec.Labels.long.length).toBe(LONG.length);
    expect(child.exitCode ?? 0).toBe(0);
  });

  test('is printed whole by a shell', async () => {
    const shell = spawn('sh', ['-c', `'${EXECUTABLE}' -H '${host}' inspect long | (sleep 0.5; wc -c)`]);
    expect(Number(await text(shell.stdout))).toBeGreaterThan(LONG.length);
  });
});

describe('the working directory and the environment', () => {
  beforeAll(async () => {
    await writeFile(join(folder, 'other.cjs'), 'console.log("code of another program"); process.exit(9);');
    await writeFile(join(folder, 'bunfig.toml'), 'preload = ["./other.cjs"]\n');
    await writeFile(join(folder, '.env'), 'DOCKER_HOST=tcp://127.0.0.1:1\nDOCKER_API_VERSION=1.1\n');
    await writeFile(
      join(folder, 'package.json'),
      '{ "imports": { "#a": "./other.cjs" }, "type": "nonsense" }',
    );
    await writeFile(join(folder, 'tsconfig.json'), 'nonsense');
  });

  // Those that the runtime itself acts on are in docs/releasing.md.
  const variables: Record<string, string>[] = [
    {},
    { BUN_INSPECT_PRELOAD: './other.cjs' },
    { BUN_CONFIG_VERBOSE_FETCH: 'curl' },
    { BUN_CONFIG_MAX_HTTP_REQUESTS: '1' },
    { BUN_RUNTIME_TRANSPILER_CACHE_PATH: './cache' },
    { BUN_ENABLE_CRASH_REPORTING: '1', BUN_CRASH_REPORT_URL: 'http://127.0.0.1:1' },
  ];
  // Node itself uses NODE_OPTIONS; the executable contains no Node.
  if (!isNodeBuild) variables.push({ NODE_OPTIONS: '--require ./other.cjs --nonsense' });

  test.each(variables)('change nothing: %j', async (env) => {
    const before = requests.length;
    const ended = await run(['inspect', '--format', '{{.Spec.Name}} {{.Version.Index}}', 'web'], env);
    expect(ended).toEqual({ stdout: `web ${LARGE}\n`, stderr: '', code: 0 });
    expect(requests.slice(before).map(({ line }) => line)).toEqual(['GET /services/web?insertDefaults=true']);
  });

  test('proxies are not used for an engine on this machine', async () => {
    const tcp = createServer(server.listeners('request')[0] as RequestListener);
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    const [HTTP_PROXY, ALL_PROXY] = ['http://127.0.0.1:1', 'http://127.0.0.1:1'];
    for (const address of [host, `tcp://127.0.0.1:${(tcp.address() as AddressInfo).port}`]) {
      const ended = await run(['-H', address, 'inspect', 'web'], { HTTP_PROXY, ALL_PROXY });
      expect(ended).toMatchObject({ stderr: '', code: 0 });
    }
    tcp.close();
  });

  test('an .env file chooses no engine', async () => {
    const { stderr } = await run(['ps', 'web'], { DOCKER_HOST: undefined, DOCKER_CONFIG: folder });
    expect(stderr).not.toContain('127.0.0.1');
  });
});

test('a second signal ends the process at once, and nothing that it has written for docker stays', async () => {
  const [bin, temporary, noted] = ['bin', 'tmp', 'noted'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [bin, temporary, noted]) await mkdir(path);
  const project = { services: { web: { image: 'ping' } }, configs: { key: { content: 'the value' } } };
  // A Compose that reads any file as this project, and a docker that goes on after a signal.
  await writeFile(
    join(bin, 'docker'),
    `#!/bin/sh
case "$*" in
  *compose*config*) echo '${JSON.stringify(project)}' ;;
  *)
    trap 'touch ${noted}/signal' INT
    echo $$ > ${noted}/written; mv ${noted}/written ${noted}/pid
    while :; do sleep 1 & wait; done ;;
esac
`,
  );
  await chmod(join(bin, 'docker'), 0o755);
  const until = async (name: string): Promise<void> => {
    while (!existsSync(join(noted, name))) await sleep(20);
  };
  const child = start(['stack', 'deploy', '--compose', '-c', 'x.yml', 'app'], {
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    TMPDIR: temporary,
  });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  await until('pid');
  try {
    const folders = await readdir(temporary);
    expect(await Promise.all(folders.map((name) => readdir(join(temporary, name))))).toContainEqual([
      'config-key',
    ]);
    child.kill('SIGINT');
    await until('signal');
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(await readdir(temporary)).toEqual([]);
  } finally {
    process.kill(Number(await readFile(join(noted, 'pid'), 'utf8')), 'SIGKILL');
  }
});
