/** Files with the content of configs and secrets, for docker alone. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SwarmrollError } from '../errors.ts';

/** A file of a folder. */
export interface FileToWrite {
  readonly path: string;
  readonly text: string;
}

/**
 * Makes a folder that only this user can enter while `use` runs. Whatever happens, it is removed.
 * @throws SwarmrollError `failed` if it cannot be made
 */
export async function withPrivateFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'swarmroll-')).catch((error: unknown) => {
    throw new SwarmrollError('failed', `cannot make a folder in ${tmpdir()} for configs and secrets`, {
      hint: 'set TMPDIR to a folder that exists and can be written',
      cause: error,
    });
  });
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Writes files that only this user can read.
 * @param folder is made if it is not there
 * @throws SwarmrollError `failed`
 */
export function writeFiles(folder: string, files: readonly FileToWrite[]): void {
  if (files.length === 0) return;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const { path, text } of files) writeFileSync(path, text, { mode: 0o600 });
  } catch (error) {
    const { code = 'no reason given' } = error as { code?: string };
    throw new SwarmrollError(
      'failed',
      `cannot write the files for configs and secrets to ${folder}: ${code}`,
      {
        cause: error,
      },
    );
  }
}
