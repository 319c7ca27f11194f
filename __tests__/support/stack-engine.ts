/** A docker program that deploys to the fake engine, for tests of `stack deploy` in process. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
// Jest compiles in a child process. The fake clock takes that for docker, so nothing is compiled while a command runs.
import '../../src/stack/show.ts';
import '../../src/stack/undo.ts';
import '../../src/undo/undo-changes.ts';
import '../../src/watch/watch-changes.ts';
import '../../src/send/lost-answer.ts';
import '../../src/scheduler/placement.ts';
import type { ServiceSpec } from '../../src/api/service.ts';
import { ROOT } from './command.ts';
import { fakeEngine } from './fake-engine/engine.ts';
import type { FakeEngine } from './fake-engine/engine.ts';
import { run } from './fake-world.ts';
import type { Ended, WorldOptions } from './fake-world.ts';

const folder = mkdtempSync(join(tmpdir(), 'swarmroll-stack-'));
const docker = join(folder, 'docker');
const program = join(ROOT, '__tests__/support/fake-engine/docker.mjs');
writeFileSync(docker, `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
chmodSync(docker, 0o755);
const engines: FakeEngine[] = [];
afterAll(() => {
  for (const engine of engines) engine.close();
  rmSync(folder, { recursive: true });
});

const config = (FailureAction: string) => ({
  Parallelism: 1,
  Monitor: 5e8,
  MaxFailureRatio: 0,
  FailureAction,
});

/** A service of the compose file. */
export const spec = (
  Image: string,
  onFailure = 'pause',
  changes: Partial<ServiceSpec> = {},
): ServiceSpec => ({
  TaskTemplate: { ContainerSpec: { Image }, Resources: {}, RestartPolicy: { Delay: 5e8 } },
  Mode: { Replicated: { Replicas: 1 } },
  UpdateConfig: config(onFailure),
  RollbackConfig: config('pause'),
  EndpointSpec: { Mode: 'vip' },
  ...changes,
});

/** The compose file of these tests: specs (fake-engine/docker.mjs). */
export interface ComposeFile {
  readonly services: Readonly<Record<string, ServiceSpec>>;
  readonly secrets?: Readonly<Record<string, object>>;
  readonly configs?: Readonly<Record<string, object>>;
  readonly depends_on?: Readonly<Record<string, readonly string[]>>;
}

/** An engine that listens, and functions that run commands with the docker of these tests. */
export async function stackEngine() {
  const engine = fakeEngine();
  const socket = join(folder, `${engines.push(engine)}.sock`);
  await engine.listen(socket);
  const env = { PATH: `${folder}:/usr/bin:/bin`, DOCKER_HOST: `unix://${socket}` };
  const runFile = (
    verb: 'deploy' | 'diff',
    compose: ComposeFile,
    flags: readonly string[],
    world: WorldOptions = {},
  ): Promise<Ended> => {
    const file = join(folder, 'compose.json');
    writeFileSync(file, JSON.stringify(compose));
    const changes = { env, ...world.changes };
    return run(['stack', verb, '-c', file, ...flags, 'app'], { engine, ...world, changes });
  };
  const stack =
    (verb: 'deploy' | 'diff') =>
    (compose: ComposeFile, ...flags: readonly string[]): Promise<Ended> =>
      runFile(verb, compose, flags);
  const [deployFile, diffFile] = [stack('deploy'), stack('diff')];
  type Services = ComposeFile['services'];
  const deploy = (services: Services, ...flags: readonly string[]) => deployFile({ services }, ...flags);
  const diff = (services: Services, ...flags: readonly string[]) => diffFile({ services }, ...flags);
  return { engine, env, deploy, diff, deployFile, diffFile, runFile };
}
