/** As a plugin of docker: what docker asks its plugins, and how it tells them to end. */
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Program } from '../world.ts';

/** @param path the executable as it was called, symbolic links and all */
export function programOf(path: string): Program {
  return /^docker-swarmroll(\.|$)/.test(basename(path)) ? 'docker swarmroll' : 'swarmroll';
}

/** The word with which docker asks a plugin what it is. */
export const METADATA = 'docker-cli-plugin-metadata';

/** The answer: https://pkg.go.dev/github.com/docker/cli/cli-plugins/metadata#Metadata */
export function metadata(version: string): string {
  return JSON.stringify({
    SchemaVersion: '0.1.0',
    Vendor: 'swarmroll',
    Version: version,
    ShortDescription: 'Roll out Docker Swarm services, and say honestly how it ended',
  });
}

/** Milliseconds between two looks for docker. */
const PAUSE = 250;

/**
 * Waits for docker to close the socket that it opened for us (DOCKER_CLI_PLUGIN_SOCKET): so it hands a signal on
 * where there is no terminal to do it. Plugins are meant to hold a connection to it, but Node 20 can't connect to
 * an abstract socket, as docker's are on Linux; so this looks whether the socket is there. Where that can't be
 * seen, it waits for ever.
 */
export async function dockerEnded(socket: string, { sleep }: Pick<Clock, 'sleep'>): Promise<void> {
  if (!isOpen(socket)) return new Promise(() => undefined);
  while (isOpen(socket)) await sleep(PAUSE);
}

/** @param socket a path; or `@NAME` for an abstract socket, as the kernel lists them too */
function isOpen(socket: string): boolean {
  if (!socket.startsWith('@')) return existsSync(socket);
  try {
    return readFileSync('/proc/net/unix', 'latin1').includes(` ${socket}\n`);
  } catch {
    return false;
  }
}
