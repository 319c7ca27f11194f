/** Installs the Docker CLI plugin: a symbolic link to the executable in docker's folder of plugins. */
import { mkdir, readlink, symlink, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SwarmrollError } from '../errors.ts';
import { configDirOf } from '../connection/docker-config.ts';
import type { ConfigSource } from '../connection/docker-config.ts';

/** The path at which docker finds the plugin `docker swarmroll` (docker/cli cli-plugins/manager, getPluginDirs). */
export function pluginPath(source: ConfigSource): string {
  return join(configDirOf(source), 'cli-plugins', 'docker-swarmroll');
}

/**
 * Makes the link. A link to another copy of swarmroll is replaced.
 * @param path the path of the link
 * @param executable the path that the link points to
 * @returns false if the link was there already
 * @throws SwarmrollError `failed` if the path is something else, or the folder cannot be written
 */
export async function installPlugin(path: string, executable: string): Promise<boolean> {
  const there = await linkAt(path);
  if (there === executable) return false;
  try {
    await mkdir(dirname(path), { recursive: true });
    if (there !== undefined) await unlink(path);
    await symlink(executable, path);
  } catch (error) {
    throw cannot('create', path, error);
  }
  return true;
}

/**
 * Removes the link.
 * @returns false if there was none
 * @throws SwarmrollError `failed` if the path is something else, or the link cannot be removed
 */
export async function removePlugin(path: string): Promise<boolean> {
  if ((await linkAt(path)) === undefined) return false;
  await unlink(path).catch((error: unknown) => {
    throw cannot('remove', path, error);
  });
  return true;
}

/**
 * The target of swarmroll's link; undefined if there is no such path. The target itself need not exist.
 * @throws SwarmrollError `failed` if the path is something else, or cannot be read
 */
async function linkAt(path: string): Promise<string | undefined> {
  let target: string;
  try {
    target = await readlink(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'EINVAL') throw notOurs(path);
    throw cannot('read', path, error);
  }
  if (!/[/\\]dist[/\\]cli\.js$/.test(target)) throw notOurs(path);
  return target;
}

const notOurs = (path: string): SwarmrollError =>
  new SwarmrollError('failed', `${path} exists and was not created by swarmroll: it was not changed`, {
    hint: 'check what it is, move it away, and run the command again',
  });

const cannot = (action: string, path: string, cause: unknown): SwarmrollError =>
  new SwarmrollError('failed', `cannot ${action} ${path}: ${(cause as Error).message}`, { cause });
