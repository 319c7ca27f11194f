/**
 * The Engine API's types for services and tasks, narrowed to the fields that this program uses. Objects keep
 * every other field that the engine sent, because an update sends the whole spec back.
 *
 * Optional fields follow Go's JSON encoding: an empty list or map can be absent, null or empty. Numbers of 64
 * bits can be bigints although their type is `number` (values/integer.ts exactNumber).
 */

/**
 * The state of the last update or rollback. It is absent before the first one, and every update request clears it
 * (swarmkit manager/controlapi/service.go UpdateService).
 */
export type UpdateState =
  'updating' | 'paused' | 'completed' | 'rollback_started' | 'rollback_paused' | 'rollback_completed';

/** A JSON object with further fields, which are kept but not used. */
export type OpenObject = Record<string, unknown>;

export interface ServiceSpec extends OpenObject {
  Name?: string;
  Labels?: Record<string, string> | null;
  TaskTemplate: TaskSpec;
  Mode?: ServiceMode;
  UpdateConfig?: UpdateConfig;
  RollbackConfig?: UpdateConfig;
  EndpointSpec?: EndpointSpec;
  /** The field that TaskTemplate.Networks replaced in API 1.25. Services of old engines can still have it. */
  Networks?: NetworkAttachment[] | null;
}

export interface TaskSpec extends OpenObject {
  ContainerSpec?: ContainerSpec;
  Resources?: ResourceRequirements;
  RestartPolicy?: RestartPolicy;
  Placement?: Placement;
  Networks?: NetworkAttachment[];
  LogDriver?: { Name?: string; Options?: Record<string, string> | null };
  ForceUpdate?: number;
  Runtime?: string;
}

export interface ContainerSpec extends OpenObject {
  Image?: string;
  Labels?: Record<string, string> | null;
  Command?: string[] | null;
  Args?: string[] | null;
  Env?: string[] | null;
  Healthcheck?: Healthcheck;
  StopGracePeriod?: number;
  StopSignal?: string;
  Dir?: string;
  User?: string;
  Groups?: string[] | null;
  Hostname?: string;
  Init?: boolean;
  TTY?: boolean;
  ReadOnly?: boolean;
  Isolation?: string;
  Mounts?: Mount[] | null;
  Hosts?: string[] | null;
  DNSConfig?: DNSConfig;
  Sysctls?: Record<string, string> | null;
  Ulimits?: Ulimit[] | null;
  CapabilityAdd?: string[] | null;
  CapabilityDrop?: string[] | null;
  OomScoreAdj?: number;
  Secrets?: SecretReference[] | null;
  Configs?: ConfigReference[] | null;
  Privileges?: OpenObject & { CredentialSpec?: CredentialSpec | null };
}

/** The durations are nanoseconds. `Test: ["NONE"]` disables the image's check. */
export interface Healthcheck extends OpenObject {
  Test?: string[] | null;
  Interval?: number;
  Timeout?: number;
  Retries?: number;
  StartPeriod?: number;
  StartInterval?: number;
}

/** SizeBytes is in bytes; Mode is a file mode such as 0o1777. */
export interface Mount extends OpenObject {
  Type?: string;
  Source?: string;
  Target?: string;
  ReadOnly?: boolean;
  Consistency?: string;
  BindOptions?: OpenObject & { Propagation?: string };
  VolumeOptions?: OpenObject & {
    Labels?: Record<string, string> | null;
    DriverConfig?: OpenObject & { Name?: string; Options?: Record<string, string> | null };
  };
  ImageOptions?: OpenObject;
  TmpfsOptions?: OpenObject & { SizeBytes?: number; Mode?: number };
}

export interface DNSConfig extends OpenObject {
  Nameservers?: string[] | null;
  Search?: string[] | null;
  Options?: string[] | null;
}

export interface Ulimit extends OpenObject {
  Name: string;
  Hard?: number;
  Soft?: number;
}

/** The file in the container that has the content of a secret or config. Mode is a file mode such as 0o444. */
export interface FileTarget extends OpenObject {
  Name: string;
  UID: string;
  GID: string;
  Mode: number;
}

export interface SecretReference extends OpenObject {
  SecretID?: string;
  SecretName: string;
  File?: FileTarget;
}

