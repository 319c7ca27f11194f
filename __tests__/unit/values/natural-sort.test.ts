import { expect, test } from '@jest/globals';
import { compareNaturally } from '../../../src/values/natural-sort.ts';

test.each([
  [
    ['web.10', 'web.9', 'web.1', 'web.2'],
    ['web.1', 'web.2', 'web.9', 'web.10'],
  ],
  [
    ['b', 'a', 'B', 'A'],
    ['A', 'B', 'a', 'b'],
  ],
  [
    ['a1', 'a', 'ab', 'a-1'],
    ['a', 'a1', 'a-1', 'ab'],
  ],
  [
    ['a01', 'a1', 'a001', 'a2'],
    ['a1', 'a01', 'a001', 'a2'],
  ],
  [
    ['a1b', 'a1', 'a1b2', 'a1b10'],
    ['a1', 'a1b', 'a1b2', 'a1b10'],
  ],
  [
    ['x99999999999999999999', 'x100000000000000000000'],
    ['x99999999999999999999', 'x100000000000000000000'],
  ],
  [
    ['1a', 'a', '', '1'],
    ['', '1', '1a', 'a'],
  ],
])('%j is sorted to %j', (names, sorted) => expect([...names].sort(compareNaturally)).toEqual(sorted));
