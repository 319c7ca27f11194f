/** The configuration of updates and of rollbacks. Both have the same fields and nearly the same flags. */
import { usageError } from '../errors.ts';
import { DEFAULT_UPDATE_CONFIG } from '../api/defaults.ts';
import type { ServiceSpec, UpdateConfig } from '../api/service.ts';
import { formatDuration } from '../values/duration.ts';
import { goFloat } from '../values/go-number.ts';
import { duration, float, oneOf, orEmpty, positiveDuration, uint } from '../values/value.ts';
import type { ValueType } from '../values/value.ts';
import { storesIn } from './edits.ts';
import { partAt } from './draft.ts';
import { onBoth } from './flag.ts';
import { isJobSpec } from './mode.ts';
import type { SpecContext, SpecFlag } from './flag.ts';

/** The differences between the flags of updates and of rollbacks. */
interface ConfigKind {
  readonly group: 'Update' | 'Rollback';
  readonly actions: readonly string[];
  /**
   * The type of delay and monitor. The engine refuses negative durations only for updates
   * (swarmkit manager/controlapi/service.go validateUpdate is not called for RollbackConfig).
   */
  readonly duration: ValueType<number>;
  /** The words for it in help texts. */
  readonly words: { readonly done: string; readonly one: string; readonly many: string };
}

type Setting = 'Parallelism' | 'Delay' | 'Monitor' | 'FailureAction' | 'MaxFailureRatio' | 'Order';

const update: ConfigKind = {
  group: 'Update',
  actions: ['pause', 'continue', 'rollback'],
  duration: positiveDuration,
  words: { done: 'updated', one: 'an update', many: 'updates' },
};

const rollback: ConfigKind = {
  group: 'Rollback',
  actions: ['pause', 'continue'],
  duration,
  words: { done: 'rolled back', one: 'a rollback', many: 'task rollbacks' },
};

export const UPDATE_CONFIG_FLAGS = [...updateConfigFlags(update), ...updateConfigFlags(rollback)];

function updateConfigFlags(kind: ConfigKind): readonly SpecFlag[] {
  const { group, actions, words } = kind;
  const prefix = group.toLowerCase();
  const field = `${group}Config` as const;
  /** The configuration. If it is missing, it starts with the engine's defaults. */
  const config = partAt(field, (draft: ServiceSpec, { stored }: SpecContext): UpdateConfig => {
    // docker checks this only on create (docker/cli cli/command/service/opts.go ToService).
    if (isJobSpec(draft) && stored === undefined) {
      throw usageError(`--${prefix}-* flags cannot be used with jobs`);
    }
    return (draft[field] ??= { ...DEFAULT_UPDATE_CONFIG });
  });
  const storedIn = <K extends Setting>(name: K, write?: (value: NonNullable<UpdateConfig[K]>) => string) => ({
    ...storesIn(config, name, write),
    fields: () => [[field, name]],
  });
  return [
    // --update-parallelism and --rollback-parallelism; and so on.
    onBoth({
      name: `${prefix}-parallelism`,
      type: uint,
      group,
      help: `Maximum number of tasks ${words.done} simultaneously (0 for all at once)`,
      default: '1',
      ...storedIn('Parallelism'),
    }),
    onBoth({
      name: `${prefix}-delay`,
      type: kind.duration,
      group,
      help: `Delay between ${words.many}`,
      default: '0s',
      ...storedIn('Delay', formatDuration),
    }),
    onBoth({
      name: `${prefix}-monitor`,
      type: kind.duration,
      group,
      help: `Duration after each task ${prefix} to monitor for failure`,
      default: '5s',
      ...storedIn('Monitor', formatDuration),
    }),
    onBoth({
      name: `${prefix}-failure-action`,
      // docker accepts `rollback` for a rollback too, but does not show it in help (moby convert/service.go
      // updateConfigToGRPC).
      type: { ...orEmpty(oneOf(...update.actions)), choices: actions },
      group,
      help: `Action on ${prefix} failure`,
      default: 'pause',
      ...storedIn('FailureAction'),
    }),
    onBoth({
      name: `${prefix}-max-failure-ratio`,
      type: float,
      group,
      help: `Failure rate to tolerate during ${words.one}`,
      default: '0',
      ...storedIn('MaxFailureRatio', goFloat),
    }),
    onBoth({
      name: `${prefix}-order`,
      type: orEmpty(oneOf('stop-first', 'start-first')),
      group,
      help: 'Order of stopping the old task and starting the new one',
      default: 'stop-first',
      ...storedIn('Order'),
    }),
  ];
}
