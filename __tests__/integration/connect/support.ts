/** A user of docker with settings of their own: a home folder, contexts, and nothing set in the environment. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { orThrow, run } from '../support/swarm.ts';
import type { Ended } from '../support/swarm.ts';

/** What docker reads of the environment; older ones take what is empty for set. */
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
  /** The home folder; removed when the file's tests are over. */
  readonly home: string;
  /** The environment to run docker and swarmroll with. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The real docker client. @throws when it does not end with 0 */
  readonly docker: (...args: readonly string[]) => Promise<Ended>;
}

/** A new user, for the tests of a file; that the path of the home folder has a space is to be borne. */
export function newUser(prefix = 'swarmroll user '): User {
  const home = mkdtempSync(join(tmpdir(), prefix));
  afterAll(() => rmSync(home, { recursive: true }));
  const env = { ...UNSET, HOME: home };
  return { home, env, docker: orThrow((args) => run('docker', args, { env })) };
}
