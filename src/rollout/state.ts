/** The state of a rollout that is watched. Plain values; reduce.ts makes each state from the one before. */
import type { Seen, TaskSeen, Unreachable } from './observation.ts';
import type { Slot } from './slots.ts';

/** What was asked for, and how long to watch. All times are milliseconds. */
export interface Intent {
  /** `wait` watches what is stored, whoever stored it. */
  readonly action: 'create' | 'update' | 'rollback' | 'wait';
  readonly serviceId: string;
  /** What the user types to run this program; absent is "swarmroll". */
  readonly program?: string;
  /** The service as the user named it. */
  readonly name: string;
  /** The service's version index before; absent for create. */
  readonly versionBefore?: number;
  /** Only of `wait`: the image that has to be stored. Another one is a verdict. */
  readonly image?: string;
  /**
   * Only of `wait`: true if what is stored is what is wanted, as of an unchanged service of a stack. A rollback to it by the engine
   * is then no verdict.
   */
  readonly isWanted?: true;
  /** When the engine accepted the change, by the clock of the observations. */
  readonly startedAt: number;
  /** The digest of the spec that our change replaced; absent for create. */
  readonly replaced?: string;
  /** The digest of what our change owns (ServiceSeen.owned): as we asked for it, and as it was before. */
  readonly owned?: string;
  readonly replacedOwned?: string;
  /** False if nothing was sent, because the spec was as asked already: only its tasks are watched. Absent is true. */
  readonly posted?: boolean;
  /** The image before, for update and rollback. */
  readonly imageBefore?: string;
  /** Whether registry credentials were sent along; absent is no. */
  readonly authSent?: boolean;
  /** Whether the registry has said that it has no such image; absent is no. */
  readonly imageMissing?: boolean;
  /** True if other services wait for the end of its tasks, as for those of a job. */
  readonly mustComplete?: true;
  /** True if the command undoes the change should it end badly (`--rollback-on-failure`). */
  readonly undoes?: true;
  /** Give up after this long in all; absent is never. */
  readonly timeout?: number;
  /** From when on `timeout` counts; absent is `startedAt`. */
  readonly timeoutFrom?: number;
  /** Fail when nothing has moved for this long; 0 is never. */
  readonly progressDeadline: number;
  /** Fail once one slot has failed so many times in a row; 0 is never. */
  readonly maxFailures: number;
}

/** A task that ended badly since the change. */
export interface Failure {
  readonly task: TaskSeen;
  readonly label: string;
}

/** What polls have shown of a slot so far. */
export interface SlotPast {
  /** How many tasks failed one after the other. */
  readonly failuresInARow: number;
  /** Since when (ms) polls show, in this update, a failed task and no old task that still has to stop. */
  readonly failedSince?: number | undefined;
  /** The error of the last task of the slot that failed. */
  readonly lastFailure?: string | undefined;
  /** The id of a task that completed, though polls have shown it for long as starting and never as running. */
  readonly neverRan?: string | undefined;
  /** The representative task, its state, and since when (ms) polls have shown that state. */
  readonly representative?:
    { readonly id: string; readonly state: string; readonly since: number } | undefined;
}

/** A task that is still there although it is not wanted. */
export interface Leaving {
  readonly task: TaskSeen;
  readonly key: string;
  /** Since when (ms) polls have shown it with its desired state. */
  readonly since: number;
}

/** Why something is waited for, the most important first, with short words for it. */
export const WAITS = {
  awaited: 'a task on a node that is down', // the engine's updater waits for that task
  node: 'a node that is down', // or that the manager has not heard of
  place: 'a node that takes the task',
  address: 'an address', // the engine has not allocated the task
  oldTask: 'the end of the task before', // then the task starts
  stop: 'old tasks stop', // tasks that are not wanted
  batch: 'update delay', // before the engine replaces the next tasks
  health: 'health check',
  restart: 'restart delay',
  successor: 'another task of the job', // after one that failed
  prepare: 'image and container', // a node pulls the image, for example
  start: 'start of the container', // the image may have a health check
  complete: 'the end of tasks that run', // of a job, or of a one-shot that others wait for
  turn: 'the engine replaces one task after the other', // it has not replaced or made the task yet
  updater: 'update delay of the engine', // it waits also after slots that it need not replace any more
  monitor: 'monitor period',
} as const;

