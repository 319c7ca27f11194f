/** The fields of a spec in the terms of the flags that set them, for differences.ts. */
import type {
  ConfigReference,
  FileTarget,
  GenericResource,
  Mount,
  NetworkAttachment,
  Placement,
  PortConfig,
  SecretReference,
  ServiceMode,
  Ulimit,
} from '../api/service.ts';
import { formatDuration } from '../values/duration.ts';
import { goFloat, goSize } from '../values/go-number.ts';
import { nearest } from '../values/integer.ts';
import { shellWord } from '../values/shell-words.ts';
import { splitOnce } from '../values/text.ts';

/** A flag, with its key if it has one ("env A"), and its value as on a command line. */
export type FlagText = readonly [field: string, value: string];

/** Describes the value of a field. `networks` has the names of networks by ID. */
type Describe<V> = (value: V, networks: ReadonlyMap<string, string>) => readonly FlagText[];

/** A path in the API, and what describes the value there: a value of the type that api/service.ts declares. */
type Entry = [path: string, describe: Describe<never>];

/** A flag with one value. */
const one =
  <V>(flag: string, write: (value: V) => string = String): Describe<V> =>
  (value) => [[flag, write(value)]];

/** A flag that is given once for each item of a list. */
const each =
  <V>(write: (item: V, networks: ReadonlyMap<string, string>) => FlagText): Describe<V[]> =>
  (list, networks) =>
    list.map((item) => write(item, networks));

/** Texts that are values of one flag: --constraint. */
const texts = (flag: string): Describe<string[]> => each((text: string) => [flag, text]);

/** `KEY=VALUE` texts: --env. */
const entries = (flag: string): Describe<string[]> =>
  each((text: string) => {
    const [key, value = ''] = splitOnce(text, '=');
    return [`${flag} ${key}`, value];
  });

/** A map: --label. */
const map =
  (flag: string): Describe<Record<string, string>> =>
  (value) =>
    Object.entries(value).map(([key, text]) => [`${flag} ${key}`, text]);

const words = (list: readonly string[]): string => list.map(shellWord).join(' ');
const size = (bytes: number): string => (nearest(bytes) < 0 ? String(bytes) : goSize(bytes));
const cpus = (nano: number): string => String(nearest(nano) / 1e9);

const UPDATE_SETTINGS: readonly (readonly [
  field: string,
  flag: string,
  write?: (value: number) => string,
])[] = [
  ['Parallelism', 'parallelism'],
  ['Delay', 'delay', formatDuration],
  ['Monitor', 'monitor', formatDuration],
  ['FailureAction', 'failure-action'],
  ['MaxFailureRatio', 'max-failure-ratio', goFloat],
  ['Order', 'order'],
];
const updateConfig = (prefix: 'update' | 'rollback', path: string): Entry[] =>
  UPDATE_SETTINGS.map(([field, flag, write]) => [`${path}.${field}`, one(`${prefix}-${flag}`, write)]);

const under = (path: string, fields: readonly Entry[]): Entry[] =>
  fields.map(([field, describe]) => [`${path}.${field}`, describe]);

const CONTAINER = under('TaskTemplate.ContainerSpec', [
  ['Image', one('image')],
  ['Args', one('args', words)],
  ['Command', one('entrypoint', words)],
  ['Env', entries('env')],
  ['Labels', map('container-label')],
  ['Dir', one('workdir')],
  ['User', one('user')],
  ['Groups', texts('group')],
  ['Hostname', one('hostname')],
  ['Init', one('init')],
  ['Isolation', one('isolation')],
  ['TTY', one('tty')],
  ['ReadOnly', one('read-only')],
  ['StopSignal', one('stop-signal')],
  ['StopGracePeriod', one('stop-grace-period', formatDuration)],
  ['Sysctls', map('sysctl')],
  ['CapabilityAdd', texts('cap-add')],
  ['CapabilityDrop', texts('cap-drop')],
  ['Ulimits', each(({ Name, Soft = 0, Hard = 0 }: Ulimit) => [`ulimit ${Name}`, `${Soft}:${Hard}`])],
  ['OomScoreAdj', one('oom-score-adj')],
  ['Mounts', each((mount: Mount) => [`mount ${mount.Target ?? ''}`, mountText(mount)])],
  ['Hosts', texts('host')],
  ['DNSConfig.Nameservers', texts('dns')],
  ['DNSConfig.Search', texts('dns-search')],
  ['DNSConfig.Options', texts('dns-option')],
  ['Secrets', each(({ SecretName, File }: SecretReference) => [`secret ${SecretName}`, fileText(File)])],
  ['Configs', each(configText)],
  ['Privileges.CredentialSpec.Config', one('credential-spec', (id: string) => `config://${id}`)],
  ['Privileges.CredentialSpec.File', one('credential-spec', (file: string) => `file://${file}`)],
  ['Privileges.CredentialSpec.Registry', one('credential-spec', (key: string) => `registry://${key}`)],
  ['Healthcheck.Test', healthText],
  ['Healthcheck.Interval', one('health-interval', formatDuration)],
  ['Healthcheck.Timeout', one('health-timeout', formatDuration)],
  ['Healthcheck.Retries', one('health-retries')],
  ['Healthcheck.StartPeriod', one('health-start-period', formatDuration)],
  ['Healthcheck.StartInterval', one('health-start-interval', formatDuration)],
]);

