/**
 * Reads the logs of failed tasks in the background, when a poll shows the failure. After the verdict may be too late: with a
 * task history limit of 0 or 1, the engine deletes a failed task, and with it its log, within a second (swarmkit
 * manager/orchestrator/taskreaper/task_reaper.go, tick; seen on 28.5).
 */
import type { Engine } from '../engine/client.ts';
import { lastLines } from '../engine/logs.ts';
import type { Evidence, LogText, RollbackTarget } from '../rollout/evidence.ts';
import { namesRollbackTarget } from '../rollout/next-steps.ts';
import { failureKey } from '../rollout/failure-report.ts';
import { MAX_REPORTED, reportOf } from '../rollout/report.ts';
import { isCurrent, isFailed } from '../rollout/slots.ts';
import type { RolloutState } from '../rollout/state.ts';
import { within } from './within.ts';
import type { World } from '../world.ts';
import { findRollbackTarget } from './rollback-target.ts';

/** Log lines of each failed task. */
const LINES = 10;
/** The greatest number of logs that are asked for until one of a distinct failure has been read: its task may be deleted first. */
const MAX_TRIES = 5;
/** The timeout for a log and for the rollback target, and what is left of it after a signal (ms). */
const TIMEOUT = 3_000;
const TIMEOUT_INTERRUPTED = 500;

/** Reads the evidence on one service. */
export interface Collector {
  /** Is called after each poll. It starts to read the logs of new failures, and waits for nothing. */
  readonly see: (before: RolloutState, after: RolloutState) => void;
  /** What has been read, and what the report on this last state needs besides. Never throws. */
  readonly collect: (state: RolloutState) => Promise<Evidence>;
}

/** @param world its clock, and its signal that ends the program */
export function collector(
  engine: Engine,
  { clock, interrupted }: Pick<World, 'clock' | 'interrupted'>,
): Collector {
  /** By task id. */
  const requests = new Map<string, Promise<LogText>>();
  const logs = new Map<string, LogText>();
  /** Of each distinct failure: how many logs were asked for, and whether one has been read. */
  const tries = new Map<string, number>();
  const known = new Set<string>();
  /** Whether the first poll showed that the tasks of the spec before run; undefined if it did not show them. */
  let ranBefore: boolean | undefined;
  /** Over ssh, requests wait for each other. Once a log has not come in time, logs are only read at the end. */
  let isSlow = false;

  const inTime = <T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    within(TIMEOUT, clock, interrupted, ask, TIMEOUT_INTERRUPTED);

  const read = (task: string): Promise<LogText> =>
    inTime(async (signal) => {
      const log = await lastLines(engine, task, LINES, signal);
      isSlow ||= signal.aborted;
      logs.set(task, log);
      return log;
    });

  const see = (before: RolloutState, after: RolloutState): void => {
    if (before.seen === undefined) ranBefore = didRunBefore(after);
    for (const { task } of after.failures.slice(before.failures.length)) {
      const key = failureKey(task);
      const count = tries.get(key) ?? 0;
      const isLate = count === 0 && tries.size >= MAX_REPORTED;
      if (isLate || known.has(key) || count >= MAX_TRIES || (isSlow && !engine.parallel)) continue;
      tries.set(key, count + 1);
      const request = read(task.id);
      void request.then((log) => 'lines' in log && known.add(key));
      requests.set(task.id, request);
    }
  };

  const rollbackTargetFrom = ({ intent }: RolloutState): Promise<RollbackTarget | undefined> =>
    inTime((signal) =>
      findRollbackTarget(engine, intent.serviceId, clock.date().getTime(), ranBefore, signal),
    );

  /** Only for show: without an answer in time, the report does without. */
  const refusalsFrom = ({ intent }: RolloutState): Promise<Evidence['refusals']> =>
    inTime(async (signal) => {
      const { readRefusals } = await import('./read-cluster.ts');
      return readRefusals(engine, intent.serviceId, signal);
    }).catch(() => undefined);

  const collect = async (state: RolloutState): Promise<Evidence> => {
    // Of each distinct failure, the log of the newest task tells most.
    const { failures, pending } = reportOf(state);
    const missing = failures.map(({ task }) => task).filter((task) => !requests.has(task));
    const [rollbackTarget, refusals] = await Promise.all([
      namesRollbackTarget(state) ? rollbackTargetFrom(state) : undefined,
      pending.some((task) => task.state === 'pending') ? refusalsFrom(state) : undefined,
      ...requests.values(),
      ...missing.map(read),
    ]);
    return { logs, rollbackTarget, refusals };
  };
  return { see, collect };
}

/**
 * Whether tasks of the spec that the change replaced run, and none of them has failed; undefined if no task of it is there. A `wait` does
 * not know which of the old tasks are of the previous spec.
 */
function didRunBefore({ seen, intent }: RolloutState): boolean | undefined {
  if (seen === undefined) return undefined;
  const old = seen.tasks.filter((task) => !isCurrent(task, seen.service));
  if (old.some(isFailed)) return false;
  if (old.length === 0 || intent.action === 'wait') return undefined;
  return seen.service.previousSpec === intent.replaced && old.some(({ state }) => state === 'running');
}
