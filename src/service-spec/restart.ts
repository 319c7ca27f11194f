/** When and how often the engine starts a task again. */
import type { RestartPolicy, ServiceSpec } from '../api/service.ts';
import { duration, oneOf, orEmpty, uint } from '../values/value.ts';
import { assign } from './change.ts';
import { onBoth } from './flag.ts';

/** The policy; the first flag that touches it fills in the engine's own defaults. */
function policy(draft: ServiceSpec): RestartPolicy {
  return (draft.TaskTemplate.RestartPolicy ??= { Condition: 'any', Delay: 5e9, MaxAttempts: 0 });
}

export const RESTART_FLAGS = [
  onBoth({
    name: 'restart-condition',
    type: orEmpty(oneOf('none', 'on-failure', 'any')),
    group: 'Restart',
    help: 'Restart when condition is met',
    default: 'any',
    change: assign(policy, 'Condition'),
  }),
  onBoth({
    name: 'restart-delay',
    type: duration,
    group: 'Restart',
    help: 'Delay between restart attempts',
    default: '5s',
    change: assign(policy, 'Delay'),
  }),
  onBoth({
    name: 'restart-max-attempts',
    type: uint,
    group: 'Restart',
    help: 'Maximum number of restarts before giving up',
    change: assign(policy, 'MaxAttempts'),
  }),
  onBoth({
    name: 'restart-window',
    type: duration,
    group: 'Restart',
    help: 'Window used to evaluate the restart policy',
    change: assign(policy, 'Window'),
  }),
];
