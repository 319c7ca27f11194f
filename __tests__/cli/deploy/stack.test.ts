/** `stack deploy`: with a docker program that deploys to the fake engine, what is watched, told and put back. */
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import type { ServiceSpec } from '../../../src/api/service.ts';
import { fakeEngine } from '../../support/fake-engine/engine.ts';
import type { FakeEngine } from '../../support/fake-engine/engine.ts';
import { run } from '../../support/fake-world.ts';
import { ROOT } from '../../support/command.ts';

const folder = mkdtempSync(join(tmpdir(), 'swarmroll-stack-'));
const docker = join(folder, 'docker');
const program = join(ROOT, '__tests__/support/fake-engine/docker.mjs');
writeFileSync(docker, `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
chmodSync(docker, 0o755);
/** A PATH without docker. */
const empty = mkdtempSync(join(tmpdir(), 'swarmroll-empty-'));
symlinkSync(process.execPath, join(empty, 'node'));
const engines: FakeEngine[] = [];
afterAll(() => {
  for (const engine of engines) engine.close();
  for (const made of [folder, empty]) rmSync(made, { recursive: true });
});

const config = (FailureAction: string) => ({
  Parallelism: 1,
  Monitor: 5e8,
  MaxFailureRatio: 0,
  FailureAction,
});

/** A service of the compose file. */
const spec = (Image: string, onFailure = 'pause', changes: Partial<ServiceSpec> = {}): ServiceSpec => ({
  TaskTemplate: { ContainerSpec: { Image }, RestartPolicy: { Delay: 5e8 } },
  Mode: { Replicated: { Replicas: 1 } },
  UpdateConfig: config(onFailure),
  RollbackConfig: config('pause'),
  EndpointSpec: { Mode: 'vip' },
  ...changes,
});

/** An engine that listens, and a function that deploys the services with the docker of these tests. */
async function stackEngine() {
  const engine = fakeEngine();
  const socket = join(folder, `${engines.push(engine)}.sock`);
  await engine.listen(socket);
  const env = { PATH: `${folder}:/usr/bin:/bin`, DOCKER_HOST: `unix://${socket}` };
  const deploy = (services: Readonly<Record<string, ServiceSpec>>, ...flags: readonly string[]) => {
    const file = join(folder, 'compose.json');
    writeFileSync(file, JSON.stringify({ services }));
    return run(['stack', 'deploy', '-c', file, ...flags, 'app'], { engine, changes: { env } });
  };
  return { engine, env, deploy };
}

test('a new stack, the same again, and a change: each service is told and judged', async () => {
  const { engine, deploy } = await stackEngine();
  const both = { api: spec('ping:1.0'), web: spec('ping:1.0') };
  const created = await deploy(both);
  expect(created).toMatchObject({ code: 0, stdout: 'app_api  converged\napp_web  converged\n' });
  expect(created.stderr).toMatch(/^Creating service app_api\nCreating service app_web\n/);
  expect(created.stderr).toContain('app_api: created\napp_web: created\n');

  const same = await deploy(both);
  expect(same.code).toBe(0);
  expect(same.stderr).toContain('app_api: unchanged\napp_web: unchanged\n');

  const changed = await deploy({ ...both, web: spec('ping:1.1') });
  expect(changed.code).toBe(0);
  expect(changed.stderr).toContain('app_api: unchanged\napp_web: changed\n');
  expect(engine.states('app_web')).toEqual({ 'ping:1.1 running': 1 });
});

test.each([
  ['paused', 'pause', 'paused', 4],
  ['rolled back by the engine', 'rollback', 'rolledBack', 3],
  ['failing for ever', 'continue', 'failed', 5],
])('one is %s', async (_, onFailure, verdict, code) => {
  const { deploy } = await stackEngine();
  await deploy({ api: spec('ping:1.0'), web: spec('ping:1.0', onFailure) });
  const ended = await deploy({ api: spec('ping:1.1'), web: spec('crash:1.0', onFailure) });
  expect(ended).toMatchObject({ code, stdout: `app_api  converged\napp_web  ${verdict}\n` });
});

test('--rollback-on-failure: changed ones go back, the new one is removed, the pruned one is there again: 3', async () => {
  const { engine, deploy } = await stackEngine();
  await deploy({ a: spec('ping:1.0'), b: spec('ping:1.0'), old: spec('ping:1.0') });
  const before = ['app_a', 'app_b', 'app_old'].map((name) => engine.stored(name).Spec);
  const next = { a: spec('crash:1.0'), b: spec('ping:1.1'), fresh: spec('ping:1.0') };
  const { code, stdout, stderr } = await deploy(next, '--rollback-on-failure', '--prune');
  expect({ code, stdout }).toEqual({
    code: 3,
    stdout: 'app_a      rolledBack\napp_b      rolledBack\napp_fresh  rolledBack\napp_old    rolledBack\n',
  });
  expect(stderr).toContain('app_a: changed\napp_b: changed\napp_fresh: created\napp_old: removed\n');
  expect(['app_a', 'app_b', 'app_old'].map((name) => engine.stored(name).Spec)).toEqual(before);
  expect(() => engine.stored('app_fresh')).toThrow('no service');
});

test('docker fails half-way: 1 and its words; with --rollback-on-failure, what it has changed by then goes back', async () => {
  const { engine, deploy } = await stackEngine();
  const port = { EndpointSpec: { Ports: [{ PublishedPort: 80, TargetPort: 80 }] } };
  engine.given('other', 'ping:1.0', port);
  await deploy({ a: spec('ping:1.0') });
  const before = engine.stored('app_a').Spec;
  const next = { a: spec('ping:1.1'), b: spec('ping:1.0', 'pause', port) };
  const plain = await deploy(next);
  expect(plain).toMatchObject({ code: 1, stdout: '' });
  expect(plain.stderr).toMatch(/^swarmroll: .*port '80' is already in use by service 'other'/m);
  await deploy({ a: spec('ping:1.0') });
  const { code } = await deploy(next, '--rollback-on-failure');
  expect({ code, spec: engine.stored('app_a').Spec }).toEqual({ code: 1, spec: before });
});

test('--detach: accepted, the tasks are not read', async () => {
  const { engine, deploy } = await stackEngine();
  expect(await deploy({ web: spec('crash:1.0') }, '-d')).toMatchObject({
    code: 0,
    stdout: 'app_web  accepted\n',
  });
  expect(engine.requests.filter((line) => line.startsWith('GET /tasks'))).toEqual([]);
});

test('no docker on the PATH: 1, and what to install', async () => {
  const { engine, env } = await stackEngine();
  const words = ['stack', 'deploy', '-c', 'a.yml', 'app'];
  const { code, stdout, stderr } = await run(words, { engine, changes: { env: { ...env, PATH: empty } } });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(
    /^swarmroll: cannot run docker: .*\n {2}install the Docker CLI, version 26 or newer/,
  );
});
