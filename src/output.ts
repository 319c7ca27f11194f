/** Where results go. */
import { fstatSync, writeSync } from 'node:fs';
import type { Output } from './world.ts';

/** What Node's streams take besides. */
interface Stream extends Output {
  write(text: string | Uint8Array): unknown;
}

/**
 * An output that writes to a file, a pipe or a socket at once, as Node's streams do there, but without one: to make it
 * takes Node 3 ms of a `--version`, and 1 of a `ps`. For terminals and other devices it is the stream.
 * @param stream makes Node's stream; it also gets what a pipe that does not wait has no room for, and all after that
 * @param lost gets every other error of writing
 */
export function outputTo(
  fd: number,
  stream: () => Stream,
  lost: (error: NodeJS.ErrnoException) => void,
): Output {
  const stats = fstatSync(fd);
  if (!stats.isFile() && !stats.isFIFO() && !stats.isSocket()) return stream();
  let full: Stream | undefined;
  return {
    write: (text) => {
      let rest = Buffer.from(text);
      try {
        while (full === undefined && rest.length > 0) rest = rest.subarray(writeSync(fd, rest));
      } catch (error) {
        const problem = error as NodeJS.ErrnoException;
        if (problem.code === 'EAGAIN') full = stream();
        else lost(problem);
      }
      full?.write(rest);
    },
  };
}
