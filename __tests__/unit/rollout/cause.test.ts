/** The cause of a bad end in one line. */
import { expect, test } from '@jest/globals';
import { causeOf } from '../../../src/rollout/cause.ts';
import type { FailureReport } from '../../../src/rollout/failure-report.ts';

const failure: FailureReport = {
  task: 't1',
  slot: '1/2',
  node: 'worker1',
  nodeId: 'n1',
  state: 'failed',
  error: 'task: non-zero exit (3)',
  exitCode: 3,
  image: 'crash:1.0',
  count: 3,
  log: ['starting', 'cannot open /etc/app.conf'],
};
const waiting = {
  slot: '2/2',
  state: 'pending',
  reason: 'no suitable node (1 node not available)',
  count: 1,
};

test.each([
  [{ failures: [failure], pending: [waiting] }, 'task: non-zero exit (3), log: "cannot open /etc/app.conf"'],
  [{ failures: [{ ...failure, error: 'OOM', log: [] }] }, 'OOM, exit code 3'],
  [
    { failures: [{ ...failure, error: '', log: ['x'.repeat(500)] }] },
    `failed, exit code 3, log: "${'x'.repeat(119)}…"`,
  ],
  [{ failures: [], pending: [waiting] }, '2/2 pending: no suitable node (1 node not available)'],
  [{ pending: [{ ...waiting, reason: '' }] }, '2/2 pending'],
  [{}, ''],
])('%j', (result, cause) => {
  expect(causeOf(result)).toBe(cause);
});
