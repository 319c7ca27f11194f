/** What a rollout waits for, in words. */
import { durationOf } from '../values/duration.ts';
import { counted } from '../values/text.ts';
import type { TaskSeen } from './observation.ts';
import { isCurrent, isGlobal, isJob, keyOf } from './slots.ts';
import type { RolloutState, Verdict, Wait, WaitReason } from './state.ts';
import { startingNote } from './notes.ts';

/** The greatest number of tasks that are named. */
const MAX_NAMED = 3;

/** What the rows of the tasks show already, or what lasts a moment only. */
const SHOWN_BY_ROWS: ReadonlySet<WaitReason> = new Set([
  'prepare',
  'start',
  'complete',
  'turn',
  'updater',
  'monitor',
]);

/**
 * The waits that progress shows once nothing has changed for a time. If the engine is stuck, that is shown at once.
 * @param silence for how long (ms) nothing must have changed
 */
export function toldWaits({ waits, at, progressedAt }: RolloutState, silence: number): readonly Wait[] {
  const isSilent = at - progressedAt >= silence;
  const stops = waits.some(({ reason }) => reason === 'stop');
  return waits.filter(
    ({ reason, until = Infinity }) =>
      reason === 'awaited' ||
      (isSilent &&
        !SHOWN_BY_ROWS.has(reason) &&
        // Such a task starts once the one before it has stopped.
        !(reason === 'oldTask' && stops) &&
        !(reason === 'batch' && until <= at)),
  );
}

/** Whether a verdict comes from time or from a signal: then the report says what is still waited for. */
export const isAboutTime = (verdict: Verdict): boolean =>
  verdict.kind === 'timedOut' ||
  verdict.kind === 'interrupted' ||
  verdict.kind === 'lost' ||
  (verdict.kind === 'failed' && verdict.why === 'deadline');

/** One wait: "2 old tasks stop (grace period 40s, 31s left): web.1 on worker1, web.2 on manager". */
export function waitText(wait: Wait, state: RolloutState): string {
  const { reason, count, period, until, tasks } = wait;
  const names = namesOf(wait, state);
  const left =
    until === undefined ? '' : until <= state.at ? 'which is over' : `${secondsUp(until - state.at)} left`;
  const [first] = tasks;
  const time = period === undefined ? '' : durationOf(period, 1);
  switch (reason) {
    case 'awaited':
      return `the engine waits for ${names}, which is down, and goes on only when that node is back`;
    case 'node':
      return `${names}, ${isDown(first, state) ? 'which is down' : 'from which the manager has no report yet'}`;
    case 'place':
      return `a node for ${names}${errorOf(first)}`;
    case 'address':
      return `the engine has not allocated ${names}: perhaps no address is left in a network of the service`;
    case 'oldTask':
      return `the end of the previous task in the slot of ${names} (${left})`;
    case 'stop':
      return `${counted(count, `${areOld(wait, state) ? 'old ' : ''}task`)} ${count === 1 ? 'stops' : 'stop'} (grace period ${time}, ${left}): ${names}`;
    case 'batch':
      return `next batch${until === undefined || until <= state.at ? '' : ` in ${secondsUp(until - state.at)}`} (update delay ${time})`;
    case 'health':
      return `health check of ${names} (${startPeriodOf(state)}${left})`;
    case 'restart':
      return `restart of ${names} (restart delay ${time}, ${left})`;
    case 'successor':
      return `another task after ${names}, which ended (${left})`;
    case 'prepare':
      // Engine 29 tells why an image can't be pulled while it still tries.
      return `${names}: ${first?.state ?? ''}${errorOf(first)}`;
    case 'start':
      return `${names}: ${state.seen === undefined ? '' : startingNote(state.seen.service) || 'starting'}`;
    case 'complete':
      return `the end of ${names}, which ${count === 1 ? 'runs' : 'run'}`;
    case 'turn':
      return names === ''
        ? `${counted(count, 'task')} ${count === 1 ? 'is' : 'are'} not made yet`
        : `the engine has not replaced ${names} yet`;
    case 'updater':
      return `the end of the engine's update (update delay ${time} for each slot, ${left})`;
    case 'monitor':
      return until !== undefined && until <= state.at
        ? `the engine has not finished its own monitoring (monitor period ${time})`
        : `the tasks have to run until the end of the monitor period (${time}, ${left})`;
  }
}

