/** The engine that is asked: the test swarm's manager, by its own socket, as where docker is at home. */
import { execFileSync } from 'node:child_process';

const { SWARMROLL_TEST_MANAGER: manager, SWARMROLL_TEST_OUTER_HOST: outer } = process.env;

/** The process id of its dockerd as seen from outside of its container: it runs on this machine. */
export const DOCKERD = Number(/^\s*(\d+)\s+dockerd$/m.exec(processes())?.[1]);
if (Number.isNaN(DOCKERD)) throw new Error(`no dockerd in ${manager}`);

/** The path of its socket. */
export const SOCKET = `/proc/${DOCKERD}/root/run/docker.sock`;

function processes() {
  return execFileSync('docker', ['-H', outer, 'top', manager, '-eo', 'pid,comm'], { encoding: 'utf8' });
}
