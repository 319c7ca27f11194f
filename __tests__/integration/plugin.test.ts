/** The Docker CLI plugin: a real docker client, as old as the engine, finds, runs and interrupts it. */
import { lstat, mkdir, mkdtemp, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { image, outer, run, said, start, storedService, swarm, swarmroll } from './support/swarm.ts';
import type { Ended } from './support/swarm.ts';
import { NOWHERE, PATIENT, QUICK, expectReport, given, serviceName } from './rollout/support.ts';
import { EXECUTABLE } from '../support/command.ts';

let folder: string;
/** The docker client of the manager's container: the one of this machine may be too old to pass signals to plugins. */
let client: string;
let env: Record<string, string>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swarmroll-'));
  client = join(folder, 'docker');
  env = { DOCKER_CONFIG: join(folder, 'config') };
  const { stdout } = await outer(['exec', swarm.manager, 'sh', '-c', 'readlink -f "$(command -v docker)"']);
  expect(await outer(['cp', `${swarm.manager}:${stdout.trim()}`, client])).toMatchObject({ code: 0 });
  expect(await swarmroll(['plugin', 'install'], { env })).toMatchObject({ code: 0, stderr: '' });
});
afterAll(() => rm(folder, { recursive: true }));

const docker = (...words: readonly string[]): Promise<Ended> => run(client, words, { env });

describe('swarmroll plugin', () => {
  const inFolder = (name: string) => {
    const config = join(folder, name);
    const link = join(config, 'cli-plugins/docker-swarmroll');
    const plugin = (what: string) => swarmroll(['plugin', what], { env: { DOCKER_CONFIG: config } });
    return { link, plugin };
  };

  test('install creates a link, a second install changes nothing, uninstall removes the link', async () => {
    const { link, plugin } = inFolder('new');
    const stdout = (word: string) => `docker swarmroll is ${word}: ${link} -> ${EXECUTABLE}\n`;
    expect(await plugin('install')).toMatchObject({ code: 0, stdout: stdout('installed'), stderr: '' });
    expect(await plugin('install')).toMatchObject({ code: 0, stdout: stdout('already installed') });
    expect(await readlink(link)).toBe(EXECUTABLE);
    expect(await plugin('uninstall')).toMatchObject({
      code: 0,
      stdout: `docker swarmroll is removed: ${link}\n`,
    });
    expect(await plugin('uninstall')).toMatchObject({
      code: 0,
      stdout: `docker swarmroll is not installed: ${link}\n`,
    });
  });

  test.each(['/gone/swarmroll/dist/cli.js', '/gone/bin/swarmroll', '/gone/swarmroll-linux-x64'])(
    'install replaces a link to another copy of swarmroll, %s',
    async (target) => {
      const { link, plugin } = inFolder(`moved${target}`);
      await mkdir(dirname(link), { recursive: true });
      await symlink(target, link);
      expect((await plugin('install')).code).toBe(0);
      expect(await readlink(link)).toBe(EXECUTABLE);
    },
  );

  test('install does not replace a link to another program', async () => {
    const { link, plugin } = inFolder('other');
    await mkdir(dirname(link), { recursive: true });
    await symlink('/gone/bin/other-swarmroll-tool', link);
    expect((await plugin('install')).stderr).toMatch(/^swarmroll: .* exists and was not created by/);
    expect(await readlink(link)).toBe('/gone/bin/other-swarmroll-tool');
  });

  test('a file that swarmroll did not create stays as it is', async () => {
    const { link, plugin } = inFolder('taken');
    await mkdir(dirname(link), { recursive: true });
    await writeFile(link, 'not ours');
    for (const what of ['install', 'uninstall']) {
      const ended = await plugin(what);
      expect(ended).toMatchObject({ code: 1, stdout: '' });
      expect(ended.stderr).toMatch(/^swarmroll: .*docker-swarmroll exists and was not created by/);
    }
    expect((await lstat(link)).isFile()).toBe(true);
  });
});

