/** The undo of --rollback-on-failure in a report: it has the same parts as any result. */
import { describe, expect, test } from '@jest/globals';
import { page } from '../../../src/report-file/html.ts';
import { markdown } from '../../../src/report-file/markdown.ts';
import type { CommandReport } from '../../../src/report-file/report.ts';
import type { Result } from '../../../src/rollout/result.ts';

const failure = { slot: '1/3', node: 'w1', nodeId: 'n1', state: 'failed', image: 'ping:1.0', count: 1 };
const rollback: Result = {
  action: 'update',
  verdict: 'timedOut',
  exitCode: 124,
  service: { id: 'x', name: 'web' },
  message: 'web: not converged after 5m0s',
  error: { message: 'message of the error', hint: 'hint of the error' },
  notes: ['a note on the undo'],
  failures: [
    { ...failure, task: 'old1', error: '', log: [], noLog: 'its node is down' },
    { ...failure, task: 'old2', error: 'non-zero exit (9)', log: ['cannot bind'] },
  ],
  moreFailures: 7,
  pending: [{ slot: '2/3', state: 'pending', reason: 'no suitable node', count: 2 }],
  waiting: [{ reason: 'place', count: 1, text: 'waits for a node that takes the task' }],
  next: ['swarmroll ps web'],
  purposes: ['what is there now'],
};
const ended: Result = {
  ...{ action: 'update', verdict: 'failed', exitCode: 5, service: { id: 'x', name: 'web' } },
  message: 'web: the update failed',
  rollback,
};
const PARTS = [
  'Not converged after 5m0s',
  'hint of the error',
  'a note on the undo',
  'task old1 on w1 failed',
  'No log:',
  'its node is down',
  'non-zero exit (9)',
  '| cannot bind',
  '7',
  '2/3 pending (and 1 more): no suitable node',
  'waits for a node that takes the task',
];

const reportOf = (result: CommandReport['ended']): CommandReport => ({
  command: 'update',
  version: '1.2.3',
  date: new Date(0),
  ended: result,
});
const two = reportOf({
  action: 'scale',
  verdict: 'failed',
  exitCode: 5,
  services: [ended, { ...ended, service: { id: 'y', name: 'api' } }],
});

describe.each([
  ['Markdown', markdown],
  ['HTML', page],
])('%s', (_, form) => {
  test.each([
    ['one service', reportOf(ended)],
    ['several', two],
  ])('of %s: why the undo hangs comes before what to run next', (__, report) => {
    const text = form(report).replaceAll('<pre>cannot', '<pre>| cannot');
    let from = text.search(/Undo(<\/h[23]>|\n)/);
    expect(from).toBeGreaterThan(0);
    for (const part of [...PARTS, 'what is there now', 'swarmroll ps web']) {
      const at = text.indexOf(part, from);
      expect([part, at > from]).toEqual([part, true]);
      from = at;
    }
    expect(text.match(/Undo(<\/h[23]>|\n)/g)).toHaveLength(report === two ? 2 : 1);
  });

  test('nothing is empty: no heading without a text, and no block', () => {
    for (const report of [reportOf(ended), two, reportOf(rollback)]) {
      expect(form(report)).not.toMatch(/<pre><\/pre>|<(\w+)[^>]*>\s*<\/(section|ol|dl|tbody|p)>/);
      expect(form(report)).not.toMatch(/```\w+\n\n?```/);
    }
  });
});
