/**
 * The engine's replies without secrets, for traces. What the observer reads of a reply stays as it came. Of a spec, every other
 * text becomes a hash: equal texts have equal hashes, so specs stay equal or different. Keys, numbers and booleans stay.
 *
 * The hash has the same salt in every recording, so that two recordings of the same rollout can be compared. A text that can
 * be guessed can be recognized by its hash: only services of the test swarm are recorded.
 */
import { createHmac } from 'node:crypto';
import type { Node } from '../../../src/api/cluster.ts';
import type { Service, ServiceSpec, Task } from '../../../src/api/service.ts';

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

const SALT = 'a trace of swarmroll';

const hash = (text: string): string =>
  createHmac('sha256', SALT).update(text).digest('base64url').slice(0, LENGTH);

/** A part of a spec without secrets. @param path where it is in the spec */
function hidden(value: unknown, path: readonly string[]): unknown {
  // An empty text is the same as none to the form that is compared (service-spec/same.ts).
  if (typeof value === 'string') return value === '' || SHOWN.test(path.join('.')) ? value : hash(value);
  if (Array.isArray(value)) return value.map((one, index) => hidden(one, [...path, String(index)]));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, hidden(one, [...path, key])] as const),
  );
}

const spec = (one: ServiceSpec): ServiceSpec => hidden(one, []) as ServiceSpec;

const service = ({
  ID,
  Version,
  CreatedAt,
  UpdatedAt,
  Spec,
  PreviousSpec,
  UpdateStatus,
  JobStatus,
}: Service): Service => ({
  ID,
  Version,
  CreatedAt,
  UpdatedAt,
  Spec: spec(Spec),
  ...(PreviousSpec === undefined ? {} : { PreviousSpec: spec(PreviousSpec) }),
  ...(UpdateStatus === undefined ? {} : { UpdateStatus }),
  ...(JobStatus === undefined ? {} : { JobStatus }),
});

const task = ({ Spec, Status, ...rest }: Task): Task => ({
  ...pick(rest, [
    'ID',
    'CreatedAt',
    'UpdatedAt',
    'ServiceID',
    'Slot',
    'NodeID',
    'DesiredState',
    'JobIteration',
  ]),
  Spec: hidden(Spec, ['TaskTemplate']) as Task['Spec'],
  Status: {
    State: Status.State,
    ...pick(Status, ['Timestamp', 'Message', 'Err']),
    ...(Status.ContainerStatus?.ExitCode === undefined
      ? {}
      : { ContainerStatus: { ExitCode: Status.ContainerStatus.ExitCode } }),
  },
});

const node = ({ ID, Spec, Description, Status }: Node): Node => ({
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
  Status: { State: Status.State, ...pick(Status, ['Addr']) },
});

/** Takes the secrets out of replies and of the specs that are sent. */
export const redact = { spec, service, task, node };

/** An object with these of its fields. */
function pick<T extends object, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(
    keys.flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]]])),
  ) as Pick<T, K>;
}
