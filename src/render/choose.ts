/** The renderer for a way of showing progress; only the one that is used is loaded. */
import { quiet } from './progress.ts';
import type { Progress } from './progress.ts';

export type ProgressMode = 'tty' | 'plain' | 'json' | 'quiet';

/** @param stderr the terminal or file that progress goes to @param colour whether a terminal gets colours */
export async function chooseProgress(
  mode: ProgressMode,
  stderr: NodeJS.WriteStream,
  colour: boolean,
): Promise<Progress> {
  switch (mode) {
    case 'quiet':
      return quiet;
    case 'plain':
      return (await import('./plain.ts')).plain(stderr);
    case 'json':
      return (await import('./json.ts')).json(stderr);
    case 'tty':
      return (await import('./tty.ts')).tty(stderr, colour);
  }
}
