/** The result of a drain for its report: a service has the exit code of what became of it. */
import { expect, test } from '@jest/globals';
import type { Service } from '../../../src/api/service.ts';
import { startMove } from '../../../src/drain/move.ts';
import type { MoveState, MoveVerdict } from '../../../src/drain/move.ts';
import type { Moves } from '../../../src/drain/move-all.ts';
import type { Move } from '../../../src/drain/plan.ts';
import { drainResult } from '../../../src/drain/result.ts';
import { DrainFailure } from '../../../src/drain/under-way.ts';
import { SwarmrollError } from '../../../src/errors.ts';

const web = {
  ID: 'web-id',
  Spec: { Name: 'web', TaskTemplate: {}, Mode: { Replicated: { Replicas: 2 } } },
} as Service;
const state = (verdict: MoveVerdict): MoveState => ({ ...startMove('n1', web, [], 0), verdict });
const stopped = new DrainFailure('failed', 'api: not moved');
const conflict = new SwarmrollError('conflict', 'api: somebody else has changed it');
const refused = new SwarmrollError('refused', 'api: no');

test.each<[what: string, ends: Partial<Moves>, verdict: string, exitCode: number, whole?: number]>([
  ['it has moved', { moved: [state({ kind: 'moved' })] }, 'converged', 0],
  ['nothing of it was left to move', { unneeded: new Set(['web-id']) }, 'unchanged', 0],
  [
    'nothing of it was left, but another one has failed',
    { unneeded: new Set(['web-id']), trouble: stopped },
    'unchanged',
    0,
    5,
  ],
  [
    'it finds no node',
    { failed: [state({ kind: 'stuck', reason: 'no node' })], trouble: stopped },
    'failed',
    5,
  ],
  [
    'somebody else has changed it',
    { failed: [state({ kind: 'changed' })], trouble: conflict },
    'superseded',
    7,
  ],
  ['another one has failed before', { trouble: stopped }, 'notSent', 5],
  ['somebody else has changed another one', { trouble: conflict }, 'notSent', 7],
  ['the engine has refused another one', { trouble: refused }, 'notSent', 1],
])('%s', (_, ends, verdict, exitCode, whole = exitCode) => {
  const all: Moves = { moved: [], failed: [], unneeded: new Set(), trouble: undefined, ...ends };
  const places = all.moved.map((one) => ({ state: one, to: 'n2 (1)' }));
  const result = drainResult({ moves: [{ service: web } as Move] }, places, all);
  expect(result).toMatchObject({ exitCode: whole, services: [{ verdict, exitCode }] });
  expect(result.verdict).toBe(whole === 0 ? 'converged' : 'failed');
});
