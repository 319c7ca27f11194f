/** Suggestions for a mistyped command or flag. */
import { expect, test } from '@jest/globals';
import { suggest } from '../../../src/command-line/suggest.ts';

test.each([
  ['replica', ['replicas', 'rollback', 'env'], 'replicas'],
  ['upadte', ['update', 'create', 'ps'], 'update'],
  ['evn', ['env', 'env-add', 'mode'], 'env'],
  ['nope', ['mode', 'network'], undefined],
  ['x', [], undefined],
  ['toString', ['timeout'], undefined],
])('%s of %j', async (word, candidates, meant) => {
  expect(await suggest(word, candidates)).toBe(meant);
});
