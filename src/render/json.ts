/** Progress as JSON: one object on one line for each change, with its time. */
import { quiet, serviceNameOf } from './progress.ts';
import type { Progress, Screen } from './progress.ts';

/** The renderer of --progress json (docs/json.md). */
export function json(screen: Screen): Progress {
  return {
    ...quiet,
    update: (update) => {
      const time = update.date.toISOString();
      const name = serviceNameOf(update);
      const service = name === undefined ? {} : { service: name };
      for (const { type, ...fields } of update.events)
        screen.write(`${JSON.stringify({ type, time, ...service, ...fields })}\n`);
    },
  };
}
