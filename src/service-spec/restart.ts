/** The restart policy: when and how often the engine replaces a task that has ended. */
import { DEFAULT_RESTART_DELAY } from '../api/defaults.ts';
import type { RestartPolicy, ServiceSpec } from '../api/service.ts';
import { formatDuration } from '../values/duration.ts';
import { duration, oneOf, orEmpty, uint } from '../values/value.ts';
import { setField } from './edits.ts';
import { onBoth } from './flag.ts';
import { one } from './shown.ts';

/**
 * The restart policy of the draft. If it is missing, it starts with the engine's defaults (swarmkit
 * api/defaults/service.go).
 */
function restartPolicy(draft: ServiceSpec): RestartPolicy {
  return (draft.TaskTemplate.RestartPolicy ??= {
    Condition: 'any',
    Delay: DEFAULT_RESTART_DELAY,
    MaxAttempts: 0,
  });
}

export const RESTART_FLAGS = [
  onBoth({
    name: 'restart-condition',
    type: orEmpty(oneOf('none', 'on-failure', 'any')),
    group: 'Restart',
    help: 'Restart when condition is met',
    shows: [one('TaskTemplate.RestartPolicy.Condition')],
    default: 'any',
    edit: setField(restartPolicy, 'Condition'),
  }),
  onBoth({
    name: 'restart-delay',
    type: duration,
    group: 'Restart',
    help: 'Delay between restart attempts',
    shows: [one('TaskTemplate.RestartPolicy.Delay', formatDuration)],
    default: '5s',
    edit: setField(restartPolicy, 'Delay'),
  }),
  onBoth({
    name: 'restart-max-attempts',
    type: uint,
    group: 'Restart',
    help: 'Maximum number of restarts before giving up',
    shows: [one('TaskTemplate.RestartPolicy.MaxAttempts')],
    edit: setField(restartPolicy, 'MaxAttempts'),
  }),
  onBoth({
    name: 'restart-window',
    type: duration,
    group: 'Restart',
    help: 'Window used to evaluate the restart policy',
    shows: [one('TaskTemplate.RestartPolicy.Window', formatDuration)],
    edit: setField(restartPolicy, 'Window'),
  }),
];
