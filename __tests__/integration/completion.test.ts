/** Completion in a real bash with names from the engine: all kinds of names, its timeout, and an engine without answers. */
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  EXECUTABLE,
  image,
  orThrow,
  removeServices,
  run,
  swarm,
  swarmroll,
  uniqueName,
  until,
} from './support/swarm.ts';
import type { Ended } from './support/swarm.ts';
import { NOWHERE } from './rollout/support.ts';

/** The prefix of all names in this test. Each name ends with its kind. */
const stem = uniqueName('complete');

let folder: string;
let env: Record<string, string>;

const docker = orThrow((words) => run('docker', words, { env, input: 'x' }));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swarmroll-'));
  await symlink(EXECUTABLE, join(folder, 'swarmroll'));
  env = { DOCKER_CONFIG: folder, PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` };
  await docker('secret', 'create', `${stem}-secret`, '-');
  await docker('config', 'create', `${stem}-config`, '-');
  await docker('network', 'create', '--driver', 'overlay', `${stem}-network`);
  await docker('context', 'create', `${stem}-context`, '--docker', `host=${swarm.host}`);
  const words = ['--name', `${stem}-service`, '--constraint', NOWHERE, image('ping', '1.0')];
  expect((await swarmroll(['create', '-d', ...words])).code).toBe(0);
});
afterAll(async () => {
  await Promise.allSettled([
    removeServices(`${stem}-service`),
    ...['secret', 'config', 'network'].map((kind) => docker(kind, 'rm', `${stem}-${kind}`)),
  ]);
  await rm(folder, { recursive: true });
});

/** The candidates of bash for the last of the words (COMP_WORDS). */
async function inBash(words: readonly string[], more: Record<string, string> = {}): Promise<Ended> {
  const script = `eval "$(swarmroll completion bash)"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _swarmroll
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  return run('bash', ['--norc', '-c', script, 'bash', 'swarmroll', ...words], { env: { ...env, ...more } });
}

/** Polls until the name is a candidate: a busy engine may not answer before the timeout of completion. */
const offered = (words: readonly string[], kind: string, more?: Record<string, string>) =>
  until(`bash to offer the ${kind}`, async () => {
    const { stdout, stderr } = await inBash(words, more);
    expect(stderr).toBe('');
    expect(['\n', `${stem}-${kind}\n`]).toContain(stdout);
    return stdout !== '\n' || undefined;
  });

test.each([
  [['ps', stem], 'service'],
  [['update', '--force', stem], 'service'],
  [['create', '--network', stem], 'network'],
  [['update', '--network-add', '=', stem], 'network'],
  [['update', '--network-rm', stem], 'network'],
  [['create', '--secret', stem], 'secret'],
  [['update', '--secret-rm', stem], 'secret'],
  [['create', '--config', stem], 'config'],
  [['update', '--config-add', stem], 'config'],
  [['ps', '--context', stem], 'context'],
])('%j', (words, kind) => offered(words, kind));

test('the connection flags of the command line select the engine', async () => {
  const elsewhere = { DOCKER_HOST: 'tcp://127.0.0.1:1' };
  const [scheme = '', address = '', port = ''] = swarm.host.split(':');
  await offered(['-H', scheme, ':', address, ':', port, 'ps', stem], 'service', elsewhere);
  await offered(['ps', '--context', `${stem}-context`, stem], 'service', { DOCKER_HOST: '' });
  expect((await inBash(['ps', stem], elsewhere)).stdout).toBe('\n');
});

test('completion does not wait for an engine that never answers', async () => {
  const silent = net.createServer();
  await new Promise<void>((resolve) => silent.listen(join(folder, 'silent.sock'), resolve));
  const options = { env: { ...env, DOCKER_HOST: `unix://${folder}/silent.sock` } };
  const ended = await run('swarmroll', ['__complete', '--', 'ps', ''], options);
  silent.close();
  expect(ended).toMatchObject({ code: 0, stdout: '', stderr: '' });
});

test("docker's completion uses the plugin", async () => {
  expect((await swarmroll(['plugin', 'install'], { env })).code).toBe(0);
  const asked = (...words: readonly string[]) =>
    run(join(folder, 'cli-plugins/docker-swarmroll'), ['__complete', 'swarmroll', ...words], { env });
  await until('the plugin to offer the service', async () => {
    const { stdout } = await asked('ps', stem);
    return stdout === `${stem}-service\n:4\n` || undefined;
  });
  expect((await asked('rol')).stdout).toBe('rollback\n:4\n');
  expect((await asked('create', '--update-order=')).stdout).toBe('stop-first\nstart-first\n:4\n');
});
