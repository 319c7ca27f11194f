/** Writes results to stdout without Node's stream, where that is possible. */
import { fstatSync, writeSync } from 'node:fs';
import type { Output } from './world.ts';

/** An output that accepts bytes too, as Node's streams do. */
interface Stream extends Output {
  write(text: string | Uint8Array): unknown;
}

/**
 * An output that writes synchronously, except to a terminal, where it is Node's stream. Node's streams of files and pipes are
 * synchronous too, but creating one takes 3 ms of a `--version` and 1 ms of a `ps`, and Bun's report no error of a device.
 * @param fd the file descriptor
 * @param stream creates Node's stream. When a non-blocking pipe is full, the stream also gets the rest of the output.
 * @param onError is called with every other write error
 */
export function outputTo(
  fd: number,
  stream: () => Stream,
  onError: (error: NodeJS.ErrnoException) => void,
): Output {
  const status = fstatSync(fd);
  if (status.isCharacterDevice() && stream().isTTY === true) return stream();
  let fallback: Stream | undefined;
  return {
    isFile: status.isFile(),
    write: (text) => {
      let rest = Buffer.from(text);
      try {
        while (fallback === undefined && rest.length > 0) rest = rest.subarray(writeSync(fd, rest));
      } catch (error) {
        const problem = error as NodeJS.ErrnoException;
        if (problem.code === 'EAGAIN') fallback = stream();
        else onError(problem);
      }
      fallback?.write(rest);
    },
  };
}
