/** What `history` shows of each generation. Pure. */
import type { ServiceSpec, Task, TaskSpec } from '../api/service.ts';
import { differences } from '../service-spec/differences.ts';
import type { Difference } from '../service-spec/planned.ts';
import { printable, printableData } from '../values/printable.ts';
import { hasEnded } from './generations.ts';
import type { Generation } from './generations.ts';

/** Tasks of a generation that are in the same state, or ended with the same error. */
export interface TaskGroup {
  /** The engine's word for the state, or "stopping" for a task that the engine is shutting down. */
  readonly state: string;
  readonly count: number;
  /** Absent if there is none, and for all others after the first ten. */
  readonly error?: string;
}

/** A generation, as -o json prints it (docs/json.md). Scripts depend on the names of the fields. */
export interface Summary {
  readonly id: string;
  readonly image: string;
  readonly current: boolean;
  readonly previous: boolean;
  /** The changes since the generation before; null if none before is kept. */
  readonly changes: readonly Difference[] | null;
  readonly tasks: readonly TaskGroup[];
  /** When its first kept task was made; null if none is kept. */
  readonly createdAt: string | null;
}

/** The summaries, from the newest to the oldest. @param networks the names of networks by ID */
export function summariesOf(
  generations: readonly Generation[],
  networks: ReadonlyMap<string, string>,
): Summary[] {
  return generations
    .map(({ id, template, tasks, createdAt, isCurrent, isPrevious }, index) => {
      const before = generations[index - 1]?.template;
      return {
        id,
        image: printable(template.ContainerSpec?.Image ?? ''),
        current: isCurrent,
        previous: isPrevious,
        changes:
          before === undefined
            ? null
            : printableData(differences(specOf(before), specOf(template), networks), printable),
        tasks: groupsOf(tasks),
        createdAt: createdAt ?? null,
      };
    })
    .reverse();
}

/** A spec with this template alone. Only the template of a service's spec has the runtime of containers (templateId). */
function specOf({ Runtime, ...template }: TaskSpec): ServiceSpec {
  const isContainer = Runtime === undefined || Runtime === 'container';
  return { TaskTemplate: isContainer ? template : { ...template, Runtime } };
}

const MAX_ERRORS = 10;
/** What runs comes first, then what is on its way, then what has ended. */
const ORDER = ['running', '', 'stopping', 'complete', 'failed', 'rejected', 'orphaned', 'shutdown', 'remove'];

/** Groups tasks by their state and their error; the newest error of a state comes first. */
function groupsOf(tasks: readonly Task[]): TaskGroup[] {
  const groups = new Map<string, TaskGroup>();
  const errors = new Set<string>();
  for (const task of [...tasks].reverse()) {
    const state = stateOf(task);
    const text = printable(task.Status.Err ?? '');
    if (text !== '' && errors.size < MAX_ERRORS) errors.add(text);
    const error = errors.has(text) ? { error: text } : {};
    const key = `${state} ${error.error ?? ''}`;
    groups.set(key, { state, count: (groups.get(key)?.count ?? 0) + 1, ...error });
  }
  const rank = ({ state }: TaskGroup): number => (ORDER.includes(state) ? ORDER.indexOf(state) : 1);
  return [...groups.values()].sort((a, b) => rank(a) - rank(b));
}

function stateOf(task: Task): string {
  const isStopping = task.DesiredState === 'shutdown' || task.DesiredState === 'remove';
  return isStopping && !hasEnded(task) ? 'stopping' : task.Status.State;
}
