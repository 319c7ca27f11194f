/** How the engine goes about an update, and in the same words about a rollback. */
import { usageError } from '../errors.ts';
import type { ServiceSpec, UpdateConfig } from '../api/service.ts';
import { duration, float, oneOf, orEmpty, positiveDuration, uint } from '../values/value.ts';
import type { ValueType } from '../values/value.ts';
import { assign } from './change.ts';
import { onBoth } from './flag.ts';
import type { SpecContext, SpecFlag } from './flag.ts';

interface Kind {
  readonly prefix: 'update' | 'rollback';
  readonly field: 'UpdateConfig' | 'RollbackConfig';
  readonly group: 'Update' | 'Rollback';
  readonly actions: readonly string[];
  /** The engine holds an update's durations to be 0 or more, a rollback's it takes as they come. */
  readonly duration: ValueType<number>;
  /** How help speaks of it. */
  readonly words: { readonly done: string; readonly one: string; readonly many: string };
  /** The API version that brought the first flags: parallelism, delay and failure action. */
  readonly first: string;
  /** The one that brought monitor and failure ratio; the order came later, to both kinds at once. */
  readonly since: string;
}

type Setting = 'Parallelism' | 'Delay' | 'Monitor' | 'FailureAction' | 'MaxFailureRatio' | 'Order';

const update: Kind = {
  prefix: 'update',
  field: 'UpdateConfig',
  group: 'Update',
  actions: ['pause', 'continue', 'rollback'],
  duration: positiveDuration,
  words: { done: 'updated', one: 'an update', many: 'updates' },
  first: '1.24',
  since: '1.25',
};

const rollback: Kind = {
  prefix: 'rollback',
  field: 'RollbackConfig',
  group: 'Rollback',
  actions: ['pause', 'continue'],
  duration,
  words: { done: 'rolled back', one: 'a rollback', many: 'task rollbacks' },
  first: '1.28',
  since: '1.28',
};

export const UPDATE_CONFIG_FLAGS = [...flagsOf(update), ...flagsOf(rollback)];

function flagsOf({ prefix, field, group, actions, words, first, since, ...kind }: Kind): readonly SpecFlag[] {
  /** The settings; the first flag that touches them fills in the engine's own defaults. */
  const settings = (draft: ServiceSpec): UpdateConfig =>
    (draft[field] ??= {
      Parallelism: 1,
      Delay: 0,
      FailureAction: 'pause',
      Monitor: 5e9,
      MaxFailureRatio: 0,
      Order: 'stop-first',
    });
  const checked = (draft: ServiceSpec, { stored }: SpecContext): UpdateConfig => {
    const isJob = draft.Mode?.ReplicatedJob ?? draft.Mode?.GlobalJob;
    if (isJob && stored === undefined) {
      throw usageError(`--${prefix}-* flags are not for jobs: a job is never updated in place`);
    }
    return settings(draft);
  };
  const stores = <K extends Setting>(name: K) => ({
    change: assign(checked, name),
    fields: () => [[field, name]],
  });
  return [
    onBoth({
      name: `${prefix}-parallelism`,
      type: uint,
      group,
      help: `Maximum number of tasks ${words.done} simultaneously (0 for all at once)`,
      default: '1',
      since: first,
      ...stores('Parallelism'),
    }),
    onBoth({
      name: `${prefix}-delay`,
      type: kind.duration,
      group,
      help: `Delay between ${words.many}`,
      default: '0s',
      since: first,
      ...stores('Delay'),
    }),
    onBoth({
      name: `${prefix}-monitor`,
      type: kind.duration,
      group,
      help: `Duration after each task ${prefix} to monitor for failure`,
      default: '5s',
      since,
      ...stores('Monitor'),
    }),
    onBoth({
      name: `${prefix}-failure-action`,
      // The engine takes `rollback` for a rollback too, though help does not speak of it.
      type: { ...orEmpty(oneOf(...update.actions)), choices: actions },
      group,
      help: `Action on ${prefix} failure`,
      default: 'pause',
      since: first,
      ...stores('FailureAction'),
    }),
    onBoth({
      name: `${prefix}-max-failure-ratio`,
      type: float,
      group,
      help: `Failure rate to tolerate during ${words.one}`,
      default: '0',
      since,
      ...stores('MaxFailureRatio'),
    }),
    onBoth({
      name: `${prefix}-order`,
      type: orEmpty(oneOf('stop-first', 'start-first')),
      group,
      help: `Order of stopping the old task and starting the new one`,
      default: 'stop-first',
      since: '1.29',
      ...stores('Order'),
    }),
  ];
}
