/**
 * Converts the engine's wire types to the types of rollout/observation.ts. Texts that people will see are made
 * printable here. Texts that are compared with placement constraints stay unchanged.
 */
import { createHash } from 'node:crypto';
import type {
  HealthTimes,
  Mode,
  NodeSeen,
  UpdatePolicy,
  ServiceSeen,
  TaskSeen,
} from '../rollout/observation.ts';
import { nearest } from '../values/integer.ts';
import { printable } from '../values/printable.ts';
import { stringifyExact } from '../values/exact-json.ts';
import type { Healthcheck, Service, ServiceSpec, Task, UpdateConfig } from '../api/service.ts';
import { nodeNames } from './node-names.ts';
import type { Node } from '../api/cluster.ts';
import { DEFAULT_MONITOR, DEFAULT_RESTART_DELAY } from '../api/defaults.ts';

/** A digest of a spec as the engine sent it. Equal specs have equal digests; the spec can't be read from it. */
export function digestOf(spec: ServiceSpec): string {
  return createHash('sha256').update(stringifyExact(spec)).digest('hex').slice(0, 16);
}

/**
 * A service. Fields that its spec does not set get the engine's defaults.
 * @param ownedOf returns the digest of the fields of a spec that the watched change set
 */
export function serviceSeen(
  { ID, Version, Spec, PreviousSpec, UpdateStatus, JobStatus }: Service,
  ownedOf: (spec: ServiceSpec) => string,
): ServiceSeen {
  const { State, Message, StartedAt, CompletedAt } = UpdateStatus ?? {};
  const task = FAILED_TASK.exec(Message ?? '')?.[1];
  const iteration = JobStatus?.JobIteration?.Index;
  return {
    id: ID,
    // Every name that the engine accepts is printable already (swarmkit manager/controlapi/common.go, isValidDNSName).
    name: printable(Spec.Name ?? ''),
    version: Version.Index,
    spec: digestOf(Spec),
    owned: ownedOf(Spec),
    ...(PreviousSpec === undefined ? {} : { previousSpec: digestOf(PreviousSpec) }),
    image: printable(Spec.TaskTemplate.ContainerSpec?.Image ?? ''),
    mode: modeOf(Spec),
    ...(State === undefined ? {} : { update: { state: State, message: printable(Message ?? '') } }),
    ...(StartedAt === undefined ? {} : { updateStartedAt: Date.parse(StartedAt) }),
    ...(CompletedAt === undefined ? {} : { updateCompletedAt: Date.parse(CompletedAt) }),
    ...(task === undefined ? {} : { updateTask: task }),
    updatePolicy: policyFrom(Spec.UpdateConfig),
    rollbackPolicy: policyFrom(Spec.RollbackConfig),
    restart: Spec.TaskTemplate.RestartPolicy?.Condition ?? 'any',
    restartDelay: milliseconds(Spec.TaskTemplate.RestartPolicy?.Delay ?? DEFAULT_RESTART_DELAY),
    constraints: Spec.TaskTemplate.Placement?.Constraints ?? [],
    ...(PreviousSpec === undefined
      ? {}
      : { previousConstraints: PreviousSpec.TaskTemplate.Placement?.Constraints ?? [] }),
    ...healthCheckOf(Spec),
    ...(iteration === undefined ? {} : { jobIteration: iteration }),
  };
}

/**
 * The end of UpdateStatus.Message: the task whose failure made the engine pause or roll back (swarmkit
 * manager/orchestrator/update/updater.go).
 */
const FAILED_TASK = /of task (\w+)$/;

/** Whether the service has a health check. An empty test says nothing: the image's own health check applies. */
function healthCheckOf({ TaskTemplate }: ServiceSpec): Pick<ServiceSeen, 'healthCheck' | 'health'> {
  const { Healthcheck } = TaskTemplate.ContainerSpec ?? {};
  const [kind = ''] = Healthcheck?.Test ?? [];
  return {
    ...(kind === '' ? {} : { healthCheck: kind !== 'NONE' }),
    ...(Healthcheck === undefined || kind === 'NONE' ? {} : { health: healthTimes(Healthcheck) }),
  };
}

/** Nanoseconds and a number, where a health check leaves them out (moby daemon/health.go). */
const DEFAULT_INTERVAL = 30e9;
const DEFAULT_TIMEOUT = 30e9;
const DEFAULT_START_INTERVAL = 5e9;
const DEFAULT_RETRIES = 3;

/**
 * The check fails for good after so many failures in a row (retries); those within the start period do not count (moby
 * daemon/health.go, handleProbeResult).
 */
