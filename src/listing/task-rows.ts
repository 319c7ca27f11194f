/** The rows of `ps`: tasks with names, in docker's order (docker/cli cli/command/task/print.go). Pure. */
import type { PortConfig, Task, TaskStatus } from '../api/service.ts';
import { ageOf } from '../values/age.ts';
import { compareNaturally } from '../values/natural-sort.ts';
import { shortImage } from '../values/reference.ts';
import { compareTimes } from '../values/times.ts';
import { ellipsis } from '../values/width.ts';

/** The titles of the columns, in order, by the names that --format uses. */
export const TASK_TITLES = {
  ID: 'ID',
  Name: 'NAME',
  Image: 'IMAGE',
  Node: 'NODE',
  DesiredState: 'DESIRED STATE',
  CurrentState: 'CURRENT STATE',
  Error: 'ERROR',
  Ports: 'PORTS',
};

export type TaskRow = Readonly<Record<keyof typeof TASK_TITLES, string>>;

export interface RowOptions {
  /** Names of services by id. If a name is missing, the id is shown. */
  readonly services: ReadonlyMap<string, string>;
  /** Names of nodes by id. If a name is missing, the id is shown. */
  readonly nodes: ReadonlyMap<string, string>;
  /** Whether to truncate ids and errors, and to leave out digests. */
  readonly trunc: boolean;
  /** Whether the rows are for a table: older tasks of a slot are marked. */
  readonly isTable: boolean;
  /** Whether an error of several lines becomes one line. Docker leaves the line breaks, also in a table. */
  readonly oneLineErrors: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const ID_LENGTH = 12;
const MAX_ERROR = 30;
/** The text before the name of an older task of a slot. */
const HISTORY_MARK = ' \\_ ';

/** The rows of tasks, sorted by name. The tasks of one slot are sorted from the newest to the oldest. */
export function taskRows(tasks: readonly Task[], options: RowOptions): TaskRow[] {
  const { services, trunc, isTable, oneLineErrors, now } = options;
  const shorten = {
    desired: cachingLast(capitalized),
    image: trunc ? cachingLast(shortImage) : asIs,
    error: cachingLast((error) => {
      const line = oneLineErrors ? oneLine(error) : error;
      return trunc ? ellipsis(line, MAX_ERROR) : line;
    }),
  };
  const current = currentState(now);
  let before = '';
  return inOrder(tasks, services).map((task) => {
    const name = nameOf(task, services);
    const shown = isTable && name === before ? HISTORY_MARK + name : name;
    before = name;
    return toRow(task, shown, current(task.Status), shorten, options);
  });
}

/** Errors of a registry have two lines (seen on 29.7). */
const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ');

type Shorten = (text: string) => string;

const asIs: Shorten = (text) => text;

/** Caches the last result: of thousands of tasks, most have the same state, image and error as the task before. */
function cachingLast(shorten: Shorten): Shorten {
  let last: string | undefined;
  let short = '';
  return (text) => {
    if (text !== last) [last, short] = [text, shorten(text)];
    return short;
  };
}

/** The text for a task's status, "Running 5 minutes ago". The last result is cached. */
function currentState(now: number): (status: TaskStatus) => string {
  let [state, age, shown] = ['', '', ''];
  return ({ State, Timestamp }) => {
    const ago = ageOf(Timestamp, now);
    if (State !== state || ago !== age) {
      [state, age, shown] = [State, ago, `${capitalized(State)} ${ago.toLowerCase()} ago`];
    }
    return shown;
  };
}

/** "SERVICE.SLOT", or "SERVICE.NODEID" for a service without slots. */
function nameOf({ ServiceID, Slot, NodeID }: Task, services: ReadonlyMap<string, string>): string {
  return `${services.get(ServiceID) ?? ServiceID}.${Slot || (NodeID ?? '')}`;
}

/** Sorts tasks by name, and the tasks of one slot from the newest to the oldest. */
function inOrder(tasks: readonly Task[], services: ReadonlyMap<string, string>): Task[] {
  const compareNames = (a: Task, b: Task): number =>
    a.Slot && b.Slot && a.ServiceID === b.ServiceID
      ? a.Slot - b.Slot
      : compareNaturally(nameOf(a, services), nameOf(b, services));
  return bySlot(tasks).sort((a, b) => compareNames(a, b) || compareTimes(b.CreatedAt, a.CreatedAt));
}

/**
 * Sorts tasks by their slot numbers. This makes the full sort of thousands of tasks faster: numbers are sorted fast, and a
 * list that is almost sorted needs few comparisons.
 */
function bySlot(tasks: readonly Task[]): Task[] {
  const { length } = tasks;
  const keys = Float64Array.from(tasks, ({ Slot = 0 }, index) => Slot * length + index);
  return Array.from(keys.sort(), (key) => tasks[key % length] as Task);
}

function toRow(
  task: Task,
  name: string,
  current: string,
  shorten: Readonly<Record<'desired' | 'image' | 'error', Shorten>>,
  { nodes, trunc }: RowOptions,
): TaskRow {
  const node = task.NodeID ?? '';
  const error = shorten.error(task.Status.Err ?? '');
  return {
    ID: trunc ? task.ID.slice(0, ID_LENGTH) : task.ID,
    Name: name,
    Image: shorten.image(task.Spec.ContainerSpec?.Image ?? ''),
    Node: nodes.get(node) ?? node,
    DesiredState: shorten.desired(task.DesiredState),
    CurrentState: current,
    Error: error === '' ? '' : `"${error}"`,
    Ports: task.Status.PortStatus?.Ports?.map(publishedPort).join(',') ?? '',
  };
}

function publishedPort({ PublishedPort = 0, TargetPort = 0, Protocol = '' }: PortConfig): string {
  return `*:${PublishedPort}->${TargetPort}/${Protocol}`;
}

function capitalized(state: string): string {
  return state.length < 2 ? state : state.charAt(0).toUpperCase() + state.slice(1).toLowerCase();
}
