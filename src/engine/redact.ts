/**
 * The engine's replies without secrets, for traces. What the observer reads of a reply stays as it came. Of a spec, every other
 * text becomes a hash: equal texts have equal hashes, so specs stay equal or different. Keys, numbers and booleans stay.
 */
import { createHmac, randomBytes } from 'node:crypto';
import type { Node } from '../api/cluster.ts';
import type { Service, ServiceSpec, Task } from '../api/service.ts';

/** The texts of a spec that are shown: what convert.ts reads, and words of the Engine API that say how a service is rolled out. */
const SHOWN = new RegExp(
  `^(${[
    'Name',
    String.raw`TaskTemplate\.Runtime`,
    String.raw`TaskTemplate\.ContainerSpec\.Image`,
    // Whether there is a health check: "NONE", "CMD", "CMD-SHELL". What follows is the command.
    String.raw`TaskTemplate\.ContainerSpec\.Healthcheck\.Test\.0`,
    String.raw`TaskTemplate\.RestartPolicy\.Condition`,
    String.raw`TaskTemplate\.Placement\.Constraints\.\d+`,
    String.raw`TaskTemplate\.Placement\.Platforms\.\d+\.(Architecture|OS)`,
    String.raw`(Update|Rollback)Config\.(FailureAction|Order)`,
    String.raw`EndpointSpec\.(Mode|Ports\.\d+\.(Protocol|PublishMode))`,
  ].join('|')})$`,
);

/** How many characters of a hash stay: 48 bits. */
const LENGTH = 8;

/** Takes the secrets out of replies; equal texts become equal hashes within one redaction only. */
export interface Redaction {
  readonly spec: (spec: ServiceSpec) => ServiceSpec;
  readonly service: (service: Service) => Service;
  readonly task: (task: Task) => Task;
  readonly node: (node: Node) => Node;
}

/** @param salt keeps texts that can be guessed from being recognized by their hash */
export function redaction(salt: Uint8Array = randomBytes(16)): Redaction {
  const hash = (text: string): string =>
    createHmac('sha256', salt).update(text).digest('base64url').slice(0, LENGTH);

  const hidden = (value: unknown, path: readonly string[]): unknown => {
    // An empty text is the same as none to the form that is compared (service-spec/same.ts).
    if (typeof value === 'string') return value === '' || SHOWN.test(path.join('.')) ? value : hash(value);
    if (Array.isArray(value)) return value.map((one, index) => hidden(one, [...path, String(index)]));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, hidden(one, [...path, key])] as const),
    );
  };
  const spec = (one: ServiceSpec): ServiceSpec => hidden(one, []) as ServiceSpec;

  return {
    spec,
    service: ({ ID, Version, CreatedAt, UpdatedAt, Spec, PreviousSpec, UpdateStatus, JobStatus }) => ({
      ID,
      Version,
      CreatedAt,
      UpdatedAt,
      Spec: spec(Spec),
      ...(PreviousSpec === undefined ? {} : { PreviousSpec: spec(PreviousSpec) }),
      ...(UpdateStatus === undefined ? {} : { UpdateStatus }),
      ...(JobStatus === undefined ? {} : { JobStatus }),
    }),
    task: ({
      ID,
      CreatedAt,
      UpdatedAt,
      ServiceID,
      Slot,
      NodeID,
      DesiredState,
      Spec,
      Status,
      JobIteration,
    }) => {
      const { Timestamp, State, Message, Err, ContainerStatus } = Status;
      return {
        ID,
        CreatedAt,
        ...(UpdatedAt === undefined ? {} : { UpdatedAt }),
        ServiceID,
        Slot,
        NodeID,
        DesiredState,
        Spec: hidden(Spec, ['TaskTemplate']) as Task['Spec'],
        Status: {
          ...(Timestamp === undefined ? {} : { Timestamp }),
          State,
          ...(Message === undefined ? {} : { Message }),
          ...(Err === undefined ? {} : { Err }),
          ...(ContainerStatus?.ExitCode === undefined
            ? {}
            : { ContainerStatus: { ExitCode: ContainerStatus.ExitCode } }),
        },
        JobIteration,
      };
    },
    node: ({ ID, Spec, Description, Status }) => ({
      ID,
      Spec: pick(Spec, ['Name', 'Labels', 'Role', 'Availability']),
      ...(Description === undefined
        ? {}
        : {
            Description: {
              ...pick(Description, ['Hostname', 'Platform']),
              ...(Description.Engine === undefined
                ? {}
                : { Engine: pick(Description.Engine, ['EngineVersion', 'Labels']) }),
            },
          }),
      Status: { State: Status.State, ...(Status.Addr === undefined ? {} : { Addr: Status.Addr }) },
    }),
  };
}

/** An object with these of its fields. */
function pick<T extends object, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(
    keys.flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]]])),
  ) as Pick<T, K>;
}
