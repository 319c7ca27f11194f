/** The spec of a service of a stack as it is to be sent: what docker has written, as far as the swarm already has it. Pure. */
import type { NetworkAttachment, Service, ServiceSpec, TaskSpec } from '../api/service.ts';
import { inEngineWords } from '../service-spec/engine-words.ts';
import { isObject } from '../values/exact-json.ts';
import { printable } from '../values/printable.ts';

/** What the wanted spec depends on besides the two specs. */
interface Wishes {
  /** The ids of networks by their names. */
  readonly networkIds: ReadonlyMap<string, string>;
  readonly keepsReplicas: boolean;
  readonly keepsDigests: boolean;
}

/** The spec as it is to be sent. */
export function wantedSpec(
  held: ServiceSpec,
  stored: Service | undefined,
  { networkIds, keepsReplicas, keepsDigests }: Wishes,
  warn: (warning: string) => void,
): ServiceSpec {
  const draft = withIds(inEngineWords(held), new Map(), networkIds);
  if (stored === undefined) return draft;
  const { Mode, TaskTemplate } = stored.Spec;
  takeOrder(draft.TaskTemplate, TaskTemplate);
  const replicas = Mode?.Replicated?.Replicas;
  if (keepsReplicas && replicas !== undefined && draft.Mode?.Replicated !== undefined)
    draft.Mode.Replicated.Replicas = replicas;
  if (keepsDigests && takeDigest(draft.TaskTemplate, TaskTemplate)) {
    const image = printable(held.TaskTemplate.ContainerSpec?.Image ?? '');
    warn(`${printable(held.Name ?? '')}: the registry gave no digest of ${image}: the stored one is kept`);
  }
  return draft;
}

/** Takes the digest and the platforms that are stored for the tag. @returns false if the stored tag is another one */
function takeDigest(draft: TaskSpec, stored: TaskSpec): boolean {
  const image = stored.ContainerSpec?.Image ?? '';
  const wanted = draft.ContainerSpec?.Image ?? '';
  if (draft.ContainerSpec === undefined || wanted.includes('@') || !image.startsWith(`${wanted}@`))
    return false;
  draft.ContainerSpec.Image = image;
  const { Platforms } = stored.Placement ?? {};
  if (Platforms) draft.Placement = { ...draft.Placement, Platforms };
  return true;
}

/**
 * The spec with the ids of the engine.
 * @param ids by the made-up ones. Nothing else looks like these, so they are replaced wherever they stand
 * @param networkIds by the names that docker gives
 */
export function withIds(
  spec: ServiceSpec,
  ids: ReadonlyMap<string, string>,
  networkIds: ReadonlyMap<string, string>,
): ServiceSpec {
  const replaced = (value: unknown): unknown => {
    if (typeof value === 'string') return ids.get(value) ?? value;
    if (Array.isArray(value)) return value.map(replaced);
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, replaced(field)]));
  };
  const { Networks: networks, TaskTemplate, ...rest } = replaced(spec) as ServiceSpec;
  const found = (list: readonly NetworkAttachment[]): NetworkAttachment[] =>
    list.map((one) => ({ ...one, Target: networkIds.get(one.Target ?? '') ?? one.Target ?? '' }));
  return {
    ...rest,
    ...(networks ? { Networks: found(networks) } : {}),
    TaskTemplate: {
      ...TaskTemplate,
      ...(TaskTemplate.Networks ? { Networks: found(TaskTemplate.Networks) } : {}),
    },
  };
}

/**
 * Puts references into the stored order. docker gives several references to one object in any order (a Go map), and another
 * order would replace the tasks.
 */
function takeOrder(draft: TaskSpec, stored: TaskSpec): void {
  const { ContainerSpec: own } = draft;
  const { ContainerSpec: other } = stored;
  if (draft.Networks) draft.Networks = sortedAs(stored.Networks, draft.Networks);
  if (own?.Secrets) own.Secrets = sortedAs(other?.Secrets, own.Secrets);
  if (own?.Configs) own.Configs = sortedAs(other?.Configs, own.Configs);
}

/** The list in the order of another one; what that one has not comes last. */
function sortedAs<T>(other: readonly T[] | null | undefined, list: readonly T[]): T[] {
  const places = (other ?? []).map(textOf);
  const place = (one: T): number =>
    places.includes(textOf(one)) ? places.indexOf(textOf(one)) : places.length;
  return [...list].sort((a, b) => place(a) - place(b));
}

/** A text that is equal for equal values, whatever the order of their fields, and where only empty fields differ. */
export const textOf = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === 'bigint') return `${part}`;
    if (!isObject(part)) return part ?? undefined;
    const fields = Object.entries(part).filter(([, field]) => field !== null && field !== '');
    return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
  });

/** Whether two values of a spec are the same, whatever the order of their fields and whether empty ones are left out. */
export const sameText = (a: unknown, b: unknown): boolean => textOf(a) === textOf(b);
