/** Tasks as `ps` shows them: named, in docker's order, older tasks of a slot after the newest. Pure. */
import type { PortConfig, Task, TaskStatus } from '../api/service.ts';
import { ageOf } from '../values/age.ts';
import { compareNaturally } from '../values/natural-sort.ts';
import { shortImage } from '../values/short-image.ts';
import { ellipsis } from '../values/width.ts';

/** A task's fields, under the names that --format knows them by. */
export interface TaskRow {
  readonly ID: string;
  readonly Name: string;
  readonly Image: string;
  readonly Node: string;
  readonly DesiredState: string;
  readonly CurrentState: string;
  readonly Error: string;
  readonly Ports: string;
}

export interface RowOptions {
  /** Names by id; what has none is shown by its id. */
  readonly services: ReadonlyMap<string, string>;
  readonly nodes: ReadonlyMap<string, string>;
  /** Cut ids and errors, and leave out digests. */
  readonly trunc: boolean;
  /** What stands before the name of an older task of a slot. */
  readonly historyMark: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const ID_LENGTH = 12;
const MAX_ERROR = 30;

export function taskRows(tasks: readonly Task[], options: RowOptions): TaskRow[] {
  const { services, trunc, historyMark, now } = options;
  const shorten = {
    desired: remembering(capitalized),
    image: trunc ? remembering(shortImage) : asIs,
    error: trunc ? remembering((error) => ellipsis(error, MAX_ERROR)) : asIs,
  };
  const current = currentState(now);
  let before = '';
  return inOrder(tasks, services).map((task) => {
    const name = nameOf(task, services);
    const shown = name === before ? historyMark + name : name;
    before = name;
    return toRow(task, shown, current(task.Status), shorten, options);
  });
}

type Shorten = (text: string) => string;

const asIs: Shorten = (text) => text;

/** Thousands of tasks have the same states, images and errors, and most often the same as the one before. */
function remembering(shorten: Shorten): Shorten {
  let last: string | undefined;
  let short = '';
  return (text) => {
    if (text !== last) [last, short] = [text, shorten(text)];
    return short;
  };
}

/** "Running 5 minutes ago". */
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

/** "SERVICE.SLOT", or "SERVICE.NODEID" where there are no slots. */
function nameOf({ ServiceID, Slot, NodeID }: Task, services: ReadonlyMap<string, string>): string {
  return `${services.get(ServiceID) ?? ServiceID}.${Slot || (NodeID ?? '')}`;
}

/** By name, the newest of a slot first. */
function inOrder(tasks: readonly Task[], services: ReadonlyMap<string, string>): Task[] {
  const compareNames = (a: Task, b: Task): number =>
    a.Slot && b.Slot && a.ServiceID === b.ServiceID
      ? a.Slot - b.Slot
      : compareNaturally(nameOf(a, services), nameOf(b, services));
  return bySlot(tasks).sort((a, b) => compareNames(a, b) || compareMoments(b.CreatedAt, a.CreatedAt));
}

/** Thousands of tasks of one service: bare numbers are sorted in no time, and what is in order is soon compared. */
function bySlot(tasks: readonly Task[]): Task[] {
  const { length } = tasks;
  const keys = Float64Array.from(tasks, ({ Slot = 0 }, index) => Slot * length + index);
  return Array.from(keys.sort(), (key) => tasks[key % length] as Task);
}

/** RFC 3339 in UTC, to the nanosecond. */
function compareMoments(a: string, b: string): number {
  const order = Date.parse(a) - Date.parse(b);
  if (order !== 0) return order;
  return fraction(a) < fraction(b) ? -1 : fraction(a) > fraction(b) ? 1 : 0;
}

const fraction = (moment: string): string => (/\.(\d+)/.exec(moment)?.[1] ?? '').padEnd(9, '0');

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