function healthTimes({ Interval, Timeout, Retries, StartPeriod, StartInterval }: Healthcheck): HealthTimes {
  const time = (value: number | undefined, standard: number): number =>
    milliseconds(value === undefined || nearest(value) === 0 ? standard : value);
  const startPeriod = milliseconds(StartPeriod ?? 0);
  const interval = time(Interval, DEFAULT_INTERVAL);
  const first =
    startPeriod === 0 ? interval : Math.min(interval, time(StartInterval, DEFAULT_START_INTERVAL));
  const retries = nearest(Retries ?? 0) || DEFAULT_RETRIES;
  return {
    startPeriod,
    least: first + (retries - 1) * interval,
    most: startPeriod + interval + retries * (interval + time(Timeout, DEFAULT_TIMEOUT)),
  };
}

/** The mode. The engine's defaults are one replica, one completion, one job task at a time. */
function modeOf({ Mode: mode }: ServiceSpec): Mode {
  if (mode?.Global !== undefined) return { kind: 'global' };
  if (mode?.GlobalJob !== undefined) return { kind: 'global-job' };
  if (mode?.ReplicatedJob !== undefined) {
    const { TotalCompletions = 1 } = mode.ReplicatedJob;
    return { kind: 'replicated-job', completions: TotalCompletions };
  }
  return { kind: 'replicated', replicas: mode?.Replicated?.Replicas ?? 1 };
}

function policyFrom(config: UpdateConfig | undefined): UpdatePolicy {
  return {
    monitor: milliseconds(config?.Monitor ?? DEFAULT_MONITOR),
    delay: milliseconds(config?.Delay ?? 0),
    failureAction: config?.FailureAction ?? 'pause',
  };
}

const milliseconds = (nanoseconds: number): number => nearest(nanoseconds) / 1e6;

/**
 * A task.
 * @param upToDate whether it has the current spec; the task itself does not say, so it comes from the `_up-to-date`
 * filter
 */
export function taskSeen(task: Task, upToDate: boolean): TaskSeen {
  const { State, Err = '', Message = '', ContainerStatus, Timestamp } = task.Status;
  const iteration = task.JobIteration?.Index;
  const stopGrace = task.Spec.ContainerSpec?.StopGracePeriod;
  return {
    id: task.ID,
    ...(task.Slot === undefined ? {} : { slot: task.Slot }),
    ...(task.NodeID === undefined || task.NodeID === '' ? {} : { nodeId: task.NodeID }),
    createdAt: task.CreatedAt,
    ...(task.UpdatedAt === undefined ? {} : { updatedAt: task.UpdatedAt }),
    ...(Timestamp === undefined || Timestamp === '' ? {} : { since: Date.parse(Timestamp) }),
    state: State,
    desired: task.DesiredState,
    upToDate,
    image: printable(task.Spec.ContainerSpec?.Image ?? ''),
    error: printable(Err),
    message: printable(Message),
    ...(ContainerStatus?.ExitCode === undefined ? {} : { exitCode: ContainerStatus.ExitCode }),
    ...(iteration === undefined ? {} : { jobIteration: iteration }),
    ...(stopGrace === undefined ? {} : { stopGrace: milliseconds(stopGrace) }),
  };
}

/** All nodes of the swarm, with names that tell them apart (node-names.ts). */
export function nodesSeen(nodes: readonly Node[]): NodeSeen[] {
  const names = nodeNames(nodes);
  return nodes.map((node) => nodeSeen(node, names));
}

/**
 * A node. `attributes` has everything that a placement constraint can test, under the constraint's names. The values
 * are the engine's own: constraints compare the raw architecture, "x86_64", not Go's "amd64" (swarmkit
 * manager/constraint/constraint.go NodeMatches; seen on 28.5 and 20.10). Only Placement.Platforms uses Go's names.
 * @param names the names of all nodes by id
 */
export function nodeSeen(node: Node, names = nodeNames([node])): NodeSeen {
  const { ID, Spec, Description, Status, ManagerStatus } = node;
  const { OS = '', Architecture = '' } = Description?.Platform ?? {};
  const labels = (prefix: string, map: Record<string, string> | null | undefined) =>
    Object.fromEntries(Object.entries(map ?? {}).map(([key, value]) => [`${prefix}.labels.${key}`, value]));
  return {
    id: ID,
    name: names.get(ID) ?? ID,
    down: Status.State === 'down',
    ...(Status.State === 'unknown' ? { unknown: true as const } : {}),
    availability: Spec.Availability ?? 'active',
    attributes: {
      'node.id': ID,
      'node.hostname': Description?.Hostname ?? '',
      'node.ip': Status.Addr ?? '',
      // Spec.Role is the desired role. A node that is being demoted remains a manager until it has left the raft
      // group (swarmkit manager/role_manager.go reconcileRole).
      'node.role': ManagerStatus === undefined ? (Spec.Role ?? '') : 'manager',
      'node.platform.os': OS,
      'node.platform.arch': Architecture,
      ...labels('node', Spec.Labels),
      ...labels('engine', Description?.Engine?.Labels),
    },
  };
}
