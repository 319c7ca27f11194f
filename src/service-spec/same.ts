/**
 * The one rule of what "the same spec" is: to the engine, and so to every comparison of specs in this program (what is sent,
 * what a change owns, differences, which tasks are replaced).
 */
import type { Mount, ServiceMode, ServiceSpec, TaskSpec } from '../api/service.ts';

/** Fields where 0 or false differs from an absent field, because the engine stores them as messages of their own. */
const KEPT: ReadonlySet<string> = new Set([
  'TaskTemplate.ContainerSpec.Init',
  'TaskTemplate.ContainerSpec.StopGracePeriod',
  'TaskTemplate.RestartPolicy.Delay',
  'TaskTemplate.RestartPolicy.Window',
  'TaskTemplate.Resources.SwapBytes',
  'TaskTemplate.Resources.MemorySwappiness',
  'Mode.Replicated.Replicas',
  'Mode.ReplicatedJob.MaxConcurrent',
  'Mode.ReplicatedJob.TotalCompletions',
]);

/** The values that an absent field has to the engine. `undefined`: the engine drops the field, whatever its value. */
const DEFAULTS: ReadonlyMap<string, string | undefined> = new Map([
  ['TaskTemplate.Runtime', 'container'],
  ['TaskTemplate.ContainerSpec.Isolation', 'default'],
  ['TaskTemplate.ContainerSpec.Mounts.Type', 'bind'],
  ['TaskTemplate.ContainerSpec.Mounts.Consistency', undefined],
  // Only the other direction copies it (moby daemon/cluster/convert/container.go; seen on 28.5).
  ['TaskTemplate.ContainerSpec.Mounts.BindOptions.CreateMountpoint', undefined],
  ['TaskTemplate.RestartPolicy.Condition', 'any'],
  ['EndpointSpec.Mode', 'vip'],
  ['EndpointSpec.Ports.Protocol', 'tcp'],
  ['EndpointSpec.Ports.PublishMode', 'ingress'],
  ...['UpdateConfig', 'RollbackConfig'].flatMap((config): [string, string][] => [
    [`${config}.FailureAction`, 'pause'],
    [`${config}.Order`, 'stop-first'],
  ]),
]);

/** Maps whose keys and values are the user's: an empty value is a value. To the engine, an empty map is absent. */
const USER_MAPS: ReadonlySet<string> = new Set([
  'Labels',
  'TaskTemplate.ContainerSpec.Labels',
  'TaskTemplate.ContainerSpec.Mounts.VolumeOptions.Labels',
  'TaskTemplate.ContainerSpec.Mounts.VolumeOptions.DriverConfig.Options',
  'TaskTemplate.ContainerSpec.Sysctls',
  'TaskTemplate.LogDriver.Options',
  'TaskTemplate.Networks.DriverOpts',
  'Networks.DriverOpts',
]);

/**
 * Objects that are absent to the engine if they are empty, as maps are; and the placement, which is sent in any case
 * (api/complete-spec.ts). Any other empty object is not absent.
 */
const ABSENT_IF_EMPTY: ReadonlySet<string> = new Set([
  'TaskTemplate.ContainerSpec.Mounts.BindOptions',
  // docker writes an empty one for a volume of the type cluster.
  'TaskTemplate.ContainerSpec.Mounts.ClusterOptions',
  'TaskTemplate.Placement',
]);

/**
 * The form of a spec that the engine stores (moby daemon/cluster/convert: service.go ServiceSpecToGRPC, container.go
 * containerToGRPC; protobuf then has no empty lists and maps). Two specs are the same to the engine if their forms are equal.
 * Keys are sorted. Fields that this program does not know are kept.
 */
export function storedForm(spec: Partial<ServiceSpec>): Record<string, unknown> {
  return formAt('', { ...spec, Mode: wholeMode(spec.Mode ?? {}) }) as Record<string, unknown>;
}

