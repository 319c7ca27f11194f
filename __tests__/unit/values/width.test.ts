import { expect, test } from '@jest/globals';
import { displayWidth, ellipsis } from '../../../src/values/width.ts';

test.each([
  ['', 0],
  ['plain', 5],
  ['nämé', 4],
  ['日本', 4],
  ['ｆｕｌｌ', 8],
  ['🎉', 2],
  ['a…', 2],
])('%s takes %d columns', (text, columns) => expect(displayWidth(text)).toBe(columns));

test.each([
  ['short', 'short'],
  ['exactly ten', 'exactly t…'],
  ['1234567890', '1234567890'],
  ['日本語日本', '日本語日本'],
  ['日本語日本語', '日本語日…'],
  ['a日本語日本', 'a日本語日…'],
])('%s is shortened to ten columns: %s', (text, shortened) => expect(ellipsis(text, 10)).toBe(shortened));
