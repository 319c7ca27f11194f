/** The protocol between docker and its plugins: metadata, and the end of the docker process. */
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Program } from '../world.ts';

/**
 * How the user started this program: by its own name or as a plugin of docker.
 * @param path the path of the executable as it was called, with symbolic links not resolved
 */
export function programOf(path: string): Program {
  return /^docker-swarmroll(\.|$)/.test(basename(path)) ? 'docker swarmroll' : 'swarmroll';
}

/** The command that docker runs to get a plugin's metadata (docker/cli cli-plugins/metadata, MetadataSubcommandName). */
export const METADATA = 'docker-cli-plugin-metadata';

/** The metadata, as JSON: https://pkg.go.dev/github.com/docker/cli/cli-plugins/metadata#Metadata */
export function metadata(version: string): string {
  return JSON.stringify({
    SchemaVersion: '0.1.0',
    Vendor: 'swarmroll',
    Version: version,
    ShortDescription: 'Roll out Docker Swarm services and report honestly how each rollout ended',
  });
}

/** The interval between checks of docker's socket, in milliseconds. */
const POLL_INTERVAL = 250;

/**
 * Waits until docker closes the socket that it opened for this plugin (DOCKER_CLI_PLUGIN_SOCKET). Docker closes it when
 * docker gets a signal; without a terminal, the plugin itself gets none. Plugins are meant to stay connected to the
 * socket (docker/cli cli-plugins/socket), but on Linux it is an abstract socket, and Node 20 cannot connect to those. So
 * this polls whether the socket exists. If it does not exist at the start, the promise never settles.
 * @param socket the value of DOCKER_CLI_PLUGIN_SOCKET: a path, or `@NAME` for an abstract socket
 */
export async function dockerEnded(socket: string, { sleep }: Pick<Clock, 'sleep'>): Promise<void> {
  if (!isOpen(socket)) return new Promise(() => undefined);
  while (isOpen(socket)) await sleep(POLL_INTERVAL);
}

/** Whether a socket exists. The kernel lists abstract sockets in /proc/net/unix, with the same `@NAME`. */
function isOpen(socket: string): boolean {
  if (!socket.startsWith('@')) return existsSync(socket);
  try {
    return readFileSync('/proc/net/unix', 'latin1').includes(` ${socket}\n`);
  } catch {
    return false;
  }
}
