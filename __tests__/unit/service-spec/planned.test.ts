import { expect, test } from '@jest/globals';
import { plannedLines, tasksSentence } from '../../../src/service-spec/planned.ts';

const NONE = { replaced: 0, kept: 0, started: 0, stopped: 0, atOnce: 0, atLeast: 0 };

test.each([
  [{ ...NONE, kept: 3 }, false, 'replaces no task'],
  [NONE, false, 'replaces no task'],
  [
    { ...NONE, replaced: 4, atOnce: 1, atLeast: 45_000 },
    false,
    'replaces 4 tasks, 1 at a time, in at least 45s',
  ],
  [
    { ...NONE, replaced: 4, atOnce: 4, atLeast: 5_000 },
    false,
    'replaces 4 tasks, all at once, in at least 5s',
  ],
  [{ ...NONE, replaced: 1, atOnce: 1, atLeast: 90_500 }, false, 'replaces 1 task, in at least 1m30.5s'],
  [{ ...NONE, kept: 2, started: 3 }, false, 'replaces no task; starts 3 tasks'],
  [{ ...NONE, started: 1 }, false, 'starts 1 task'],
  [
    { ...NONE, replaced: 2, atOnce: 1, atLeast: 5_000, stopped: 1 },
    false,
    'replaces 2 tasks, 1 at a time, in at least 5s; stops 1 task',
  ],
  [{ ...NONE, started: 5, atOnce: 2, stopped: 1 }, true, 'starts 5 tasks, 2 at a time; stops 1 task'],
])('%j: %s', (effect, isJob, sentence) => {
  expect(tasksSentence(effect, isJob)).toBe(sentence);
});

test('a line for each change, for the tasks, and for each note and risk', () => {
  const lines = plannedLines({
    verdict: 'planned',
    exitCode: 0,
    service: { id: 's', name: 'web' },
    message: 'replaces 1 task',
    changes: [
      { field: 'image', before: 'a', after: `b@sha256:${'0123456789abcdef'.repeat(4)}` },
      { field: 'env A', after: '1' },
      { field: 'constraint', before: 'x==y' },
      { field: 'args', after: '' },
    ],
    tasks: NONE,
    risks: [{ kind: 'image', message: 'r' }],
    notes: ['n'],
  });
  expect(lines).toEqual([
    '~ image       a → b@sha256:0123456789ab',
    '+ env A       1',
    '- constraint  x==y',
    '+ args',
    'replaces 1 task',
    'note: n',
    'risk: r',
  ]);
});
