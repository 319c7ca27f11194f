/**
 * What the engine refuses in a spec: the rules of swarmkit manager/controlapi (service.go validateServiceSpec and
 * checkPortConflicts, common.go validateAnnotations) and of moby daemon/cluster/convert, as far as flags can break them.
 */
import type {
  ContainerSpec,
  EndpointSpec,
  Mount,
  PortConfig,
  Resources,
  Service,
  ServiceSpec,
  TaskSpec,
} from '../api/service.ts';
import { triedText } from '../go-template/spec-template.ts';
import { isJobSpec, modeOf } from './mode.ts';
import { isConstraint } from '../rollout/constraints.ts';
import { formatDuration } from '../values/duration.ts';
import { goSize } from '../values/go-number.ts';
import { nearest } from '../values/integer.ts';
import { splitOnce } from '../values/text.ts';
import type { Risk } from './planned.ts';
import { samePart } from './same.ts';

/**
 * What the engine refuses in a spec. Each message says what is wrong, without what follows from it: "port 8080 is an ingress port
 * of the service web".
 * @param services all services of the swarm, the changed one too (see needsServices)
 * @param before the service that changes; undefined for a new one
 */
export function refusedBySpec(spec: ServiceSpec, services: readonly Service[], before?: Service): Risk[] {
  const { Name = '', TaskTemplate, Mode, UpdateConfig, RollbackConfig, EndpointSpec } = spec;
  const replicas = Mode?.Replicated?.Replicas ?? Mode?.ReplicatedJob?.TotalCompletions ?? 0;
  const invalid = [
    ...taskFaults(TaskTemplate),
    ...(BigInt(replicas) > MAX_REPLICAS ? [`replicas must be at most ${MAX_REPLICAS}`] : []),
    ...(isRatio(UpdateConfig?.MaxFailureRatio) ? [] : ['update-max-failure-ratio must be between 0 and 1']),
    ...notNegative('update-delay', UpdateConfig?.Delay),
    ...notNegative('update-monitor', UpdateConfig?.Monitor),
    ...unknownWord('update-failure-action', UpdateConfig?.FailureAction, FAILURE_ACTIONS),
    ...unknownWord('rollback-failure-action', RollbackConfig?.FailureAction, FAILURE_ACTIONS),
    ...unknownWord('endpoint-mode', EndpointSpec?.Mode?.toLowerCase(), ['vip', 'dnsrr']),
    ...(UpdateConfig && isJobSpec(spec) ? ['a job cannot have an update config'] : []),
    ...(before === undefined ? [] : modeFaults(modeOf(before.Spec), modeOf(spec))),
  ];
  const others = needsServices(spec, before) ? services.filter(({ ID }) => ID !== before?.ID) : [];
  return [
    // Without a name, the engine chooses one.
    ...(Name === '' ? [] : nameFaults(Name)).map((message) => ({ kind: 'name' as const, message })),
    ...[...new Set(invalid)].map((message) => ({ kind: 'invalid' as const, message })),
    ...[...portFaults(EndpointSpec), ...portConflicts(EndpointSpec, others)].map((message) => ({
      kind: 'port' as const,
      message,
    })),
  ];
}

/** Whether the engine compares the ports of a spec with those of other services: it does if they change. */
export const needsServices = ({ EndpointSpec }: ServiceSpec, before?: Service): boolean =>
  publishedPorts(EndpointSpec).length > 0 &&
  (before === undefined || !samePart('EndpointSpec', EndpointSpec, before.Spec.EndpointSpec));

/** The engine compares the kinds of modes, not their numbers (swarmkit manager/controlapi/service.go UpdateService). */
const modeFaults = (before: string, after: string): string[] =>
  before === after
    ? []
    : [
        `the mode cannot change from ${before} to ${after}: remove the service first, or give it another name`,
      ];

/** swarmkit manager/controlapi/service.go validateNetworks */
export const ingressJoined = (name: string): Risk => ({
  kind: 'invalid',
  message: `a service cannot join the ingress network ${name}`,
});

/** The engine takes a larger number for a negative one. */
const MAX_REPLICAS = 2n ** 63n - 1n;

