/**
 * Writes a service as text for `inspect --pretty`. Words, tabs and spaces are docker's
 * (docker/cli cli/command/service/formatter.go serviceInspectPrettyTemplate).
 */
import type {
  FileTarget,
  Healthcheck,
  PortConfig,
  ResourceRequirements,
  Service,
  UpdateConfig,
} from '../api/service.ts';
import { ageOf } from '../values/age.ts';
import { formatDuration } from '../values/duration.ts';
import { goFloat, goSize } from '../values/go-number.ts';
import { nearest } from '../values/integer.ts';
import { byBytes } from '../values/text.ts';

/** Lines of text. `false` and undefined are left out. */
type Lines = readonly (string | false | undefined)[];

/**
 * Writes one service, between two empty lines as docker does.
 * @param networks the names of networks by ID; a network that is not in the map is shown as the spec has it
 * @param now milliseconds since the Unix epoch
 */
export function prettyService(service: Service, networks: ReadonlyMap<string, string>, now: number): string {
  const { Spec, Endpoint } = service;
  const { TaskTemplate: task } = Spec;
  const lines: Lines = [
    '',
    `ID:\t\t${service.ID}`,
    `Name:\t\t${Spec.Name ?? ''}`,
    ...withTitle('Labels:', pairs(Spec.Labels, ' ', '=')),
    ...modeLines(service),
    ...updateStatusLines(service, now),
    ...placementLines(service),
    ...updateConfigLines('Update', Spec.UpdateConfig),
    ...updateConfigLines('Rollback', Spec.RollbackConfig),
    ...containerLines(service),
    ...logDriverLines(service),
    ...resourceLines(task.Resources),
    (task.Networks?.length ?? 0) > 0 &&
      `Networks: ${(task.Networks ?? []).map(({ Target = '' }) => `${networks.get(Target) ?? Target} `).join('')}`,
    `Endpoint Mode:\t${Spec.EndpointSpec?.Mode ?? ''}`,
    ...withFinalSpace(withTitle('Ports:', (Endpoint?.Ports ?? []).flatMap(portLines))),
    ...healthcheckLines(task.ContainerSpec?.Healthcheck),
    '',
  ];
  return lines.filter((line) => typeof line === 'string').join('\n') + '\n';
}

function modeLines({ Spec: { Mode } }: Service): Lines {
  if (Mode?.Global) return ['Service Mode:\tGlobal'];
  if (!Mode?.Replicated) return ['Service Mode:'];
  const { Replicas } = Mode.Replicated;
  return ['Service Mode:\tReplicated', Replicas !== undefined && ` Replicas:\t${Replicas}`];
}

function updateStatusLines({ UpdateStatus: status }: Service, now: number): Lines {
  if (!status?.State) return [];
  const completed = status.State === 'completed' ? status.CompletedAt : undefined;
  return [
    'UpdateStatus:',
    ` State:\t\t${status.State}`,
    status.StartedAt !== undefined && ` Started:\t${ageOf(status.StartedAt, now)} ago`,
    completed !== undefined && ` Completed:\t${ageOf(completed, now)} ago`,
    ` Message:\t${status.Message ?? ''}`,
  ];
}

function placementLines({ Spec }: Service): Lines {
  const { Constraints, Preferences, MaxReplicas } = Spec.TaskTemplate.Placement ?? {};
  const spreads = (Preferences ?? []).flatMap(({ Spread }) =>
    Spread === undefined ? [] : [`spread=${Spread.SpreadDescriptor ?? ''}`],
  );
  return [
    'Placement:',
    Constraints?.length ? ` Constraints:\t[${Constraints.join(' ')}]` : undefined,
    spreads.length > 0 && ` Preferences:   [${spreads.join(' ')}]`,
    MaxReplicas ? ` Max Replicas Per Node:   ${MaxReplicas}` : undefined,
  ];
}

function updateConfigLines(what: 'Update' | 'Rollback', config: UpdateConfig | undefined): Lines {
  if (!config) return [];
  const { Delay = 0, Monitor = 0 } = config;
  return [
    `${what}Config:`,
    ` Parallelism:\t${config.Parallelism}`,
    Delay > 0 && ` Delay:\t\t${formatDuration(Delay)}`,
    ` On failure:\t${config.FailureAction ?? ''}`,
    Monitor > 0 && ` Monitoring Period: ${formatDuration(Monitor)}`,
    ` Max failure ratio: ${goFloat(config.MaxFailureRatio)}`,
    ` ${`${what} order:`.padEnd(18)} ${config.Order ?? ''}`,
  ];
}

