/** What a service can be rolled back to after an update that ended badly: to what has run. Pure. */
import { DEFAULT_MONITOR, DEFAULT_RESTART_DELAY } from '../api/defaults.ts';
import type { Service, ServiceSpec, Task, TaskSpec } from '../api/service.ts';
import { STACK_IMAGE } from '../api/stack-labels.ts';
import type { RollbackTarget } from '../rollout/evidence.ts';
import { markedNode } from '../service-spec/drain-mark.ts';
import { DEFAULT_STOP_GRACE } from '../rollout/waiting.ts';
import { isJobSpec } from '../service-spec/mode.ts';
import { sameSpec } from '../service-spec/same.ts';
import { nearest } from '../values/integer.ts';
import { printable } from '../values/printable.ts';
import { compareTimes } from '../values/times.ts';
import { hasEnded, slotKey, templateId } from './generations.ts';
import type { Generation } from './generations.ts';
import type { History } from './read.ts';

const KEPT_TASKS = 5;
/** A generation that the engine may delete earlier than this (ms) cannot be named in a hint. */
const MIN_TIME = 5_000;

/**
 * The rollback targets, the best first. The engine's rollback leads to the previous spec. Every update overwrites that, also one of
 * labels or replicas and one that changes nothing, so it may well have the template that fails. Then there are
 * the generations with another template that ran, from the newest.
 * @param now the time of day, in milliseconds since the epoch
 * @param ranBefore whether the tasks of the previous spec were seen to run before the change, and none had failed; undefined if nobody
 * has seen them. That counts where none of them is kept, or where one has failed since
 */
export function rollbackTargets(
  history: History,
  now: number,
  ranBefore?: boolean,
): readonly RollbackTarget[] {
  const { service, generations } = history;
  const { Spec, PreviousSpec, UpdateStatus } = service;
  const current = templateId(Spec.TaskTemplate);
  const hasRun = (id: string, among = generations, failures = failuresOf(id, history)): boolean =>
    among.some((one) => one.id === id && hasGenerationRun(one, failures, service, now));
  const isKept = (id: string): boolean => generations.some((one) => one.id === id && one.tasks.length > 0);
  // While a template fails, only a task of it that runs now shows that it can: one that was shut down may have been about to fail.
  const runsNow = generations.map((one) => ({ ...one, tasks: one.tasks.filter((task) => !hasEnded(task)) }));
  const isFailing = generations.some((one) => one.isCurrent && one.tasks.some(hasFailed));
  // Tasks that ran before the change, and none had failed: one that fails meanwhile does not count against the spec.
  const wasSeenToRun = (id: string): boolean =>
    ranBefore === true && (!isKept(id) || hasRun(id, generations, []));
  const hasPreviousRun = (id: string): boolean =>
    id === current && isFailing ? hasRun(id, runsNow) : hasRun(id) || wasSeenToRun(id);
  // Of a rollback, the previous spec is what it leads away from.
  const mayHaveRun = (id: string): boolean =>
    ranBefore === undefined &&
    id !== current &&
    !isKept(id) &&
    UpdateStatus?.State?.startsWith('rollback_') !== true;
  const ids = new Set(generations.map(({ id }) => id).reverse());
  const others = [...ids].filter((id) => id !== current && hasRun(id));
  const isWay = (test: (id: string) => boolean): boolean =>
    PreviousSpec !== undefined &&
    // `rollback` refuses to go back to the middle of a drain (deploy/update-one.ts).
    markedNode(PreviousSpec) === undefined &&
    !sameSpec(PreviousSpec, Spec) &&
    leadsElsewhere(service, generations, test);
  return [
    ...(isWay(hasPreviousRun) ? [{ kind: 'previous' } as const] : []),
    ...others.map((id) => wayTo(id, generations, Spec)),
    ...(isWay(mayHaveRun) ? [{ kind: 'previous', isUnknown: true } as const] : []),
  ];
}

/** The way to a generation: where the engine is about to delete the generation, and nothing else has changed, its image alone. */
function wayTo(
  id: string,
  generations: readonly Generation[],
  { TaskTemplate, Labels }: ServiceSpec,
): RollbackTarget {
  const template = generations.findLast((one) => one.id === id)?.template ?? TaskTemplate;
  const image = printable(template.ContainerSpec?.Image ?? '');
  const left = timeLeft(id, generations, TaskTemplate);
  const isImageAlone =
    templateId(withoutImage(template)) === templateId(withoutImage(TaskTemplate)) &&
    // It has to change along with the image (deploy/roll-back-to.ts).
    Labels?.[STACK_IMAGE] === undefined;
  return left < MIN_TIME && isImageAlone
    ? { kind: 'image', id, image }
    : { kind: 'generation', id, image, isFading: left < Infinity };
}

/**
 * How long the engine keeps a generation, at least (ms). While the current tasks fail, each of them is one more in its slot, and
 * the engine keeps the newest five (swarmkit manager/orchestrator/taskreaper/task_reaper.go, tick; the default of
 * `docker swarm update --task-history-limit`).
 */
