/** A recorded trace, judged and shown again: what the watch would have said of it, as one readable text. */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { exitCodeOfVerdict } from '../../../../src/deploy/outcome.ts';
import { frame } from '../../../../src/render/frame.ts';
import type { Size } from '../../../../src/render/frame.ts';
import { plain } from '../../../../src/render/plain.ts';
import { detailLines, verdictLine } from '../../../../src/render/report.ts';
import { updateOf } from '../../render/support/update.ts';
import { changes } from '../../../../src/rollout/changes.ts';
import type { Change } from '../../../../src/rollout/changes.ts';
import { reduce, start } from '../../../../src/rollout/reduce.ts';
import { reportOf } from '../../../../src/rollout/report.ts';
import { resultOf } from '../../../../src/rollout/result.ts';
import type { RolloutState } from '../../../../src/rollout/state.ts';
import { parseTrace } from '../../../../src/rollout/trace.ts';
import type { Trace } from '../../../../src/rollout/trace.ts';
import { view } from '../../../../src/rollout/view.ts';

const FIXTURES = fileURLToPath(new URL('../../../fixtures/', import.meta.url));

/** Where the golden text of a trace is. */
export const goldenFile = (name: string): string => `${FIXTURES}golden/${name}.txt`;

/** The traces there are: "paused-crash.28.5". */
export function traceNames(): string[] {
  return readdirSync(`${FIXTURES}traces`)
    .filter((file) => file.endsWith('.jsonl'))
    .map((file) => file.slice(0, -'.jsonl'.length))
    .sort();
}

export function readTrace(name: string): Trace {
  const trace = parseTrace(readFileSync(`${FIXTURES}traces/${name}.jsonl`, 'utf8'));
  const { intent } = trace;
  return {
    ...trace,
    intent: intent.replaced === undefined ? intent : { ...intent, replacedOwned: intent.replaced },
    observations: trace.observations.map((one) =>
      one.kind !== 'seen'
        ? one
        : {
            ...one,
            service: {
              ...one.service,
              owned: one.service.spec,
              ...(one.service.update?.state.endsWith('completed') === true
                ? { updateCompletedAt: Infinity }
                : {}),
              ...(/of task (\w+)$/.test(one.service.update?.message ?? '')
                ? { updateTask: /of task (\w+)$/.exec(one.service.update?.message ?? '')?.[1] ?? '' }
                : {}),
            },
          },
    ),
  };
}

export interface Step {
  readonly before: RolloutState;
  readonly after: RolloutState;
  readonly changes: readonly Change[];
}

/** The states of a trace, from the first look to the last. */
export function replay({ intent, observations }: Trace): Step[] {
  let state = start(intent);
  return observations.map((observation) => {
    const before = state;
    state = reduce(state, observation);
    return { before, after: state, changes: changes(before, state) };
  });
}

export const endOf = (steps: readonly Step[]): RolloutState => {
  const last = steps.at(-1);
  if (last === undefined) throw new Error('the trace has no observations');
  return last.after;
};

export const exitCodeOf = ({ verdict }: RolloutState): number => exitCodeOfVerdict(verdict);

/** Every other size at which the middle and the last frame are shown. */
const SIZES: readonly Size[] = [
  { columns: 40, rows: 24 },
  { columns: 200, rows: 24 },
  { columns: 80, rows: 6 },
];

function reported(end: RolloutState): string[] {
  const report = reportOf(end);
  return [verdictLine(report), ...detailLines(report, new Map())];
}

/** All that an operator would have seen of the rollout. */
export function transcript(trace: Trace): string {
  const steps = replay(trace);
  const end = endOf(steps);
  const middle = steps[Math.floor(steps.length / 2)]?.after ?? end;
  const since = (at: number): string => `${((at - trace.intent.startedAt) / 1000).toFixed(1)} s`;
  const verdict = `${end.verdict.kind}, exit ${exitCodeOf(end)}, after ${since(end.at)}`;
  return [
    section('verdict', [`${trace.engine}: ${trace.intent.action} ${trace.intent.name}`, verdict]),
    section('plain', plainLines(steps)),
    section('report', end.verdict.kind === 'converged' ? [] : reported(end)),
    section('-o json', [JSON.stringify(resultOf(end, exitCodeOf(end), new Map()), null, 1)]),
    section('frames 80x24', distinctFrames(steps, { columns: 80, rows: 24 }, since)),
    ...SIZES.flatMap((size) => [
      section(`middle frame ${size.columns}x${size.rows}`, frame(view(middle), size)),
      section(`last frame ${size.columns}x${size.rows}`, frame(view(end), size)),
    ]),
  ].join('\n');
}

const section = (title: string, lines: readonly string[]): string => [`== ${title}`, ...lines, ''].join('\n');

function plainLines(steps: readonly Step[]): string[] {
  let written = '';
  const progress = plain({ write: (text: string) => (written += text) });
  for (const { after, changes: list } of steps) progress.update(updateOf(after, list));
  progress.end();
  return written.trimEnd().split('\n');
}

function distinctFrames(steps: readonly Step[], size: Size, since: (at: number) => string): string[] {
  let last = '';
  return steps.flatMap(({ after }) => {
    const lines = frame(view(after), size);
    if (lines.join('\n') === last) return [];
    last = lines.join('\n');
    return [`-- ${since(after.at)}`, ...lines];
  });
}
