/** Chooses the renderer of progress. Only the chosen renderer is imported, because that takes time. */
import { quiet } from './progress.ts';
import type { Progress } from './progress.ts';

export type ProgressMode = 'tty' | 'plain' | 'json' | 'quiet';

/**
 * The renderer of a mode.
 * @param stderr where progress is written
 * @param colour whether a terminal shows colours
 */
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
