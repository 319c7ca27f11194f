/** What the engine takes for settings that a spec leaves out (swarmkit api/defaults/service.go). Times are nanoseconds. */
import type { UpdateConfig } from './service.ts';

export const DEFAULT_MONITOR = 5e9;
export const DEFAULT_RESTART_DELAY = 5e9;

/** If a spec has no update settings at all. In settings that are stored in part, what is missing is 0. */
export const DEFAULT_UPDATE_CONFIG: Readonly<UpdateConfig> = {
  Parallelism: 1,
  Delay: 0,
  Monitor: DEFAULT_MONITOR,
  MaxFailureRatio: 0,
  Order: 'stop-first',
  FailureAction: 'pause',
};
