/** A service as a page of text: `inspect --pretty`, in docker's words and with docker's spaces. Pure. */
import type { Healthcheck, PortConfig, ResourceRequirements, Service, UpdateConfig } from '../api/service.ts';
import { ageOf } from '../values/age.ts';
import { formatDuration } from '../values/duration.ts';
import { goFloat, goSize } from '../values/go-number.ts';
import { nearest } from '../values/integer.ts';
import { byBytes } from '../values/text.ts';

/** Lines of text; what is not there is left out. */
type Lines = readonly (string | false | undefined)[];

/**
 * One service, as docker shows it between two empty lines.
 * @param networks names of networks by id; what has none is shown as the spec has it
 * @param now milliseconds since the epoch
 */
export function prettyService(service: Service, networks: ReadonlyMap<string, string>, now: number): string {
  const { Spec, Endpoint } = service;
  const { TaskTemplate: task } = Spec;
  const lines: Lines = [
    '',
    `ID:\t\t${service.ID}`,
    `Name:\t\t${Spec.Name ?? ''}`,
    ...titled('Labels:', pairs(Spec.Labels, ' ', '=')),
    ...mode(service),
    ...updateStatus(service, now),
    ...placement(service),
    ...rolling('Update', Spec.UpdateConfig),
    ...rolling('Rollback', Spec.RollbackConfig),
    ...container(service),
    ...logDriver(service),
    ...resources(task.Resources),
    (task.Networks?.length ?? 0) > 0 &&
      `Networks: ${(task.Networks ?? []).map(({ Target = '' }) => `${networks.get(Target) ?? Target} `).join('')}`,
    `Endpoint Mode:\t${Spec.EndpointSpec?.Mode ?? ''}`,
    ...spaced(titled('Ports:', (Endpoint?.Ports ?? []).flatMap(port))),
    ...healthcheck(task.ContainerSpec?.Healthcheck),
    '',
  ];
  return lines.filter((line) => typeof line === 'string').join('\n') + '\n';
}

function mode({ Spec: { Mode } }: Service): Lines {
  if (Mode?.Global) return ['Service Mode:\tGlobal'];
  if (!Mode?.Replicated) return ['Service Mode:'];
  const { Replicas } = Mode.Replicated;
  return ['Service Mode:\tReplicated', Replicas !== undefined && ` Replicas:\t${Replicas}`];
}

