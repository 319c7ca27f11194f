/** Observations made by hand, for what no trace happens to show. */
import type {
  NodeSeen,
  Observation,
  Seen,
  ServiceSeen,
  TaskSeen,
} from '../../../../src/rollout/observation.ts';
import { reduce, start } from '../../../../src/rollout/reduce.ts';
import type { Intent, RolloutState } from '../../../../src/rollout/state.ts';

/** Some fields of another value; undefined takes one out. */
export type Fields<T> = { readonly [K in keyof T]?: T[K] | undefined };

const withFields = <T extends object>(whole: T, fields: Fields<T>): T =>
  Object.fromEntries(
    Object.entries({ ...whole, ...fields }).filter(([, value]) => value !== undefined),
  ) as unknown as T;

/** When every made rollout starts: milliseconds since the epoch. */
export const T0 = Date.parse('2026-01-01T00:00:00Z');

export const service = (fields: Fields<ServiceSeen> = {}): ServiceSeen =>
  withFields<ServiceSeen>(
    {
      id: 'service',
      name: 'web',
      version: 10,
      spec: 'new',
      owned: 'new',
      previousSpec: 'old',
      image: 'registry/ping:1.1@sha256:bbb',
      mode: { kind: 'replicated', replicas: 2 },
      updatePolicy: { monitor: 5_000, delay: 0, failureAction: 'pause' },
      rollbackPolicy: { monitor: 5_000, delay: 0, failureAction: 'pause' },
      restart: 'any',
      restartDelay: 5_000,
      constraints: [],
    },
    {
      // Where a test says nothing else, another spec is one that changes what is ours, and an update that the engine
      // calls completed is one of the tasks that are there.
      ...('spec' in fields ? { owned: fields.spec } : {}),
      ...(fields.update?.state.endsWith('completed') === true ? { updateCompletedAt: T0 + 3_600_000 } : {}),
      ...fields,
    },
  );

let count = 0;

/** A running task of the new spec in slot 1; each made one is newer than the one before. */
export function task(fields: Partial<TaskSeen> = {}): TaskSeen {
  count += 1;
  return {
    id: `task${count}`,
    slot: 1,
    nodeId: 'n1',
    createdAt: new Date(T0 + count).toISOString(),
    state: 'running',
    desired: 'running',
    upToDate: true,
    image: 'registry/ping:1.1@sha256:bbb',
    error: '',
    message: '',
    ...fields,
  };
}

/** A task of the spec before. */
export const oldTask = (fields: Partial<TaskSeen> = {}): TaskSeen =>
  task({ upToDate: false, image: 'registry/ping:1.0@sha256:aaa', ...fields });

export const failedTask = (fields: Partial<TaskSeen> = {}): TaskSeen =>
  task({ state: 'failed', desired: 'shutdown', error: 'task: non-zero exit (3)', exitCode: 3, ...fields });

export const node = (id: string, fields: Partial<NodeSeen> = {}): NodeSeen => ({
  id,
  name: id,
  down: false,
  availability: 'active',
  attributes: {},
  ...fields,
});

export const NODES = [node('n1'), node('n2'), node('n3')];

/** A poll so many seconds after the start. */
export const seen = (
  seconds: number,
  tasks: readonly TaskSeen[],
  fields: Fields<ServiceSeen> = {},
  nodes: readonly NodeSeen[] = NODES,
): Seen => {
  const at = T0 + seconds * 1_000;
  return { kind: 'seen', at, service: service(fields), listedAt: at, tasks, nodes };
};

export const UPDATE: Intent = {
  action: 'update',
  serviceId: 'service',
  name: 'web',
  startedAt: T0,
  replaced: 'old',
  owned: 'new',
  replacedOwned: 'old',
  versionBefore: 9,
  imageBefore: 'registry/ping:1.0@sha256:aaa',
  progressDeadline: 600_000,
  maxFailures: 3,
};

/** The state after the observations. */
export function after(intent: Fields<Intent>, ...observations: readonly Observation[]): RolloutState {
  return observations.reduce(reduce, start(withFields(UPDATE, intent)));
}

/** A create, of a service that has no spec before. */
export const CREATE: Fields<Intent> = { action: 'create', replaced: undefined, imageBefore: undefined };
