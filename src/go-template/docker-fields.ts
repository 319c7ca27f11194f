/**
 * The Go types that docker (28, and where it says so 29) decodes a service into. They tell the zero value of what the engine left out, the order
 * in which a struct's fields are printed, and which numbers are durations. They follow moby's api/types/swarm and
 * api/types/mount; a field that is missing here is taken from the data (values.ts, fieldOf).
 */
import { show } from './printf.ts';
import { DURATION, TIME } from './time.ts';
import {
  ANY,
  BOOL,
  INT,
  INT64,
  STRING,
  UINT8,
  amount,
  entry,
  listOf,
  mapOf,
  method,
  pointerTo,
  record,
  text,
  value,
} from './values.ts';
import { splitOnce } from '../values/text.ts';
import type { Field, GoType, Own, Value } from './values.ts';

/** Permissions as Go shows them: "-r--r--r--". */
const showMode = (given: Value): string =>
  `-${Array.from('rwxrwxrwx', (letter, index) => ((amount(given) >> (8 - index)) & 1 ? letter : '-')).join('')}`;

/**
 * A network address, "10.0.0.2/24": to docker 29 a value with methods, to docker 28 a text. This is both, so that templates for
 * either work.
 */
const PREFIX: GoType = {
  ...STRING,
  own: {
    shows: text,
    methods: {
      Addr: method(STRING, (given) => splitOnce(text(given), '/')[0]),
      Bits: method(INT, (given) => Number(splitOnce(text(given), '/')[1] ?? -1)),
      String: method(STRING, text),
    },
  },
};

const SCALARS: readonly GoType[] = [
  ...[ANY, STRING, BOOL, INT, INT64, UINT8, DURATION, TIME],
  { kind: 'uint', name: 'uint32' },
  { kind: 'uint', name: 'uint64' },
  { kind: 'float', name: 'float32' },
  { kind: 'uint', name: 'fs.FileMode', own: { shows: showMode } },
];

/**
 * Each paragraph is a struct: its name, in package swarm unless another is named, and its fields as NAME:TYPE. A field
 * without a type is a string, +NAME is an embedded struct, and {} is a map. Types that are neither here nor in SCALARS
 * are strings with a type name of their own. SwapBytes and MemorySwappiness are fields of docker 29.
 */
