/** Keeps what the watch of one service sees over time, for the report (--report). */
import { changeText } from '../render/plain.ts';
import type { Change } from '../rollout/changes.ts';
import type { Seen, TaskSeen } from '../rollout/observation.ts';
import { isCurrent, isTerminal, keyOf } from '../rollout/slots.ts';
import type { RolloutState, Wait } from '../rollout/state.ts';
import type { Result } from '../rollout/result.ts';
import type { RolloutTimeline, TimelineSlot, TimelineTask } from '../rollout/timeline.ts';
import { changedBy } from './changed.ts';
import type { ChangeToWatch } from './targets.ts';

/** So many tasks of a slot are kept, the newest, and so many waits and events of a service, the first and the last. */
const MAX_TASKS = 20;
const MAX_ENTRIES = 200;
/** A wait that is over for less than this (ms) goes on. */
const PAUSE = 1_500;

/** The changes that are no matter of a single task, nor of a count. */
const EVENTS: ReadonlySet<Change['type']> = new Set([
  ...(['update', 'spec', 'node', 'note', 'unstable', 'unreachable', 'reachable', 'failure'] as const),
]);

export interface Recorder {
  /** Is called after each poll. @param changes from the state before to the state after */
  readonly see: (before: RolloutState, after: RolloutState, changes: readonly Change[]) => void;
  /** All that was seen, and what the change has changed. */
  readonly history: (change: ChangeToWatch) => Pick<Result, 'changed' | 'timeline'>;
}

/** A task that is kept. Times are milliseconds, by the clock of the polls. */
interface Kept extends Pick<TimelineTask, 'task' | 'spec' | 'image'> {
  readonly key: string;
  readonly createdAt: number;
  readonly from: number;
  node: string;
  running?: number;
  to?: number;
  end?: string;
  failed?: true;
}

interface KeptWait extends Pick<Wait, 'reason' | 'count'> {
  readonly from: number;
  to: number;
}

/**
 * @param epoch the time of day (ms since 1970) at which the clock of the polls was 0
 */
export function recorder(epoch: number): Recorder {
  const tasks = new Map<string, Kept>();
  const waits: KeptWait[] = [];
  const events: RolloutTimeline['events'][number][] = [];
  let last: RolloutState | undefined;
  /** By key, with all slots that were ever wanted. */
  const labels = new Map<string, string>();
  const timeOf = (at: number): string => new Date(epoch + at).toISOString();

  const keep = (task: TaskSeen, before: RolloutState, after: RolloutState, seen: Seen): Kept | undefined => {
    if (isTerminal(task) && after.oldTasks.has(task.id)) return undefined;
    const { intent, engineRollback, at } = after;
    const isNew = isCurrent(task, seen.service) === (engineRollback === undefined);
    const kept: Kept = {
      task: task.id,
      key: keyOf(task, seen.service),
      createdAt: Date.parse(task.createdAt),
      spec: isNew ? 'new' : 'before',
      image: task.image,
      node: '',
      from: before.seen === undefined ? intent.startedAt : at,
    };
    tasks.set(task.id, kept);
    return kept;
  };

  const seeTasks = (before: RolloutState, after: RolloutState, seen: Seen): void => {
    const { at, slots, failures } = after;
    const nodes = new Map(seen.nodes.map(({ id, name }) => [id, name]));
    const present = new Set<string>();
    for (const { key, label } of slots) labels.set(key, label);
    for (const task of seen.tasks) {
      present.add(task.id);
      const kept = tasks.get(task.id) ?? keep(task, before, after, seen);
      if (kept === undefined || kept.to !== undefined) continue;
      kept.node = nodes.get(task.nodeId ?? '') ?? kept.node;
      if (task.state === 'running') kept.running ??= before.seen === undefined ? kept.from : at;
      if (isTerminal(task)) Object.assign(kept, { to: at, end: task.state });
    }
    for (const kept of tasks.values())
      if (kept.to === undefined && !present.has(kept.task)) Object.assign(kept, { to: at, end: 'removed' });
    for (const { task } of failures.slice(before.failures.length)) {
      const kept = tasks.get(task.id);
      if (kept !== undefined) kept.failed = true;
    }
  };

  const seeWaits = (before: RolloutState, { at, waits: now }: RolloutState): void => {
    // It was still waited for what the poll before has shown.
    for (const { reason, count } of before.waits) {
      const open = waits.findLast((wait) => wait.reason === reason);
      if (open !== undefined && before.at - open.to <= PAUSE) {
        Object.assign(open, { to: at, count: Math.max(open.count, count) });
      }
    }
    for (const { reason, count } of now) {
      const open = waits.findLast((wait) => wait.reason === reason);
      if (open === undefined || at - open.to > PAUSE) waits.push({ reason, count, from: at, to: at });
    }
    if (waits.length > MAX_ENTRIES) waits.splice(MAX_ENTRIES / 2, 1);
  };

  const see: Recorder['see'] = (before, after, changes) => {
    last = after;
    const { seen, at } = after;
    if (seen !== undefined && seen !== before.seen) seeTasks(before, after, seen);
    seeWaits(before, after);
    for (const change of changes)
      if (EVENTS.has(change.type))
        events.push({ type: change.type, time: timeOf(at), text: changeText(change) });
    if (events.length > MAX_ENTRIES) events.splice(MAX_ENTRIES / 2, events.length - MAX_ENTRIES);
  };

  const slotsOf = ({ slots }: RolloutState): TimelineSlot[] => {
    const byKey = new Map<string, Kept[]>(slots.map(({ key }) => [key, []]));
    for (const task of [...tasks.values()].sort((a, b) => a.createdAt - b.createdAt)) {
      const { key } = task;
      byKey.set(key, [...(byKey.get(key) ?? []), task]);
    }
    return [...byKey].map(([key, list]) => ({
      slot: labels.get(key) ?? key,
      ...(list.length > MAX_TASKS ? { earlier: list.length - MAX_TASKS } : {}),
      tasks: list.slice(-MAX_TASKS).map(({ key: _key, createdAt: _at, from, running, to, ...task }) => ({
        ...task,
        from: timeOf(from),
        ...(running === undefined ? {} : { running: timeOf(running) }),
        ...(to === undefined ? {} : { to: timeOf(to) }),
      })),
    }));
  };

  const timeline = (): RolloutTimeline => ({
    from: timeOf(last?.intent.startedAt ?? 0),
    to: timeOf(last?.at ?? 0),
    slots: last === undefined ? [] : slotsOf(last),
    waits: waits.map(({ from, to, ...wait }) => ({ ...wait, from: timeOf(from), to: timeOf(to) })),
    events,
  });
  return { see, history: (change) => ({ changed: changedBy(change), timeline: timeline() }) };
}
