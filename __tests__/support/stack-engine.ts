/** A docker that deploys to the fake engine, for tests of `stack deploy` in process. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import type { ServiceSpec } from '../../src/api/service.ts';
import { fakeDocker } from './fake-engine/docker.ts';
import type { ComposeFile } from './fake-engine/docker.ts';
import { fakeEngine } from './fake-engine/engine.ts';
import { run } from './fake-world.ts';
import type { Ended, WorldOptions } from './fake-world.ts';

const folder = mkdtempSync(join(tmpdir(), 'swarmroll-stack-'));
afterAll(() => rmSync(folder, { recursive: true }));

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

/** An engine, and functions that run commands with the docker of these tests. */
export function stackEngine() {
  const engine = fakeEngine();
  const runFile = (
    verb: 'deploy' | 'diff',
    compose: ComposeFile,
    flags: readonly string[],
    world: WorldOptions = {},
  ): Promise<Ended> => {
    const file = join(folder, 'compose.json');
    writeFileSync(file, JSON.stringify(compose));
    return run(['stack', verb, '-c', file, ...flags, 'app'], { engine, spawn: fakeDocker, ...world });
  };
  const stack =
    (verb: 'deploy' | 'diff') =>
    (compose: ComposeFile, ...flags: readonly string[]): Promise<Ended> =>
      runFile(verb, compose, flags);
  const [deployFile, diffFile] = [stack('deploy'), stack('diff')];
  type Services = ComposeFile['services'];
  const deploy = (services: Services, ...flags: readonly string[]) => deployFile({ services }, ...flags);
  const diff = (services: Services, ...flags: readonly string[]) => diffFile({ services }, ...flags);
  return { engine, deploy, diff, deployFile, diffFile, runFile };
}
