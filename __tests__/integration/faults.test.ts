/** Wrong command lines, missing services and broken engines: the error is one line, and a hint may follow. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { proxy } from './support/proxy.ts';
import type { Proxy } from './support/proxy.ts';
import {
  expectError,
  image,
  orThrow,
  outer,
  removeServices,
  run,
  storedService,
  swarm,
  swarmroll,
  uniqueName,
} from './support/swarm.ts';
import { COMMAND, EXECUTABLE } from '../support/command.ts';

describe('a wrong command line', () => {
  let listener: Server;
  let connections = 0;
  beforeAll(async () => {
    listener = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => void listener.close());

  test.each([
    [['update', '--nope', 'web'], 'unknown flag: --nope'],
    [['update', '-x', 'web'], "unknown shorthand flag: 'x' in -x"],
    [
      ['create', '--replicas', 'many', 'ping'],
      'invalid argument "many" for --replicas: must be a whole number, 0 or more',
    ],
    [['create', '--replicas'], 'flag needs an argument: --replicas'],
    [
      ['create', '--update-delay', '10', 'ping'],
      expect.stringContaining('invalid argument "10" for --update-delay'),
    ],
    [['create', '--timeout', '-1s', 'ping'], expect.stringContaining('--timeout')],
    [
      ['update', '--progress', 'fancy', 'web'],
      'invalid argument "fancy" for --progress: must be one of auto, tty, plain, json, quiet',
    ],
    [['create'], 'create needs at least 1 operand'],
    [['update'], 'update needs exactly 1 operand'],
    [['rollback', 'a', 'b'], 'rollback needs exactly 1 operand: unexpected operand "b"'],
    [['ps'], 'ps needs at least 1 operand'],
    [['inspect'], 'inspect needs at least 1 operand'],
    [['deploy', 'web'], 'unknown command: deploy'],
    [
      ['update', '--rollback', '--force', 'web'],
      '--rollback cannot be combined with another change: --force',
    ],
  ])('%j: exit 2, one line, nothing sent', async (args, message) => {
    const address = listener.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const ended = await swarmroll(args, { env: { DOCKER_HOST: `tcp://127.0.0.1:${port}` } });
    expect(ended.code).toBe(2);
    const [line = ''] = ended.stderr.split('\n');
    expect(line).toEqual(typeof message === 'string' ? `swarmroll: ${message}` : message);
    expect(ended.stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
    expect(ended.stdout).toBe('');
    expect(connections).toBe(0);
  });
});

describe('no such service', () => {
  let seen: Proxy;
  beforeAll(async () => {
    seen = await proxy(() => undefined);
  });
  afterAll(() => seen.close());

  test.each([['update', '--force'], ['rollback'], ['ps']])(
    '%s: exit 1, nothing changed',
    async (...command) => {
      const before = seen.requests.length;
      expectError(await swarmroll(['-H', seen.host, ...command, 'ghost']), 1, 'no such service: ghost');
      const requests = seen.requests.slice(before);
      expect(requests).not.toEqual([]);
      expect(requests.filter((line) => !line.startsWith('GET '))).toEqual([]);
    },
  );

  test.each(['two words', '-dash', 'a/../b', 'a?b=c#d', 'größe', '%2e'])(
    'a name such as %j is only a name',
    async (name) => {
      expectError(await swarmroll(['update', '--force', '--', name]), 1, `no such service: ${name}`);
    },
  );
});

describe('an engine that cannot be used', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'swarmroll-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('nothing listens on the port', async () => {
    const ended = await swarmroll(['-H', 'tcp://127.0.0.1:1', 'ps', 'web']);
    expectError(ended, 1, 'cannot reach the engine at tcp://127.0.0.1:1: connection refused');
  });

  test('the socket does not exist', async () => {
    const ended = await swarmroll(['create', 'ping'], { env: { DOCKER_HOST: `unix://${folder}/none.sock` } });
    expectError(ended, 1, `cannot reach the engine at unix://${folder}/none.sock: there is no such socket`);
  });

  test('a socket without permission', async () => {
    const path = join(folder, 'closed.sock');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    await chmod(path, 0o600);
    await chmod(folder, 0o755);
    // Root has permission for every socket, so the command runs as the user nobody.
    const cli = [...COMMAND, '-H', `unix://${path}`, 'ps', 'web'];
    const as = ['--reuid=65534', '--regid=65534', '--clear-groups', 'env', `HOME=${folder}`];
    const ended = await run('setpriv', [...as, ...cli]);
    server.close();
    expectError(ended, 1, `cannot reach the engine at unix://${path}: permission denied on the socket`);
  });

  test('another server answers', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'));
    await new Promise<void>((resolve) => server.listen(join(folder, 'other.sock'), resolve));
    const ended = await swarmroll(['-H', `unix://${folder}/other.sock`, 'update', '--force', 'web']);
    server.close();
    expectError(ended, 1, `the server at unix://${folder}/other.sock is not a Docker engine`);
  });

  test('an engine in no swarm', async () => {
    // This may be a developer's own engine. If it is a manager, the commands below would change its services.
    const { stdout } = await orThrow(outer)('info', '--format', '{{.Swarm.LocalNodeState}}');
    if (stdout !== 'inactive\n')
      throw new Error(
        `${swarm.outerHost} is in a swarm (${stdout.trim()}): this test asks one that is in none`,
      );
    for (const command of [
      ['ps', 'web'],
      ['inspect', 'web'],
      ['update', '--force', 'web'],
      ['rollback', 'web'],
      ['create', '-d', 'ping'],
    ]) {
      const ended = await swarmroll(['-H', swarm.outerHost, ...command]);
      expect(ended.stderr).toContain(`swarmroll: the engine at ${swarm.outerHost} is not a swarm manager\n`);
      expect(ended.stderr).toContain('docker swarm init');
      expect(ended.code).toBe(1);
    }
  });
});

describe('values and pipes', () => {
  const names: string[] = [];
  afterAll(() => removeServices(...names));

  test('UTF-8 in values is stored as it was typed', async () => {
    const name = uniqueName('utf8');
    names.push(name);
    const value = 'größe=✓ "日本" \\n';
    const ended = await swarmroll([
      ...['create', '-d', '--name', name, '--constraint', 'node.labels.none==true', '--env', value],
      ...['--label', value, image('ping', '1.0'), 'echo', value],
    ]);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const { Spec } = await storedService(name);
    expect(Spec.TaskTemplate.ContainerSpec).toMatchObject({ Env: [value], Args: ['echo', value] });
    expect(Spec.Labels).toEqual({ größe: '✓ "日本" \\n' });
  });

  test('a closed pipe on stderr ends no watch: the verdict, the result and the exit code still come', async () => {
    const name = uniqueName('unread');
    names.push(name);
    const watched = `'${EXECUTABLE}' create --name ${name} --update-monitor 30s --max-failures 1 -o json ${image('crash', '1.0')}`;
    const script = `exec 3>&1; ${watched} 2>&1 >&3 | head -1 >/dev/null; echo "\${PIPESTATUS[0]}"`;
    const { stdout } = await run('bash', ['-c', script]);
    const [result = '', code] = stdout.trim().split('\n');
    expect(JSON.parse(result)).toMatchObject({ verdict: 'failed', exitCode: 5 });
    expect(code).toBe('5');
  });

  test('a closed pipe on stdout is no error', async () => {
    const name = uniqueName('pipe');
    names.push(name);
    // More bytes than the buffer of a pipe.
    const label = (key: string): string[] => ['--label', `${key}=${'x'.repeat(100_000)}`];
    const labels = [...label('a'), ...label('b'), ...label('c')];
    await swarmroll(['create', '-d', '--name', name, '--replicas', '0', ...labels, image('ping', '1.0')]);
    const cli = `'${EXECUTABLE}' inspect ${name}`;
    const ended = await run('bash', ['-c', `${cli} | head -1; echo "\${PIPESTATUS[0]}"; ${cli} | wc -c`]);
    const [first, code, bytes] = ended.stdout.split('\n');
    expect([first, code]).toEqual(['[', '0']);
    expect(Number(bytes)).toBeGreaterThan(300_000);
    expect(ended.stderr).toBe('');
  });
});
