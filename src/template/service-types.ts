/** The Go types of a service, field by field in docker's order: what a template of `inspect --format` sees. */
import { ContainerSpec } from './container-types.ts';
import { DURATION, TIME } from './go-time.ts';
import {
  BOOL,
  FLOAT32,
  INT64,
  STRING,
  STRINGS,
  STRING_MAP,
  UINT32,
  UINT64,
  listOf,
  named,
  pointerTo,
  record,
  struct,
  value,
} from './go-types.ts';
import type { Struct } from './go-types.ts';
import { show } from './show.ts';

const Driver = struct('swarm.Driver', { Name: STRING, Options: STRING_MAP });
const Version = struct(
  'swarm.Version',
  { Index: UINT64 },
  { own: { shows: ({ data }) => show(value(UINT64, record(data)['Index'])), methods: {} } },
);
const Meta = struct('swarm.Meta', { Version, CreatedAt: TIME, UpdatedAt: TIME });
const Annotations = struct('swarm.Annotations', { Name: STRING, Labels: STRING_MAP });

const GenericResource = struct('swarm.GenericResource', {
  NamedResourceSpec: pointerTo(struct('swarm.NamedGenericResource', { Kind: STRING, Value: STRING })),
  DiscreteResourceSpec: pointerTo(struct('swarm.DiscreteGenericResource', { Kind: STRING, Value: INT64 })),
});
const ResourceRequirements = struct('swarm.ResourceRequirements', {
  Limits: pointerTo(struct('swarm.Limit', { NanoCPUs: INT64, MemoryBytes: INT64, Pids: INT64 })),
  Reservations: pointerTo(
    struct('swarm.Resources', {
      NanoCPUs: INT64,
      MemoryBytes: INT64,
      GenericResources: listOf(GenericResource),
    }),
  ),
});
const RestartPolicy = struct('swarm.RestartPolicy', {
  Condition: named('swarm.RestartPolicyCondition'),
  Delay: pointerTo(DURATION),
  MaxAttempts: pointerTo(UINT64),
  Window: pointerTo(DURATION),
});
const PlacementPreference = struct('swarm.PlacementPreference', {
  Spread: pointerTo(struct('swarm.SpreadOver', { SpreadDescriptor: STRING })),
});
const Placement = struct('swarm.Placement', {
  Constraints: STRINGS,
  Preferences: listOf(PlacementPreference),
  MaxReplicas: UINT64,
  Platforms: listOf(struct('swarm.Platform', { Architecture: STRING, OS: STRING })),
});
const NetworkAttachmentConfig = struct('swarm.NetworkAttachmentConfig', {
  Target: STRING,
  Aliases: STRINGS,
  DriverOpts: STRING_MAP,
});
const PluginSpec = struct('runtime.PluginSpec', {
  Name: { key: 'name', type: STRING },
  Remote: { key: 'remote', type: STRING },
  Disabled: { key: 'disabled', type: BOOL },
  Env: { key: 'env', type: STRINGS },
});
const TaskSpec = struct('swarm.TaskSpec', {
  ContainerSpec: pointerTo(ContainerSpec),
  PluginSpec: pointerTo(PluginSpec),
  NetworkAttachmentSpec: pointerTo(struct('swarm.NetworkAttachmentSpec', { ContainerID: STRING })),
  Resources: pointerTo(ResourceRequirements),
  RestartPolicy: pointerTo(RestartPolicy),
  Placement: pointerTo(Placement),
  Networks: listOf(NetworkAttachmentConfig),
  LogDriver: pointerTo(Driver),
  ForceUpdate: UINT64,
  Runtime: named('swarm.RuntimeType'),
});

const ServiceMode = struct('swarm.ServiceMode', {
  Replicated: pointerTo(struct('swarm.ReplicatedService', { Replicas: pointerTo(UINT64) })),
  Global: pointerTo(struct('swarm.GlobalService', {})),
  ReplicatedJob: pointerTo(
    struct('swarm.ReplicatedJob', { MaxConcurrent: pointerTo(UINT64), TotalCompletions: pointerTo(UINT64) }),
  ),
  GlobalJob: pointerTo(struct('swarm.GlobalJob', {})),
});
const UpdateConfig = struct('swarm.UpdateConfig', {
  Parallelism: UINT64,
  Delay: DURATION,
  FailureAction: STRING,
  Monitor: DURATION,
  MaxFailureRatio: FLOAT32,
  Order: STRING,
});
const PortConfig = struct('swarm.PortConfig', {
  Name: STRING,
  Protocol: named('swarm.PortConfigProtocol'),
  TargetPort: UINT32,
  PublishedPort: UINT32,
  PublishMode: named('swarm.PortConfigPublishMode'),
});
const EndpointSpec = struct('swarm.EndpointSpec', {
  Mode: named('swarm.ResolutionMode'),
  Ports: listOf(PortConfig),
});
const ServiceSpec = struct(
  'swarm.ServiceSpec',
  {
    TaskTemplate: TaskSpec,
    Mode: ServiceMode,
    UpdateConfig: pointerTo(UpdateConfig),
    RollbackConfig: pointerTo(UpdateConfig),
    Networks: listOf(NetworkAttachmentConfig),
    EndpointSpec: pointerTo(EndpointSpec),
  },
  { embedded: { Annotations } },
);

const Endpoint = struct('swarm.Endpoint', {
  Spec: EndpointSpec,
  Ports: listOf(PortConfig),
  VirtualIPs: listOf(struct('swarm.EndpointVirtualIP', { NetworkID: STRING, Addr: STRING })),
});
const UpdateStatus = struct('swarm.UpdateStatus', {
  State: named('swarm.UpdateState'),
  StartedAt: pointerTo(TIME),
  CompletedAt: pointerTo(TIME),
  Message: STRING,
});
const JobStatus = struct('swarm.JobStatus', { JobIteration: Version, LastExecution: TIME });
const ServiceStatus = struct('swarm.ServiceStatus', {
  RunningTasks: UINT64,
  DesiredTasks: UINT64,
  CompletedTasks: UINT64,
});

const withId = struct(
  'swarm.Service',
  {
    ID: STRING,
    Spec: ServiceSpec,
    PreviousSpec: pointerTo(ServiceSpec),
    Endpoint,
    UpdateStatus: pointerTo(UpdateStatus),
    ServiceStatus: pointerTo(ServiceStatus),
    JobStatus: pointerTo(JobStatus),
  },
  { embedded: { Meta } },
);

/** A service of the engine; its id stands before what is embedded. */
export const SERVICE: Struct = {
  ...withId,
  fields: [...withId.fields].sort((a, b) => Number(b.name === 'ID') - Number(a.name === 'ID')),
};