export interface ConfigReference extends OpenObject {
  ConfigID?: string;
  ConfigName: string;
  File?: FileTarget;
  /** Present, in place of File, if the engine itself reads the config: it is the credential spec. */
  Runtime?: OpenObject;
}

export interface CredentialSpec extends OpenObject {
  Config?: string;
  File?: string;
  Registry?: string;
}

/** NanoCPUs: 1e9 is one CPU. MemoryBytes is in bytes. Pids is a number of processes, 0 is unlimited. */
export interface Resources extends OpenObject {
  NanoCPUs?: number;
  MemoryBytes?: number;
  Pids?: number;
  GenericResources?: GenericResource[] | null;
}

export interface GenericResource extends OpenObject {
  DiscreteResourceSpec?: { Kind: string; Value: number };
  NamedResourceSpec?: { Kind: string; Value: string };
}

/** SwapBytes is in bytes, -1 is unlimited. MemorySwappiness is 0 to 100, -1 is the default of the node. */
export interface ResourceRequirements extends OpenObject {
  Limits?: Resources;
  Reservations?: Resources;
  SwapBytes?: number;
  MemorySwappiness?: number;
}

/** Delay and Window are nanoseconds. */
export interface RestartPolicy extends OpenObject {
  Condition?: string;
  Delay?: number;
  MaxAttempts?: number;
  Window?: number;
}

export interface Placement extends OpenObject {
  Constraints?: string[] | null;
  Preferences?: { Spread?: { SpreadDescriptor?: string } }[] | null;
  Platforms?: Platform[] | null;
  MaxReplicas?: number;
}

/** A field that is empty is any. */
export interface Platform {
  Architecture?: string;
  OS?: string;
}

export interface ServiceMode extends OpenObject {
  Replicated?: { Replicas?: number };
  Global?: OpenObject;
  ReplicatedJob?: { MaxConcurrent?: number; TotalCompletions?: number };
  GlobalJob?: OpenObject;
}

/** Delay and Monitor are nanoseconds. Parallelism 0 is all tasks at once. MaxFailureRatio is 0 to 1. */
export interface UpdateConfig extends OpenObject {
  Parallelism: number;
  Delay?: number;
  FailureAction?: string;
  Monitor?: number;
  MaxFailureRatio: number;
  Order?: string;
}

export interface PortConfig extends OpenObject {
  Protocol?: string;
  TargetPort?: number;
  PublishedPort?: number;
  PublishMode?: string;
}

export interface EndpointSpec extends OpenObject {
  Mode?: string;
  Ports?: PortConfig[] | null;
}

export interface NetworkAttachment extends OpenObject {
  Target?: string;
  Aliases?: string[] | null;
  DriverOpts?: Record<string, string> | null;
}

export interface UpdateStatus extends OpenObject {
  State?: UpdateState;
  StartedAt?: string;
  CompletedAt?: string;
  Message?: string;
}

export interface Service extends OpenObject {
  ID: string;
  Version: { Index: number };
  CreatedAt: string;
  UpdatedAt: string;
  Spec: ServiceSpec;
  PreviousSpec?: ServiceSpec;
  Endpoint?: OpenObject & { Spec?: EndpointSpec; Ports?: PortConfig[] | null };
  UpdateStatus?: UpdateStatus;
  /** Only where it was asked for. */
  ServiceStatus?: { RunningTasks?: number };
  JobStatus?: { JobIteration?: { Index?: number } };
}

/** A task. Tasks can share one Spec object (engine/task-list.ts), so never change it. */
export interface Task {
  ID: string;
  CreatedAt: string;
  UpdatedAt?: string;
  ServiceID: string;
  Slot?: number | undefined;
  NodeID?: string | undefined;
  DesiredState: string;
  /** The task template of the service when the task was made. */
  Spec: TaskSpec;
  Status: TaskStatus;
  JobIteration?: { Index?: number } | undefined;
}

export interface TaskStatus extends OpenObject {
  Timestamp?: string;
  State: string;
  Message?: string;
  Err?: string;
  ContainerStatus?: { ContainerID?: string; PID?: number; ExitCode?: number };
  PortStatus?: { Ports?: PortConfig[] | null };
}
