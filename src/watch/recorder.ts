/** Keeps what the watch of one service sees over time, for the timeline of its report (--report). */
import { eventText } from '../render/plain.ts';
import type { ProgressEvent } from '../rollout/progress-events.ts';
import type { Seen, TaskSeen } from '../rollout/observation.ts';
import { isCurrent, isTerminal, keyOf } from '../rollout/slots.ts';
import type { RolloutState, Wait } from '../rollout/state.ts';
import type { RolloutTimeline, TimelineSlot, TimelineTask } from '../rollout/timeline.ts';

/** A report shows at most this many tasks per slot (the newest), and this many waits and events per service (the first and the last half). */
const MAX_TASKS = 20;
const MAX_ENTRIES = 200;
/** If a wait stops and starts again within this time (ms), it is one wait. */
const PAUSE = 1_500;

/** The events that a report shows: those of the whole service, not of one task or a count. */
const EVENTS: ReadonlySet<ProgressEvent['type']> = new Set([
  ...(['update', 'spec', 'node', 'note', 'unstable', 'unreachable', 'reachable', 'failure'] as const),
]);

export interface Recorder {
  /** Is called after each poll. @param news from the state before to the state after */
  readonly see: (before: RolloutState, after: RolloutState, news: readonly ProgressEvent[]) => void;
  /** All that was seen so far. */
  readonly timeline: () => RolloutTimeline;
}

/** A task, as it is recorded. Times are milliseconds, by the clock of the polls. */
interface RecordedTask extends Pick<TimelineTask, 'task' | 'spec' | 'image'> {
  readonly createdAt: number;
  readonly from: number;
  node: string;
  running?: number;
  to?: number;
  end?: string;
  failed?: true;
}

/** A slot with its tasks, and how many older ones are forgotten. */
interface Lane {
  label: string;
  tasks: RecordedTask[];
  earlier: number;
}

interface RecordedWait extends Pick<Wait, 'reason' | 'count'> {
  readonly from: number;
  to: number;
}

/**
 * @param epoch the time of day (ms since 1970) at which the clock of the polls was 0
 */
export function recorder(epoch: number): Recorder {
  const tasks = new Map<string, RecordedTask>();
  /** By the key of the slot: all slots that were ever wanted, or had a task. */
  const lanes = new Map<string, Lane>();
  const waits: RecordedWait[] = [];
  const events: RolloutTimeline['events'][number][] = [];
  let last: RolloutState | undefined;
  const timeOf = (at: number): string => new Date(epoch + at).toISOString();

  const laneOf = (key: string): Lane => {
    const lane = lanes.get(key) ?? { label: key, tasks: [], earlier: 0 };
    lanes.set(key, lane);
    return lane;
  };

  const begin = (
    task: TaskSeen,
    before: RolloutState,
    after: RolloutState,
    seen: Seen,
  ): RecordedTask | undefined => {
    if (isTerminal(task) && after.oldTasks.has(task.id)) return undefined;
    const { intent, engineRollback, at } = after;
    const isNew = isCurrent(task, seen.service) === (engineRollback === undefined);
    const record: RecordedTask = {
      task: task.id,
      createdAt: Date.parse(task.createdAt),
      spec: isNew ? 'new' : 'before',
      image: task.image,
      node: '',
      from: before.seen === undefined ? intent.startedAt : at,
    };
    tasks.set(task.id, record);
    laneOf(keyOf(task, seen.service)).tasks.push(record);
    return record;
  };

  const seeTasks = (before: RolloutState, after: RolloutState, seen: Seen): void => {
    const { at, slots, failures } = after;
    const nodes = new Map(seen.nodes.map(({ id, name }) => [id, name]));
    const present = new Set<string>();
    for (const { key, label } of slots) laneOf(key).label = label;
    for (const task of seen.tasks) {
      present.add(task.id);
      const record = tasks.get(task.id) ?? begin(task, before, after, seen);
      if (record === undefined || record.to !== undefined) continue;
      record.node = nodes.get(task.nodeId ?? '') ?? record.node;
      if (task.state === 'running') record.running ??= before.seen === undefined ? record.from : at;
      if (isTerminal(task)) Object.assign(record, { to: at, end: task.state });
    }
    for (const record of tasks.values())
      if (record.to === undefined && !present.has(record.task))
        Object.assign(record, { to: at, end: 'removed' });
    for (const { task } of failures.slice(before.failures.length)) {
      const record = tasks.get(task.id);
      if (record !== undefined) record.failed = true;
    }
    for (const lane of lanes.values()) if (lane.tasks.length > MAX_TASKS) forgetOldest(lane, present);
  };

  /** @param present the ids of the tasks that the engine still lists: they would come back as new ones */
  const forgetOldest = (lane: Lane, present: ReadonlySet<string>): void => {
    const old = sorted(lane).slice(0, -MAX_TASKS);
    const gone = old.map(({ task }) => task).filter((id) => !present.has(id));
    for (const id of gone) tasks.delete(id);
    lane.tasks = lane.tasks.filter(({ task }) => tasks.has(task));
    lane.earlier += gone.length;
  };

  const seeWaits = (before: RolloutState, { at, waits: now }: RolloutState): void => {
    // The waits of the previous poll lasted until this poll.
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
    shorten(waits);
  };

  const see: Recorder['see'] = (before, after, news) => {
    last = after;
    const { seen, at } = after;
    if (seen !== undefined && seen !== before.seen) seeTasks(before, after, seen);
    seeWaits(before, after);
    for (const event of news)
      if (EVENTS.has(event.type)) events.push({ type: event.type, time: timeOf(at), text: eventText(event) });
    shorten(events);
  };

  const slotsOf = ({ slots }: RolloutState): TimelineSlot[] => {
    const wanted = new Set(slots.map(({ key }) => laneOf(key)));
    const others = [...lanes.values()].filter((lane) => !wanted.has(lane) && lane.tasks.length > 0);
    return [...wanted, ...others].map((lane) => {
      const earlier = lane.earlier + Math.max(0, lane.tasks.length - MAX_TASKS);
      return {
        slot: lane.label,
        ...(earlier === 0 ? {} : { earlier }),
        tasks: sorted(lane)
          .slice(-MAX_TASKS)
          .map(({ createdAt: _, from, running, to, ...task }) => ({
            ...task,
            from: timeOf(from),
            ...(running === undefined ? {} : { running: timeOf(running) }),
            ...(to === undefined ? {} : { to: timeOf(to) }),
          })),
      };
    });
  };

  const timeline = (): RolloutTimeline => ({
    from: timeOf(last?.intent.startedAt ?? 0),
    to: timeOf(last?.at ?? 0),
    slots: last === undefined ? [] : slotsOf(last),
    waits: waits.map(({ from, to, ...wait }) => ({ ...wait, from: timeOf(from), to: timeOf(to) })),
    events,
  });
  return { see, timeline };
}

const sorted = ({ tasks }: Lane): RecordedTask[] => [...tasks].sort((a, b) => a.createdAt - b.createdAt);

/** Takes out what is in the middle of a list that is too long. */
function shorten(list: unknown[]): void {
  if (list.length > MAX_ENTRIES) list.splice(MAX_ENTRIES / 2, list.length - MAX_ENTRIES);
}
