/** A user of docker with a home folder and contexts of their own, and none of docker's variables set. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { orThrow, run } from '../support/swarm.ts';
import type { Ended } from '../support/swarm.ts';

/** The variables that docker reads. Older versions take an empty variable as set. */
const UNSET = {
  DOCKER_HOST: undefined,
  DOCKER_CONTEXT: undefined,
  DOCKER_CONFIG: undefined,
  DOCKER_TLS: undefined,
  DOCKER_TLS_VERIFY: undefined,
  DOCKER_CERT_PATH: undefined,
  DOCKER_API_VERSION: undefined,
  DOCKER_CUSTOM_HEADERS: undefined,
  HTTP_PROXY: undefined,
  HTTPS_PROXY: undefined,
  NO_PROXY: undefined,
  http_proxy: undefined,
  https_proxy: undefined,
  no_proxy: undefined,
};

export interface User {
  /** The home folder; removed after the file's tests. */
  readonly home: string;
  /** The environment for docker and swarmroll. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Runs the real docker client. @throws when its exit code is not 0 */
  readonly docker: (...args: readonly string[]) => Promise<Ended>;
}

/** Makes a user for the tests of a file. The path of the home folder contains spaces on purpose. */
export function newUser(prefix = 'swarmroll user '): User {
  const home = mkdtempSync(join(tmpdir(), prefix));
  afterAll(() => rmSync(home, { recursive: true }));
  const env = { ...UNSET, HOME: home };
  return { home, env, docker: orThrow((args) => run('docker', args, { env })) };
}
