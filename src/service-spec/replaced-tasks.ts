/**
 * What an update does to the tasks of a service: which the engine replaces, starts and stops. The rules are swarmkit's:
 * manager/orchestrator/task.go, update/updater.go, replicated/services.go, global/global.go, jobs/.
 */
import { DEFAULT_MONITOR } from '../api/defaults.ts';
import type { Service, ServiceSpec, Task, TaskSpec, UpdateConfig } from '../api/service.ts';
import { groupBy } from '../values/group-by.ts';
import { nearest } from '../values/integer.ts';
import { isEligible, meetsConstraints } from '../rollout/constraints.ts';
import type { NodeSeen } from '../rollout/observation.ts';
import type { TaskChanges } from './planned.ts';
import { isTerminalState } from '../rollout/slots.ts';
import { lastMonitor } from '../rollout/waiting.ts';
import { isGlobalSpec, isJobSpec } from './mode.ts';
import { jsonOf, sameSpec, storedForm } from './same.ts';

/** A change of a service. */
export interface PlannedChange {
  /** Absent: the service is created. */
  readonly before?: Service;
  readonly after: ServiceSpec;
  readonly tasks: readonly Task[];
  readonly nodes: readonly NodeSeen[];
  /** Whether credentials for the registry are sent along. What the engine has stored can't be read, so they count as new. */
  readonly sendsAuth?: boolean;
  /** The engine's own rollback: it has its own configuration. */
  readonly isRollback?: boolean;
}

/** The tasks in one slot of a replicated service, or on one node of a global one. */
type SlotTasks = readonly Task[];

/** The states in which a task has its image. */
const HAS_IMAGE: ReadonlySet<string> = new Set(['ready', 'starting', 'running']);

const shouldRun = ({ DesiredState }: Task): boolean => !isTerminalState(DesiredState);

/** What the change does to the tasks. @param changed what changedSlots has found, if that is known */
export function taskChanges(change: PlannedChange, changed = changedSlots(change)): TaskChanges {
  const { slots, started, stopped, atOnce: concurrent } = changed;
  const replaced = slots.filter(({ kept }) => kept === undefined).length;
  const updated = slots.filter(isUpdated).length;
  const { Delay = 0, Monitor = 0 } = updateConfigOf(change) ?? {};
  const atOnce = concurrent ?? Math.min(parallelismOf(change), updated);
  const monitor = (nearest(Monitor) || DEFAULT_MONITOR) / 1e6;
  const delay = nearest(Delay) / 1e6;
  // Each worker waits for the delay after each task, the last one included; then the engine monitors.
  const atLeast = updated === 0 ? 0 : Math.ceil(updated / atOnce) * delay + lastMonitor({ monitor, delay });
  return {
    replaced,
    kept: slots.length - replaced,
    started: started.length,
    stopped: stopped.length,
    atOnce,
    atLeast,
  };
}

/** How many slots the updater replaces at the same time. */
export function parallelismOf(change: PlannedChange): number {
  return nearest(updateConfigOf(change)?.Parallelism ?? 1) || Infinity;
}

/** How the engine updates, or rolls back. */
export function updateConfigOf({ after, isRollback }: PlannedChange): UpdateConfig | undefined {
  return isRollback === true ? after.RollbackConfig : after.UpdateConfig;
}

/**
 * Whether the engine replaces a task (task.go, IsTaskDirty). It compares the whole task template and the endpoint, with two
 * exceptions. If nothing in the template but the placement differs and the task's node meets the constraints, the task stays,
 * even if the ports differ - unless credentials for the registry are sent. And if the placement does not differ, credentials do
 * not count for a task that has its image.
 */
