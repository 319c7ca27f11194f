/** Random but possible histories of a swarm, and how they are watched. */
import fc from 'fast-check';
import type { Behaviour, Mode, Policy, Speeds, Spec, Template } from './model.ts';
import type { PollKind } from './poll.ts';

/** What happens to the swarm, beside what it does by itself. */
export type Event =
  | { readonly kind: 'kill'; readonly task: number }
  | {
      readonly kind: 'node';
      readonly node: number;
      readonly to: 'down' | 'up' | 'active' | 'pause' | 'drain';
    }
  /** Changes by others: of the replicas, of a label, of the template (a new one, or the one before ours). */
  | { readonly kind: 'scale'; readonly replicas: number }
  | { readonly kind: 'label' }
  | { readonly kind: 'template'; readonly which: 'third' | 'before' }
  | { readonly kind: 'rollback' }
  /** The stored spec is posted again, as a redeploy does. */
  | { readonly kind: 'sameSpec' }
  | { readonly kind: 'remove' }
  | { readonly kind: 'managerRestart' };

/** What our command does. `same` asks for what is stored already: nothing is posted unless the engine has paused. */
export type Action = 'create' | 'update' | 'rollback' | 'same' | 'wait';

export interface History {
  readonly speeds: Speeds;
  /** The templates of the spec before our change, of ours, and of somebody else's. */
  readonly before: Template;
  readonly ours: Template;
  readonly third: Template;
  readonly mode: Mode;
  readonly updatePolicy: Policy;
  readonly rollbackPolicy: Policy;
  readonly action: Action;
  /** The replicas that our change sets; undefined where it leaves them alone. */
  readonly replicas: number | undefined;
  /** For how long (ms) each spec was stored before our change. */
  readonly lead: readonly [number, number];
  readonly limits: {
    readonly timeout: number | undefined;
    readonly progressDeadline: number;
    readonly maxFailures: number;
  };
  readonly events: readonly { readonly after: number; readonly event: Event }[];
  readonly polls: readonly { readonly after: number; readonly kind: PollKind }[];
}

const among = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const weighted = <T>(...values: readonly (readonly [number, T])[]): fc.Arbitrary<T> =>
  among(...values.flatMap(([weight, value]) => Array.from({ length: weight }, () => value)));

const behaviour: fc.Arbitrary<Behaviour> = weighted<Behaviour>(
  [8, { kind: 'runs' }],
  [1, { kind: 'crashes', after: 50 }],
  [1, { kind: 'crashes', after: 1_500 }],
  [1, { kind: 'crashes', after: 7_000 }],
  [1, { kind: 'ends', after: 100 }],
  [1, { kind: 'ends', after: 3_000 }],
  [1, { kind: 'recovers', after: 300, crashes: 2 }],
  [1, { kind: 'recovers', after: 2_500, crashes: 4 }],
  [1, { kind: 'unhealthy', after: 1_200 }],
  [1, { kind: 'unhealthy', after: 9_000 }],
  [1, { kind: 'hangs' }],
  [1, { kind: 'missing' }],
);

const template = (id: string): fc.Arbitrary<Template> =>
  fc.record({
    id: fc.constant(id),
    behaviour,
    restart: weighted<Template['restart']>([3, 'any'], [1, 'on-failure'], [1, 'none']),
    restartDelay: among(500, 2_000, 5_000),
    maxAttempts: among(0, 0, 1, 2),
    constraints: weighted<readonly string[]>([4, []], [1, ['node.labels.zone==b']]),
  });

const policy = (...actions: readonly Policy['failureAction'][]): fc.Arbitrary<Policy> =>
  fc.record({
    monitor: among(2_000, 500, 5_000),
    delay: among(0, 0, 1_000, 6_000),
    failureAction: among(...actions),
    parallelism: among(1, 2, 0),
    maxFailureRatio: among(0, 0, 0.5),
    order: among<Policy['order']>('stop-first', 'start-first'),
  });

const mode: fc.Arbitrary<Mode> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('replicated' as const), replicas: among(2, 1, 3, 4, 0) }),
  },
  { weight: 3, arbitrary: fc.constant<Mode>({ kind: 'global' }) },
);

const event: fc.Arbitrary<Event> = weighted<Event>(
  ...[0, 1, 2].flatMap((index): [number, Event][] => [
    [2, { kind: 'kill', task: index }],
    ...(['down', 'up', 'active', 'pause', 'drain'] as const).map((to): [number, Event] => [
      1,
      { kind: 'node', node: index, to },
    ]),
  ]),
  ...[0, 1, 3].map((replicas): [number, Event] => [1, { kind: 'scale', replicas }]),
  [2, { kind: 'label' }],
  [1, { kind: 'template', which: 'third' }],
  [1, { kind: 'template', which: 'before' }],
  [2, { kind: 'rollback' }],
  [2, { kind: 'sameSpec' }],
  [1, { kind: 'remove' }],
  [2, { kind: 'managerRestart' }],
);

const pollKind = weighted<PollKind>(
  [6, 'full'],
  [2, 'slow'],
  [3, 'tasks'],
  [3, 'half'],
  [2, 'unreachable'],
  [1, 'removed'],
);

export const histories: fc.Arbitrary<History> = fc.record({
  speeds: fc.record({
    reaction: among(2, 2, 50, 400),
    pull: among(150, 20, 700),
    start: among(50, 5, 900),
    stop: among(10, 10, 1_500, 12_000),
  }),
  before: template('A'),
  ours: template('B'),
  third: template('C'),
  mode,
  updatePolicy: policy('pause', 'continue', 'rollback'),
  rollbackPolicy: policy('pause', 'continue'),
  action: weighted<Action>([6, 'update'], [2, 'create'], [2, 'rollback'], [2, 'same'], [1, 'wait']),
  replicas: among(undefined, undefined, undefined, 1, 3),
  lead: fc.tuple(among(8_000, 0, 300, 30_000), among(8_000, 0, 300, 30_000)),
  limits: fc.record({
    timeout: among(undefined, undefined, undefined, 4_000, 20_000),
    progressDeadline: among(30_000, 8_000, 0),
    maxFailures: among(3, 1, 2, 0),
  }),
  events: fc.array(fc.record({ after: among(100, 5, 1_000, 4_000), event }), { maxLength: 6 }),
  polls: fc.array(fc.record({ after: among(100, 10, 1_000, 5_000, 20_000), kind: pollKind }), {
    maxLength: 16,
  }),
});

/** The spec that a history has with one of its templates. */
export const specWith = ({ mode, updatePolicy, rollbackPolicy }: History, template: Template): Spec => ({
  template,
  mode,
  label: 0,
  updatePolicy,
  rollbackPolicy,
});
