/**
 * The mark of `node drain` in the spec of a service: a constraint that keeps its tasks off a node, and a label with what the mark
 * has changed. Whoever finds the mark can take it out again: nothing is kept anywhere else.
 */
import { DEFAULT_MONITOR, DEFAULT_UPDATE_CONFIG } from '../api/defaults.ts';
import type { Placement, ServiceSpec, TaskSpec, UpdateConfig } from '../api/service.ts';
import { nearest } from '../values/integer.ts';
import { samePart } from './same.ts';

/** The label of the mark. A node that is drained has one of this name too (drain/node.ts). */
export const DRAIN_LABEL = 'swarmroll.drain';

interface Mark {
  /** The id of the node. */
  readonly node: string;
  /** The update settings without the mark; null if the spec has none. */
  readonly before: UpdateConfig | null;
  /** The update settings of the mark. */
  readonly during: UpdateConfig;
}

export const constraintAgainst = (node: string): string => `node.id!=${node}`;
/** The constraint of any drain: object ids have 25 characters (swarmkit identity/randomid.go). */
const AGAINST_NODE = /^node\.id!=[0-9a-z]{25}$/;

/**
 * The template of tasks that were made during a drain, as it is without the drain. The label of the mark is not in a template, so a
 * constraint against a node by its id counts as that of a drain if the service does not have it any more.
 * @param current the template that the service has now
 */
export function withoutPastDrains(template: TaskSpec, current: TaskSpec): TaskSpec {
  const { Constraints, ...placement } = template.Placement ?? {};
  const kept = current.Placement?.Constraints ?? [];
  const others = (Constraints ?? []).filter((one) => !AGAINST_NODE.test(one) || kept.includes(one));
  if (others.length === (Constraints ?? []).length) return template;
  return { ...template, Placement: placementWith(placement, others) };
}

/** A placement without constraints does not name them: the engine stores it so. */
const placementWith = (placement: Placement, constraints: string[]): Placement =>
  constraints.length === 0 ? placement : { ...placement, Constraints: constraints };

/** How the tasks are to move. */
interface MoveSettings {
  /** A new task runs before the old one stops, whatever the update settings say. */
  readonly startsFirst: boolean;
  /** More than one task moves. The delay is then at least the monitor period: else all stop before the first failure counts. */
  readonly isSeveral: boolean;
}

/** The spec with the mark. A failure pauses the update: the engine's rollback would replace nothing, as the failing tasks fit the spec before too. */
export function withMark(
  spec: ServiceSpec,
  node: string,
  { startsFirst, isSeveral }: MoveSettings,
): ServiceSpec {
  const own = spec.UpdateConfig ?? DEFAULT_UPDATE_CONFIG;
  const monitor = nearest(own.Monitor ?? 0) || DEFAULT_MONITOR;
  const during: UpdateConfig = {
    ...own,
    Parallelism: nearest(own.Parallelism),
    Delay: isSeveral ? Math.max(nearest(own.Delay ?? 0), monitor) : nearest(own.Delay ?? 0),
    Monitor: monitor,
    MaxFailureRatio: 0,
    FailureAction: 'pause',
    ...(startsFirst ? { Order: 'start-first' } : {}),
  };
  const { TaskTemplate, Labels } = spec;
  const { Placement } = TaskTemplate;
  const mark: Mark = { node, before: spec.UpdateConfig ?? null, during };
  return {
    ...spec,
    Labels: { ...Labels, [DRAIN_LABEL]: textOf(mark) },
    UpdateConfig: during,
    TaskTemplate: {
      ...TaskTemplate,
      Placement: {
        ...Placement,
        Constraints: [...(Placement?.Constraints ?? []), constraintAgainst(node)],
      },
    },
  };
}

const textOf = (mark: Mark): string =>
  JSON.stringify(mark, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value));

/** The id of the node whose mark the spec has; undefined without a mark. The constraint alone, or the label alone, is none. */
export function markedNode(spec: ServiceSpec): string | undefined {
  const node = markOf(spec)?.node;
  const constraints = spec.TaskTemplate.Placement?.Constraints ?? [];
  return node !== undefined && constraints.includes(constraintAgainst(node)) ? node : undefined;
}

/** The id of the node whose drain has set the label. Somebody else may have taken the constraint out since, with a rollback for example. */
export const labelledNode = (spec: ServiceSpec): string | undefined => markOf(spec)?.node;

/** What the label says; undefined if there is none, or if `node drain` has not written it. */
function markOf({ Labels }: ServiceSpec): Mark | undefined {
  try {
    const mark = JSON.parse(Labels?.[DRAIN_LABEL] ?? 'null') as Partial<Mark> | null;
    return typeof mark?.node === 'string' && mark.during !== undefined && mark.before !== undefined
      ? (mark as Mark)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The spec without the mark. What others have changed since stays, also of the update settings. */
export function withoutMark(spec: ServiceSpec): ServiceSpec {
  const mark = markOf(spec);
  if (mark === undefined) return spec;
  const { UpdateConfig, ...draft } = structuredClone(spec);
  const { [DRAIN_LABEL]: _, ...Labels } = draft.Labels ?? {};
  const { Constraints, ...placement } = draft.TaskTemplate.Placement ?? {};
  const others = (Constraints ?? []).filter((one) => one !== constraintAgainst(mark.node));
  const settings = settingsWithout(mark, UpdateConfig);
  return {
    ...draft,
    Labels,
    ...(settings === undefined ? {} : { UpdateConfig: settings }),
    TaskTemplate: {
      ...draft.TaskTemplate,
      Placement: placementWith(placement, others),
    },
  };
}

function settingsWithout(
  { before, during }: Mark,
  stored: UpdateConfig | undefined,
): UpdateConfig | undefined {
  if (stored === undefined || samePart('UpdateConfig', stored, during)) return before ?? undefined;
  // Settings in part would mean 0 for the rest.
  if (before === null) return stored;
  const isOurs = (name: string): boolean => samePart(`UpdateConfig.${name}`, stored[name], during[name]);
  const names = [...new Set([...Object.keys(stored), ...Object.keys(before)])];
  const fields = names
    .map((name) => [name, isOurs(name) ? before[name] : stored[name]] as const)
    .filter(([, value]) => value !== undefined);
  return Object.fromEntries(fields) as UpdateConfig;
}
