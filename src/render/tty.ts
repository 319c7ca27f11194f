/** Progress on a terminal: one frame that is redrawn in place. */
import { frameOf } from './frame-of-services.ts';
import { inPlace } from './in-place.ts';
import type { Terminal } from './in-place.ts';
import type { Progress, ServiceView } from './progress.ts';

/**
 * The renderer of --progress tty.
 * @param colour whether the spinner has a colour
 */
export function tty(terminal: Terminal, colour: boolean): Progress {
  let last: readonly ServiceView[] = [];
  const { changed, printAbove, end } = inPlace(terminal, (size) => frameOf(last, size), colour);
  return {
    update: ({ services }) => {
      last = services;
      changed();
    },
    printAbove,
    end: () => end(last.every(({ view }) => view.verdict === 'converged') ? '✔' : '✖'),
  };
}
