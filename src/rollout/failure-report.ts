/** The distinct failures of a rollout, for its report. */
import type { Evidence, LogText } from './evidence.ts';
import type { TaskSeen } from './observation.ts';
import { isFailed, keyOf } from './slots.ts';
import type { Failure, RolloutState } from './state.ts';

/** One distinct failure. If several tasks have the same error, this is the newest of them, if possible one with a log. */
export interface FailureReport {
  readonly task: string;
  /** "2/4", or the node of a global service. */
  readonly slot: string;
  readonly node: string;
  /** Null if it was never on a node. */
  readonly nodeId: string | null;
  readonly state: string;
  readonly error: string;
  readonly exitCode?: number;
  readonly image: string;
  /** How many tasks failed in this way. */
  readonly count: number;
  /** The last lines of its log. */
  readonly log: readonly string[];
  /** Why its log cannot be read. */
  readonly noLog?: string;
}

/** The distinct failures. If the log of the newest task is gone (the engine keeps few tasks), an older task with a log is taken. */
export function failuresOf(state: RolloutState, { logs }: Evidence): FailureReport[] {
  const nodes = new Map(state.seen?.nodes.map(({ id, name }) => [id, name]));
  const distinct = new Map<string, FailureReport>();
  const hasLog = (id: string): boolean => 'lines' in (logs.get(id) ?? {});
  for (const { task, label } of [...countedByEngine(state), ...exhausted(state), ...state.failures]) {
    const key = failureKey(task);
    const known = distinct.get(key);
    const count = (known?.count ?? 0) + 1;
    if (known !== undefined && hasLog(known.task) && !hasLog(task.id)) {
      distinct.set(key, { ...known, count });
      continue;
    }
    distinct.set(key, {
      task: task.id,
      slot: label,
      node: nodes.get(task.nodeId ?? '') ?? '',
      nodeId: task.nodeId ?? null,
      state: task.state,
      error: task.error,
      ...(task.exitCode === undefined || task.exitCode === 0 ? {} : { exitCode: task.exitCode }),
      image: task.image,
      count,
      ...logOf(logs.get(task.id)),
    });
  }
  return [...distinct.values()];
}

function logOf(log: LogText | undefined): Pick<FailureReport, 'log' | 'noLog'> {
  if (log === undefined) return { log: [] };
  return 'lines' in log ? { log: log.lines } : { log: [], noLog: log.unavailable };
}

/** ", exit code 3"; nothing if the error has it. */
export const exitCodeText = ({ error, exitCode }: Pick<FailureReport, 'error' | 'exitCode'>): string =>
  exitCode === undefined || error.includes(`(${exitCode})`) ? '' : `, exit code ${exitCode}`;

/** Equal for tasks that failed in the same way. */
export const failureKey = ({ state, error, image }: TaskSeen): string =>
  `${state} ${withoutIds(error)} ${image}`;

/** An error without numbers and ids. Errors that differ only in those are one failure. */
const withoutIds = (error: string): string => error.replace(/\b[0-9a-z]{25}\b|\b[0-9a-f]{12,64}\b|\d+/g, '#');

/**
 * The task that made the engine pause or roll back, if it is not among `failures`. The engine also counts a task as failed if it
 * ends within the monitor period for any other reason (swarmkit manager/orchestrator/update/updater.go, Run).
 */
function countedByEngine({
  verdict,
  seen,
  engineRollback,
  slots,
  failures,
  image,
}: RolloutState): readonly Failure[] {
  if (seen === undefined || (verdict.kind !== 'paused' && engineRollback === undefined)) return [];
  const id = verdict.kind === 'paused' ? seen.service.updateTask : engineRollback?.task;
  const nodes = new Map(seen.nodes.map((node) => [node.id, node]));
  const isAway = ({ nodeId = '' }: TaskSeen): boolean =>
    nodes.get(nodeId)?.down === true || nodes.get(nodeId)?.availability === 'drain';
  // If the engine no longer names the task, this takes a task of the failed image on a node that is down or drained.
  const isCounted = (task: TaskSeen): boolean =>
    id === undefined ? failures.length === 0 && task.image === image && isAway(task) : task.id === id;
  const task = seen.tasks.find(isCounted);
  if (task === undefined || failures.some((failure) => failure.task.id === task.id)) return [];
  const node = nodes.get(task.nodeId ?? '');
  const label = slots.find(({ key }) => key === keyOf(task, seen.service))?.label ?? '';
  const why = node?.down === true ? 'is down' : 'was drained';
  // A task that has failed says why itself.
  const error = isFailed(task)
    ? ''
    : isAway(task)
      ? `its node ${node?.name ?? ''} ${why}, and the engine counts the end of the task as a failure`
      : ENDED_EARLY;
  return [{ task: { ...task, error: [task.error, error].filter(Boolean).join('; ') }, label }];
}

const ENDED_EARLY = 'ended within the monitor period, which the engine counts as a failure';

/** Tasks that ended before the watch began and will not be restarted. They are not in `state.failures`. */
function exhausted({ slots, failures, seen }: RolloutState): readonly Failure[] {
  const known = new Set(failures.map(({ task }) => task.id));
  if (seen === undefined) return [];
  return slots.flatMap(({ task, label, exhausted: isLast }) =>
    isLast && task !== undefined && !known.has(task.id) ? [{ task, label }] : [],
  );
}
