/** Watches accepted changes, shows their progress, and reports why they did not converge. */
import type { Call } from '../command-line/command.ts';
import type { Engine } from '../engine/client.ts';
import { chooseProgress } from '../render/choose.ts';
import type { ServiceView } from '../render/progress.ts';
import { detailLines, verdictLine } from '../render/report.ts';
import { changes } from '../rollout/changes.ts';
import { NO_EVIDENCE } from '../rollout/evidence.ts';
import { reportOf } from '../rollout/report.ts';
import { resultOf } from '../rollout/result.ts';
import type { Result } from '../rollout/result.ts';
import { start } from '../rollout/reduce.ts';
import type { RolloutState } from '../rollout/state.ts';
import { isOver } from '../rollout/verdict.ts';
import { view } from '../rollout/view.ts';
import { watch } from './loop.ts';
import { collector } from './evidence.ts';
import type { Collector } from './evidence.ts';
import { printMessage } from './print.ts';
import { exitCodeOfVerdict } from './outcome.ts';
import { progressMode } from './rollout-flags.ts';
import { targetOf } from './targets.ts';
import type { ChangeToWatch } from './targets.ts';

/** The end of the watch of one change. */
export interface WatchedChange {
  readonly result: Result;
  /** True if nothing was sent and the first poll already showed that the tasks of the spec run. */
  readonly isUnchanged: boolean;
}

/**
 * Watches all changes at the same time, each to its verdict, and prints a report on each that did not converge. With
 * names, a report is printed when the verdict falls, while the others are still watched; else after the progress.
 * @returns the results in the order of `accepted`
 */
export async function watchChanges(
  call: Call,
  engine: Engine,
  accepted: readonly ChangeToWatch[],
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
  const collectors = accepted.map(() => collector(engine, call.world));
  const ends: Promise<Result>[] = [];
  const states = await watch({
    engine,
    targets,
    clock,
    interrupted,
    publish: (index, before, after) => {
      const isFirst = before.seen === undefined;
      if (isFirst && accepted[index]?.posted === false && after.verdict.kind === 'converged') {
        unchanged.add(index);
      }
      services[index] = { name: after.intent.name, view: view(after) };
      collectors[index]?.see(before, after);
      // If the service of a command on one is unchanged, no progress is shown.
      if (!showsNames && unchanged.has(index)) return;
      const { at } = after;
      const list = changes(before, after);
      progress.update({ services, showsNames, index, changes: list, at, date: clock.date() });
      if (!showsNames || !isOver(after.verdict)) return;
      const end = explained(call, after, collectors[index], (print) => progress.printAbove(print));
      // It is awaited below, after the last verdict.
      end.catch(() => undefined);
      ends[index] = end;
    },
  }).finally(() => progress.end());
  return Promise.all(
    states.map(async (state, index) => ({
      result: await (ends[index] ?? explained(call, state, collectors[index])),
      isUnchanged: unchanged.has(index),
    })),
  );
}

/**
 * The result of a watch. If the change did not converge, this prints a report on stderr: the verdict, the reasons, and
 * the logs of the failed tasks.
 * @param between prints while other services are watched: then the report is one block that names its service
 */
async function explained(
  call: Call,
  state: RolloutState,
  evidence: Collector | undefined,
  between?: (print: () => void) => void,
): Promise<Result> {
  const exitCode = exitCodeOfVerdict(state.verdict);
  if (state.verdict.kind === 'converged') return resultOf(state, exitCode, NO_EVIDENCE);
  // The verdict on one service is printed at once: it does not wait for the logs.
  const head = [verdictLine(reportOf(state))];
  if (between === undefined) printMessage(call, head);
  const found = (await evidence?.collect(state)) ?? NO_EVIDENCE;
  const result = resultOf(state, exitCode, found);
  const { message, failures, pending, hint, next } = result;
  const details = detailLines(reportOf(state, found), found.logs);
  const object = { message, failures, pending, ...(hint === undefined ? {} : { hint }), next };
  if (between === undefined) printMessage(call, details, { type: 'report', ...object });
  else {
    const service = state.intent.name;
    between(() => printMessage(call, [...head, ...details], { type: 'report', service, ...object }));
  }
  return result;
}
