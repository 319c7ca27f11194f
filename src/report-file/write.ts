/** Writes files whole or not at all. */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** The path behind symbolic links; the same if there is no such file. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

const temporary = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);

/** Why a file cannot be written, without writing it; undefined if it can. */
export function whyNotWritable(to: string): string | undefined {
  const path = realPath(to);
  try {
    const there = statSync(path, { throwIfNoEntry: false });
    if (there?.isDirectory() === true) return 'it is a folder';
    if (there !== undefined && !there.isFile()) return 'it is not a file';
    const beside = temporary(path);
    closeSync(openSync(beside, 'wx'));
    rmSync(beside);
    return undefined;
  } catch (error) {
    return reasonOf(error, path);
  }
}

/** Writes a file. Until it is complete, the path has what it had before. @throws Error with the reason as its message */
export function writeWhole(to: string, text: string): void {
  const path = realPath(to);
  const beside = temporary(path);
  try {
    writeFileSync(beside, text, { flag: 'wx' });
    const { mode } = statSync(path, { throwIfNoEntry: false }) ?? {};
    if (mode !== undefined) chmodSync(beside, mode);
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    // Nothing can take the place of a file that is mounted into a container.
    if ((error as NodeJS.ErrnoException).code === 'EBUSY') {
      writeFileSync(path, text);
      return;
    }
    throw new Error(reasonOf(error, path), { cause: error });
  }
}

const REASONS: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) => `there is no folder ${dirname(path)}`,
  ENOTDIR: (path) => `${dirname(path)} is not a folder`,
  EACCES: (path) => `no permission to write in ${dirname(path)}`,
  EPERM: (path) => `no permission to write in ${dirname(path)}`,
  EROFS: (path) => `${dirname(path)} is read-only`,
  ENOSPC: (path) => `no space is left in ${dirname(path)}`,
};

function reasonOf(error: unknown, path: string): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return REASONS[code]?.(path) ?? message;
}