function dirtyTest({ before, after, nodes, sendsAuth }: PlannedChange): (task: Task) => boolean {
  const wanted = templateForms(after.TaskTemplate);
  // The API does not give the endpoint of a task: it is that of the spec whose template the task has.
  const known = [before?.Spec, before?.PreviousSpec].flatMap((spec) =>
    spec === undefined
      ? []
      : [{ own: templateForms(spec.TaskTemplate), isSame: sameSpec(endpointOf(spec), endpointOf(after)) }],
  );
  const constraints = after.TaskTemplate.Placement?.Constraints ?? [];
  const fits = new Set(nodes.filter((node) => meetsConstraints(node, constraints)).map(({ id }) => id));
  const compare = (spec: TaskSpec) => {
    const own = templateForms(spec);
    const same = known.find(
      ({ own: { placement, rest } }) => placement === own.placement && rest === own.rest,
    );
    return {
      isPlacementSame: own.placement === wanted.placement,
      isRestSame: own.rest === wanted.rest,
      isEndpointSame: (same ?? known[0])?.isSame ?? true,
    };
  };
  // Thousands of tasks share a few templates.
  const compared = new Map<TaskSpec, ReturnType<typeof compare>>();
  return (task) => {
    const own = compared.get(task.Spec) ?? compare(task.Spec);
    compared.set(task.Spec, own);
    if (!own.isPlacementSame) return !own.isRestSame || sendsAuth === true || !fits.has(task.NodeID ?? '');
    const hasImage = shouldRun(task) && HAS_IMAGE.has(task.Status.State);
    return !own.isRestSame || !own.isEndpointSame || (sendsAuth === true && !hasImage);
  };
}

/**
 * Whether nodes decide which tasks a change replaces, starts or stops: always for a global service, else where only the placement of a
 * task differs from what is wanted.
 */
export function dependsOnNodes({ after, tasks, sendsAuth }: PlannedChange): boolean {
  if (isGlobalSpec(after)) return true;
  if (isJobSpec(after) || sendsAuth === true) return false;
  const wanted = templateForms(after.TaskTemplate);
  return [...new Set(tasks.map(({ Spec }) => Spec))]
    .map(templateForms)
    .some(({ placement, rest }) => placement !== wanted.placement && rest === wanted.rest);
}

const endpointOf = (spec: ServiceSpec | undefined): Partial<ServiceSpec> =>
  spec?.EndpointSpec === undefined ? {} : { EndpointSpec: spec.EndpointSpec };

/** The placement of a template, and the rest of it, as texts that can be compared. */
function templateForms(template: TaskSpec): { readonly placement: string; readonly rest: string } {
  const { Placement, ...rest } = storedForm({ TaskTemplate: template })['TaskTemplate'] as Record<
    string,
    unknown
  >;
  return { placement: jsonOf(Placement), rest: jsonOf(rest) };
}

/** A slot that the updater gets. */
interface ChangedSlot {
  readonly tasks: SlotTasks;
  /** The task that is as wanted already, if there is one. */
  readonly kept: Task | undefined;
}

/** A slot with two tasks is updated even if one of them is as wanted: that one stays (isSlotDirty, worker). */
export const isUpdated = ({ tasks, kept }: ChangedSlot): boolean => tasks.length > 1 || kept === undefined;

/** The slots that the updater gets, and the tasks that are started or stopped without it. */
export interface ChangedSlots {
  readonly slots: readonly ChangedSlot[];
  /** The node of each task that is started; undefined: the scheduler chooses it. */
  readonly started: ArrayLike<string | undefined>;
  readonly stopped: readonly Task[];
  /** Of a job: how many of the started tasks run at the same time. */
  readonly atOnce?: number;
}

/** What happens to the slots of a service. */
export function changedSlots(change: PlannedChange): ChangedSlots {
  const { Mode: mode } = change.after;
  if (isJobSpec(change.after)) return ofJob(change);
  const { slots, ...others } = mode?.Global === undefined ? ofReplicas(change) : ofNodes(change);
  const isDirty = dirtyTest(change);
  return {
    slots: slots.map((tasks) => ({ tasks, kept: tasks.find((task) => !isDirty(task)) })),
    ...others,
  };
}

/** The changes of a service whose tasks the updater replaces. */
type OfUpdater = Pick<ChangedSlots, 'started' | 'stopped'> & { readonly slots: readonly SlotTasks[] };

/** So many tasks, without a list of them: a number of replicas may be a mistake and very large. */
const anywhere = (count: number): ArrayLike<undefined> => ({ length: Math.max(0, count) });

/** A replicated service (replicated/services.go, reconcile). */
function ofReplicas(change: PlannedChange): OfUpdater {
  const wanted = nearest(change.after.Mode?.Replicated?.Replicas ?? 1);
  const slots = updatable(change, (task) => task.Slot ?? 0);
  const inOrder = slots.length > wanted ? keptOf(slots) : slots;
  const stopped = inOrder.slice(wanted).flat().filter(shouldRun);
  return { slots: inOrder.slice(0, wanted), started: anywhere(wanted - slots.length), stopped };
}

/**
 * The slots in the order in which a scale-down keeps them: first one on each node, then a second one, and so on. On each node,
 * slots with a running task come first, then lower numbers.
 */
