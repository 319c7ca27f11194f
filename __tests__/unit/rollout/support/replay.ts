/** A recorded trace, judged and shown again: what the watch would have said of it, as one readable text. */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { exitCodeOfVerdict } from '../../../../src/watch/outcome.ts';
import { frameOfService } from '../../../../src/render/frame.ts';
import { plain } from '../../../../src/render/plain.ts';
import { detailLines, verdictLine } from '../../../../src/render/report.ts';
import { updateOf } from '../../render/support/update.ts';
import { eventsBetween } from '../../../../src/rollout/progress-events.ts';
import type { ProgressEvent } from '../../../../src/rollout/progress-events.ts';
import { reduce, start } from '../../../../src/rollout/reduce.ts';
import { NO_EVIDENCE } from '../../../../src/rollout/evidence.ts';
import { reportOf } from '../../../../src/rollout/report.ts';
import type { RolloutState } from '../../../../src/rollout/state.ts';
import { view } from '../../../../src/rollout/view.ts';
import { parseTrace } from '../../../support/trace/format.ts';
import type { Trace } from '../../../support/trace/format.ts';
import { observationsOf } from '../../../support/trace/replay.ts';

const FIXTURES = fileURLToPath(new URL('../../../fixtures/', import.meta.url));

/** Where the golden text of a trace is. */
export const goldenFile = (name: string): string => `${FIXTURES}golden/${name}.txt`;

/** The names of the traces: "paused-crash.28.5". */
export function traceNames(): string[] {
  return readdirSync(`${FIXTURES}traces`)
    .filter((file) => file.endsWith('.jsonl'))
    .map((file) => file.slice(0, -'.jsonl'.length))
    .sort();
}

export const readTrace = (name: string): Trace =>
  parseTrace(readFileSync(`${FIXTURES}traces/${name}.jsonl`, 'utf8'));

export interface Step {
  readonly before: RolloutState;
  readonly after: RolloutState;
  readonly events: readonly ProgressEvent[];
}

/** The states of a trace, one for each poll. */
export async function replay(trace: Trace): Promise<Step[]> {
  let state = start(trace.header.intent);
  const steps: Step[] = [];
  for await (const observation of observationsOf(trace)) {
    const before = state;
    state = reduce(state, observation);
    steps.push({ before, after: state, events: eventsBetween(before, state) });
  }
  return steps;
}

export const endOf = (steps: readonly Step[]): RolloutState => {
  const last = steps.at(-1);
  if (last === undefined) throw new Error('the trace has no polls');
  return last.after;
};

export const exitCodeOf = ({ verdict }: RolloutState): number => exitCodeOfVerdict(verdict);

/** What an operator would have read of the rollout: the verdict, the plain progress, the report. */
export function transcript({ header: { engine, intent } }: Trace, steps: readonly Step[]): string {
  const end = endOf(steps);
  const verdict = `${end.verdict.kind}, exit ${exitCodeOf(end)}, after ${secondsSince(end.at, intent)}`;
  return [
    section('verdict', [`${engine}: ${intent.action} ${intent.name}`, verdict]),
    section('plain', plainLines(steps)),
    section('report', end.verdict.kind === 'converged' ? [] : reported(end)),
  ].join('\n');
}

/** Each frame that differs from the one before, as a terminal of 80 columns and 24 rows would have shown them. */
export function frames({ header: { intent } }: Trace, steps: readonly Step[]): string {
  let last = '';
  const lines = steps.flatMap(({ after }) => {
    const shown = frameOfService(view(after), { columns: 80, rows: 24 });
    if (shown.join('\n') === last) return [];
    last = shown.join('\n');
    return [`-- ${secondsSince(after.at, intent)}`, ...shown];
  });
  return section('frames 80x24', lines);
}

const secondsSince = (at: number, { startedAt }: { startedAt: number }): string =>
  `${((at - startedAt) / 1000).toFixed(1)} s`;

function reported(end: RolloutState): string[] {
  const { spec, previousSpec } = end.seen?.service ?? {};
  // A trace has no task templates: here, the previous spec counts as one that has run.
  const hasPrevious = end.intent.action === 'update' && previousSpec !== undefined && previousSpec !== spec;
  const evidence = {
    ...NO_EVIDENCE,
    ...(hasPrevious ? { rollbackTarget: { kind: 'previous' } as const } : {}),
  };
  const report = reportOf(end, evidence);
  return [verdictLine(report), ...detailLines(report)];
}

const section = (title: string, lines: readonly string[]): string => [`== ${title}`, ...lines, ''].join('\n');

function plainLines(steps: readonly Step[]): string[] {
  let written = '';
  const progress = plain({ write: (text: string) => (written += text) });
  for (const { after, events: list } of steps) progress.update(updateOf(after, list));
  progress.end();
  return written.trimEnd().split('\n');
}
