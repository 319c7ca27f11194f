/** The restart policy: when and how often the engine replaces a task that has ended. */
import { DEFAULT_RESTART_DELAY } from '../api/defaults.ts';
import type { RestartPolicy, ServiceSpec } from '../api/service.ts';
import { formatDuration } from '../values/duration.ts';
import { duration, oneOf, orEmpty, uint } from '../values/value.ts';
import { storesIn } from './edits.ts';
import { partAt, task } from './draft.ts';
import { onBoth } from './flag.ts';

/**
 * The restart policy of the draft. If it is missing, it starts with the engine's defaults (swarmkit
 * api/defaults/service.go).
 */
const restartPolicy = partAt(
  `${task.path}.RestartPolicy`,
  (draft: ServiceSpec): RestartPolicy =>
    (task(draft).RestartPolicy ??= { Condition: 'any', Delay: DEFAULT_RESTART_DELAY, MaxAttempts: 0 }),
);

export const RESTART_FLAGS = [
  onBoth({
    name: 'restart-condition',
    type: orEmpty(oneOf('none', 'on-failure', 'any')),
    group: 'Restart',
    help: 'Restart when condition is met',
    default: 'any',
    ...storesIn(restartPolicy, 'Condition'),
  }),
  onBoth({
    name: 'restart-delay',
    type: duration,
    group: 'Restart',
    help: 'Delay between restart attempts',
    default: '5s',
    ...storesIn(restartPolicy, 'Delay', formatDuration),
  }),
  onBoth({
    name: 'restart-max-attempts',
    type: uint,
    group: 'Restart',
    help: 'Maximum number of restarts before giving up',
    ...storesIn(restartPolicy, 'MaxAttempts'),
  }),
  onBoth({
    name: 'restart-window',
    type: duration,
    group: 'Restart',
    help: 'Window used to evaluate the restart policy',
    ...storesIn(restartPolicy, 'Window', formatDuration),
  }),
];
