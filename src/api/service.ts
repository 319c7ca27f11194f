/**
 * The Engine API's Swarm types, narrowed to the fields this program reads. Objects keep every other field
 * the engine sent: an update writes back what it did not touch.
 */
/** How far the engine is with the last update. Absent before the first, and cleared by every update. */
export type UpdateState =
  'updating' | 'paused' | 'completed' | 'rollback_started' | 'rollback_paused' | 'rollback_completed';

/** A JSON object whose other fields are kept but not looked at. */
export type Open = Record<string, unknown>;

export interface ServiceSpec extends Open {
  Name?: string;
  Labels?: Record<string, string> | null;
  TaskTemplate: TaskSpec;
  Mode?: ServiceMode;
  UpdateConfig?: UpdateConfig;
  RollbackConfig?: UpdateConfig;
  EndpointSpec?: EndpointSpec;
  /** Where services of engines before 17.05 keep what TaskTemplate.Networks holds now. */
  Networks?: NetworkAttachment[] | null;
}

export interface TaskSpec extends Open {
  ContainerSpec?: ContainerSpec;
  Resources?: ResourceRequirements;
  RestartPolicy?: RestartPolicy;
  Placement?: Placement;
  Networks?: NetworkAttachment[];
  LogDriver?: { Name?: string; Options?: Record<string, string> | null };
  ForceUpdate?: number;
  Runtime?: string;
}

export interface ContainerSpec extends Open {
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
  Privileges?: Open & { CredentialSpec?: CredentialSpec | null };
}

/** Durations in nanoseconds. */
export interface Healthcheck extends Open {
  Test?: string[] | null;
  Interval?: number;
  Timeout?: number;
  Retries?: number;
  StartPeriod?: number;
  StartInterval?: number;
}

/** Sizes in bytes, Mode as a number. */
export interface Mount extends Open {
  Type?: string;
  Source?: string;
  Target?: string;
  ReadOnly?: boolean;
  Consistency?: string;
  BindOptions?: Open & { Propagation?: string };
  VolumeOptions?: Open & {
    Labels?: Record<string, string> | null;
    DriverConfig?: Open & { Name?: string; Options?: Record<string, string> | null };
  };
  ImageOptions?: Open;
  TmpfsOptions?: Open & { SizeBytes?: number; Mode?: number };
}

export interface DNSConfig extends Open {
  Nameservers?: string[] | null;
  Search?: string[] | null;
  Options?: string[] | null;
}

export interface Ulimit extends Open {
  Name: string;
  Hard?: number;
  Soft?: number;
}

/** Where a secret or config shows up in the container. */
export interface FileTarget extends Open {
  Name: string;
  UID: string;
  GID: string;
  Mode: number;
}

export interface SecretReference extends Open {
  SecretID?: string;
  SecretName: string;
  File?: FileTarget;
}

export interface ConfigReference extends Open {
  ConfigID?: string;
  ConfigName: string;
  File?: FileTarget;
  /** There where the engine itself reads the config, as a credential spec. */
  Runtime?: Open;
}

export interface CredentialSpec extends Open {
  Config?: string;
  File?: string;
  Registry?: string;
}

/** Amounts: NanoCPUs in 1e-9 cpus, MemoryBytes in bytes. */
export interface Resources extends Open {
  NanoCPUs?: number;
  MemoryBytes?: number;
  Pids?: number;
  GenericResources?: GenericResource[] | null;
}

export interface GenericResource extends Open {
  DiscreteResourceSpec?: { Kind: string; Value: number };
  NamedResourceSpec?: { Kind: string; Value: string };
}

/** SwapBytes in bytes, -1 for no limit; MemorySwappiness 0 to 100, -1 for the node's own. */
export interface ResourceRequirements extends Open {
  Limits?: Resources;
  Reservations?: Resources;
  SwapBytes?: number;
  MemorySwappiness?: number;
}

/** Delay and Window in nanoseconds. */
export interface RestartPolicy extends Open {
  Condition?: string;
  Delay?: number;
  MaxAttempts?: number;
  Window?: number;
}

export interface Placement extends Open {
  Constraints?: string[] | null;
  Preferences?: { Spread?: { SpreadDescriptor?: string } }[] | null;
  Platforms?: { Architecture?: string; OS?: string }[] | null;
  MaxReplicas?: number;
}

export interface ServiceMode extends Open {
  Replicated?: { Replicas?: number };
  Global?: Open;
  ReplicatedJob?: { MaxConcurrent?: number; TotalCompletions?: number };
  GlobalJob?: Open;
}

/** Delay and Monitor in nanoseconds. */
export interface UpdateConfig extends Open {
  Parallelism: number;
  Delay?: number;
  FailureAction?: string;
  Monitor?: number;
  MaxFailureRatio: number;
  Order?: string;
}

export interface PortConfig extends Open {
  Name?: string;
  Protocol?: string;
  TargetPort?: number;
  PublishedPort?: number;
  PublishMode?: string;
}

export interface EndpointSpec extends Open {
  Mode?: string;
  Ports?: PortConfig[] | null;
}

export interface NetworkAttachment extends Open {
  Target?: string;
  Aliases?: string[] | null;
  DriverOpts?: Record<string, string> | null;
}

export interface UpdateStatus extends Open {
  State?: UpdateState;
  StartedAt?: string;
  CompletedAt?: string;
  Message?: string;
}

export interface Service extends Open {
  ID: string;
  Version: { Index: number };
  CreatedAt: string;
  UpdatedAt: string;
  Spec: ServiceSpec;
  PreviousSpec?: ServiceSpec;
  Endpoint?: Open & { Spec?: EndpointSpec; Ports?: PortConfig[] | null };
  UpdateStatus?: UpdateStatus;
  JobStatus?: { JobIteration?: { Index?: number }; LastExecution?: string };
}

/** Its spec may be the very object that other tasks have. */
export interface Task {
  ID: string;
  CreatedAt: string;
  ServiceID: string;
  Slot?: number | undefined;
  NodeID?: string | undefined;
  DesiredState: string;
  Spec: { ContainerSpec?: { Image?: string | undefined } };
  Status: TaskStatus;
  JobIteration?: { Index?: number } | undefined;
}

export interface TaskStatus extends Open {
  Timestamp?: string;
  State: string;
  Message?: string;
  Err?: string;
  ContainerStatus?: { ContainerID?: string; PID?: number; ExitCode?: number };
  PortStatus?: { Ports?: PortConfig[] | null };
}
