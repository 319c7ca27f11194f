/**
 * A small model of a swarm: one service, its tasks, its nodes, and a clock that only the tests move. This file says what
 * is stored. The rules that move it are in swarm.ts and the files that it calls; they follow swarmkit at 3e72cb6. All
 * times are milliseconds.
 */
import type { UpdateState } from '../../../../../src/api/service.ts';
import type { Mode as AnyMode } from '../../../../../src/rollout/observation.ts';

/** Nothing updates the tasks of a job, so jobs are left out. */
export type Mode = Extract<AnyMode, { readonly kind: 'replicated' | 'global' }>;

/** What the containers of an image do. */
export type Behaviour =
  | { readonly kind: 'runs' }
  | { readonly kind: 'crashes'; readonly after: number }
  | { readonly kind: 'ends'; readonly after: number }
  /** The first tasks crash, the later ones run. */
  | { readonly kind: 'recovers'; readonly after: number; readonly crashes: number }
  /** It never gets from "starting" to "running": its health check neither passes nor fails. */
  | { readonly kind: 'hangs' }
  /** Its health check fails, the engine stops it, and it exits with 0. */
  | { readonly kind: 'unhealthy'; readonly after: number }
  /** No node can pull it. */
  | { readonly kind: 'missing' };

/** A task template. Equal ids are equal templates. */
export interface Template {
  readonly id: string;
  readonly behaviour: Behaviour;
  readonly restart: 'none' | 'on-failure' | 'any';
  readonly restartDelay: number;
  /** 0 is without limit. */
  readonly maxAttempts: number;
  readonly constraints: readonly string[];
  /** Equal for templates that differ in their placement alone; absent: no other template is such a one. */
  readonly rest?: string;
}

export interface Policy {
  readonly monitor: number;
  readonly delay: number;
  readonly failureAction: 'pause' | 'continue' | 'rollback';
  /** 0 is all at once. */
  readonly parallelism: number;
  readonly maxFailureRatio: number;
  readonly order: 'stop-first' | 'start-first';
}

export interface Spec {
  readonly template: Template;
  readonly mode: Mode;
  /** The value of a service label, which replaces no task. */
  readonly label: number;
  readonly updatePolicy: Policy;
  readonly rollbackPolicy: Policy;
}

/** A spec with what the engine gives each version of it. */
export interface StoredSpec {
  readonly spec: Spec;
  readonly specVersion: number;
}

export interface Service extends StoredSpec {
  readonly version: number;
  /** Who stored the current spec. */
  readonly author: 'us' | 'other' | 'engine';
  readonly previous?: StoredSpec | undefined;
  readonly update?: UpdateStatus | undefined;
}

export interface UpdateStatus {
  readonly state: UpdateState;
  readonly message: string;
  readonly startedAt: number;
  readonly completedAt?: number;
}

export interface Task {
  readonly id: string;
  /** Its number among the tasks of its template. */
  readonly number: number;
  readonly slot: number;
  node: string | undefined;
  readonly template: Template;
  readonly specVersion: number;
  readonly createdAt: number;
  state: string;
  desired: string;
  since: number;
  runningSince: number | undefined;
  /** It has ended on its node, but the manager does not know yet. */
  isGone: boolean;
  error: string;
  exitCode: number | undefined;
  /** What its node will do next with it. */
  work: { readonly kind: 'start' | 'stop'; readonly timer: Timer } | undefined;
}

export interface SwarmNode {
  readonly id: string;
  readonly zone: string;
  down: boolean;
  availability: 'active' | 'pause' | 'drain';
}

export interface Timer {
  readonly at: number;
  readonly run: () => void;
  isCancelled: boolean;
}

/** How long (ms) things take in this swarm. */
export interface Speeds {
  /** The manager's reaction to a change. */
  readonly reaction: number;
  readonly pull: number;
  readonly start: number;
  readonly stop: number;
}

/** A task that is to start once its restart delay is over and the task before it has stopped. */
export interface DelayedStart {
  readonly task: Task;
  readonly readyAt: number;
  readonly giveUpAt: number;
  readonly waitsFor: Task | undefined;
  /** The task ended before it was to start: restart it afterwards. */
  restartAfterwards: boolean;
}

/** A task as it was when the updater was told of it. */
export interface Captured {
  readonly task: Task;
  readonly desired: string;
}

/** One of an updater's workers: it replaces the tasks of one slot after the other. */
export interface Worker {
  phase: 'idle' | 'delayedStart' | 'starting' | 'delaying';
  slot: readonly Captured[];
  task: Task | undefined;
  delayedStart: DelayedStart | undefined;
  until: number;
}

