/** What a poll shows of a swarm, in plain values. engine/observe.ts makes it. */

import type { UpdateState } from '../api/service.ts';

/** The mode of a service: how many tasks it wants, and whether they are meant to end. */
export type Mode =
  | { readonly kind: 'replicated'; readonly replicas: number }
  | { readonly kind: 'global' }
  | { readonly kind: 'replicated-job'; readonly completions: number }
  | { readonly kind: 'global-job' };

/** The engine's UpdateConfig or RollbackConfig, as far as a verdict needs it. Times in milliseconds. */
export interface UpdatePolicy {
  readonly monitor: number;
  readonly delay: number;
  readonly failureAction: string;
}

/** The times of a health check, in milliseconds. */
export interface HealthTimes {
  readonly startPeriod: number;
  /** The shortest and the longest time from the start of a container until its check has failed for good. */
  readonly least: number;
  readonly most: number;
}

export interface ServiceSeen {
  readonly id: string;
  readonly name: string;
  /** The version index. It grows with every change, also with those of UpdateStatus. */
  readonly version: number;
  /** A digest of the stored spec. Equal digests mean equal specs. */
  readonly spec: string;
  /** A digest of what our change owns of it: the task template, the ports, and the other fields that our flags named. */
  readonly owned: string;
  /** The digest of the previous spec. Absent on a new service, and after the engine rolled back by itself. */
  readonly previousSpec?: string;
  readonly image: string;
  readonly mode: Mode;
  /** Every update clears it. Absent as long as the engine has replaced no task. */
  readonly update?: { readonly state: UpdateState; readonly message: string };
  /** When it began, by the manager's clock: milliseconds since the epoch. An automatic rollback keeps it. */
  readonly updateStartedAt?: number;
  /** When the engine called the update completed, by the same clock. */
  readonly updateCompletedAt?: number;
  /** The task because of which the engine paused or rolled back, if it names one. */
  readonly updateTask?: string;
  readonly updatePolicy: UpdatePolicy;
  readonly rollbackPolicy: UpdatePolicy;
  /** The restart condition: none, on-failure or any. */
  readonly restart: string;
  /** How long (ms) the engine waits before it starts the successor of a task that has ended. */
  readonly restartDelay: number;
  readonly constraints: readonly string[];
  /** Those of the previous spec, if there is one. */
  readonly previousConstraints?: readonly string[];
  /** Whether the spec sets (true) or disables (false) a health check. Absent if the image decides. */
  readonly healthCheck?: boolean;
  /** Present if the spec sets a health check, or times for the health check of the image. */
  readonly health?: HealthTimes;
  /** The current run of a job. */
  readonly jobIteration?: number;
}

export interface TaskSeen {
  readonly id: string;
  readonly slot?: number;
  readonly nodeId?: string;
  /** RFC 3339, by the manager's clock. Fractions of a second vary in length, so the texts do not sort (see slots.ts). */
  readonly createdAt: string;
  /** When the engine last changed anything of it, in the same form and by the same clock. */
  readonly updatedAt?: string;
  /** When it got into its state, by the clock of its node: milliseconds since the epoch. */
  readonly since?: number;
  readonly state: string;
  readonly desired: string;
  /** Whether the engine counts it as up to date with the current spec. */
  readonly upToDate: boolean;
  readonly image: string;
  /** The whole error, or empty. */
  readonly error: string;
  /** The engine's message about the state: "preparing", "pending task scheduling". */
  readonly message: string;
  readonly exitCode?: number;
  readonly jobIteration?: number;
  /** How long (ms) its container has to end after the stop signal. Absent: the engine's default. */
  readonly stopGrace?: number;
}

export interface NodeSeen {
  readonly id: string;
  readonly name: string;
  readonly down: boolean;
  /**
   * The manager has not heard of the node since it took over or restarted: it only has what it had stored of its tasks
   * (swarmkit manager/dispatcher/dispatcher.go, markNodesUnknown).
   */
  readonly unknown?: true;
  readonly availability: string;
  /** The attributes that placement constraints match, by their names: "node.role", "node.labels.zone", ... */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Seen {
  readonly kind: 'seen';
  readonly at: number;
  /** The manager's wall clock: milliseconds since the epoch. Only in the first poll, and only if nothing was sent. */
  readonly managerTime?: number;
  /** Some parts come from earlier polls. That is not enough for `converged`, `rolledBack` or a failed slot. */
  readonly partial?: true;
  readonly service: ServiceSeen;
  /** When (ms) all tasks were last asked for. A partial poll may ask for some of them. */
  readonly listedAt: number;
  readonly tasks: readonly TaskSeen[];
  readonly nodes: readonly NodeSeen[];
  /** Why the nodes cannot be read. Then `nodes` has those of the tasks, with their ids as names. */
  readonly noNodes?: string;
}

/** Why the manager gave no answer. */
export interface Unreachable {
  readonly reason: string;
  /** True if it is locked: it does nothing until it is unlocked. */
  readonly locked?: true;
  /** If it is no manager any more: the addresses of the managers that it knows. */
  readonly managers?: readonly string[];
}

/** One poll of the swarm, or why it gave nothing. `at` is in milliseconds, by a clock that only goes forward. */
export type Observation =
  | Seen
  /** The manager says that there is no such service. */
  | { readonly kind: 'removed'; readonly at: number }
  /** The manager, or a proxy before it, refuses the request for good. */
  | { readonly kind: 'refused'; readonly at: number; readonly reason: string }
  | ({ readonly kind: 'unreachable'; readonly at: number } & Unreachable)
  | { readonly kind: 'interrupted'; readonly at: number; readonly signal: 'SIGINT' | 'SIGTERM' };
