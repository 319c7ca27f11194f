/** What is seen of a swarm at one moment, in plain values. engine/observe.ts makes it, traces record it. */

import type { UpdateState } from '../api/service.ts';

/** How many tasks a service wants, and how they end. */
export type Mode =
  | { readonly kind: 'replicated'; readonly replicas: number }
  | { readonly kind: 'global' }
  | { readonly kind: 'replicated-job'; readonly completions: number; readonly concurrent: number }
  | { readonly kind: 'global-job' };

/** One direction of rolling: the engine's UpdateConfig or RollbackConfig. Times in milliseconds. */
export interface UpdatePolicy {
  readonly monitor: number;
  readonly delay: number;
  readonly failureAction: string;
}

export interface ServiceSeen {
  readonly id: string;
  readonly name: string;
  /** Moves with every change, the engine's own UpdateStatus included. */
  readonly version: number;
  /** A digest of the stored spec: equal means the same spec. */
  readonly spec: string;
  /** A digest of what our change owns of it: the task template, the ports, and the other fields that our flags named. */
  readonly owned: string;
  /** The digest of the spec before the last change; absent on a new service and after the engine rolled back by itself. */
  readonly previousSpec?: string;
  readonly image: string;
  readonly mode: Mode;
  /** Cleared by every update; absent while the engine has replaced no task. */
  readonly update?: { readonly state: UpdateState; readonly message: string };
  /** When it began, by the clock that also dates tasks: milliseconds since the epoch. A rollback by itself keeps it. */
  readonly updateStartedAt?: number;
  /** When the engine called it completed, by the same clock. */
  readonly updateCompletedAt?: number;
  /** The task over which the engine paused or rolled back, where it names one. */
  readonly updateTask?: string;
  readonly updatePolicy: UpdatePolicy;
  readonly rollbackPolicy: UpdatePolicy;
  /** The restart condition: none, on-failure or any. */
  readonly restart: string;
  readonly constraints: readonly string[];
  /** Whether the spec sets or disables a health check; absent where that is left to the image. */
  readonly healthCheck?: boolean;
  /** The current run of a job. */
  readonly jobIteration?: number;
}

export interface TaskSeen {
  readonly id: string;
  readonly slot?: number;
  readonly nodeId?: string;
  /** RFC 3339, by the manager's clock. Fractions of a second vary in length: texts alone do not sort (see slots.ts). */
  readonly createdAt: string;
  /** Since when it is in its state, by its node's clock: milliseconds since the epoch. */
  readonly since?: number;
  readonly state: string;
  readonly desired: string;
  /** False for a task of an older spec, as the engine itself judges it. */
  readonly upToDate: boolean;
  readonly image: string;
  /** The error in full, or empty. */
  readonly error: string;
  /** What the engine says of the state: "preparing", "pending task scheduling". */
  readonly message: string;
  readonly exitCode?: number;
  readonly jobIteration?: number;
}

export interface NodeSeen {
  readonly id: string;
  readonly name: string;
  readonly down: boolean;
  readonly availability: string;
  /** What placement constraints look at, by their own names: "node.role", "node.labels.zone", ... */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Seen {
  readonly kind: 'seen';
  readonly at: number;
  /** The manager's wall clock: milliseconds since the epoch. Only in the first of a change that was not sent. */
  readonly managerTime?: number;
  /** Some of it is as in a look before: enough to go on, not to end on. Equal parts are then the same objects. */
  readonly partial?: true;
  readonly service: ServiceSeen;
  readonly tasks: readonly TaskSeen[];
  readonly nodes: readonly NodeSeen[];
}

/** One poll of the swarm, or why it gave nothing. `at` is in milliseconds, by a clock that only goes forward. */
export type Observation =
  | Seen
  /** The manager says that there is no such service. */
  | { readonly kind: 'removed'; readonly at: number }
  /** The manager, or what stands before it, refuses the request for good. */
  | { readonly kind: 'refused'; readonly at: number; readonly reason: string }
  | { readonly kind: 'unreachable'; readonly at: number; readonly reason: string }
  | { readonly kind: 'interrupted'; readonly at: number; readonly signal: 'SIGINT' | 'SIGTERM' };