/** An update or rollback in progress. */
export interface Updater {
  readonly stored: StoredSpec;
  readonly isRollback: boolean;
  readonly policy: Policy;
  readonly dirtyCount: number;
  readonly queue: (readonly Captured[])[];
  readonly workers: readonly Worker[];
  /** The tasks that it created, and when they got to "running". */
  readonly created: Map<Task, number | undefined>;
  readonly failed: Set<Task>;
  isStopped: boolean;
  monitorsUntil: number | undefined;
}

export interface Swarm {
  now: number;
  /** The manager has restarted: until then it does not answer, and until then no node has told it anything. */
  answersFrom: number;
  reportsFrom: number;
  readonly speeds: Speeds;
  readonly nodes: readonly SwarmNode[];
  /** Undefined once it is removed. */
  service: Service | undefined;
  tasks: Task[];
  /** All tasks that have ended, also those that are deleted by now. */
  readonly ended: Task[];
  readonly taskCounts: Map<string, number>;
  readonly timers: Timer[];
  readonly delayedStarts: Set<DelayedStart>;
  updater: Updater | undefined;
  /** How many restarts each slot has had, and of which spec. */
  readonly restarts: Map<string, { readonly specVersion: number; readonly count: number }>;
  /** What the orchestrator has yet to see. */
  written: Written;
  willReact: boolean;
  willReap: boolean;
  react: (swarm: Swarm) => void;
  /** They grow with every change, so that a poll can tell what is as it was. */
  readonly revisions: { service: number; tasks: number; nodes: number };
}

/** What the orchestrator has not seen before: whether the service was written, and which nodes were. */
export interface Written {
  readonly service: boolean;
  readonly nodes: readonly SwarmNode[];
}

export const NOTHING_WRITTEN: Written = { service: false, nodes: [] };

/** The task states in the order in which the engine counts them (swarmkit api/types.proto, TaskState). */
const ORDER: readonly string[] = [
  'new',
  'pending',
  'assigned',
  'preparing',
  'ready',
  'starting',
  'running',
  'complete',
  'shutdown',
  'failed',
  'rejected',
  'remove',
];
const RANKS: Readonly<Record<string, number>> = Object.fromEntries(
  ORDER.map((state, index) => [state, index]),
);
export const rank = (state: string): number => RANKS[state] ?? -1;
export const RUNNING = rank('running');

export const isTerminal = ({ state }: Task): boolean => rank(state) > RUNNING;
/** Whether the engine wants a task to get to "running". */
export const isWanted = ({ desired }: Pick<Task, 'desired'>): boolean => rank(desired) <= RUNNING;
/** Whether a node is at work on a task. */
export const isOnNode = (task: Task): boolean => rank(task.state) >= rank('assigned') && !isTerminal(task);

/** Whether the spec of a service with this template shows a health check. */
export const hasHealthCheck = ({ behaviour }: Template): boolean => behaviour.kind === 'unhealthy';

export const isOnEachNode = ({ mode }: Spec): boolean => mode.kind === 'global';

/** Whether a task is of a spec (swarmkit manager/orchestrator/task.go, IsTaskDirty). */
export const isOfSpec = (task: Task, { specVersion, spec }: StoredSpec): boolean =>
  task.specVersion === specVersion ||
  task.template.id === spec.template.id ||
  (task.template.rest !== undefined &&
    task.template.rest === spec.template.rest &&
    spec.template.constraints.every(
      (one) => task.template.constraints.includes(one) || isAboutNode(one, task.node),
    ));

export const keyOf = (task: Pick<Task, 'slot' | 'node'>, spec: Spec): string =>
  isOnEachNode(spec) ? (task.node ?? '') : String(task.slot);

export const nodeOf = (swarm: Swarm, { node }: Task): SwarmNode | undefined =>
  node === undefined ? undefined : swarm.nodes.find(({ id }) => id === node);
export const isInvalid = ({ down, availability }: SwarmNode): boolean => down || availability === 'drain';
export const matches = ({ id, zone }: SwarmNode, { constraints }: Template): boolean =>
  constraints.every(
    (constraint) => constraint === `node.labels.zone==${zone}` || isAboutNode(constraint, id),
  );

/** Whether a constraint allows this node by its id, or excludes another one. */
function isAboutNode(constraint: string, node: string | undefined): boolean {
  const [, operator, id] = /^node\.id(==|!=)(.*)$/.exec(constraint) ?? [];
  return operator !== undefined && (operator === '==') === (id === node);
}
