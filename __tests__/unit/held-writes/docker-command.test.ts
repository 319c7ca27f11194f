/** How the docker that is run ends, and what is said then. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import type { Call } from '../../../src/command-line/command.ts';
import { runDocker } from '../../../src/held-writes/docker-command.ts';
import { composeFiles, dockerRuns } from '../../../src/held-writes/docker-runs.ts';
import { spawnProgram } from '../../../src/spawn-program.ts';
import { fakeWorld } from '../../support/fake-world.ts';

/** A docker that is a script, and what it runs with. */
function scripted(script: string, env: Readonly<Record<string, string>> = {}) {
  const path = join(folder, 'docker');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  const { signal: interrupted } = new AbortController();
  const world: Parameters<typeof runDocker>[1] = {
    env: { PATH: `${folder}:/usr/bin:/bin`, ...env },
    interrupted,
    waits: (_, reply) => reply,
    spawn: spawnProgram,
  };
  return world;
}

const folder = mkdtempSync(join(tmpdir(), 'swarmroll-command-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a docker that a signal ends without a word: it is the signal that is told, not an error of docker', async () => {
  const path = join(folder, 'docker');
  writeFileSync(path, '#!/bin/sh\nexec sleep 600\n');
  chmodSync(path, 0o755);
  const interrupt = new AbortController();
  const running = runDocker(['stack', 'deploy'], {
    env: { PATH: `${folder}:/usr/bin:/bin` },
    interrupted: interrupt.signal,
    waits: (_, reply) => reply,
    spawn: spawnProgram,
  });
  interrupt.abort('SIGINT');
  await expect(running).rejects.toBe('SIGINT');
});

test('an end without a message is told with the command', async () => {
  await expect(runDocker(['stack', 'deploy', 'app'], scripted('exit 3'))).rejects.toThrow(
    'docker stack deploy ended with exit code 3 and no error message',
  );
});

test('only a docker that connects to our socket is without the variables of TLS', async () => {
  const world = scripted('env', { DOCKER_TLS_VERIFY: '1', DOCKER_CLI_PLUGIN_SOCKET: 'x', DOCKER_X: '2' });
  const { output: ofConfig } = await runDocker(['stack', 'config'], world);
  expect(ofConfig).toContain('DOCKER_TLS_VERIFY=1\n');
  expect(ofConfig).not.toContain('DOCKER_CLI_PLUGIN');
  const { output: ofDeploy } = await runDocker(['--host=unix:///x', 'stack', 'deploy'], world);
  expect(ofDeploy).not.toContain('DOCKER_TLS_VERIFY');
  expect(ofDeploy).toContain('DOCKER_X=2\n');
});

test('the docker that gets a stack file made of Compose files is without the variables that are empty there', async () => {
  const world = scripted('/bin/cat > /dev/null; env >&2', { EMPTY: 'secret', KEPT: 'x' });
  const made = { text: Buffer.from('{}'), dependencies: new Map(), hiddenVariables: ['EMPTY'] };
  const runs = await dockerRuns(
    { given: new Map(), world: { ...fakeWorld().world, ...world } } as unknown as Call,
    { stack: 'app', dockerFlags: [], isOrdered: true, made },
  );
  const env = await runs.deploy('unix:///x');
  expect(env).toContain('KEPT=x\n');
  expect(env).not.toContain('secret');
});

test('two files that can be read only once: both are named', async () => {
  await expect(
    composeFiles(['-', 'a.yml', '/dev/fd/63'], fakeWorld().world as Call['world']),
  ).rejects.toThrow('- and /dev/fd/63: only one Compose file can come from standard input or from a pipe');
});