describe('docker', () => {
  test('lists the plugin and its command', async () => {
    const { stdout } = await docker('info', '--format', '{{json .ClientInfo.Plugins}}');
    // This machine may have other plugins, in system folders.
    expect(JSON.parse(stdout)).toContainEqual(
      expect.objectContaining({ Name: 'swarmroll', Vendor: 'swarmroll', SchemaVersion: '0.1.0' }),
    );
    expect((await docker('--help')).stdout).toMatch(/^ +swarmroll\* +Roll out Docker Swarm services/m);
  });

  test.each([
    [['swarmroll', '--help'], 'docker swarmroll COMMAND [flags] ...'],
    [['help', 'swarmroll'], 'docker swarmroll COMMAND [flags] ...'],
    [['swarmroll', 'help', 'ps'], 'docker swarmroll ps [flags] SERVICE [SERVICE...]'],
    [['swarmroll', 'ps', '--help'], 'docker swarmroll ps [flags] SERVICE [SERVICE...]'],
    [['help', 'swarmroll', 'ps'], 'docker swarmroll ps [flags] SERVICE [SERVICE...]'],
  ])('%j', async (words, usage) => {
    const { code, stdout, stderr } = await docker(...words);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.split('\n')[0]).toBe(`Usage: ${usage}`);
  });

  test('passes on the streams and the exit code of a rollout; the next commands start with docker', async () => {
    const name = serviceName('plugin');
    const created = await docker('swarmroll', 'create', '--name', name, ...QUICK, image('ping', '1.0'));
    const { ID } = await storedService(name);
    expect(created).toMatchObject({ code: 0, stdout: `${ID}\n` });
    expect(created.stderr).toContain(`verify: Service ${name} converged\n`);

    const words = [...PATIENT, '--image', image('crash', '1.0'), name];
    const paused = await docker('swarmroll', 'update', ...words);
    expect(paused.code).toBe(4);
    expectReport(paused, /paused the update/);
    expect(paused.stderr).toContain(`\n  docker swarmroll rollback ${name}   # `);

    const back = await docker('swarmroll', 'rollback', name);
    expect(back).toMatchObject({ code: 0, stdout: `${name}\n` });
  });

  test('passes on the exit codes 1, 2 and 124', async () => {
    expect((await docker('swarmroll', 'ps', 'nope')).code).toBe(1);
    const wrong = await docker('swarmroll', 'ps', '--nope', 'web');
    expect(wrong).toMatchObject({ code: 2, stdout: '', stderr: 'swarmroll: unknown flag: --nope\n' });
    const name = serviceName('plugin-timeout');
    const words = ['--name', name, '--timeout', '1s', '--constraint', NOWHERE, image('ping', '1.0')];
    expect((await docker('swarmroll', 'create', ...words)).code).toBe(124);
  });

  test('accepts its own flags before and after the name of the plugin', async () => {
    const name = await given('plugin-flags', ...QUICK, image('ping', '1.0'));
    const { stdout } = await swarmroll(['ps', '-q', name]);
    const elsewhere = { ...env, DOCKER_HOST: 'tcp://127.0.0.1:1' };
    const context = ['context', 'create', 'test.swarm', '--docker', `host=${swarm.host}`];
    expect(await docker(...context)).toMatchObject({ code: 0 });
    for (const words of [
      ['--context', 'test.swarm', 'swarmroll', 'ps', '-q', name],
      ['-c=test.swarm', '--config', env['DOCKER_CONFIG'] ?? '', 'swarmroll', 'ps', '-q', name],
      ['swarmroll', '--context', 'test.swarm', 'ps', '-q', name],
      ['-H', swarm.host, 'swarmroll', 'ps', '-q', name],
      [`--host=${swarm.host}`, '-D', '-l', 'debug', 'swarmroll', 'ps', '-q', name],
      ['--log-level=error', 'swarmroll', '-H', swarm.host, 'ps', '-q', name],
      ['swarmroll', 'ps', '-q', name, '-H', swarm.host],
    ]) {
      expect(await run(client, words, { env: elsewhere })).toMatchObject({ code: 0, stdout });
    }
  });

  test('ends the watch after a signal that only docker gets, without a terminal', async () => {
    const name = serviceName('plugin-signal');
    const words = ['swarmroll', 'create', '--name', name, '--constraint', NOWHERE, image('ping', '1.0')];
    const rollout = start(client, words, { env });
    await said(rollout, /pending/);
    rollout.child.kill('SIGTERM');
    const { code, stderr } = await rollout.ended;
    expect(code).toBe(143);
    expect(stderr).toContain(`swarmroll: ${name}: stopped watching (0 out of 1 tasks); the rollout goes on`);
    expect(stderr).toContain(`\n  docker swarmroll ps ${name}   # `);
  });

  test('works if the link of the plugin has no target', async () => {
    const config = join(folder, 'dangling');
    await mkdir(join(config, 'cli-plugins'), { recursive: true });
    await symlink(join(folder, 'gone/dist/cli.js'), join(config, 'cli-plugins/docker-swarmroll'));
    const broken = { env: { DOCKER_CONFIG: config } };
    expect((await run(client, ['service', 'ls', '-q'], broken)).code).toBe(0);
    expect((await run(client, ['info', '--format', '{{.Name}}'], broken)).stdout).toBe('manager\n');
    expect((await run(client, ['swarmroll', 'ps', 'web'], broken)).code).not.toBe(0);
  });
});
