/** A folder for temporary files that only this user can enter. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SwarmrollError } from '../errors.ts';
import type { World } from '../world.ts';

/**
 * Makes a folder that only this user can enter while `use` runs. It is removed at the end, also if the process exits before.
 * @param parent the folder to make it in
 * @param purpose what it is for: "the socket of docker"
 * @throws SwarmrollError `failed` if it cannot be made
 */
export async function withPrivateFolder<T>(
  parent: string,
  purpose: string,
  { atExit }: Pick<World, 'atExit'>,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = made(parent, purpose);
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const cancel = atExit(() => {
    try {
      remove();
    } catch {
      // On Windows, a program that still reads a file keeps it. The exit code of the command must not change.
    }
  });
  try {
    return await use(folder);
  } finally {
    cancel();
    remove();
  }
}

function made(parent: string, purpose: string): string {
  try {
    return mkdtempSync(join(parent, 'swarmroll-'));
  } catch (error) {
    throw new SwarmrollError('failed', `cannot make a folder in ${parent} for ${purpose}`, {
      hint: 'set TMPDIR to a folder that exists and can be written',
      cause: error,
    });
  }
}
