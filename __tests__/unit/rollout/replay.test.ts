/** Every recorded rollout, judged again: how it ended, and all that was said on the way (fixtures/golden). */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { json } from '../../../src/render/json.ts';
import { frame } from '../../../src/render/frame.ts';
import { resultOf } from '../../../src/rollout/result.ts';
import { view } from '../../../src/rollout/view.ts';
import { updateOf } from '../render/support/update.ts';
import { displayWidth } from '../../../src/values/width.ts';
import { violations } from '../../support/schema.ts';
import {
  endOf,
  exitCodeOf,
  goldenFile,
  readTrace,
  replay,
  traceNames,
  transcript,
} from './support/replay.ts';

/** How the recorded rollouts end; by the scenario's name, or what it begins with. */
const ENDS: Readonly<Record<string, readonly [kind: string, exitCode: number]>> = {
  create: ['converged', 0],
  update: ['converged', 0],
  'rollback-asked': ['converged', 0],
  'rollback-of-paused': ['converged', 0],
  'node-': ['converged', 0],
  'manager-restarted': ['converged', 0],
  'manager-hung': ['converged', 0],
  'rolled-back': ['rolledBack', 3],
  paused: ['paused', 4],
  'rollback-paused': ['paused', 4],
  'rollback-asked-paused': ['paused', 4],
  failed: ['failed', 5],
  deadline: ['failed', 5],
  superseded: ['superseded', 7],
  removed: ['removed', 7],
  'timed-out': ['timedOut', 124],
  sigint: ['interrupted', 130],
  sigterm: ['interrupted', 143],
  'manager-lost': ['lost', 1],
};

/** The entry with the longest beginning. */
function endFor(name: string): readonly [kind: string, exitCode: number] {
  const beginnings = Object.keys(ENDS).filter((beginning) => name.startsWith(beginning));
  const longest = beginnings.sort((a, b) => b.length - a.length)[0] ?? '';
  return ENDS[longest] ?? ['none', -1];
}

const names = traceNames();
const update = process.env['UPDATE_GOLDEN'] === '1';

test('there are traces of every outcome, and of two generations of engines', () => {
  const kinds = new Set(names.map((name) => endOf(replay(readTrace(name))).verdict.kind));
  expect([...kinds].sort()).toEqual([...new Set(Object.values(ENDS).map(([kind]) => kind))].sort());
  expect(new Set(names.map((name) => readTrace(name).engine.split('.')[0])).size).toBeGreaterThan(1);
  expect(names.length).toBeGreaterThanOrEqual(24);
});

describe.each(names)('%s', (name) => {
  const trace = readTrace(name);
  const steps = replay(trace);

  test('ends as it was meant to', () => {
    const end = endOf(steps);
    expect([end.verdict.kind, exitCodeOf(end)]).toEqual(endFor(name));
  });

  test('has its verdict with the last look and not before', () => {
    expect(steps.slice(0, -1).map(({ after }) => after.verdict.kind)).toEqual(
      steps.slice(0, -1).map(() => 'progressing'),
    );
  });

  test('says what it said when it was last read over', () => {
    const said = transcript(trace);
    if (update) {
      mkdirSync(dirname(goldenFile(name)), { recursive: true });
      writeFileSync(goldenFile(name), said);
    }
    expect(said).toBe(readFileSync(goldenFile(name), 'utf8'));
  });

  test('says to programs what the schema promises', () => {
    const end = endOf(steps);
    expect(violations('result', resultOf(end, exitCodeOf(end), new Map()))).toEqual([]);
    const lines: string[] = [];
    const progress = json({ write: (line) => lines.push(line) });
    for (const { after, changes } of steps) progress.update(updateOf(after, changes));
    for (const line of lines) expect(violations('progress', JSON.parse(line))).toEqual([]);
  });

  test.each([
    [20, 5],
    [40, 24],
    [80, 6],
    [200, 50],
  ])('fits a terminal of %i columns and %i rows at every moment', (columns, rows) => {
    for (const { after } of steps) {
      const lines = frame(view(after), { columns, rows });
      // One row is the cursor's, two columns of the first line are the symbol's.
      expect(lines.length).toBeLessThan(rows);
      const widths = lines.map((line, index) => displayWidth(line) + (index === 0 ? 2 : 0));
      expect(Math.max(...widths)).toBeLessThanOrEqual(columns);
    }
  });
});
