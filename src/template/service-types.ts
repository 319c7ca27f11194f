/** The Go types of a service, field by field in docker's order: what a template of `inspect --format` sees. */
import { formatDuration } from '../values/duration.ts';
import {
  BOOL,
  FLOAT32,
  FLOAT64,
  INT,
  INT64,
  STRING,
  STRINGS,
  STRING_MAP,
  UINT32,
  UINT64,
  amount,
  listOf,
  named,
  pointerTo,
  record,
  string,
  struct,
  value,
} from './go-types.ts';
import type { Scalar, Struct } from './go-types.ts';
import { TIME } from './go-time.ts';
import { show } from './show.ts';

const DURATION: Scalar = {
  kind: 'int',
  name: 'time.Duration',
  own: {
    shows: (given) => formatDuration(amount(given)),
    methods: {
      String: { takes: 0, call: (given) => string(formatDuration(amount(given))) },
      Hours: { takes: 0, call: (given) => value(FLOAT64, amount(given) / 3600e9) },
      Minutes: { takes: 0, call: (given) => value(FLOAT64, amount(given) / 60e9) },
      Seconds: { takes: 0, call: (given) => value(FLOAT64, amount(given) / 1e9) },
      Milliseconds: { takes: 0, call: (given) => value(INT64, Math.trunc(amount(given) / 1e6)) },
      Microseconds: { takes: 0, call: (given) => value(INT64, Math.trunc(amount(given) / 1e3)) },
      Nanoseconds: { takes: 0, call: (given) => value(INT64, amount(given)) },
    },
  },
};

/** "-r--r--r--": permissions as Go shows them. */
const FILE_MODE: Scalar = {
  kind: 'uint',
  name: 'fs.FileMode',
  own: {
    shows: (given) =>
      `-${Array.from('rwxrwxrwx', (letter, index) => ((amount(given) >> (8 - index)) & 1 ? letter : '-')).join('')}`,
    methods: {},
  },
};

const Driver = struct('swarm.Driver', { Name: STRING, Options: STRING_MAP });
const Version = struct(
  'swarm.Version',
  { Index: UINT64 },
  { own: { shows: ({ data }) => show(value(UINT64, record(data)['Index'])), methods: {} } },
);
const Meta = struct('swarm.Meta', { Version, CreatedAt: TIME, UpdatedAt: TIME });
const Annotations = struct('swarm.Annotations', { Name: STRING, Labels: STRING_MAP });

const CredentialSpec = struct('swarm.CredentialSpec', { Config: STRING, File: STRING, Registry: STRING });
const SELinuxContext = struct('swarm.SELinuxContext', {
  Disable: BOOL,
  User: STRING,
  Role: STRING,
  Type: STRING,
  Level: STRING,
});
const SeccompOpts = struct('swarm.SeccompOpts', {
  Mode: named('swarm.SeccompMode'),
  Profile: listOf(UINT32),
});
const AppArmorOpts = struct('swarm.AppArmorOpts', { Mode: named('swarm.AppArmorMode') });
const Privileges = struct('swarm.Privileges', {
  CredentialSpec: pointerTo(CredentialSpec),
  SELinuxContext: pointerTo(SELinuxContext),
  Seccomp: pointerTo(SeccompOpts),
  AppArmor: pointerTo(AppArmorOpts),
  NoNewPrivileges: BOOL,
});

const BindOptions = struct('mount.BindOptions', {
  Propagation: named('mount.Propagation'),
  NonRecursive: BOOL,
  CreateMountpoint: BOOL,
  ReadOnlyNonRecursive: BOOL,
  ReadOnlyForceRecursive: BOOL,
});
const VolumeOptions = struct('mount.VolumeOptions', {
  NoCopy: BOOL,
  Labels: STRING_MAP,
  Subpath: STRING,
  DriverConfig: pointerTo(struct('mount.Driver', { Name: STRING, Options: STRING_MAP })),
});
const Mount = struct('mount.Mount', {
  Type: named('mount.Type'),
  Source: STRING,
  Target: STRING,
  ReadOnly: BOOL,
  Consistency: named('mount.Consistency'),
  BindOptions: pointerTo(BindOptions),
  VolumeOptions: pointerTo(VolumeOptions),
  ImageOptions: pointerTo(struct('mount.ImageOptions', { Subpath: STRING })),
  TmpfsOptions: pointerTo(
    struct('mount.TmpfsOptions', { SizeBytes: INT64, Mode: FILE_MODE, Options: listOf(STRINGS) }),
  ),
  ClusterOptions: pointerTo(struct('mount.ClusterOptions', {})),
});

const HealthConfig = struct('v1.HealthcheckConfig', {
  Test: STRINGS,
  Interval: DURATION,
  Timeout: DURATION,
  StartPeriod: DURATION,
  StartInterval: DURATION,
  Retries: INT,
});
const DNSConfig = struct('swarm.DNSConfig', { Nameservers: STRINGS, Search: STRINGS, Options: STRINGS });
const fileTarget = (name: string): Struct =>
  struct(name, { Name: STRING, UID: STRING, GID: STRING, Mode: FILE_MODE });
const SecretReference = struct('swarm.SecretReference', {
  File: pointerTo(fileTarget('swarm.SecretReferenceFileTarget')),
  SecretID: STRING,
  SecretName: STRING,
});
const ConfigReference = struct('swarm.ConfigReference', {
  File: pointerTo(fileTarget('swarm.ConfigReferenceFileTarget')),
  Runtime: pointerTo(struct('swarm.ConfigReferenceRuntimeTarget', {})),
  ConfigID: STRING,
  ConfigName: STRING,
});
const Ulimit = struct(
  'units.Ulimit',
  { Name: STRING, Hard: INT64, Soft: INT64 },
  {
    own: {
      shows: ({ data }) => {
        const { Name = '', Soft = 0, Hard = 0 } = record(data);
        return `${String(Name)}=${String(Soft)}:${String(Hard)}`;
      },
      methods: {},
    },
  },
);

const ContainerSpec = struct('swarm.ContainerSpec', {
  Image: STRING,
  Labels: STRING_MAP,
  Command: STRINGS,
  Args: STRINGS,
  Hostname: STRING,
  Env: STRINGS,
  Dir: STRING,
  User: STRING,
  Groups: STRINGS,
  Privileges: pointerTo(Privileges),
  Init: pointerTo(BOOL),
  StopSignal: STRING,
  TTY: BOOL,
  OpenStdin: BOOL,
  ReadOnly: BOOL,
  Mounts: listOf(Mount),
  StopGracePeriod: pointerTo(DURATION),
  Healthcheck: pointerTo(HealthConfig),
  Hosts: STRINGS,
  DNSConfig: pointerTo(DNSConfig),
  Secrets: listOf(pointerTo(SecretReference)),
  Configs: listOf(pointerTo(ConfigReference)),
  Isolation: named('container.Isolation'),
  Sysctls: STRING_MAP,
  CapabilityAdd: STRINGS,
  CapabilityDrop: STRINGS,
  Ulimits: listOf(pointerTo(Ulimit)),
  OomScoreAdj: INT64,
});

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
