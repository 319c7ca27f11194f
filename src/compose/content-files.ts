/** Files with the content of configs and secrets, for docker alone. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { SwarmrollError } from '../errors.ts';

/** A file of a folder. */
export interface FileToWrite {
  readonly path: string;
  readonly text: string;
}

/**
 * Writes new files that only this user can read. A file or a symbolic link of the same name is removed before.
 * @param folder is made if it is not there
 * @throws SwarmrollError `failed`
 */
export function writeFiles(folder: string, files: readonly FileToWrite[]): void {
  if (files.length === 0) return;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const { path, text } of files) {
      rmSync(path, { force: true });
      writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
    }
  } catch (error) {
    const { code = 'no reason given' } = error as { code?: string };
    throw new SwarmrollError(
      'failed',
      `cannot write the files for configs and secrets to ${folder}: ${code}`,
      { hint: 'name a folder that you can write with --files', cause: error },
    );
  }
}
