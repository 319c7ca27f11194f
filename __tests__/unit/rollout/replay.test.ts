/** Every recorded rollout, observed and judged again: how it ends, and what is said on the way (fixtures/golden). */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { json } from '../../../src/render/json.ts';
import { frameOfService } from '../../../src/render/frame.ts';
import { NO_EVIDENCE } from '../../../src/rollout/evidence.ts';
import { resultOf } from '../../../src/rollout/result.ts';
import type { RolloutState } from '../../../src/rollout/state.ts';
import { view } from '../../../src/rollout/view.ts';
import type { View } from '../../../src/rollout/view.ts';
import { updateOf } from '../render/support/update.ts';
import { displayWidth } from '../../../src/values/width.ts';
import { violations } from '../../support/schema.ts';
import {
  endOf,
  exitCodeOf,
  frames,
  goldenFile,
  readTrace,
  replay,
  traceNames,
  transcript,
} from './support/replay.ts';
import type { Step } from './support/replay.ts';

/** How the recorded rollouts end; by the scenario's name, or what it begins with. */
const ENDS: Readonly<Record<string, readonly [kind: string, exitCode: number]>> = {
  create: ['converged', 0],
  update: ['converged', 0],
  wait: ['converged', 0],
  'rollback-asked': ['converged', 0],
  'node-': ['converged', 0],
  'manager-restarted': ['converged', 0],
  'rolled-back': ['rolledBack', 3],
  paused: ['paused', 4],
  'rollback-paused': ['paused', 4],
  failed: ['failed', 5],
  deadline: ['failed', 5],
  superseded: ['superseded', 7],
  removed: ['removed', 7],
  'timed-out': ['timedOut', 124],
  sigint: ['interrupted', 130],
  'manager-lost': ['lost', 1],
};

/** The entry with the longest beginning. */
function endFor(name: string): readonly [kind: string, exitCode: number] {
  const beginnings = Object.keys(ENDS).filter((beginning) => name.startsWith(beginning));
  const longest = beginnings.sort((a, b) => b.length - a.length)[0] ?? '';
  return ENDS[longest] ?? ['none', -1];
}

/** Of these the golden text also has every frame. */
const WITH_FRAMES: ReadonlySet<string> = new Set([
  'update-stop-first.28.5',
  'rolled-back-crash.28.5',
  'failed-global-job.28.5',
  'manager-restarted.28.5',
  'create-replicated-job.28.5',
]);
/** All golden texts together are at most this many lines: more are not read by anyone. */
const MAX_GOLDEN_LINES = 1_500;

const names = traceNames();
const update = process.env['UPDATE_GOLDEN'] === '1';
const ends: RolloutState[] = [];

describe.each(names)('%s', (name) => {
  const trace = readTrace(name);
  let steps: readonly Step[];
  let views: readonly View[];
  beforeAll(async () => {
    steps = await replay(trace);
    // Each once: equal views give equal frames.
    const all = steps.map(({ after }) => view(after));
    views = [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
    ends.push(endOf(steps));
  });

  test('ends as it was meant to', () => {
    const end = endOf(steps);
    expect([end.verdict.kind, exitCodeOf(end)]).toEqual(endFor(name));
  });

  test('has its verdict with the last poll and not before', () => {
    expect(steps.slice(0, -1).map(({ after }) => after.verdict.kind)).toEqual(
      steps.slice(0, -1).map(() => 'progressing'),
    );
  });

  test('says what it said when it was last read over', () => {
    const said = transcript(trace, steps) + (WITH_FRAMES.has(name) ? `\n${frames(trace, steps)}` : '');
    if (update) {
      mkdirSync(dirname(goldenFile(name)), { recursive: true });
      writeFileSync(goldenFile(name), said);
    }
    expect(said).toBe(readFileSync(goldenFile(name), 'utf8'));
  });

  test('says to programs what the schema promises', () => {
    const end = endOf(steps);
    expect(violations('result', resultOf(end, exitCodeOf(end), NO_EVIDENCE))).toEqual([]);
    const lines: string[] = [];
    const progress = json({ write: (line) => lines.push(line) });
    for (const { after, events } of steps) progress.update(updateOf(after, events));
    expect(lines.flatMap((line) => violations('progress', JSON.parse(line)))).toEqual([]);
  });

  test.each([
    [20, 5],
    [40, 24],
    [80, 6],
    [200, 50],
  ])('fits a terminal of %i columns and %i rows at every moment', (columns, rows) => {
    const tooLarge = views
      .map((one) => frameOfService(one, { columns, rows }))
      .filter((lines) => {
        // One row is the cursor's, two columns of the first line are the symbol's.
        const widths = lines.map((line, index) => displayWidth(line) + (index === 0 ? 2 : 0));
        return lines.length >= rows || Math.max(...widths) > columns;
      });
    expect(tooLarge).toEqual([]);
  });
});

test('there are traces of every outcome, and of two generations of engines', () => {
  const kinds = new Set(ends.map(({ verdict }) => verdict.kind));
  expect([...kinds].sort()).toEqual([...new Set(Object.values(ENDS).map(([kind]) => kind))].sort());
  expect(new Set(names.map((name) => name.split('.')[1])).size).toBeGreaterThan(1);
  expect(names.length).toBeGreaterThanOrEqual(25);
});

test('there is a golden text for each trace and no other, and they are short enough to be read', () => {
  const files = readdirSync(dirname(goldenFile('')));
  expect(files.sort()).toEqual(names.map((name) => `${name}.txt`));
  const lines = names.flatMap((name) => readFileSync(goldenFile(name), 'utf8').trimEnd().split('\n'));
  expect(lines.length).toBeLessThanOrEqual(MAX_GOLDEN_LINES);
});
