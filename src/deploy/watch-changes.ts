/** Watches accepted changes, shows their progress, and explains those that did not converge. */
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
import { say } from './announce.ts';
import { exitCodeOfVerdict } from './outcome.ts';
import { recording } from './recording.ts';
import { progressMode } from './rollout-flags.ts';
import { targetOf } from './targets.ts';
import type { Accepted } from './targets.ts';

/** How long the logs of failed tasks may take to come, and how long after a signal: milliseconds. */
const LOG_TIMEOUT = 3_000;
const LOG_TIMEOUT_INTERRUPTED = 500;

/** How a watch ended. */
export interface Watched {
  readonly state: RolloutState;
  /** Nothing was sent, and the first poll has shown that the tasks of the spec run: there was nothing to watch. */
  readonly isUnchanged: boolean;
}

/** Watches all changes at the same time, each to its verdict; the results are in the same order. */
export async function watchChanges(
  call: Call,
  engine: Engine,
  accepted: readonly Accepted[],
): Promise<readonly Watched[]> {
  const { env, stderr, clock, interrupted } = call.world;
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
      // One service that is unchanged has no progress to show.
      if (targets.length === 1 && unchanged.has(index)) return;
      const { at } = after;
      progress.update({ services, index, changes: changes(before, after), at, date: clock.date() });
    },
  }).finally(() => progress.end());
  return states.map((state, index) => ({ state, isUnchanged: unchanged.has(index) }));
}

/** The result of a watch. Unless it converged, this reports on stderr why, with the logs of the tasks that failed. */
export async function explained(call: Call, engine: Engine, state: RolloutState): Promise<Result> {
  const exitCode = exitCodeOfVerdict(state.verdict);
  if (state.verdict.kind === 'converged') return resultOf(state, exitCode, new Map());
  const report = reportOf(state);
  // The verdict does not wait for the logs.
  say(call, [verdictLine(report)]);
  const { clock, interrupted } = call.world;
  const tasks = report.failures.map(({ task }) => task);
  const logs = interrupted.aborted
    ? await logsOf(engine, tasks, AbortSignal.timeout(LOG_TIMEOUT_INTERRUPTED))
    : await within(LOG_TIMEOUT, clock, interrupted, (signal) => logsOf(engine, tasks, signal));
  const result = resultOf(state, exitCode, logs);
  const { message, failures, pending, next } = result;
  say(call, detailLines(report, logs), { type: 'report', message, failures, pending, next });
  return result;
}
