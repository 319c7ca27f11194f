/**
 * The Engine API's Swarm types, narrowed to the fields this program reads. Objects keep every other field
 * the engine sent: an update writes back what it did not touch.
 */

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
  Healthcheck?: Open & { Test?: string[] | null };
  StopGracePeriod?: number;
}

/** Amounts: NanoCPUs in 1e-9 cpus, MemoryBytes in bytes. */
export interface Resources extends Open {
  NanoCPUs?: number;
  MemoryBytes?: number;
  Pids?: number;
}

export interface ResourceRequirements extends Open {
  Limits?: Resources;
  Reservations?: Resources;
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

export type UpdateState =
  'updating' | 'paused' | 'completed' | 'rollback_started' | 'rollback_paused' | 'rollback_completed';

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

export interface Task extends Open {
  ID: string;
  Version: { Index: number };
  CreatedAt: string;
  UpdatedAt: string;
  ServiceID: string;
  Slot?: number;
  NodeID?: string;
  DesiredState: string;
  Spec: TaskSpec;
  Status: TaskStatus;
  JobIteration?: { Index?: number };
}

export interface TaskStatus extends Open {
  Timestamp?: string;
  State: string;
  Message?: string;
  Err?: string;
  ContainerStatus?: { ContainerID?: string; PID?: number; ExitCode?: number };
  PortStatus?: { Ports?: PortConfig[] | null };
}

export interface Node extends Open {
  ID: string;
  Spec: Open & {
    Name?: string;
    Labels?: Record<string, string> | null;
    Role?: string;
    Availability?: string;
  };
  Description?: Open & {
    Hostname?: string;
    Platform?: { Architecture?: string; OS?: string };
    Engine?: { EngineVersion?: string; Labels?: Record<string, string> | null };
  };
  Status: Open & { State: string; Addr?: string };
}

/** A network, secret or config, as far as a name is looked up for its id. */
export interface Named extends Open {
  ID?: string;
  Id?: string;
  Name?: string;
  Spec?: Open & { Name?: string };
}

/** What the registry says of an image (GET /distribution/{name}/json). */
export interface Distribution extends Open {
  Descriptor: { digest?: string };
  Platforms?: { architecture?: string; os?: string; variant?: string }[] | null;
}
