/** Progress for programs: one JSON object a line for each change, with its time. */
import { nameOf } from './progress.ts';
import type { Progress, Screen } from './progress.ts';

export function json(screen: Screen): Progress {
  return {
    update: (update) => {
      const time = update.date.toISOString();
      const name = nameOf(update);
      const service = name === undefined ? {} : { service: name };
      for (const { type, ...fields } of update.changes)
        screen.write(`${JSON.stringify({ type, time, ...service, ...fields })}\n`);
    },
    end: () => undefined,
  };
}