/** One wait in JSON; scripts depend on the names and meanings of the fields. `left`: milliseconds, at most. */
export interface WaitResult {
  /** `service`: another service has to converge before this one is sent. */
  readonly reason: WaitReason | 'service';
  readonly count: number;
  readonly text: string;
  /** Absent: nothing ends it by itself. */
  readonly left?: number;
}

/** The waits that a report tells. The monitor period counts only while all tasks run. */
export const reportedWaits = ({ waits, stableSince }: RolloutState): readonly Wait[] =>
  waits.filter(({ reason }) => reason !== 'monitor' || stableSince !== undefined);

export function waitResults(state: RolloutState): readonly WaitResult[] {
  if (state.seen === undefined) return [];
  return reportedWaits(state).map((wait) => ({
    reason: wait.reason,
    count: wait.count,
    text: waitText(wait, state),
    ...(wait.until === undefined ? {} : { left: Math.max(0, Math.round(wait.until - state.at)) }),
  }));
}

/** Waits in a line: "waiting: A; B; and 2 more"; empty if there are none. */
export function waitingLine(state: RolloutState, waits: readonly Wait[]): string {
  const [first, second, ...others] = waits;
  if (first === undefined) return '';
  const texts = [first, second].flatMap((wait) => (wait === undefined ? [] : [waitText(wait, state)]));
  return `waiting: ${texts.join('; ')}${others.length === 0 ? '' : `; and ${others.length} more`}`;
}

/**
 * "web.1 on worker1, web.2 on manager, web.3 on worker2 and 4 more"; empty if there are no tasks. A slot on a node comes once; only
 * where the text counts tasks, each of them comes. The slots of a job have no numbers that docker shows: "1/3 on worker1".
 */
function namesOf({ reason, tasks }: Wait, { seen, slots }: RolloutState): string {
  if (seen === undefined) return '';
  const { service, nodes } = seen;
  const nameOf = (task: TaskSeen): string => {
    const node = nodes.find(({ id }) => id === task.nodeId)?.name;
    const key = keyOf(task, service);
    const label = slots.find((slot) => slot.key === key)?.label;
    const own = isGlobal(service.mode)
      ? service.name
      : isJob(service) && label !== undefined
        ? label
        : `${service.name}.${key}`;
    return node === undefined ? own : `${own} on ${node}`;
  };
  const places = new Map(tasks.map((task) => [`${keyOf(task, service)} ${task.nodeId ?? ''}`, task]));
  const listed = reason === 'stop' ? tasks : [...places.values()];
  const named = listed.slice(0, MAX_NAMED).map(nameOf).join(', ');
  return listed.length <= MAX_NAMED ? named : `${named} and ${listed.length - MAX_NAMED} more`;
}

/** ": no suitable node"; empty without an error. */
const errorOf = (task: TaskSeen | undefined): string =>
  task === undefined || task.error === '' ? '' : `: ${task.error}`;

const isDown = (task: TaskSeen | undefined, { seen }: RolloutState): boolean =>
  seen?.nodes.some(({ id, down }) => down && id === task?.nodeId) === true;

const areOld = ({ tasks }: Wait, { seen }: RolloutState): boolean =>
  seen !== undefined && tasks.every((task) => !isCurrent(task, seen.service));

/** "start period 2m0s, "; empty if there is none. */
function startPeriodOf({ seen }: RolloutState): string {
  const { startPeriod = 0 } = seen?.service.health ?? {};
  return startPeriod === 0 ? '' : `start period ${durationOf(startPeriod, 1)}, `;
}

/** Whole seconds, rounded up. */
const secondsUp = (ms: number): string => durationOf(Math.ceil(ms / 1_000) * 1_000);
