/** Watches accepted changes, shows their progress, and reports why they did not converge. */
import type { Call } from '../command-line/command.ts';
import type { Engine } from '../engine/client.ts';
import { logsOf } from '../engine/logs.ts';
import { chooseProgress } from '../render/choose.ts';
import type { ServiceView } from '../render/progress.ts';
import { detailLines, verdictLine } from '../render/report.ts';
import { changes } from '../rollout/changes.ts';
import { reportOf } from '../rollout/report.ts';
import { resultOf } from '../rollout/result.ts';
import type { Result } from '../rollout/result.ts';
import { start } from '../rollout/reduce.ts';
import type { RolloutState } from '../rollout/state.ts';
import { view } from '../rollout/view.ts';
import { watch } from '../watch.ts';
import { within } from '../within.ts';
import { printMessage } from './print.ts';
import { exitCodeOfVerdict } from './outcome.ts';
import { recording } from './recording.ts';
import { progressMode } from './rollout-flags.ts';
import { targetOf } from './targets.ts';
import type { Accepted } from './targets.ts';

/** The timeout for the logs of failed tasks, and the timeout after a signal, in milliseconds. */
const LOG_TIMEOUT = 3_000;
const LOG_TIMEOUT_INTERRUPTED = 500;

/** The end of the watch of one change. */
export interface WatchedChange {
  readonly state: RolloutState;
  /** True if nothing was sent and the first poll already showed that the tasks of the spec run. */
  readonly isUnchanged: boolean;
}

/** Watches all changes at the same time, each to its verdict. The results have the order of `accepted`. */
export async function watchChanges(
  call: Call,
  engine: Engine,
  accepted: readonly Accepted[],
  showsNames: boolean,
): Promise<readonly WatchedChange[]> {
  const { env, stderr, clock, interrupted, watches } = call.world;
  watches();
  const mode = progressMode(call.given, { env, terminal: stderr.isTTY });
  const progress = await chooseProgress(mode, stderr, (env['NO_COLOR'] ?? '') === '');
  const targets = accepted.map((one) => targetOf(call, one));
  const services: ServiceView[] = targets.map(({ intent }) => ({
    name: intent.name,
    view: view(start(intent)),
  }));
  const unchanged = new Set<number>();
  const states = await watch({
    engine,
    targets,
    clock,
    interrupted,
    observe: await recording(call, engine, accepted),
    publish: (index, before, after) => {
      const isFirst = before.seen === undefined;
      if (isFirst && accepted[index]?.posted === false && after.verdict.kind === 'converged') {
        unchanged.add(index);
      }
      services[index] = { name: after.intent.name, view: view(after) };
      // If the service of a command on one is unchanged, no progress is shown.
      if (!showsNames && unchanged.has(index)) return;
      const { at } = after;
      const list = changes(before, after);
      progress.update({ services, showsNames, index, changes: list, at, date: clock.date() });
    },
  }).finally(() => progress.end());
  return states.map((state, index) => ({ state, isUnchanged: unchanged.has(index) }));
}

/**
 * The result of a watch. If the change did not converge, this prints a report on stderr: the verdict, the reasons, and
 * the logs of the failed tasks.
 */
export async function explained(
  call: Call,
  engine: Engine,
  state: RolloutState,
  showsName: boolean,
): Promise<Result> {
  const exitCode = exitCodeOfVerdict(state.verdict);
  if (state.verdict.kind === 'converged') return resultOf(state, exitCode, new Map());
  const report = reportOf(state);
  // The verdict is printed at once: it does not wait for the logs.
  printMessage(call, [verdictLine(report)]);
  const { clock, interrupted } = call.world;
  const tasks = report.failures.map(({ task }) => task);
  const logs = interrupted.aborted
    ? await logsOf(engine, tasks, AbortSignal.timeout(LOG_TIMEOUT_INTERRUPTED))
    : await within(LOG_TIMEOUT, clock, interrupted, (signal) => logsOf(engine, tasks, signal));
  const result = resultOf(state, exitCode, logs);
  const { message, failures, pending, next } = result;
  const service = showsName ? { service: state.intent.name } : {};
  printMessage(call, detailLines(report, logs), {
    type: 'report',
    ...service,
    message,
    failures,
    pending,
    next,
  });
  return result;
}
