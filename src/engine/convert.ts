/**
 * The wire's answers as what rollout/ knows of a swarm. Texts that are shown to people are made printable here; those
 * that placement constraints are compared with stay as they are.
 */
import { createHash } from 'node:crypto';
import type { Mode, NodeSeen, UpdatePolicy, ServiceSeen, TaskSeen } from '../rollout/observation.ts';
import { nearest } from '../values/integer.ts';
import { printable } from '../values/printable.ts';
import { stringifyExact } from './exact-json.ts';
import type { Service, ServiceSpec, Task, UpdateConfig } from '../api/service.ts';
import type { Node } from '../api/cluster.ts';

/** What the engine does where a spec says nothing (swarmkit's defaults). */
const DEFAULT_MONITOR = 5e9;

/** A digest of a spec as the engine gave it; equal for equal specs, and it shows nothing of what is in it. */
export function digestOf(spec: ServiceSpec): string {
  return createHash('sha256').update(stringifyExact(spec)).digest('hex').slice(0, 16);
}

/** A digest of a part of a spec, and of what it may hold as the engine leaves out: null, empty, zero and false. */
export function canonicalDigest(part: object): string {
  return createHash('sha256').update(canonical(part)).digest('hex').slice(0, 16);
}

/** Keys in order, without what says nothing; the runtime is written by the engine alone (moby daemon/cluster/convert). */
function canonical(part: object): string {
  return stringifyExact(bare(part) ?? {});
}

/** A value without what says nothing to an engine. */
export function bare(value: unknown): unknown {
  if (value === null || value === '' || value === 0 || value === false) return undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((one) => bare(one) ?? null);
  if (typeof value !== 'object') return value;
  const entries = Object.entries(value)
    .filter(([key, one]) => !(key === 'Runtime' && one === 'container'))
    .map(([key, one]) => [key, bare(one)] as const)
    .filter(([, one]) => one !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * A service; what its spec leaves out is as the engine takes it.
 * @param ownedOf gives the digest of what the watched change owns of a spec
 */
export function serviceSeen(
  { ID, Version, Spec, PreviousSpec, UpdateStatus, JobStatus }: Service,
  ownedOf: (spec: ServiceSpec) => string,
): ServiceSeen {
  const { State, Message, StartedAt, CompletedAt } = UpdateStatus ?? {};
  const task = BLAMED.exec(Message ?? '')?.[1];
  const iteration = JobStatus?.JobIteration?.Index;
  return {
    id: ID,
    // The engine holds no name that this would change (swarmkit manager/controlapi/common.go, isValidDNSName).
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
    constraints: Spec.TaskTemplate.Placement?.Constraints ?? [],
    ...healthCheckOf(Spec),
    ...(iteration === undefined ? {} : { jobIteration: iteration }),
  };
}

/** How the engine names the task over which it pauses or rolls back (swarmkit manager/orchestrator/update, updater.go). */
const BLAMED = /of task (\w+)$/;

/** An empty test leaves the check to the image. */
function healthCheckOf({ TaskTemplate }: ServiceSpec): { healthCheck?: boolean } {
  const [kind = ''] = TaskTemplate.ContainerSpec?.Healthcheck?.Test ?? [];
  return kind === '' ? {} : { healthCheck: kind !== 'NONE' };
}

function modeOf({ Mode: mode }: ServiceSpec): Mode {
  if (mode?.Global !== undefined) return { kind: 'global' };
  if (mode?.GlobalJob !== undefined) return { kind: 'global-job' };
  if (mode?.ReplicatedJob !== undefined) {
    const { TotalCompletions = 1, MaxConcurrent = 1 } = mode.ReplicatedJob;
    return { kind: 'replicated-job', completions: TotalCompletions, concurrent: MaxConcurrent };
  }
  return { kind: 'replicated', replicas: mode?.Replicated?.Replicas ?? 1 };
}

function policyFrom(config: UpdateConfig | undefined): UpdatePolicy {
  return {
    monitor: nearest(config?.Monitor ?? DEFAULT_MONITOR) / 1e6,
    delay: nearest(config?.Delay ?? 0) / 1e6,
    failureAction: config?.FailureAction ?? 'pause',
  };
}

/** A task; `upToDate` is the engine's word on whether it is of the current spec, which the task itself does not say. */
export function taskSeen(task: Task, upToDate: boolean): TaskSeen {
  const { State, Err = '', Message = '', ContainerStatus, Timestamp } = task.Status;
  const iteration = task.JobIteration?.Index;
  return {
    id: task.ID,
    ...(task.Slot === undefined ? {} : { slot: task.Slot }),
    ...(task.NodeID === undefined || task.NodeID === '' ? {} : { nodeId: task.NodeID }),
    createdAt: task.CreatedAt,
    ...(Timestamp === undefined || Timestamp === '' ? {} : { since: Date.parse(Timestamp) }),
    state: State,
    desired: task.DesiredState,
    upToDate,
    image: printable(task.Spec.ContainerSpec?.Image ?? ''),
    error: printable(Err),
    message: printable(Message),
    ...(ContainerStatus?.ExitCode === undefined ? {} : { exitCode: ContainerStatus.ExitCode }),
    ...(iteration === undefined ? {} : { jobIteration: iteration }),
  };
}

/**
 * A node, with everything that placement constraints can ask of it under the names that they use. The values are as the
 * engine has them: constraints compare the raw architecture, "x86_64", not Go's "amd64" (swarmkit
 * manager/constraint/constraint.go NodeMatches, and seen on 28.5 and 20.10; Go's names count for Placement.Platforms only).
 */
export function nodeSeen({ ID, Spec, Description, Status, ManagerStatus }: Node): NodeSeen {
  const { OS = '', Architecture = '' } = Description?.Platform ?? {};
  const name = Description?.Hostname ?? '';
  const labels = (prefix: string, map: Record<string, string> | null | undefined) =>
    Object.fromEntries(Object.entries(map ?? {}).map(([key, value]) => [`${prefix}.labels.${key}`, value]));
  return {
    id: ID,
    name: printable(Spec.Name !== undefined && Spec.Name !== '' ? Spec.Name : name),
    down: Status.State === 'down',
    availability: Spec.Availability ?? 'active',
    attributes: {
      'node.id': ID,
      'node.hostname': name,
      'node.ip': Status.Addr ?? '',
      // Spec.Role is the role that was asked for. A node that is being demoted counts as a manager until it has left
      // the managers' raft (swarmkit manager/role_manager.go reconcileRole).
      'node.role': ManagerStatus === undefined ? (Spec.Role ?? '') : 'manager',
      'node.platform.os': OS,
      'node.platform.arch': Architecture,
      ...labels('node', Spec.Labels),
      ...labels('engine', Description?.Engine?.Labels),
    },
  };
}
