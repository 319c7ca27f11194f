/** Which engine is chosen: docker's order, with contexts that the real docker has made. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { expectError, run, swarm, swarmroll } from '../support/swarm.ts';
import { newUser } from './support.ts';

/** Nothing listens on such low ports, so the client's error contains the address that it has chosen. */
const at = (port: number): string => `tcp://127.0.0.1:${port}`;
const DEFAULT = 'unix:///var/run/docker.sock';

const user = newUser();
beforeAll(async () => {
  for (const [name, host] of [
    ['one', at(1)],
    ['two.b-c_d+e', at(2)],
    ['the.swarm', swarm.host],
    ['spaces', `unix://${user.home}/none such.sock`],
  ] as const) {
    await user.docker('context', 'create', name, '--docker', `host=${host}`);
  }
  await mkdir(join(user.home, 'elsewhere'));
  await user.docker(
    '--config',
    join(user.home, 'elsewhere'),
    'context',
    'create',
    'one',
    '--docker',
    `host=${at(7)}`,
  );
  await user.docker('--config', join(user.home, 'elsewhere'), 'context', 'use', 'one');
});

/** The address in the error of a client that can't reach the engine or does not find the service. */
const addressIn = (text: string): string | undefined =>
  /(unix|tcp|ssh):\/\/[^\s]*?(?=[.:;,]?(\s|$))/.exec(text)?.[0];

/** Expects that both clients choose this address. Variables that are not in `env` are unset. */
async function expectAsked(
  words: readonly string[],
  env: Record<string, string>,
  wanted: string,
): Promise<void> {
  const here = (text: string): string => text.replace('ELSEWHERE', join(user.home, 'elsewhere'));
  const given = words.map(here);
  const environment = {
    ...user.env,
    ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, here(value)])),
  };
  const ours = await swarmroll([...given, 'inspect', 'ghost'], { env: environment });
  expect([addressIn(ours.stderr), ours.code]).toEqual([wanted, 1]);
  const theirs = await run('docker', [...given, 'service', 'ls'], { env: environment });
  // The machine may have an engine at docker's default address. Then docker succeeds and prints no address.
  const answers = [DEFAULT, at(2375)].includes(wanted) && theirs.code === 0;
  if (!answers) expect(addressIn(theirs.stderr)).toBe(wanted);
}

describe.each([
  ['no context in use', ''],
  ['a context in use', 'one'],
])('with %s', (_, current) => {
  beforeAll(() => user.docker('context', 'use', current === '' ? 'default' : current));

  const usual = current === '' ? DEFAULT : at(1);
  test.each<[words: string[], env: Record<string, string>, wanted: string]>([
    [[], {}, usual],
    [[], { DOCKER_CONTEXT: 'two.b-c_d+e' }, at(2)],
    [[], { DOCKER_CONTEXT: 'default' }, DEFAULT],
    [[], { DOCKER_HOST: at(3) }, at(3)],
    [[], { DOCKER_HOST: at(3), DOCKER_CONTEXT: 'two.b-c_d+e' }, at(3)],
    [[], { DOCKER_HOST: at(3), DOCKER_CONTEXT: 'gone' }, at(3)],
    [['--context', 'two.b-c_d+e'], {}, at(2)],
    [['-c', 'two.b-c_d+e'], { DOCKER_HOST: at(3) }, at(2)],
    [['-c', 'one'], { DOCKER_CONTEXT: 'two.b-c_d+e' }, at(1)],
    [['-c', 'one'], { DOCKER_CONTEXT: 'gone' }, at(1)],
    [['-c', 'default'], {}, DEFAULT],
    [['-c', 'default'], { DOCKER_HOST: at(3) }, at(3)],
    [['-c', ''], { DOCKER_CONTEXT: 'two.b-c_d+e' }, at(2)],
    [['-H', at(4)], {}, at(4)],
    [['-H', at(4)], { DOCKER_HOST: at(3) }, at(4)],
    [['--host', at(4)], { DOCKER_CONTEXT: 'two.b-c_d+e' }, at(4)],
    [['-H', at(4)], { DOCKER_CONTEXT: 'gone' }, at(4)],
    [['-H', ''], { DOCKER_HOST: at(3) }, DEFAULT],
    [['--config', 'ELSEWHERE'], {}, at(7)],
    [['--config', 'ELSEWHERE', '-c', 'one'], {}, at(7)],
    [[], { DOCKER_CONFIG: 'ELSEWHERE' }, at(7)],
    [['--config', 'ELSEWHERE'], { DOCKER_HOST: at(3) }, at(3)],
  ])('%j and %j', expectAsked);
});

describe('addresses are parsed like docker’s', () => {
  test.each<[words: string[], env: Record<string, string>, wanted: string]>([
    [['-H', '127.0.0.1:4'], {}, at(4)],
    [['-H', '127.0.0.1'], {}, at(2375)],
    [['-H', ':4'], {}, 'tcp://localhost:4'],
    [['-H', 'tcp://[::1]:4'], {}, 'tcp://[::1]:4'],
    [['-H', '::1'], {}, 'tcp://[::1]:2375'],
    [['-H', 'tcp://127.0.0.1:4/a/b'], {}, 'tcp://127.0.0.1:4/a/b'],
    [[], { DOCKER_HOST: 'unix:///none/such.sock' }, 'unix:///none/such.sock'],
  ])('%j and %j', expectAsked);
});