/** The rule for the names of services and of networks of the swarm (swarmkit manager/controlapi/common.go validateAnnotations). */
const SWARM_NAME = { max: 63, marks: '"-" and "_"', pattern: /^[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?$/i };

/** Why the engine does not take a name. */
export const nameFaults = (name: string, { max, marks, pattern } = SWARM_NAME): string[] =>
  pattern.test(name) && name.length <= max
    ? []
    : [
        `the name ${name} is not valid: it must have at most ${max} characters, only a-z, A-Z, 0-9, ${marks}, and begin and end ` +
          'with a letter or a digit',
      ];

function taskFaults({ ContainerSpec = {}, Resources = {}, RestartPolicy, Placement }: TaskSpec): string[] {
  const { Limits, Reservations, SwapBytes } = Resources;
  return [
    ...containerFaults(ContainerSpec),
    ...resourceFaults('limit', Limits),
    ...resourceFaults('reserve', Reservations),
    ...(SwapBytes !== undefined && nearest(Limits?.MemoryBytes ?? 0) === 0
      ? ['memory-swap needs limit-memory']
      : []),
    ...unknownWord('restart-condition', RestartPolicy?.Condition, ['none', 'on-failure', 'any']),
    ...notNegative('restart-delay', RestartPolicy?.Delay),
    ...notNegative('restart-window', RestartPolicy?.Window),
    ...(Placement?.Constraints ?? [])
      .filter((text) => !isConstraint(text))
      .map((text) => `the constraint ${text} is not valid: it must be ATTRIBUTE==VALUE or ATTRIBUTE!=VALUE`),
  ];
}

const FAILURE_ACTIONS = ['pause', 'continue', 'rollback'];

/** The fault of a word that the engine does not know. An absent word means the engine's default. */
const unknownWord = (flag: string, word = '', known: readonly string[]): string[] =>
  word === '' || known.includes(word) ? [] : [`${flag} must be ${known.join(', ')}`];

const notNegative = (flag: string, number: number | bigint = 0): string[] =>
  nearest(number) < 0 ? [`${flag} must not be negative`] : [];

const isRatio = (ratio = 0): boolean => ratio >= 0 && ratio <= 1;

const MIN_NANO_CPUS = 1e6;
const MIN_MEMORY = 4 * 1024 * 1024;

function resourceFaults(
  flag: 'limit' | 'reserve',
  { NanoCPUs = 0, MemoryBytes = 0 }: Resources = {},
): string[] {
  const [cpus, memory] = [nearest(NanoCPUs), nearest(MemoryBytes)];
  return [
    ...(cpus !== 0 && cpus < MIN_NANO_CPUS ? [`${flag}-cpu ${cpus / 1e9} is less than 0.001`] : []),
    ...(memory !== 0 && memory < MIN_MEMORY
      ? [`${flag}-memory ${goSize(MemoryBytes)} is less than 4MiB`]
      : []),
  ];
}

const MIN_INTERVAL = 1e6;

function containerFaults({
  Env,
  Hostname = '',
  Mounts,
  Secrets,
  Configs,
  Healthcheck,
}: ContainerSpec): string[] {
  const { Interval, Timeout, StartPeriod, StartInterval, Retries = 0 } = Healthcheck ?? {};
  const durations = {
    'health-interval': Interval,
    'health-timeout': Timeout,
    'health-start-period': StartPeriod,
    'health-start-interval': StartInterval,
  };
  const secrets = (Secrets ?? []).map(({ SecretName, File }) => [SecretName, File?.Name] as const);
  const configs = (Configs ?? []).map(({ ConfigName, File }) => [ConfigName, File?.Name] as const);
  return [
    ...(Env ?? []).flatMap((entry) => {
      const [key, text = ''] = splitOnce(entry, '=');
      return templateFaults(`env ${key}`, text);
    }),
    ...templateFaults('hostname', Hostname),
    ...mountFaults(Mounts ?? []),
    ...sharedTargets('secrets', secrets),
    ...sharedTargets('configs', configs),
    ...Object.entries(durations)
      .filter(([, time = 0]) => nearest(time) !== 0 && nearest(time) < MIN_INTERVAL)
      .map(([flag, time = 0]) => `${flag} ${formatDuration(time)} is less than 1ms`),
    ...notNegative('health-retries', Retries),
  ];
}

function templateFaults(where: string, text: string): string[] {
  const tried = triedText(text);
  return 'error' in tried ? [`${where}: ${tried.error}`] : [];
}

const MOUNT_TYPES = ['bind', 'volume', 'tmpfs', 'npipe', 'cluster'];
const PROPAGATIONS = ['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave'];

/** Targets are compared as the engine has filled them in, and not by the paths that they mean: "/a/" is not "/a". */
function mountFaults(mounts: readonly Mount[]): string[] {
  const targets = mounts.map(({ Target = '' }) => {
    const tried = triedText(Target);
    return 'text' in tried ? tried.text : Target;
  });
  return [
    ...mounts.flatMap(({ Type = '', Source = '', Target = '', BindOptions, VolumeOptions }) => {
      const propagation = BindOptions?.Propagation ?? '';
      const { Labels, DriverConfig } = VolumeOptions ?? {};
      const where = `mount ${Target}`;
      return [
        ...(isOneOf(MOUNT_TYPES, Type) ? [] : [`${where}: services have no mounts of the type ${Type}`]),
        ...(isOneOf(PROPAGATIONS, propagation)
          ? []
          : [`${where}: there is no bind-propagation ${propagation}`]),
        ...[Source, Target, ...Object.values({ ...Labels, ...DriverConfig?.Options })].flatMap((text) =>
          templateFaults(where, text),
        ),
      ];
    }),
    ...twice(targets).map((target) => `two mounts have the target ${target}`),
  ];
}

const isOneOf = (names: readonly string[], name: string): boolean =>
  name === '' || names.includes(name.toLowerCase());

const twice = (list: readonly string[]): string[] => [
  ...new Set(list.filter((item, index) => list.indexOf(item) !== index)),
];

function sharedTargets(
  kind: 'secrets' | 'configs',
  list: readonly (readonly [name: string, target: string | undefined])[],
): string[] {
  const targets = list.flatMap(([, target]) => (target === undefined ? [] : [target]));
  return twice(targets).map((target) => {
    const names = list.filter(([, own]) => own === target).map(([name]) => name);
    return `the ${kind} ${names.join(' and ')} have the same target ${target}`;
  });
}

/** Ports with a number of their own. The others get a free one from the engine. */
const publishedPorts = (endpoint: EndpointSpec | undefined): readonly PortConfig[] =>
  (endpoint?.Ports ?? []).filter(({ PublishedPort = 0 }) => PublishedPort !== 0);

const isHostMode = ({ PublishMode }: PortConfig): boolean => PublishMode === 'host';

/** "8080", "53/udp" */
const portName = ({ PublishedPort = 0, Protocol = 'tcp' }: PortConfig): string =>
  Protocol === 'tcp' || Protocol === '' ? `${PublishedPort}` : `${PublishedPort}/${Protocol}`;

function portFaults(endpoint: EndpointSpec | undefined): string[] {
  const isIngress = endpoint?.Ports?.some((port) => !isHostMode(port)) === true;
  return [
    ...(endpoint?.Mode === 'dnsrr' && isIngress
      ? ['endpoint-mode dnsrr cannot have a port in ingress mode: publish it with mode=host']
      : []),
    ...twice(publishedPorts(endpoint).map(portName)).map((name) => `port ${name} is published twice`),
  ];
}

/**
 * The ingress ports of a spec that other services have. The engine does not compare the ports of a rollback; its tasks then stay
 * `new`, for their service gets no ports (swarmkit manager/controlapi/service.go UpdateService; seen on 28.5).
 * @param before the service that is rolled back
 */
export function takenIngressPorts(
  { EndpointSpec }: ServiceSpec,
  services: readonly Service[],
  before: Service,
): string[] {
  const isIngress = (port: PortConfig): boolean => !isHostMode(port);
  const ingress = (spec: EndpointSpec | undefined): EndpointSpec => ({
    Ports: (spec?.Ports ?? []).filter(isIngress),
  });
  const others = services
    .filter(({ ID }) => ID !== before.ID)
    .map((one) => ({
      ...one,
      Spec: { ...one.Spec, EndpointSpec: ingress(one.Spec.EndpointSpec) },
      Endpoint: ingress(one.Endpoint as EndpointSpec | undefined),
    }));
  return portConflicts(ingress(EndpointSpec), others);
}

/** Two services may have the same port if both have it in host mode: then the scheduler keeps them apart. */
function portConflicts(endpoint: EndpointSpec | undefined, others: readonly Service[]): string[] {
  const taken = others.flatMap(({ Spec, Endpoint }) =>
    [...publishedPorts(Spec.EndpointSpec), ...publishedPorts(Endpoint as EndpointSpec | undefined)].map(
      (port) => ({
        port,
        service: Spec.Name ?? '',
      }),
    ),
  );
  const conflicts = publishedPorts(endpoint).flatMap((own) =>
    taken
      .filter(({ port }) => portName(port) === portName(own) && !(isHostMode(port) && isHostMode(own)))
      .map(({ port, service }) => {
        const kind = isHostMode(port) ? 'a host-mode port' : 'an ingress port';
        return `port ${portName(own)} is ${kind} of the service ${service}`;
      }),
  );
  return [...new Set(conflicts)];
}
