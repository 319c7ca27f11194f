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
  /** True if the command itself puts back what was there before, should this end badly (`--rollback-on-failure`). */
  readonly restores?: true;
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
  readonly at: number;
}

/** The recent history of a slot. */
export interface SlotHistory {
  /** How many tasks failed one after the other. */
  readonly failuresInARow: number;
  /** The error of the last of them. */
  readonly lastFailure?: string;
  /** The representative task, its state, and since when (ms) polls have shown that state. */
  readonly representative?: { readonly id: string; readonly state: string; readonly since: number };
}

/** Why a rollout failed: see the cases of `judge`. */
export type FailedWhy = 'max-failures' | 'exhausted' | 'deadline';

export type Verdict =
  /** Not over yet. At `wakeAt` (ms) the passing of time alone can bring a verdict. */
  | { readonly kind: 'progressing'; readonly wakeAt: number }
  | { readonly kind: 'converged' }
  | { readonly kind: 'rolledBack' }
  | { readonly kind: 'paused'; readonly message: string }
  | { readonly kind: 'failed'; readonly why: FailedWhy; readonly label?: string }
  | { readonly kind: 'superseded' }
  | { readonly kind: 'removed' }
  /** The manager, or a proxy before it, refuses to answer. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'timedOut' }
  | { readonly kind: 'interrupted'; readonly signal: 'SIGINT' | 'SIGTERM' }
  /** The manager was not reached again within the progress deadline. */
  | { readonly kind: 'lost'; readonly reason: string };

/** The verdict on a slot that has failed for good. */
export type FailedSlot = Extract<Verdict, { kind: 'failed' }>;

/** Why the engine went back to the previous spec. The message is empty if the engine no longer says. */
export interface Reversion {
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
  /** The digest that `owned` should have: as our change set it or, after a reversion, as it was before. */
  readonly expected?: string;
  /** The image that our change asked for. */
  readonly image: string;
  /** Set once the engine itself puts the previous spec back. */
  readonly reverted?: Reversion;
  /** Tasks whose end does not count: they ended before the change, or belong to the previous spec. */
  readonly oldTasks: ReadonlySet<string>;
  readonly failures: readonly Failure[];
  readonly past: ReadonlyMap<string, SlotHistory>;
  /** Since when (ms) every wanted slot is satisfied and nothing is left over. */
  readonly stableSince?: number;
  /** Set while a slot has failed for good: the verdict on it, and since when (ms) polls show such a slot. */
  readonly failed?: { readonly verdict: FailedSlot; readonly since: number };
  /** For each task that still runs although it is no longer wanted: the key of its slot. */
  readonly leaving: readonly string[];
  /** When (ms) something last changed. */
  readonly progressedAt: number;
  /** Since when (ms) the manager cannot be reached, and why. */
  readonly unreachable?: Unreachable & { readonly since: number };
  /**
   * Set once the manager could not be reached for some time, or did not know its nodes. What it says first may be what it had stored
   * before, so what the engine monitored until then no longer counts.
   */
  readonly hadOutage?: boolean;
  /** The manager said to the last poll that there is no such service. */
  readonly missing?: true;
  readonly verdict: Verdict;
}
