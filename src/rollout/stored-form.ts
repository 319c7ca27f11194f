/** A spec as the engine stores it, for comparisons: what a client posted and what the engine replies have the same form. */
import type { ServiceSpec } from '../api/service.ts';

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
  ['TaskTemplate.ContainerSpec.Mounts.Consistency', undefined],
  ['TaskTemplate.RestartPolicy.Condition', 'any'],
  ['EndpointSpec.Mode', 'vip'],
  ['EndpointSpec.Ports.Protocol', 'tcp'],
  ['EndpointSpec.Ports.PublishMode', 'ingress'],
  ...['UpdateConfig', 'RollbackConfig'].flatMap((config): [string, string][] => [
    [`${config}.FailureAction`, 'pause'],
    [`${config}.Order`, 'stop-first'],
  ]),
]);

/** Objects that are absent to the engine if they are empty: maps, and BindOptions. Any other empty object is not. */
const ABSENT_IF_EMPTY: ReadonlySet<string> = new Set([
  'Labels',
  'Options',
  'Sysctls',
  'DriverOpts',
  'BindOptions',
]);

/**
 * The form of a spec that the engine stores (moby daemon/cluster/convert: service.go ServiceSpecToGRPC, container.go
 * containerToGRPC; protobuf then has no empty lists and maps). Two specs are the same to the engine if their forms are equal.
 * Keys are sorted. Fields that this program does not know are kept.
 */
export function storedForm(spec: Partial<ServiceSpec>): Record<string, unknown> {
  return formOf(spec, '') as Record<string, unknown>;
}

function formOf(value: unknown, path: string): unknown {
  if (value === null || value === undefined) return undefined;
  if (DEFAULTS.has(path)) {
    const absent = DEFAULTS.get(path);
    if (absent === undefined || value === absent) return undefined;
  }
  if (value === '' || value === 0 || value === false) return KEPT.has(path) ? value : undefined;
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => (typeof item === 'object' ? formOf(item, path) : item));
    return items.length === 0 ? undefined : items;
  }
  if (typeof value !== 'object') return value;
  const fields = Object.entries(value)
    .map(([key, field]) => [key, formOf(field, path === '' ? key : `${path}.${key}`)] as const)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const isAbsent = fields.length === 0 && ABSENT_IF_EMPTY.has(path.slice(path.lastIndexOf('.') + 1));
  return isAbsent ? undefined : Object.fromEntries(fields);
}

/** Whether the engine would store the same for both specs. */
export function isSameForm(a: Partial<ServiceSpec>, b: Partial<ServiceSpec>): boolean {
  return jsonOf(storedForm(a)) === jsonOf(storedForm(b));
}

/** JSON, with 64-bit integers in full (values/integer.ts exactNumber). */
export const jsonOf = (value: unknown): string =>
  JSON.stringify(value ?? null, (_key, part: unknown) => (typeof part === 'bigint' ? `${part}` : part));
