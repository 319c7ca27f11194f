/** A service of the fake engine: what the wire shows of it, over the model of a swarm that moves its tasks (unit/rollout/support/swarm). */
import { createHash } from 'node:crypto';
import type {
  PortConfig,
  Service,
  ServiceSpec,
  Task,
  TaskSpec,
  UpdateConfig,
} from '../../../src/api/service.ts';
import type { Node } from '../../../src/api/cluster.ts';
import { EPOCH } from '../fake-clock.ts';
import { isOfSpec } from '../../unit/rollout/support/swarm/model.ts';
import type * as Model from '../../unit/rollout/support/swarm/model.ts';
import { advance, writeNode } from '../../unit/rollout/support/swarm/store.ts';
import {
  createService,
  makeSwarm,
  postSpec,
  removeService,
  rollBackByHand,
} from '../../unit/rollout/support/swarm/swarm.ts';
import { imageOf } from './images.ts';

/** How long (ms) things take in this swarm. */
const SPEEDS: Model.Speeds = { reaction: 2, pull: 150, start: 50, stop: 10 };
/** So long (ms) after an update the ports of the spec before are still allocated. */
const ALLOCATION = 300;

/** A service that the engine has stored. */
export interface Stored {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly swarm: Model.Swarm;
  /** What was posted, by the label of the model's spec. */
  readonly specs: ServiceSpec[];
  /** The task templates, by the id of the model's template. */
  readonly templates: Map<string, TaskSpec>;
  /** The ports of the spec before, and until when (ms) they stay allocated. */
  last: { readonly ports: readonly PortConfig[]; readonly until: number };
}

const ids = new Map<string, string>();
/** An id of the engine's form, always the same for the same values. */
function idOf(...of: readonly unknown[]): string {
  const text = JSON.stringify(of);
  let id = ids.get(text);
  if (id === undefined) {
    const hash = createHash('sha256').update(text).digest('hex');
    ids.set(text, (id = BigInt(`0x${hash}`).toString(36).slice(0, 25)));
  }
  return id;
}

/** Stores a new service. @param count how many were stored before */
export function createStored(posted: ServiceSpec, now: number, count: number): Stored {
  const swarm = makeSwarm(SPEEDS);
  Object.assign(swarm, { now, answersFrom: now, reportsFrom: now });
  const name = posted.Name || `service${count}`;
  const one: Stored = {
    id: idOf('service', count, name),
    name,
    createdAt: now,
    swarm,
    specs: [],
    templates: new Map(),
    last: { ports: [], until: 0 },
  };
  createService(swarm, modelSpec(one, storedSpec({ ...posted, Name: name })), 'us');
  return one;
}

export function updateStored(one: Stored, posted: ServiceSpec): void {
  const ports = serviceOf(one).Spec.EndpointSpec?.Ports ?? [];
  one.last = { ports, until: one.swarm.now + ALLOCATION };
  postSpec(one.swarm, modelSpec(one, storedSpec(posted)), 'us');
}
/** The engine's rollback to the previous spec. There has to be one. */
export const rollBackStored = ({ swarm }: Stored): void => rollBackByHand(swarm, 'us');
export const removeStored = ({ swarm }: Stored): void => removeService(swarm);
/** Lets the swarm work until now. */
export const proceed = ({ swarm }: Stored, now: number): void => advance(swarm, now);

export function setNode({ swarm }: Stored, id: string, to: Model.SwarmNode['availability'] | 'down'): void {
  const node = swarm.nodes.find((one) => one.id === id);
  if (node !== undefined)
    writeNode(swarm, node, to === 'down' ? { down: true } : { down: false, availability: to });
}

/** What the engine adds to a spec when it stores it (moby daemon/cluster/convert/service.go, seen on 28.5). */
function storedSpec(posted: ServiceSpec): ServiceSpec {
  const { TaskTemplate, Labels, Mode, ...others } = posted;
  const { ContainerSpec, Resources, ...template } = TaskTemplate;
  return {
    Labels: Labels ?? {},
    ...others,
    TaskTemplate: {
      ContainerSpec: { ...ContainerSpec, Isolation: ContainerSpec?.Isolation ?? 'default' },
      Resources: Resources ?? {},
      ...template,
      ForceUpdate: TaskTemplate.ForceUpdate ?? 0,
      Runtime: 'container',
    },
    Mode:
      Mode?.Global === undefined
        ? { Replicated: { Replicas: Mode?.Replicated?.Replicas ?? 1 } }
        : { Global: {} },
  };
}

function modelSpec(one: Stored, spec: ServiceSpec): Model.Spec {
  const { TaskTemplate, EndpointSpec, Mode, UpdateConfig, RollbackConfig } = spec;
  const { RestartPolicy = {}, Placement, ContainerSpec } = TaskTemplate;
  const { Runtime: _, ...template } = TaskTemplate;
  const { Placement: __, ...rest } = template;
  const id = idOf('template', one.id, TaskTemplate, EndpointSpec).slice(0, 22);
  one.templates.set(id, template);
  return {
    template: {
      id,
      behaviour: imageOf(ContainerSpec?.Image ?? '').behaviour,
      restart: (RestartPolicy.Condition || 'any') as Model.Template['restart'],
      restartDelay: (RestartPolicy.Delay ?? 5e9) / 1e6,
      maxAttempts: RestartPolicy.MaxAttempts ?? 0,
      constraints: Placement?.Constraints ?? [],
      rest: idOf('rest', one.id, rest, EndpointSpec),
    },
    mode:
      Mode?.Global === undefined
        ? { kind: 'replicated', replicas: Mode?.Replicated?.Replicas ?? 1 }
        : { kind: 'global' },
    label: one.specs.push(spec) - 1,
    updatePolicy: policyOf(UpdateConfig),
    rollbackPolicy: policyOf(RollbackConfig),
  };
}

