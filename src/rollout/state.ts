/** What is known of a rollout under watch. Values only; reduce.ts makes each from the one before. */
import type { Seen, TaskSeen } from './observation.ts';
import type { Slot } from './slots.ts';

/** What was asked for, and how long to watch. Times in milliseconds. */
export interface Intent {
  readonly action: 'create' | 'update' | 'rollback';
  readonly serviceId: string;
  /** What the user types to call us; absent is "swarmroll". */
  readonly program?: string;
  /** The service as its user names it. */
  readonly name: string;
  /** The service's version index before; absent for create. */
  readonly versionBefore?: number;
  /** When the engine accepted the change, by the clock of the observations. */
  readonly startedAt: number;
  /** The digest of the spec that our change replaced; absent for create. */
  readonly replaced?: string;
  /** What our change owns (ServiceSeen.owned): as we asked for it, and as it was before. */
  readonly owned?: string;
  readonly replacedOwned?: string;
  /** False where nothing was sent: the spec was as asked, and what the engine makes of it is watched. Absent is true. */
  readonly posted?: boolean;
  /** The image before, for update and rollback. */
  readonly imageBefore?: string;
  /** Whether registry credentials were sent along; absent is no. */
  readonly authSent?: boolean;
  /** Give up after this long in all; absent is never. */
  readonly timeout?: number;
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

/** One slot's recent past. */
export interface SlotHistory {
  /** Tasks that failed one after the other. */
  readonly failuresInARow: number;
  /** What the last of them said. */
  readonly lastFailure?: string;
  /** The task that speaks for the slot, its state, and since when it has been seen so. */
  readonly representative?: { readonly id: string; readonly state: string; readonly since: number };
}

/** Why a rollout failed: see the cases of `judge`. */
export type FailedWhy = 'max-failures' | 'exhausted' | 'deadline';

export type Verdict =
  /** Not over; `wakeAt` (ms since the epoch) is when time alone can change that. */
  | { readonly kind: 'progressing'; readonly wakeAt: number }
  | { readonly kind: 'converged' }
  | { readonly kind: 'rolledBack' }
  | { readonly kind: 'paused'; readonly message: string }
  | { readonly kind: 'failed'; readonly why: FailedWhy; readonly label?: string }
  | { readonly kind: 'superseded' }
  | { readonly kind: 'removed' }
  /** The manager, or what stands before it, refuses to say how the service is. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'timedOut' }
  | { readonly kind: 'interrupted'; readonly signal: 'SIGINT' | 'SIGTERM' }
  /** The manager was not reached again within the progress deadline. */
  | { readonly kind: 'lost'; readonly reason: string };

/** Why the engine went back to the previous spec; the message is empty where it no longer says. */
export interface Reversion {
  readonly message: string;
  /** The task whose end the engine took for the failure. */
  readonly task?: string;
}

export interface RolloutState {
  readonly intent: Intent;
  readonly at: number;
  /** The last look that succeeded. */
  readonly seen?: Seen;
  readonly slots: readonly Slot[];
  /** What should be stored of what our change owns: as we set it, or once reverted as it was before. */
  readonly expected?: string;
  /** The image that our change asked for. */
  readonly image: string;
  /** Set from the moment when the engine itself puts the previous spec back: what it says of the reason. */
  readonly reverted?: Reversion;
  /** Tasks whose end is none of ours: they were over before the change, or belong to the spec before. */
  readonly oldTasks: ReadonlySet<string>;
  readonly failures: readonly Failure[];
  readonly past: ReadonlyMap<string, SlotHistory>;
  /** Since when every wanted slot is satisfied and nothing is left over. */
  readonly stableSince?: number;
  /** How many tasks still run that nothing wants any more: older specs, slots scaled down. */
  readonly leaving: number;
  /** When something last moved. */
  readonly progressedAt: number;
  /** Since when and why the manager can't be reached. */
  readonly unreachable?: { readonly since: number; readonly reason: string };
  /** The last poll was told that there is no such service. */
  readonly missing?: true;
  readonly verdict: Verdict;
}