function keptOf(slots: readonly SlotTasks[]): readonly SlotTasks[] {
  const isRunning = (slot: SlotTasks): boolean => slot.some(({ Status }) => Status.State === 'running');
  const onNode = new Map<string, number>();
  return (
    [...slots]
      .sort((a, b) => Number(isRunning(b)) - Number(isRunning(a)) || (a[0]?.Slot ?? 0) - (b[0]?.Slot ?? 0))
      .map((slot) => {
        const node = slot.length === 1 ? (slot[0]?.NodeID ?? '') : '';
        const index = node === '' ? Infinity : (onNode.get(node) ?? 0) + 1;
        onNode.set(node, index);
        return { slot, index };
      })
      // Infinity - Infinity is NaN, which sorts as 0.
      .sort((a, b) => a.index - b.index)
      .map(({ slot }) => slot)
  );
}

/** A global service (global/global.go, reconcileServices). On a paused node, nothing is changed. */
function ofNodes(change: PlannedChange): OfUpdater {
  const constraints = change.after.TaskTemplate.Placement?.Constraints ?? [];
  const byNode = new Map(
    updatable(change, (task) => task.NodeID ?? '').map((slot) => [slot[0]?.NodeID ?? '', slot]),
  );
  const up = change.nodes.filter(({ down, availability }) => !down && availability !== 'drain');
  const fit = new Set(up.filter((node) => meetsConstraints(node, constraints)));
  const active = [...fit].filter(({ availability }) => availability !== 'pause');
  const slots = active.map(({ id }) => byNode.get(id)).filter((slot) => slot !== undefined);
  const unfit = up.filter((node) => !fit.has(node));
  const stopped = unfit.flatMap(({ id }) => byNode.get(id) ?? []).filter(shouldRun);
  const started = active.map(({ id }) => id).filter((id) => !byNode.has(id));
  return { slots, started, stopped };
}

/**
 * A job starts anew with every update, whatever it changes (manager/controlapi/service.go UpdateService: JobIteration); tasks
 * of the run before are removed. The updater has no part in it.
 */
function ofJob({ after, tasks, nodes }: PlannedChange): ChangedSlots {
  const { ReplicatedJob } = after.Mode ?? {};
  const constraints = after.TaskTemplate.Placement?.Constraints ?? [];
  const { MaxConcurrent = 1, TotalCompletions = MaxConcurrent } = ReplicatedJob ?? {};
  const started =
    ReplicatedJob === undefined
      ? nodes.filter((node) => isEligible(node, constraints, false)).map(({ id }) => id)
      : anywhere(nearest(TotalCompletions));
  const stopped = tasks.filter(
    (task) => !isTerminalState(task.Status.State) && task.DesiredState !== 'remove',
  );
  const concurrent = ReplicatedJob === undefined ? Infinity : nearest(MaxConcurrent);
  return { slots: [], started, stopped, atOnce: Math.min(concurrent, started.length) };
}

/**
 * The tasks that the updater may replace, by slot: those that should run, else the last one if the engine will not restart it
 * (restart/restart.go, UpdatableTasksInSlot). How often the engine has restarted a task can't be read; a slot with a limit
 * and without a live task has reached it.
 */
function updatable(
  { tasks, isRollback }: PlannedChange,
  keyOf: (task: Task) => string | number,
): readonly SlotTasks[] {
  const present = tasks.filter(({ DesiredState }) => DesiredState !== 'remove');
  const slots = groupBy(present, keyOf);
  return [...slots.values()].flatMap((slot): SlotTasks[] => {
    const live = slot.filter(shouldRun);
    if (live.length > 0) return [live];
    const [last] = [...slot].sort((a, b) => stamp(b) - stamp(a));
    return last === undefined || isRollback === true || isRestarted(last) ? [] : [[last]];
  });
}

const stamp = ({ Status, CreatedAt }: Task): number => Date.parse(Status.Timestamp ?? CreatedAt);

/** Whether the engine starts a successor of an ended task by itself (restart/restart.go, shouldRestart). */
function isRestarted({ Spec: { RestartPolicy: policy }, Status: { State } }: Task): boolean {
  const condition = policy?.Condition ?? 'any';
  if (condition === 'none' || (condition === 'on-failure' && State === 'complete')) return false;
  return nearest(policy?.MaxAttempts ?? 0) === 0;
}
