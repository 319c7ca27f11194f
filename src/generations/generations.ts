/**
 * The generations of a service: the runs of equal task templates, in the order of time. They are read from the tasks that
 * the swarm keeps, because each task has the template that it was made from. Pure.
 */
import { createHash } from 'node:crypto';
import type { Service, ServiceSpec, Task, TaskSpec } from '../api/service.ts';
import { isTerminalState } from '../rollout/slots.ts';
import { withoutPastDrains } from '../service-spec/drain-mark.ts';
import { isGlobalSpec } from '../service-spec/mode.ts';
import { templateText } from '../service-spec/same.ts';
import { compareTimes } from '../values/times.ts';

export interface Generation {
  /** The id of the template (templateId). A template that came back has its id again. */
  readonly id: string;
  /** That of its tasks, without the constraint of a node drain that is over. */
  readonly template: TaskSpec;
  /** When its first kept task was made (RFC 3339); undefined if no task of it is kept. */
  readonly createdAt: string | undefined;
  /** The kept tasks, from the oldest to the newest. */
  readonly tasks: readonly Task[];
  /** Whether this is the template of the service's current spec, and of the previous one. */
  readonly isCurrent: boolean;
  readonly isPrevious: boolean;
}

const ID_LENGTH = 12;

/**
 * The id of a task template: a hash of its content, so it is the same everywhere and at any time. Two templates have the
 * same id if the engine would run the same tasks from both. ForceUpdate is left out: it is a counter that only makes the
 * engine replace tasks. So is the runtime: only a service's spec has it (moby daemon/cluster/convert/service.go
 * serviceSpecFromGRPC). Without it, the templates of a service and of its tasks are equal (seen on 20.10 and 28.5).
 */
export function templateId(template: TaskSpec): string {
  const { Runtime, ForceUpdate, ...content } = template;
  const part = Runtime === undefined || Runtime === 'container' ? content : { ...content, Runtime };
  return createHash('sha256').update(templateText(part)).digest('hex').slice(0, ID_LENGTH);
}

interface GenerationDraft extends Pick<Generation, 'id' | 'template'> {
  /** Equal if the engine would not replace a task of the one for the other: the id and ForceUpdate. */
  readonly templateKey: string;
  /** Equal for the tasks of one generation: each iteration of a job is a generation of its own. */
  readonly key: string;
  /** The key without the placement: a change of this alone replaces no task on a node that fits (swarmkit IsTaskDirty). */
  readonly keyWithoutPlacement: string;
  tasks: Task[];
}

/**
 * The generations of a service, from the oldest to the newest; the last one is that of the current spec. A template that
 * came back (A, B, A) is a new generation, and so are a forced update and each run of a job. The templates of the current
 * and of the previous spec are always among them. The constraint of a drain that is over is in none of them.
 * @param tasks all tasks of the service that the swarm keeps
 */
export function generationsOf(
  { Spec, PreviousSpec, JobStatus }: Service,
  tasks: readonly Task[],
): Generation[] {
  // Tasks can share one template object.
  const known = new Map<TaskSpec, ReturnType<typeof identified>>();
  const identified = (stored: TaskSpec) => {
    const template = withoutPastDrains(stored, Spec.TaskTemplate);
    return { template, id: templateId(template), others: templateId({ ...template, Placement: {} }) };
  };
  const draftOf = (stored: TaskSpec, iteration = 0): GenerationDraft => {
    const { template, id, others } = known.get(stored) ?? identified(stored);
    known.set(stored, { template, id, others });
    const force = template.ForceUpdate ?? 0;
    return {
      id,
      templateKey: `${id} ${force}`,
      key: `${id} ${force} ${iteration}`,
      keyWithoutPlacement: `${others} ${force} ${iteration}`,
      template,
      tasks: [],
    };
  };

  const drafts: GenerationDraft[] = [];
  for (const task of [...tasks].sort(byAge)) {
    const draft = draftOf(task.Spec, task.JobIteration?.Index);
    if (drafts.at(-1)?.key !== draft.key) drafts.push(draft);
    drafts.at(-1)?.tasks.push(task);
  }
  const stored = draftOf(Spec.TaskTemplate, JobStatus?.JobIteration?.Index);
  if (drafts.at(-1)?.key !== stored.key) drafts.push(stored);
  const current = drafts.at(-1) ?? stored;
  // Live tasks of an equal template belong to the current one: they were never replaced before it came back.
  for (const draft of drafts.filter((one) => one.keyWithoutPlacement === current.keyWithoutPlacement)) {
    if (draft === current) continue;
    current.tasks = [...draft.tasks.filter(isWanted), ...current.tasks];
    draft.tasks = draft.tasks.filter((task) => !isWanted(task));
  }
  current.tasks.sort(byAge);
  const previous = PreviousSpec === undefined ? undefined : draftOf(PreviousSpec.TaskTemplate);
  const isSame = ({ templateKey }: GenerationDraft): boolean => templateKey === previous?.templateKey;
  const same = isSame(current) ? current : drafts.findLast(isSame);
  if (previous !== undefined && same === undefined) drafts.splice(-1, 0, previous);
  return drafts.map((draft) => ({
    ...draft,
    createdAt: draft.tasks[0]?.CreatedAt,
    isCurrent: draft === current,
    isPrevious: draft === (same ?? previous),
  }));
}

const byAge = (a: Task, b: Task): number => compareTimes(a.CreatedAt, b.CreatedAt);

/** Whether a task has ended. */
export const hasEnded = ({ Status }: Task): boolean => isTerminalState(Status.State);

/**
 * The slot of a task: its number or, if the service is global, the id of its node. The engine leaves out slot 0, which the first
 * task of a job has.
 */
export const slotKey = ({ NodeID = '', Slot = 0 }: Task, spec: ServiceSpec): string =>
  isGlobalSpec(spec) ? NodeID : String(Slot);

const isWanted = (task: Task): boolean => task.DesiredState === 'running' && !hasEnded(task);

/**
 * Finds the template with an id. If there is none, tasks that were made during a drain are found by the id of their own template.
 * @param prefix the start of the id
 * @returns the newest generation of each id that starts so
 */
export function withPrefix(generations: readonly Generation[], prefix: string): Generation[] {
  const start = prefix.toLowerCase();
  const withId = generations.filter(({ id }) => id.startsWith(start));
  // Tasks that a change of the placement has kept are of the current generation, with an older template.
  const found =
    withId.length > 0
      ? withId
      : generations.filter(({ tasks }) => tasks.some(({ Spec }) => templateId(Spec).startsWith(start)));
  return [...new Map(found.map((generation) => [generation.id, generation])).values()];
}
