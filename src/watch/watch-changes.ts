/** Watches accepted changes, shows their progress, and reports why they did not converge. */
import type { Call } from '../command-line/command.ts';
import type { Engine } from '../engine/client.ts';
import { chooseProgress } from '../render/choose.ts';
import type { Progress } from '../render/progress.ts';
import { detailLines, verdictLine } from '../render/report.ts';
import { eventsBetween } from '../rollout/progress-events.ts';
import type { ProgressEvent } from '../rollout/progress-events.ts';
import { NO_EVIDENCE } from '../rollout/evidence.ts';
import { reportOf } from '../rollout/report.ts';
import { resultOf } from '../rollout/result.ts';
import type { Result } from '../rollout/result.ts';
import { start } from '../rollout/reduce.ts';
import type { RolloutState } from '../rollout/state.ts';
import type { Recorder } from './recorder.ts';
import { isOver } from '../rollout/verdict.ts';
import { view } from '../rollout/view.ts';
import { showsColour } from '../values/colour.ts';
import { withFields } from '../world.ts';
import { watch } from './loop.ts';
import { collector } from './evidence.ts';
import type { Collector } from './evidence.ts';
import { printMessage } from './print.ts';
import { exitCodeOfVerdict } from './outcome.ts';
import { progressMode } from './rollout-flags.ts';
import { awaitedView } from './awaited.ts';
import { isLater, laterTarget, waitsOfEntries } from './sequence.ts';
import type { AnyChange, Entry, ShowEntry } from './sequence.ts';
import { targetOf } from './targets.ts';
import type { ChangeToWatch } from './targets.ts';

interface WatchedChange {
  readonly result: Result;
  /** True if nothing was sent and the first poll already showed that the tasks of the spec run. */
  readonly isUnchanged: boolean;
  /** What was watched. Absent: it was never watched. */
  readonly change?: ChangeToWatch;
}

/** A change, and what is read of it for its report. */
interface Watching extends Entry {
  isUnchanged: boolean;
  readonly collector: Collector;
  readonly recorder: Recorder | undefined;
}

/**
 * Watches all changes at the same time, each to its verdict, and prints a report on each that did not converge. With
 * names, a report is printed when the verdict falls, while the others are still watched; else after the progress.
 * @param changes a LaterChange is sent when all that it waits for have converged
 * @returns the ends in the order of `changes`
 */
export async function watchChanges(
  call: Call,
  engine: Engine,
  changes: readonly AnyChange[],
  showsNames: boolean,
): Promise<readonly WatchedChange[]> {
  const { env, stderr, clock, interrupted, watches } = call.world;
  watches();
  const mode = progressMode(call.given, call.world);
  const progress = await chooseProgress(mode, stderr, showsColour(env, stderr.isTTY));
  const epoch = clock.date().getTime() - clock.now();
  // Only a report needs them.
  const { detail } = call.world.forReport;
  const { recorder } = detail === 'timeline' ? await import('./recorder.ts') : {};
  const { changedBy } = detail === 'nothing' ? {} : await import('./changed.ts');
  const entries = changes.map((change, index): Watching => {
    const watched = isLater(change) ? undefined : change;
    const state = watched === undefined ? undefined : start(targetOf(call, watched).intent);
    return {
      ...{ index, name: change.name, change, watched, state, isUnchanged: false },
      view: state === undefined ? awaitedView([]) : view(state),
      collector: collector(engine, call.world),
      recorder: recorder?.(epoch),
    };
  });
  const showNow = ({ index }: Entry, list: readonly ProgressEvent[], at: number): void =>
    progress.update({ services: entries, showsNames, index, events: list, at, date: clock.date() });
  const show: ShowEntry = (entry, shown, list) => {
    entry.view = shown;
    showNow(entry, list, clock.now());
    const { verdict, message = '' } = entry.settled ?? {};
    if (verdict === 'notSent') progress.printAbove(() => printMessage(call, [`swarmroll: ${message}`]));
  };
  const showWaits = waitsOfEntries(entries, show);
  const above = printingAbove(call, progress);
  await watch({
    engine,
    targets: entries.map((entry) =>
      isLater(entry.change)
        ? laterTarget(entries, above, entry, entry.change, show)
        : targetOf(call, entry.change),
    ),
    clock,
    interrupted,
    publish: (index, before, after) => {
      const entry = entries[index];
      if (entry === undefined) return;
      const isFirst = before.seen === undefined;
      if (isFirst && entry.watched?.posted === false && after.verdict.kind === 'converged')
        entry.isUnchanged = true;
      entry.state = after;
      entry.view = view(after);
      entry.collector.see(before, after);
      const list = eventsBetween(before, after);
      entry.recorder?.see(before, after, list);
      // If the service of a command on one is unchanged, no progress is shown.
      if (!showsNames && entry.isUnchanged) return;
      showNow(entry, list, after.at);
      showWaits();
      if (!showsNames || !isOver(after.verdict)) return;
      entry.reported = endWithReport(call, after, entry.collector, (print) => progress.printAbove(print));
      // It is awaited below, after the last verdict.
      entry.reported.catch(() => undefined);
    },
  }).finally(() => progress.end());
  return Promise.all(
    entries.map(async (entry): Promise<WatchedChange> => {
      const { settled, state, watched: change, isUnchanged } = entry;
      if (settled !== undefined) return { result: settled, isUnchanged: false };
      if (state === undefined || change === undefined) throw new Error('a watch without a result');
      const end = await (entry.reported ?? endWithReport(call, state, entry.collector));
      const changed = changedBy?.(change);
      const timeline = entry.recorder?.timeline();
      return {
        result: {
          ...end,
          ...(changed === undefined ? {} : { changed }),
          ...(timeline === undefined ? {} : { timeline }),
        },
        isUnchanged,
        change,
      };
    }),
  );
}

/** The same call, of which stderr is above the progress. */
function printingAbove(call: Call, progress: Progress): Call {
  const { stderr } = call.world;
  const write = (text: string): void => progress.printAbove(() => stderr.write(text));
  const { isTTY, columns, rows } = stderr;
  return { ...call, world: withFields(call.world, { stderr: { write, isTTY, columns, rows } }) };
}

/**
 * The result of a watch. If the change did not converge, this prints a report on stderr: the verdict, the reasons, and
 * the logs of the failed tasks.
 * @param between prints while other services are watched: then the report is one block that names its service
 */
async function endWithReport(
  call: Call,
  state: RolloutState,
  evidence: Collector,
  between?: (print: () => void) => void,
): Promise<Result> {
  const exitCode = exitCodeOfVerdict(state.verdict);
  if (state.verdict.kind === 'converged') return resultOf(state, exitCode, NO_EVIDENCE);
  // The verdict on one service is printed at once: it does not wait for the logs.
  const head = [verdictLine(reportOf(state))];
  if (between === undefined) printMessage(call, head);
  const found = await evidence.collect(state);
  const result = resultOf(state, exitCode, found);
  const { message, failures, pending, hint, next } = result;
  const details = detailLines(reportOf(state, found));
  const object = { message, failures, pending, ...(hint === undefined ? {} : { hint }), next };
  if (between === undefined) printMessage(call, details, { type: 'report', ...object });
  else {
    const service = state.intent.name;
    between(() => printMessage(call, [...head, ...details], { type: 'report', service, ...object }));
  }
  return result;
}
