/** Progress for programs: one JSON object a line, the changes as they are, with their time. */
import type { Progress, Screen } from './progress.ts';

export function json(screen: Screen): Progress {
  return {
    update: (_view, changes, _at, date) => {
      const time = date.toISOString();
      for (const { type, ...fields } of changes)
        screen.write(`${JSON.stringify({ type, time, ...fields })}\n`);
    },
    end: () => undefined,
  };
}