function timeLeft(id: string, generations: readonly Generation[], { RestartPolicy }: TaskSpec): number {
  const isFailing = generations.some(({ isCurrent, tasks }) => isCurrent && tasks.some(hasFailed));
  const own = new Set(generations.filter((one) => one.id === id).flatMap(({ tasks }) => tasks));
  if (!isFailing || [...own].some((task) => !hasEnded(task))) return Infinity;
  const delay = nearest(RestartPolicy?.Delay ?? DEFAULT_RESTART_DELAY) / 1e6;
  const all = generations.flatMap(({ tasks }) => tasks);
  const failuresLeft = [...own].map(({ Slot, NodeID, CreatedAt }) => {
    const isInSlot = (task: Task): boolean =>
      Slot === undefined ? task.NodeID === NodeID : task.Slot === Slot;
    const newer = all.filter((task) => isInSlot(task) && compareTimes(task.CreatedAt, CreatedAt) > 0);
    return Math.max(0, KEPT_TASKS - 1 - newer.length);
  });
  return Math.max(0, ...failuresLeft) * delay;
}

const hasFailed = ({ Status }: Task): boolean => Status.State === 'failed' || Status.State === 'rejected';

/** The platforms of a placement come from the image. */
const withoutImage = ({ ContainerSpec, Placement, ...rest }: TaskSpec): TaskSpec => ({
  ...rest,
  ContainerSpec: { ...ContainerSpec, Image: '' },
  Placement: { ...Placement, Platforms: [] },
});

/** Whether the previous spec has run: another template, or the same one, of which no task is replaced by that rollback. */
function leadsElsewhere(
  { Spec, PreviousSpec }: Service,
  generations: readonly Generation[],
  hasRun: (id: string) => boolean,
): boolean {
  const id = generations.find(({ isPrevious }) => isPrevious)?.id;
  if (PreviousSpec === undefined || id === undefined) return false;
  const [from, to] = [Spec.TaskTemplate, PreviousSpec.TaskTemplate];
  const isRestart = templateId(from) === id && from.ForceUpdate !== to.ForceUpdate;
  return !isRestart && hasRun(id);
}

/** The kept tasks of a template that have ended badly. */
const failuresOf = (id: string, { service: { Spec }, generations }: History): readonly Task[] =>
  generations.flatMap(({ template, tasks, ...one }) =>
    one.id === id ? tasks.filter((task) => hasEndedBadly(task, template, Spec)) : [],
  );

const hasEndedBadly = (task: Task, template: TaskSpec, spec: ServiceSpec): boolean =>
  hasFailed(task) || (task.Status.State === 'complete' && !mayEnd(template, spec));

const mayEnd = ({ RestartPolicy }: TaskSpec, spec: ServiceSpec): boolean =>
  isJobSpec(spec) || (RestartPolicy?.Condition ?? 'any') !== 'any';

/**
 * Whether a task of the generation has run for the monitor period (at most 5s count), or has completed where it is meant to. How long a task that
 * has ended ran is not known, only how long it existed: the successor of a failed task waits for the restart delay first. If tasks
 * of the template have failed, one that was shut down may have been about to fail: it must have existed for longer than they did.
 * @param failures the tasks of the template that have ended badly
 */
function hasGenerationRun(
  { template, tasks }: Generation,
  failures: readonly Task[],
  { Spec, PreviousSpec }: Service,
  now: number,
): boolean {
  const { RestartPolicy, ContainerSpec } = template;
  // The update that failed may have set a longer monitor period than the tasks before it had.
  const monitors = [Spec, PreviousSpec].map((spec) =>
    nearest(spec?.UpdateConfig?.Monitor ?? DEFAULT_MONITOR),
  );
  const monitor = Math.min(...monitors, DEFAULT_MONITOR) / 1e6;
  const delay = nearest(RestartPolicy?.Delay ?? DEFAULT_RESTART_DELAY) / 1e6;
  const stopGrace = nearest(ContainerSpec?.StopGracePeriod ?? DEFAULT_STOP_GRACE * 1e6) / 1e6;
  const existed = failures.map((task) => Math.min(lifetime(task), LATE_FAILURE));
  const margin = failures.length === 0 ? 0 : Math.max(...existed) + stopGrace;
  /** The slots in which a task has failed so far. */
  const failed = new Set<string>();
  return tasks.some((task) => {
    const { State, Timestamp = '' } = task.Status;
    const slot = slotKey(task, Spec);
    const needed = monitor + (failed.has(slot) ? delay : 0);
    if (hasEndedBadly(task, template, Spec)) failed.add(slot);
    if (State === 'complete') return mayEnd(template, Spec);
    if (State === 'running') return now - Date.parse(Timestamp) >= needed;
    return State === 'shutdown' && hadContainer(task) && lifetime(task) >= needed + margin;
  });
}

/** A task that fails later than this (ms) has most likely run before. */
const LATE_FAILURE = 60_000;

/** How long (ms) a task that has ended existed. */
const lifetime = ({ CreatedAt, Status: { Timestamp = '' } }: Task): number =>
  Date.parse(Timestamp) - Date.parse(CreatedAt);

/** A task that was shut down before it was on a node has none (seen on 28.5). */
const hadContainer = ({ Status }: Task): boolean => (Status.ContainerStatus?.ContainerID ?? '') !== '';
