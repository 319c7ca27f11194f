/** The engine of the benchmarks: the test swarm's manager, over its Unix socket, as with a local docker. */
import { execFileSync } from 'node:child_process';

const { SWARMROLL_TEST_MANAGER: manager, SWARMROLL_TEST_OUTER_HOST: outer } = process.env;

/** The process id of its dockerd on this machine, outside of its container. */
export const DOCKERD = Number(/^\s*(\d+)\s+dockerd$/m.exec(processes())?.[1]);
if (Number.isNaN(DOCKERD)) throw new Error(`no dockerd in ${manager}`);

/** The path of its socket on this machine. */
export const SOCKET = `/proc/${DOCKERD}/root/run/docker.sock`;

function processes() {
  return execFileSync('docker', ['-H', outer, 'top', manager, '-eo', 'pid,comm'], { encoding: 'utf8' });
}
