/** The timeline: what is drawn at any width, in Unicode and in ASCII. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { shortAge, timeScale } from '../../../src/render/time-scale.ts';
import { drawTimeline } from '../../../src/render/timeline.ts';
import type { TaskRun, Timeline } from '../../../src/render/timeline.ts';

const NOW = 100_000;
const legend = [
  { id: '1144725f109d', image: 'registry:5000/ping:1.0', is: '' },
  { id: '51fe82948fc3', image: 'registry:5000/ping:1.1', is: 'current' },
];
const run = (
  generation: number,
  createdAt: number,
  endedAt?: number,
  state: TaskRun['state'] = 'stopped',
): TaskRun =>
  endedAt === undefined
    ? { generation, createdAt, startedAt: createdAt + 4000, state: 'running' }
    : { generation, createdAt, endedAt, state };
const web: Timeline = {
  title: 'web',
  now: NOW,
  lanes: [
    { label: '1', runs: [run(0, 0, 50_000), run(1, 50_000)] },
    {
      label: '2',
      runs: [run(0, 0, 50_000), run(1, 52_000, 70_000, 'failed'), run(1, 71_000, 71_100, 'failed')],
    },
    { label: '3', runs: [run(0, 0, 50_000), { generation: 1, createdAt: 60_000, state: 'starting' }] },
  ],
  legend,
};
const plain = { columns: 80, unicode: true, colour: false };

test('a lane for each slot, the generations along time, failures marked', () => {
  expect(drawTimeline(web, { ...plain, columns: 60 })).toMatchInlineSnapshot(`
   [
     "web",
     "",
     "   1m40s 1m30s           1m               30s            now",
     "1  A━━━━━━━━━━━━━━━━━━━━━━━━━━━B┄━━━━━━━━━━━━━━━━━━━━━━━━━━▶",
     "2  A━━━━━━━━━━━━━━━━━━━━━━━━━━━┤B━━━━━━━━━✗✗",
     "3  A━━━━━━━━━━━━━━━━━━━━━━━━━━━┤     B┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄",
     "",
     "A  1144725f109d  registry:5000/ping:1.0",
     "B  51fe82948fc3  registry:5000/ping:1.1  current",
     "┄ starting  ━ running  ✓ complete  ┤ stopped  ✗ failed",
   ]
  `);
});

test('ASCII, and no escape sequences without colour', () => {
  expect(drawTimeline(web, { columns: 40, unicode: false, colour: false })).toMatchInlineSnapshot(`
   [
     "web",
     "",
     "   1m40s         1m                  now",
     "1  A=================B=================>",
     "2  A=================|B=====xx",
     "3  A=================|   B..............",
     "",
     "A  1144725f109d  ping:1.0",
     "B  51fe82948fc3  ping:1.1  current",
     ". starting  = running  * complete",
     "| stopped  x failed",
   ]
  `);
});

test('on a terminal, generations and failures have colours', () => {
  const [, , , lane = ''] = drawTimeline(web, { ...plain, colour: true });
  expect(lane).toContain('\u001b[36mA');
  expect(lane).toContain('\u001b[32mB');
  expect(drawTimeline(web, { ...plain, colour: true }).join('\n')).toContain('\u001b[31m✗');
});

test('a long quiet time is cut', () => {
  const day = 86_400_000;
  const lanes = [
    { label: '1', runs: [run(0, -30 * day, 10_000), run(1, 10_000, 12_000, 'failed'), run(0, 12_000)] },
  ];
  const [, , axis = '', lane = ''] = drawTimeline({ ...web, lanes }, plain);
  expect(axis).toMatch(/^ +30d *≈/);
  expect(lane).toMatch(/^1 +A━+≈━+B━*✗A/);
});

test('no task is kept', () => {
  expect(drawTimeline({ ...web, lanes: [] }, plain).slice(0, 3)).toEqual(['web', '', '']);
});

describe('at any width', () => {
  const state = fc.constantFrom<TaskRun['state']>('starting', 'running', 'complete', 'stopped', 'failed');
  const runs = fc.array(
    fc.record({
      generation: fc.nat(60),
      createdAt: fc.integer({ min: -1e12, max: NOW }),
      endedAt: fc.integer({ min: NOW - 50, max: NOW }),
      state,
    }),
    { maxLength: 12 },
  );
  const lanes = fc.array(fc.record({ label: fc.string({ maxLength: 60 }), runs }), { maxLength: 6 });

  test('no line is wider than the terminal, and every lane with a failure shows one', () => {
    fc.assert(
      fc.property(lanes, fc.integer({ min: 20, max: 250 }), fc.boolean(), (drawn, columns, unicode) => {
        const lines = drawTimeline({ ...web, lanes: drawn }, { columns, unicode, colour: false });
        for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
        const body = lines.slice(3, 3 + drawn.length);
        for (const [index, lane] of drawn.entries()) {
          const fails = lane.runs.some((one) => one.state === 'failed');
          if (fails && unicode) expect(body[index]).toContain('✗');
        }
      }),
    );
  });

  test('columns grow with time, from the first to the last', () => {
    const times = fc.array(fc.integer({ min: -1e12, max: 1e12 }), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(times, fc.integer({ min: 10, max: 250 }), (list, columns) => {
        const sorted = [...list].sort((a, b) => a - b);
        const found = sorted.map(timeScale(list, columns).column);
        expect(found).toEqual([...found].sort((a, b) => a - b));
        expect(found[0]).toBe(0);
        expect(found.at(-1)).toBeLessThan(columns);
      }),
    );
  });
});

test.each([
  [0, '0s'],
  [45_400, '45s'],
  [492_000, '8m12s'],
  [7_200_000, '2h'],
  [187_500_000, '2d4h'],
])('the age of %d ms is %s', (age, text) => {
  expect(shortAge(age)).toBe(text);
});

test('the id behind a name that is too long stays', () => {
  const label = `${'long-name.'.repeat(5)} (x7k2p9)`;
  const lines = drawTimeline({ ...web, lanes: [{ label, runs: [run(0, 0)] }] }, { ...plain, columns: 60 });
  expect(lines.find((line) => line.startsWith('long'))).toMatch(/^long-name\.….* \(x7k2p9\) {2}/);
});