const STRUCTS = `
Service: ID +Meta Spec:ServiceSpec PreviousSpec:*ServiceSpec Endpoint:Endpoint UpdateStatus:*UpdateStatus
  ServiceStatus:*ServiceStatus JobStatus:*JobStatus
Meta: Version:Version CreatedAt:time.Time UpdatedAt:time.Time
Version: Index:uint64
ServiceSpec: +Annotations TaskTemplate:TaskSpec Mode:ServiceMode UpdateConfig:*UpdateConfig
  RollbackConfig:*UpdateConfig Networks:[]NetworkAttachmentConfig EndpointSpec:*EndpointSpec
Annotations: Name Labels:{}string
Endpoint: Spec:EndpointSpec Ports:[]PortConfig VirtualIPs:[]EndpointVirtualIP
EndpointSpec: Mode:ResolutionMode Ports:[]PortConfig
PortConfig: Name Protocol:PortConfigProtocol TargetPort:uint32 PublishedPort:uint32 PublishMode:PortConfigPublishMode
EndpointVirtualIP: NetworkID Addr:netip.Prefix
UpdateStatus: State:UpdateState StartedAt:*time.Time CompletedAt:*time.Time Message
ServiceStatus: RunningTasks:uint64 DesiredTasks:uint64 CompletedTasks:uint64
JobStatus: JobIteration:Version LastExecution:time.Time
ServiceMode: Replicated:*ReplicatedService Global:*GlobalService ReplicatedJob:*ReplicatedJob GlobalJob:*GlobalJob
ReplicatedService: Replicas:*uint64
GlobalService:
ReplicatedJob: MaxConcurrent:*uint64 TotalCompletions:*uint64
GlobalJob:
UpdateConfig: Parallelism:uint64 Delay:time.Duration FailureAction Monitor:time.Duration MaxFailureRatio:float32 Order
TaskSpec: ContainerSpec:*ContainerSpec PluginSpec:*any NetworkAttachmentSpec:*any Resources:*ResourceRequirements
  RestartPolicy:*RestartPolicy Placement:*Placement Networks:[]NetworkAttachmentConfig LogDriver:*Driver
  ForceUpdate:uint64 Runtime:RuntimeType
ResourceRequirements: Limits:*Limit Reservations:*Resources SwapBytes:*int64 MemorySwappiness:*int64
Limit: NanoCPUs:int64 MemoryBytes:int64 Pids:int64
Resources: NanoCPUs:int64 MemoryBytes:int64 GenericResources:[]GenericResource
GenericResource: NamedResourceSpec:*NamedGenericResource DiscreteResourceSpec:*DiscreteGenericResource
NamedGenericResource: Kind Value
DiscreteGenericResource: Kind Value:int64
RestartPolicy: Condition:RestartPolicyCondition Delay:*time.Duration MaxAttempts:*uint64 Window:*time.Duration
Placement: Constraints:[]string Preferences:[]PlacementPreference MaxReplicas:uint64 Platforms:[]Platform
PlacementPreference: Spread:*SpreadOver
SpreadOver: SpreadDescriptor
Platform: Architecture OS
NetworkAttachmentConfig: Target Aliases:[]string DriverOpts:{}string
Driver: Name Options:{}string
ContainerSpec: Image Labels:{}string Command:[]string Args:[]string Hostname Env:[]string Dir User Groups:[]string
  Privileges:*Privileges Init:*bool StopSignal TTY:bool OpenStdin:bool ReadOnly:bool Mounts:[]mount.Mount
  StopGracePeriod:*time.Duration Healthcheck:*v1.HealthcheckConfig Hosts:[]string DNSConfig:*DNSConfig
  Secrets:[]*SecretReference Configs:[]*ConfigReference Isolation:container.Isolation Sysctls:{}string
  CapabilityAdd:[]string CapabilityDrop:[]string Ulimits:[]*units.Ulimit OomScoreAdj:int64
Privileges: CredentialSpec:*CredentialSpec SELinuxContext:*SELinuxContext Seccomp:*SeccompOpts AppArmor:*AppArmorOpts
  NoNewPrivileges:bool
CredentialSpec: Config File Registry
SELinuxContext: Disable:bool User Role Type Level
SeccompOpts: Mode:SeccompMode Profile:[]uint8
AppArmorOpts: Mode:AppArmorMode
mount.Mount: Type:mount.Type Source Target ReadOnly:bool Consistency:mount.Consistency BindOptions:*mount.BindOptions
  VolumeOptions:*mount.VolumeOptions ImageOptions:*mount.ImageOptions TmpfsOptions:*mount.TmpfsOptions
  ClusterOptions:*any
mount.BindOptions: Propagation:mount.Propagation NonRecursive:bool CreateMountpoint:bool ReadOnlyNonRecursive:bool
  ReadOnlyForceRecursive:bool
mount.VolumeOptions: NoCopy:bool Labels:{}string Subpath DriverConfig:*mount.Driver
mount.Driver: Name Options:{}string
mount.ImageOptions: Subpath
mount.TmpfsOptions: SizeBytes:int64 Mode:fs.FileMode Options:[][]string
v1.HealthcheckConfig: Test:[]string Interval:time.Duration Timeout:time.Duration StartPeriod:time.Duration
  StartInterval:time.Duration Retries:int
DNSConfig: Nameservers:[]string Search:[]string Options:[]string
SecretReference: File:*FileTarget SecretID SecretName
ConfigReference: File:*FileTarget Runtime:*any ConfigID ConfigName
FileTarget: Name UID GID Mode:fs.FileMode
units.Ulimit: Name Hard:int64 Soft:int64
`;

const OWN: Readonly<Record<string, Own>> = {
  Version: { shows: ({ data }) => show(value(INT, entry(data, 'Index'))) },
  'units.Ulimit': {
    shows: ({ data }) => {
      const { Name = '', Soft = 0, Hard = 0 } = record(data);
      return `${String(Name)}=${String(Soft)}:${String(Hard)}`;
    },
  },
};

/** The type of a service; made when a template needs it. */
export function serviceType(): GoType {
  const structs = new Map(
    Array.from(STRUCTS.matchAll(/^([\w.]+):((?:.|\n )*)/gm), ([, name = '', fields = '']) => [name, fields]),
  );
  const typeOf = (notation: string): GoType => {
    if (notation.startsWith('*')) return pointerTo(typeOf(notation.slice(1)));
    if (notation.startsWith('[]')) return listOf(typeOf(notation.slice(2)));
    if (notation.startsWith('{}')) return mapOf(typeOf(notation.slice(2)));
    if (notation === 'netip.Prefix') return PREFIX;
    const name = notation.includes('.') ? notation : `swarm.${notation}`;
    const fields = structs.get(notation);
    if (fields === undefined) return SCALARS.find((one) => one.name === notation) ?? { kind: 'string', name };
    return { kind: 'struct', name, own: OWN[notation], fields: (fields.match(/\S+/g) ?? []).map(readField) };
  };
  const readField = (field: string): Field => {
    const [name = '', type = 'string'] = field.replace(/^\+(.*)/, '$1:$1').split(':');
    return { name, type: typeOf(type), embedded: field.startsWith('+') };
  };
  return typeOf('Service');
}