/** The engine's defaults are in swarmkit api/defaults/service.go. */
const policyOf = (config: UpdateConfig | undefined): Model.Policy => ({
  monitor: (config?.Monitor ?? 5e9) / 1e6,
  delay: (config?.Delay ?? 0) / 1e6,
  failureAction: (config?.FailureAction || 'pause') as Model.Policy['failureAction'],
  parallelism: config?.Parallelism ?? 1,
  maxFailureRatio: config?.MaxFailureRatio ?? 0,
  order: (config?.Order || 'stop-first') as Model.Policy['order'],
});

const times = new Map<number, string>();
/** As Go writes a time. Every poll shows the same times again. */
function timeOf(ms: number): string {
  let text = times.get(ms);
  if (text === undefined) times.set(ms, (text = new Date(EPOCH + ms).toISOString()));
  return text;
}

/** The service as GET shows it. @throws when it is removed */
export function serviceOf(one: Stored): Service {
  const { service } = one.swarm;
  if (service === undefined) throw new Error(`${one.name} is removed`);
  const { version, spec, previous, update } = service;
  const specOf = ({ label }: Model.Spec): ServiceSpec => {
    const found = one.specs[label];
    if (found === undefined) throw new Error('a spec that nobody has posted');
    return found;
  };
  const Spec = specOf(spec);
  const ports = one.swarm.now < one.last.until ? [...one.last.ports] : (Spec.EndpointSpec?.Ports ?? []);
  return {
    ID: one.id,
    Version: { Index: 10 * version },
    CreatedAt: timeOf(one.createdAt),
    UpdatedAt: timeOf(one.swarm.now),
    Spec,
    ...(previous === undefined ? {} : { PreviousSpec: specOf(previous.spec) }),
    Endpoint: { Spec: Spec.EndpointSpec ?? {}, ...(ports.length === 0 ? {} : { Ports: ports }) },
    ...(update === undefined
      ? {}
      : {
          UpdateStatus: {
            State: update.state,
            StartedAt: timeOf(update.startedAt),
            ...(update.completedAt === undefined ? {} : { CompletedAt: timeOf(update.completedAt) }),
            Message: update.message,
          },
        }),
  };
}

/** A task, whether it is of the current spec, and its name. */
export interface Listed {
  readonly task: Task;
  readonly isUpToDate: boolean;
  readonly name: string;
}

export function tasksOf({ id, name, swarm, templates }: Stored): Listed[] {
  const { service } = swarm;
  return swarm.tasks.map((task) => ({
    task: taskOf(task, id, templates.get(task.template.id) ?? {}),
    isUpToDate: service !== undefined && isOfSpec(task, service),
    name: `${name}.${task.slot === 0 ? (task.node ?? '') : task.slot}.${task.id}`,
  }));
}

function taskOf(task: Model.Task, serviceId: string, template: TaskSpec): Task {
  const { state, exitCode, runningSince, slot, node } = task;
  const image = template.ContainerSpec?.Image ?? '';
  const error = state === 'rejected' ? `No such image: ${image}` : task.error;
  return {
    ID: task.id,
    ...{ Version: { Index: task.since }, Labels: {} },
    CreatedAt: timeOf(task.createdAt),
    UpdatedAt: timeOf(task.since),
    Spec: template,
    ServiceID: serviceId,
    ...(slot === 0 ? {} : { Slot: slot }),
    ...(node === undefined ? {} : { NodeID: node }),
    Status: {
      Timestamp: timeOf(task.since),
      State: state,
      Message: MESSAGES[state] ?? state,
      ...(error === '' ? {} : { Err: error }),
      ...(exitCode === undefined && runningSince === undefined
        ? {}
        : { ContainerStatus: { ContainerID: idOf(task.id), PID: 0, ExitCode: exitCode ?? 0 } }),
      PortStatus: {},
    },
    DesiredState: task.desired,
  };
}

/** What the engine says of a task in a state (swarmkit agent/exec/controller.go). */
const MESSAGES: Readonly<Record<string, string>> = {
  pending: 'pending task scheduling',
  running: 'started',
  failed: 'started',
  complete: 'finished',
  rejected: 'preparing',
};

/** @param changed what was posted of each node, by its id */
export const nodesOf = (
  nodes: readonly Model.SwarmNode[],
  changed: ReadonlyMap<string, { readonly version: number; readonly labels: Record<string, string> }>,
): Node[] =>
  nodes.map(({ id, zone, down, availability }, index) => ({
    ID: id,
    Version: { Index: changed.get(id)?.version ?? 1 },
    CreatedAt: timeOf(0),
    UpdatedAt: timeOf(0),
    Spec: {
      Labels: { zone, ...changed.get(id)?.labels },
      Role: index === 0 ? 'manager' : 'worker',
      Availability: availability,
    },
    Description: {
      Hostname: `node-${id}`,
      Platform: { Architecture: 'x86_64', OS: 'linux' },
      Resources: { NanoCPUs: 4e9, MemoryBytes: 8 * 2 ** 30 },
      Engine: { EngineVersion: '28.5.2', Plugins: [] },
    },
    Status: { State: down ? 'down' : 'ready', Addr: `10.0.0.${index + 1}` },
    ...(index === 0
      ? { ManagerStatus: { Leader: true, Reachability: 'reachable', Addr: '10.0.0.1:2377' } }
      : {}),
  }));