/** A mode with the numbers that the engine fills in: one task, and as many completions as tasks at a time. */
function wholeMode({ Replicated, ReplicatedJob, ...others }: ServiceMode): ServiceMode {
  const MaxConcurrent = ReplicatedJob?.MaxConcurrent ?? 1;
  const TotalCompletions = ReplicatedJob?.TotalCompletions ?? MaxConcurrent;
  const isReplicated = Replicated || (!ReplicatedJob && Object.keys(others).length === 0);
  return {
    ...others,
    ...(isReplicated ? { Replicated: { ...Replicated, Replicas: Replicated?.Replicas ?? 1 } } : {}),
    ...(ReplicatedJob ? { ReplicatedJob: { ...ReplicatedJob, MaxConcurrent, TotalCompletions } } : {}),
  };
}

/** The form of a part of a spec. @param path of the part, "TaskTemplate.ContainerSpec"; the items of a list have its path */
function formAt(path: string, value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  if (DEFAULTS.has(path)) {
    const absent = DEFAULTS.get(path);
    if (absent === undefined || value === absent) return undefined;
  }
  if (value === '' || value === 0 || value === false) return KEPT.has(path) ? value : undefined;
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => (typeof item === 'object' ? formAt(path, item) : item));
    return items.length === 0 ? undefined : items;
  }
  if (typeof value !== 'object') return value;
  const isMap = USER_MAPS.has(path);
  const fields = Object.entries(value)
    .map(([key, field]: [string, unknown]) => {
      // Go reads null as the empty text.
      if (isMap) return [key, field === null ? '' : field] as const;
      return [key, formAt(path === '' ? key : `${path}.${key}`, field)] as const;
    })
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  if (fields.length === 0 && (isMap || ABSENT_IF_EMPTY.has(path))) return undefined;
  return Object.fromEntries(fields);
}

/** Whether two specs are the same to the engine: nothing would change. */
export function sameSpec(a: Partial<ServiceSpec>, b: Partial<ServiceSpec>): boolean {
  return jsonOf(storedForm(a)) === jsonOf(storedForm(b));
}

/** Whether the values of a field are the same to the engine. @param path "UpdateConfig.Delay"; "Labels.KEY" is the label KEY */
export function samePart(path: string, a: unknown, b: unknown): boolean {
  return jsonOf(formOfField(path, a)) === jsonOf(formOfField(path, b));
}

/**
 * Whether two mounts mean the same. To the engine they can differ all the same: it stores an empty VolumeOptions.DriverConfig
 * (docker 28) as another form than none (docker 29.2.1 on), and replaces every task for that.
 */
export function sameMount(a: Mount, b: Mount): boolean {
  const path = 'TaskTemplate.ContainerSpec.Mounts';
  return jsonOf(withoutEmpty(formAt(path, a))) === jsonOf(withoutEmpty(formAt(path, b)));
}

/** A form without the objects that are empty, or that have nothing but such objects. */
function withoutEmpty(form: unknown): unknown {
  if (typeof form !== 'object' || form === null || Array.isArray(form)) return form;
  const fields = Object.entries(form)
    .map(([key, field]: [string, unknown]) => [key, withoutEmpty(field)] as const)
    .filter(([, field]) => field !== undefined);
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}

/** The form of a field that may be a value in a map of the user's. */
function formOfField(path: string, value: unknown): unknown {
  const isInMap = [...USER_MAPS].some((map) => path.startsWith(`${map}.`));
  return isInMap ? value : formAt(path, value);
}

/** JSON, with 64-bit integers in full (values/integer.ts exactNumber). */
export const jsonOf = (value: unknown): string =>
  JSON.stringify(value ?? null, (_key, part: unknown) => (typeof part === 'bigint' ? `${part}` : part));

/**
 * The text of a stored task template, for its id. What the engine has stored has only one form, apart from null and [].
 * So nothing else is left out: the id of a template must stay as it is.
 */
export function templateText(template: TaskSpec): string {
  return JSON.stringify(template, (_key, value: unknown) => {
    if (value === null || (Array.isArray(value) && value.length === 0)) return undefined;
    if (typeof value === 'bigint') return `${value}`;
    if (typeof value !== 'object' || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
