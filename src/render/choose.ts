/** Chooses the renderer of progress. Only the chosen renderer is imported, because that takes time. */
import { isTty, quiet } from './progress.ts';
import type { Progress, Screen } from './progress.ts';

export type ProgressMode = 'tty' | 'plain' | 'json' | 'quiet';

/**
 * The renderer of a mode.
 * @param stderr where progress is written
 * @param colour whether a terminal shows colours
 */
export async function chooseProgress(mode: ProgressMode, stderr: Screen, colour: boolean): Promise<Progress> {
  switch (mode) {
    case 'quiet':
      return quiet;
    case 'plain':
      return (await import('./plain.ts')).plain(stderr);
    case 'json':
      return (await import('./json.ts')).json(stderr);
    case 'tty':
      return isTty(stderr) ? (await import('./tty.ts')).tty(stderr, colour) : quiet;
  }
}
