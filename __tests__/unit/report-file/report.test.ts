/** What all forms of a report have in common. */
import { expect, test } from '@jest/globals';
import { titleOf } from '../../../src/report-file/report.ts';
import type { CommandEnd } from '../../../src/report-file/report.ts';
import type { Result } from '../../../src/rollout/result.ts';

const result = (name: string, verdict: Result['verdict'], exitCode = 0): Result => ({
  action: 'update',
  verdict,
  exitCode,
  service: { id: 'x', name },
  message: '',
});
const several = (...services: readonly Result[]): CommandEnd => ({
  action: 'scale',
  verdict: 'converged',
  exitCode: Math.max(0, ...services.map(({ exitCode }) => exitCode)),
  services,
});

test.each<[command: string, ended: CommandEnd, title: string]>([
  ['update', result('web', 'rolledBack', 3), 'web: rolled back'],
  ['node drain', several(result('web', 'converged')), 'swarmroll node drain: web: converged'],
  [
    'scale',
    several(result('web', 'converged'), result('api', 'unchanged')),
    'swarmroll scale: all 2 services converged',
  ],
  // --detach: nobody has seen whether they converged.
  [
    'scale',
    several(result('web', 'accepted'), result('api', 'unchanged')),
    'swarmroll scale: all 2 services accepted',
  ],
  [
    'scale',
    several(result('web', 'converged'), result('api', 'failed', 5)),
    'swarmroll scale: 1 of 2 services did not converge',
  ],
  ['node drain', several(), 'swarmroll node drain: nothing had to move'],
  [
    'scale',
    { verdict: 'error', exitCode: 1, message: 'no', error: { message: 'no' } },
    'swarmroll scale: error',
  ],
])('the title of %s (%#)', (command, ended, title) => {
  expect(titleOf({ command, version: '1.2.3', date: new Date(0), ended })).toBe(title);
});