function containerLines({ Spec }: Service): Lines {
  const spec = Spec.TaskTemplate.ContainerSpec ?? {};
  const { Args, Env, CapabilityAdd, CapabilityDrop } = spec;
  const ulimits = (spec.Ulimits ?? []).map(({ Name, Soft = 0, Hard = 0 }): [string, string] => [
    Name,
    `${Soft}:${Hard}`,
  ]);
  return [
    'ContainerSpec:',
    ` Image:\t\t${spec.Image ?? ''}`,
    spaceAfterEach(Args) !== '' && ` Args:\t\t${spaceAfterEach(Args)}`,
    spaceAfterEach(Env) !== '' && ` Env:\t\t${spaceAfterEach(Env)}`,
    spec.Dir ? ` Dir:\t\t${spec.Dir}` : undefined,
    typeof spec.Init === 'boolean' && ` Init:\t\t${String(spec.Init)}`,
    spec.User ? ` User: ${spec.User}` : undefined,
    ...withTitle('Capabilities:', [
      ...capabilityLines('Add', CapabilityAdd),
      ...capabilityLines('Drop', CapabilityDrop),
    ]),
    ...withTitle('SysCtls:', pairs(spec.Sysctls, ' ', ': ')),
    ...withTitle('Ulimits:', pairs(Object.fromEntries(ulimits), ' ', ': ')),
    ...withTitle(
      'Mounts:',
      (spec.Mounts ?? []).flatMap((mount) => [
        ` Target:\t${mount.Target ?? ''}`,
        `  Source:\t${mount.Source ?? ''}`,
        `  ReadOnly:\t${String(mount.ReadOnly ?? false)}`,
        `  Type:\t\t${mount.Type ?? ''}`,
      ]),
    ),
    ...withTitle(
      'Configs:',
      (spec.Configs ?? []).flatMap(({ File, ConfigName }) => fileLines(File, ConfigName)),
    ),
    ...withTitle(
      'Secrets:',
      (spec.Secrets ?? []).flatMap(({ File, SecretName }) => fileLines(File, SecretName)),
    ),
  ];
}

const fileLines = (file: FileTarget | undefined, source: string): string[] => [
  ` Target:\t${file?.Name ?? ''}`,
  `  Source:\t${source}`,
];

function capabilityLines(what: string, list: readonly string[] | null | undefined): string[] {
  return list && list.length > 0 ? [` ${what}: ${list.join(', ')}`] : [];
}

function logDriverLines({ Spec }: Service): Lines {
  const driver = Spec.TaskTemplate.LogDriver;
  if (!driver) return [];
  return [
    'Log Driver:',
    driver.Name ? ` Name:\t\t${driver.Name}` : undefined,
    ...withTitle(' LogOpts:', pairs(driver.Options, '  ', ':       ')),
    '',
  ];
}

function resourceLines(needs: ResourceRequirements | undefined): Lines {
  if (!needs) return [];
  const { Reservations = {}, Limits = {} } = needs;
  return [
    'Resources:',
    ...withTitle(' Reservations:', [
      ...cpuLines(Reservations.NanoCPUs),
      ...memoryLines(Reservations.MemoryBytes),
    ]),
    ...withTitle(' Limits:', [
      ...cpuLines(Limits.NanoCPUs),
      ...memoryLines(Limits.MemoryBytes),
      ...((Limits.Pids ?? 0) > 0 ? [`  PIDs:\t\t${Limits.Pids ?? 0}`] : []),
    ]),
  ];
}

const cpuLines = (nano = 0): string[] => (nano > 0 ? [`  CPU:\t\t${goFloat(nearest(nano) / 1e9)}`] : []);
const memoryLines = (bytes = 0): string[] => (bytes > 0 ? [`  Memory:\t${goSize(bytes)}`] : []);

const portLines = (port: PortConfig): string[] => [
  ` PublishedPort = ${port.PublishedPort ?? 0}`,
  `  Protocol = ${port.Protocol ?? ''}`,
  `  TargetPort = ${port.TargetPort ?? 0}`,
  `  PublishMode = ${port.PublishMode ?? ''}`,
];

function healthcheckLines(check: Healthcheck | undefined): Lines {
  if (!check) return [];
  const { Interval = 0, Retries = 0, StartPeriod = 0, Timeout = 0, Test } = check;
  return [
    ' Healthcheck:',
    `  Interval = ${formatDuration(Interval)}`,
    `  Retries = ${Retries}`,
    `  StartPeriod =\t${formatDuration(StartPeriod)}`,
    `  Timeout =\t${formatDuration(Timeout)}`,
    ...withFinalSpace(
      withTitle(
        '  Tests:',
        (Test ?? []).map((word) => `\t Test = ${word}`),
      ),
    ),
  ];
}

/** A heading and its lines; nothing if there are no lines. */
function withTitle(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines];
}

/** Adds a space to the last line: docker's template does so in some lists. */
function withFinalSpace(lines: readonly string[]): readonly string[] {
  return lines.map((line, index) => (index === lines.length - 1 ? `${line} ` : line));
}

/** Writes a list with a space after every member, as docker does. */
const spaceAfterEach = (list: readonly string[] | null | undefined): string =>
  (list ?? []).map((member) => `${member} `).join('');

/** The entries of a map, one on each line, sorted by key. An empty value is left out with its separator. */
function pairs(
  map: Readonly<Record<string, string>> | null | undefined,
  indent: string,
  separator: string,
): string[] {
  return Object.entries(map ?? {})
    .sort(([a], [b]) => byBytes(a, b))
    .map(([key, value]) => `${indent}${key}${value === '' ? '' : separator + value}`);
}