export type WaitReason = keyof typeof WAITS;

/** One thing that a rollout waits for. */
export interface Wait {
  readonly reason: WaitReason;
  /** The tasks that it is about. A slot that has no task yet counts in `count` alone. */
  readonly tasks: readonly TaskSeen[];
  readonly count: number;
  /** The period (ms) that the spec or the engine sets for it. */
  readonly period?: number;
  /** When (ms) it is over at the latest. Absent: nothing ends it by itself. */
  readonly until?: number;
}

/** Why a rollout failed: see the cases of `judge`. `no-node`: its constraints leave no node to a global service. */
export type FailedWhy = 'max-failures' | 'exhausted' | 'deadline' | 'no-node';

export type Verdict =
  /** Not over yet. At `wakeAt` (ms) the passing of time alone can bring a verdict. */
  | { readonly kind: 'progressing'; readonly wakeAt: number }
  | { readonly kind: 'converged' }
  | { readonly kind: 'rolledBack' }
  | { readonly kind: 'paused' }
  | { readonly kind: 'failed'; readonly why: FailedWhy; readonly label?: string }
  | { readonly kind: 'superseded' }
  | { readonly kind: 'removed' }
  /** The manager, or a proxy before it, refuses to answer. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'timedOut' }
  | { readonly kind: 'interrupted'; readonly signal: 'SIGINT' | 'SIGTERM' }
  /** The manager was not reached again within the progress deadline. */
  | { readonly kind: 'lost'; readonly reason: string };

/** A slot that has failed for good. Until `countsFrom`, the engine may still act on the failure. Times are milliseconds. */
export interface FailedSlot {
  readonly verdict: Extract<Verdict, { kind: 'failed' }>;
  /** Since when polls show such a slot. */
  readonly since: number;
  /** From when on the verdict counts. */
  readonly countsFrom: number;
}

/** Why the engine rolled back to the previous spec. The message is empty if the engine no longer says. */
export interface EngineRollback {
  readonly message: string;
  /** The task that the engine counted as failed. */
  readonly task?: string;
}

export interface RolloutState {
  readonly intent: Intent;
  readonly at: number;
  /** The last poll that succeeded. */
  readonly seen?: Seen;
  readonly slots: readonly Slot[];
  /** The digest that `owned` should have: as our change set it or, after a rollback by the engine, as it was before. */
  readonly expected?: string;
  /** The image of the first poll, or of the spec that a `wait` follows since. */
  readonly image: string;
  /** Set once the engine itself puts the previous spec back. */
  readonly engineRollback?: EngineRollback | undefined;
  /** Tasks whose end does not count: they ended before the change, or belong to the previous spec. */
  readonly oldTasks: ReadonlySet<string>;
  readonly failures: readonly Failure[];
  readonly past: ReadonlyMap<string, SlotPast>;
  /** Since when (ms) every wanted slot is satisfied and nothing is left over. */
  readonly stableSince?: number | undefined;
  readonly failed?: FailedSlot | undefined;
  readonly leaving: readonly Leaving[];
  /** The ids of the tasks that a health check has stopped (unhealthy.ts). */
  readonly unhealthy: ReadonlySet<string>;
  /** What the rollout waits for (waiting.ts). */
  readonly waits: readonly Wait[];
  /** When (ms) something last changed. */
  readonly progressedAt: number;
  /** Since when (ms) the manager cannot be reached, and why. */
  readonly unreachable?: (Unreachable & { readonly since: number }) | undefined;
  /**
   * Set once the manager could not be reached for some time, or did not know its nodes. What it says first may be what it had stored
   * before, so what the engine monitored until then no longer counts.
   */
  readonly hadOutage?: boolean;
  /** The manager said to the last poll that there is no such service. */
  readonly missing?: boolean;
  readonly verdict: Verdict;
}
