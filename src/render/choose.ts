/** Chooses the renderer of progress. Only the chosen renderer is imported, because that takes time. */
import { quiet } from './progress.ts';
import type { Progress, Screen } from './progress.ts';

export type ProgressMode = 'tty' | 'plain' | 'json' | 'quiet';

/**
 * The renderer of a mode.
 * @param stderr where progress is written
 * @param colour whether a terminal shows colours
 */
export async function chooseProgress(
  mode: ProgressMode,
  stderr: Screen & { readonly isTTY?: boolean },
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
      return isTerminal(stderr) ? (await import('./tty.ts')).tty(stderr, colour) : quiet;
  }
}

/** Whether it is a terminal: that is always Node's stream (cli.ts). */
const isTerminal = (screen: Screen & { readonly isTTY?: boolean }): screen is NodeJS.WriteStream =>
  screen.isTTY === true;