test('connection flags work before and after the command, and a context reaches its engine', async () => {
  for (const words of [
    ['-c', 'the.swarm', 'ps', 'ghost'],
    ['ps', '--context', 'the.swarm', 'ghost'],
    ['inspect', '--context=the.swarm', 'ghost'],
    ['rollback', '-cthe.swarm', 'ghost'],
  ]) {
    const ended = await swarmroll(words, { env: user.env });
    expect(ended.stderr).toContain('no such service: ghost');
  }
});

test('a socket with spaces in its path, from a context', async () => {
  const ended = await swarmroll(['-c', 'spaces', 'ps', 'ghost'], { env: user.env });
  const socket = `unix://${user.home}/none such.sock`;
  expectError(ended, 1, `cannot reach the engine at ${socket}: there is no such socket`);
  expect(ended.stderr).toContain('is from context "spaces"');
});

test.each<[words: string[], env: Record<string, string>, code: number, message: string]>([
  [['-H', at(1), '-c', 'one'], {}, 2, '-H and --context each choose an engine: give only one of them'],
  [['-H', at(1), '-c', 'default'], {}, 2, '-H and --context each choose an engine: give only one of them'],
  [['-H', at(1), '--host', at(1)], {}, 2, '-H can be given only once'],
  [['-H', 'foo://bar'], {}, 2, '-H: "foo://bar" is not an address of an engine'],
  [['-H', 'tcp://127.0.0.1:x'], {}, 2, '-H: "tcp://127.0.0.1:x" is not an address of an engine'],
  [
    [],
    { DOCKER_HOST: '/run/docker.sock' },
    2,
    'DOCKER_HOST: "/run/docker.sock" has no host: the address of a socket is unix://PATH',
  ],
  [
    ['-H', 'npipe:////./pipe/docker_engine'],
    {},
    2,
    '-H: "npipe:////./pipe/docker_engine" is a named pipe, which only Windows has',
  ],
  [
    ['-H', 'ssh://ann:secret@host'],
    {},
    2,
    '-H: "ssh://ann:***@host" contains a password: ssh does not accept one in the address, use a key or an ssh agent',
  ],
  [['-c', 'gone'], {}, 1, 'there is no context "gone" in STORE'],
  [[], { DOCKER_CONTEXT: '../gone' }, 1, 'there is no context "../gone" in STORE'],
])('refused: %j and %j', async (words, env, code, message) => {
  const ended = await swarmroll([...words, 'update', '--force', 'ghost'], { env: { ...user.env, ...env } });
  expectError(ended, code, message.replace('STORE', join(user.home, '.docker/contexts')));
});

describe('a broken file', () => {
  const broken = newUser();
  let meta: string;
  let config: string;
  beforeAll(async () => {
    await broken.docker('context', 'create', 'cracked', '--docker', `host=${at(1)}`);
    const store = join(broken.home, '.docker/contexts/meta');
    const [id = ''] = await readdir(store);
    meta = join(store, id, 'meta.json');
    config = join(broken.home, '.docker/config.json');
  });

  test.each([
    ['{"Name": "cracked", secret', 'has a file that is not a JSON object'],
    ['[]', 'has a file that is not a JSON object'],
    ['', 'has no docker endpoint'],
    ['{"Name":"cracked"}', 'has no docker endpoint'],
    ['{"Name":"cracked","Endpoints":null}', 'has no docker endpoint'],
    ['{"Name":"cracked","Endpoints":{"kubernetes":{}}}', 'has no docker endpoint'],
    ['{"Name":"cracked","Endpoints":{"docker":{"Host":7}}}', 'has a docker endpoint without an address'],
  ])('meta.json %j', async (text, what) => {
    await writeFile(meta, text);
    const ended = await swarmroll(['-c', 'cracked', 'ps', 'ghost'], { env: broken.env });
    expectError(ended, 1, `the context "cracked" ${what}: ${meta}`);
    expect(ended.stderr).not.toContain('secret');
  });

  test.each(['{"currentContext": secret', '[]'])(
    'config.json %j, when it would choose the engine',
    async (text) => {
      await writeFile(config, text);
      const ended = await swarmroll(['ps', 'ghost'], { env: broken.env });
      expectError(ended, 1, `${config} is not valid JSON`);
      // With DOCKER_HOST, config.json is not needed, and a warning says that it is not used.
      const named = await swarmroll(['ps', 'ghost'], { env: { ...broken.env, DOCKER_HOST: swarm.host } });
      const [warning = '', ...error] = named.stderr.split(/(?<=\n)/);
      expect(warning).toBe(`swarmroll: warning: ${config} is not valid JSON; it is not used\n`);
      expectError({ ...named, stderr: error.join('') }, 1, 'no such service: ghost');
    },
  );

  test('a config.json with unknown keys', async () => {
    const text = JSON.stringify({
      '//': 'a comment',
      plugins: { x: {} },
      currentContext: 'cracked',
      proxies: [1],
    });
    await writeFile(config, text);
    await writeFile(
      meta,
      `{"Name":"cracked","Metadata":{"x":1},"More":[],"Endpoints":{"docker":{"Host":"${at(5)}"}}}`,
    );
    const ended = await swarmroll(['ps', 'ghost'], { env: broken.env });
    expect([addressIn(ended.stderr), ended.code]).toEqual([at(5), 1]);
    await rm(meta);
    const gone = await swarmroll(['ps', 'ghost'], { env: broken.env });
    expectError(gone, 1, `there is no context "cracked" in ${join(broken.home, '.docker/contexts')}`);
  });
});