function updateStatus({ UpdateStatus: status }: Service, now: number): Lines {
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

function placement({ Spec }: Service): Lines {
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

function rolling(what: 'Update' | 'Rollback', config: UpdateConfig | undefined): Lines {
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

function container({ Spec }: Service): Lines {
  const spec = Spec.TaskTemplate.ContainerSpec ?? {};
  const { Args, Env, CapabilityAdd, CapabilityDrop } = spec;
  const ulimits = (spec.Ulimits ?? []).map(({ Name, Soft = 0, Hard = 0 }): [string, string] => [
    Name,
    `${Soft}:${Hard}`,
  ]);
  return [
    'ContainerSpec:',
    ` Image:\t\t${spec.Image ?? ''}`,
    words(Args) !== '' && ` Args:\t\t${words(Args)}`,
    words(Env) !== '' && ` Env:\t\t${words(Env)}`,
    spec.Dir ? ` Dir:\t\t${spec.Dir}` : undefined,
    typeof spec.Init === 'boolean' && ` Init:\t\t${String(spec.Init)}`,
    spec.User ? ` User: ${spec.User}` : undefined,
    ...titled('Capabilities:', [
      ...capabilities('Add', CapabilityAdd),
      ...capabilities('Drop', CapabilityDrop),
    ]),
    ...titled('SysCtls:', pairs(spec.Sysctls, ' ', ': ')),
    ...titled('Ulimits:', pairs(Object.fromEntries(ulimits), ' ', ': ')),
    ...titled(
      'Mounts:',
      (spec.Mounts ?? []).flatMap((mount) => [
        ` Target:\t${mount.Target ?? ''}`,
        `  Source:\t${mount.Source ?? ''}`,
        `  ReadOnly:\t${String(mount.ReadOnly ?? false)}`,
        `  Type:\t\t${mount.Type ?? ''}`,
      ]),
    ),
    ...titled(
      'Configs:',
      (spec.Configs ?? []).flatMap((one) => [
        ` Target:\t${one.File?.Name ?? ''}`,
        `  Source:\t${one.ConfigName}`,
      ]),
    ),
    ...titled(
      'Secrets:',
      (spec.Secrets ?? []).flatMap((one) => [
        ` Target:\t${one.File?.Name ?? ''}`,
        `  Source:\t${one.SecretName}`,
      ]),
    ),
  ];
}

function capabilities(what: string, list: readonly string[] | null | undefined): string[] {
  return list && list.length > 0 ? [` ${what}: ${list.join(', ')}`] : [];
}

function logDriver({ Spec }: Service): Lines {
  const driver = Spec.TaskTemplate.LogDriver;
  if (!driver) return [];
  return [
    'Log Driver:',
    driver.Name ? ` Name:\t\t${driver.Name}` : undefined,
    ...titled(' LogOpts:', pairs(driver.Options, '  ', ':       ')),
    '',
  ];
}

function resources(needs: ResourceRequirements | undefined): Lines {
  if (!needs) return [];
  const { Reservations = {}, Limits = {} } = needs;
  return [
    'Resources:',
    ...titled(' Reservations:', [...cpu(Reservations.NanoCPUs), ...memory(Reservations.MemoryBytes)]),
    ...titled(' Limits:', [
      ...cpu(Limits.NanoCPUs),
      ...memory(Limits.MemoryBytes),
      ...((Limits.Pids ?? 0) > 0 ? [`  PIDs:\t\t${Limits.Pids ?? 0}`] : []),
    ]),
  ];
}

const cpu = (nano = 0): string[] => (nano > 0 ? [`  CPU:\t\t${goFloat(nearest(nano) / 1e9)}`] : []);
const memory = (bytes = 0): string[] => (bytes > 0 ? [`  Memory:\t${goSize(bytes)}`] : []);

function port({ PublishedPort = 0, Protocol = '', TargetPort = 0, PublishMode = '' }: PortConfig): string[] {
  return [
    ` PublishedPort = ${PublishedPort}`,
    `  Protocol = ${Protocol}`,
    `  TargetPort = ${TargetPort}`,
    `  PublishMode = ${PublishMode}`,
  ];
}

function healthcheck(check: Healthcheck | undefined): Lines {
  if (!check) return [];
  const { Interval = 0, Retries = 0, StartPeriod = 0, Timeout = 0, Test } = check;
  return [
    ' Healthcheck:',
    `  Interval = ${formatDuration(Interval)}`,
    `  Retries = ${Retries}`,
    `  StartPeriod =\t${formatDuration(StartPeriod)}`,
    `  Timeout =\t${formatDuration(Timeout)}`,
    ...spaced(
      titled(
        '  Tests:',
        (Test ?? []).map((word) => `\t Test = ${word}`),
      ),
    ),
  ];
}

/** A heading with its lines; nothing where there are none. */
function titled(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines];
}

/** Docker leaves a space at the end of some lists. */
function spaced(lines: readonly string[]): readonly string[] {
  return lines.map((line, index) => (index === lines.length - 1 ? `${line} ` : line));
}

const words = (list: readonly string[] | null | undefined): string =>
  (list ?? []).map((word) => `${word} `).join('');

/** A map's entries, a line each, in the order of their keys; without its separator where there is no value. */
function pairs(
  map: Readonly<Record<string, string>> | null | undefined,
  indent: string,
  separator: string,
): string[] {
  return Object.entries(map ?? {})
    .sort(([a], [b]) => byBytes(a, b))
    .map(([key, value]) => `${indent}${key}${value === '' ? '' : separator + value}`);
}
