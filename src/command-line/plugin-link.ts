/** Docker's folder of plugins: a symbolic link there makes docker know us. */
import { mkdir, readlink, symlink, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SwarmrollError } from '../errors.ts';
import { configDirOf } from '../connection/docker-config.ts';
import type { ConfigSource } from '../connection/docker-config.ts';

/** Where docker looks for `docker swarmroll`. */
export function pluginPath(source: ConfigSource): string {
  return join(configDirOf(source), 'cli-plugins', 'docker-swarmroll');
}

/**
 * Has the link lead to the executable; a link of ours to another place is replaced.
 * @returns whether there was anything to do
 * @throws SwarmrollError `failed` where something else has that name, or the folder can't be written
 */
export async function installPlugin(path: string, executable: string): Promise<boolean> {
  const there = await linkAt(path);
  if (there === executable) return false;
  try {
    await mkdir(dirname(path), { recursive: true });
    if (there !== undefined) await unlink(path);
    await symlink(executable, path);
  } catch (error) {
    throw cannot('make', path, error);
  }
  return true;
}

/**
 * Takes the link away.
 * @returns whether there was one
 * @throws SwarmrollError `failed` where something else has that name, or it can't be removed
 */
export async function removePlugin(path: string): Promise<boolean> {
  if ((await linkAt(path)) === undefined) return false;
  await unlink(path).catch((error: unknown) => {
    throw cannot('remove', path, error);
  });
  return true;
}

/** Where our link leads, undefined where there is none; one that leads nowhere any more is still ours. */
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
  new SwarmrollError('failed', `${path} is there already, and not made by swarmroll: it is left as it is`, {
    hint: 'look what it is; once it is out of the way, run this again',
  });

const cannot = (what: string, path: string, cause: unknown): SwarmrollError =>
  new SwarmrollError('failed', `cannot ${what} ${path}: ${(cause as Error).message}`, { cause });
