/** Tasks as `ps` shows them: named, in docker's order, older tasks of a slot after the newest. Pure. */
import type { PortConfig, Task } from '../engine/wire.ts';
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
  const inOrder = tasks
    .map((task) => named(task, options.services))
    .sort((a, b) => compareSlots(a, b) || compareMoments(b.task.CreatedAt, a.task.CreatedAt));
  const shorten = {
    desired: remembering(capitalized),
    state: remembering(capitalized),
    image: options.trunc ? remembering(shortImage) : asIs,
    error: options.trunc ? remembering((error) => ellipsis(error, MAX_ERROR)) : asIs,
  };
  let before = '';
  return inOrder.map(({ task, name }) => {
    const shown = name === before ? options.historyMark + name : name;
    before = name;
    return toRow(task, shown, shorten, options);
  });
}

type Shorten = (text: string) => string;

const asIs: Shorten = (text) => text;

/** Thousands of tasks have the same states, images and errors, and most often the same as the one before. */
function remembering(shorten: Shorten): Shorten {
  let last = '';
  let short = shorten(last);
  return (text) => {
    if (text !== last) [last, short] = [text, shorten(text)];
    return short;
  };
}

interface NamedTask {
  readonly task: Task;
  readonly name: string;
  readonly service: string;
  /** 0 where there are no slots. */
  readonly slot: number;
}

/** "SERVICE.SLOT", or "SERVICE.NODEID" where there are no slots. */
function named(task: Task, services: ReadonlyMap<string, string>): NamedTask {
  const { ServiceID, Slot: slot = 0, NodeID = '' } = task;
  const service = services.get(ServiceID) ?? ServiceID;
  return { task, name: `${service}.${slot === 0 ? NodeID : slot}`, service, slot };
}

/** By name; tasks of one service need only their slots compared, which matters where there are thousands. */
function compareSlots(a: NamedTask, b: NamedTask): number {
  if (a.slot > 0 && b.slot > 0 && a.service === b.service) return a.slot - b.slot;
  return compareNaturally(a.name, b.name);
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
  shorten: Readonly<Record<'desired' | 'state' | 'image' | 'error', Shorten>>,
  { nodes, trunc, now }: RowOptions,
): TaskRow {
  const node = task.NodeID ?? '';
  const error = shorten.error(task.Status.Err ?? '');
  return {
    ID: trunc ? task.ID.slice(0, ID_LENGTH) : task.ID,
    Name: name,
    Image: shorten.image(task.Spec.ContainerSpec?.Image ?? ''),
    Node: nodes.get(node) ?? node,
    DesiredState: shorten.desired(task.DesiredState),
    CurrentState: `${shorten.state(task.Status.State)} ${ageOf(task.Status.Timestamp, now).toLowerCase()} ago`,
    Error: error === '' ? '' : `"${error}"`,
    Ports: (task.Status.PortStatus?.Ports ?? []).map(publishedPort).join(','),
  };
}

function publishedPort({ PublishedPort = 0, TargetPort = 0, Protocol = '' }: PortConfig): string {
  return `*:${PublishedPort}->${TargetPort}/${Protocol}`;
}

function capitalized(state: string): string {
  return state.length < 2 ? state : state.charAt(0).toUpperCase() + state.slice(1).toLowerCase();
}