const TASK = under('TaskTemplate', [
  ['Resources.Limits.NanoCPUs', one('limit-cpu', cpus)],
  ['Resources.Limits.MemoryBytes', one('limit-memory', size)],
  ['Resources.Limits.Pids', one('limit-pids')],
  ['Resources.Reservations.NanoCPUs', one('reserve-cpu', cpus)],
  ['Resources.Reservations.MemoryBytes', one('reserve-memory', size)],
  ['Resources.Reservations.GenericResources', each(genericText)],
  ['Resources.SwapBytes', one('memory-swap', size)],
  ['Resources.MemorySwappiness', one('memory-swappiness')],
  ['RestartPolicy.Condition', one('restart-condition')],
  ['RestartPolicy.Delay', one('restart-delay', formatDuration)],
  ['RestartPolicy.MaxAttempts', one('restart-max-attempts')],
  ['RestartPolicy.Window', one('restart-window', formatDuration)],
  ['Placement.Constraints', texts('constraint')],
  ['Placement.Preferences', each(preferenceText)],
  ['Placement.MaxReplicas', one('replicas-max-per-node')],
  ['Networks', each(networkText)],
  ['LogDriver.Name', one('log-driver')],
  ['LogDriver.Options', map('log-opt')],
  ['ForceUpdate', one('force')],
]);

/** What describes a field of a spec, by its path. The value must be of the type that api/service.ts declares for that field. */
export const FLAG_TEXTS: ReadonlyMap<string, Describe<never>> = new Map<string, Describe<never>>([
  ['Name', one('name')],
  ['Labels', map('label')],
  ['Mode', modeTexts],
  ...CONTAINER,
  ...TASK,
  ...updateConfig('update', 'UpdateConfig'),
  ...updateConfig('rollback', 'RollbackConfig'),
  ['EndpointSpec.Mode', one('endpoint-mode')],
  ['EndpointSpec.Ports', each(portText)],
  ['Networks', each(networkText)],
]);

/** The mode and its numbers. The engine's default is one task (moby daemon/cluster/convert/service.go ServiceSpecToGRPC). */
function modeTexts(value: ServiceMode): FlagText[] {
  const { Replicated, ReplicatedJob, Global } = value;
  if (Replicated)
    return [
      ['mode', 'replicated'],
      ['replicas', String(Replicated.Replicas ?? 1)],
    ];
  if (!ReplicatedJob) return [['mode', Global ? 'global' : 'global-job']];
  const { TotalCompletions = 1, MaxConcurrent = 1 } = ReplicatedJob;
  return [
    ['mode', 'replicated-job'],
    ['replicas', String(TotalCompletions)],
    ['max-concurrent', String(MaxConcurrent)],
  ];
}

/** "8080:80", with the protocol if it is not tcp. The value is the mode, ingress or host. */
function portText({
  PublishedPort = 0,
  TargetPort = 0,
  Protocol = '',
  PublishMode = '',
}: PortConfig): FlagText {
  const ports = PublishedPort === 0 ? `${TargetPort}` : `${PublishedPort}:${TargetPort}`;
  const protocol = Protocol === '' || Protocol === 'tcp' ? '' : `/${Protocol}`;
  return [`publish ${ports}${protocol}`, PublishMode === '' ? 'ingress' : PublishMode];
}

function networkText(
  { Target = '', Aliases, DriverOpts }: NetworkAttachment,
  networks: ReadonlyMap<string, string>,
): FlagText {
  const options = [
    ...(Aliases ?? []).map((alias) => `,alias=${alias}`),
    ...Object.entries(DriverOpts ?? {}).map(([key, value]) => `,driver-opt=${key}=${value}`),
  ].join('');
  const name = networks.get(Target) ?? Target;
  return ['network', options === '' ? name : `name=${name}${options}`];
}

function healthText(value: readonly string[]): FlagText[] {
  const [kind = '', ...rest] = value;
  if (kind === 'NONE') return [['no-healthcheck', 'true']];
  return [['health-cmd', kind === 'CMD-SHELL' ? rest.join(' ') : words([kind, ...rest])]];
}

function preferenceText({ Spread }: NonNullable<Placement['Preferences']>[number]): FlagText {
  return ['placement-pref', `spread=${Spread?.SpreadDescriptor ?? ''}`];
}

function genericText({ DiscreteResourceSpec, NamedResourceSpec }: GenericResource): FlagText {
  const { Kind = '', Value = '' } = DiscreteResourceSpec ?? NamedResourceSpec ?? {};
  return [`generic-resource ${Kind}`, String(Value)];
}

/** The file of a secret or a config. What is in it is never shown. */
function fileText({ Name = '', UID = '0', GID = '0', Mode = 0o444 }: Partial<FileTarget> = {}): string {
  return [
    `target=${Name}`,
    ...(UID === '0' ? [] : [`uid=${UID}`]),
    ...(GID === '0' ? [] : [`gid=${GID}`]),
    ...(Mode === 0o444 ? [] : [`mode=0${Mode.toString(8)}`]),
  ].join(',');
}

/** A config without a file is one that the engine reads as a credential spec. */
function configText({ ConfigName, File }: ConfigReference): FlagText {
  return [`config ${ConfigName}`, File === undefined ? 'credential-spec' : fileText(File)];
}

/** The options of a mount beside its target, as --mount takes them; options that it has no key for by their path in the API. */
function mountText({ Type = '', Source = '', Target: _, ReadOnly, ...rest }: Mount): string {
  const options = (value: object | string | number | boolean | null, path: string): string[] => {
    if (value === null) return [];
    if (typeof value !== 'object') return [`${path}=${String(value)}`];
    return Object.entries(value as Record<string, typeof value>).flatMap(([key, field]) =>
      options(field, path === '' ? key : `${path}.${key}`),
    );
  };
  return [
    `type=${Type}`,
    ...(Source === '' ? [] : [`source=${Source}`]),
    ...(ReadOnly === true ? ['readonly'] : []),
    ...options(rest, ''),
  ].join(',');
}
