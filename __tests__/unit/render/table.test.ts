/** Docker's tables: drawText and drawTable give the same text. */
import { describe, expect, test } from '@jest/globals';
import { drawText } from '../../../src/render/columns.ts';
import { drawTable } from '../../../src/render/table.ts';

describe('columns', () => {
  test.each([
    [
      'are at least 10 wide, except the last',
      'A\tB\tC\n1\t2\t3\n',
      'A         B         C\n1         2         3\n',
    ],
    ['have gaps of at least 3', 'longer than ten\tB\n1\t2\n', 'longer than ten   B\n1                 2\n'],
    ['may be empty', 'A\t\tC\n\tb\t\n', 'A                   C\n          b         \n'],
    ['keep spaces', ' \\_ a\tb\nc \td\n', ' \\_ a     b\nc         d\n'],
    ['count wide characters twice', '日本語テキスト\tb\nx\ty\n', '日本語テキスト   b\nx                y\n'],
    ['of one cell are not padded', 'a\nbb\n', 'a\nbb\n'],
    [
      'have their own width in each group of adjacent lines',
      'aaaaaaaaaaaa\tb\nx\ny\tz\n',
      'aaaaaaaaaaaa   b\nx\ny         z\n',
    ],
    [
      'can be in lines with different numbers of cells',
      'a\tb\tc\naaaaaaaaaaaaa\tb\n',
      'a               b         c\naaaaaaaaaaaaa   b\n',
    ],
    ['can be missing', '', ''],
    ['do not need a line break at the end', 'a\tb\nc', 'a         b\nc'],
  ])('%s', (_, text, drawn) => {
    expect(drawTable(text)).toBe(drawn);
    expect(drawText(text)).toBe(drawn);
  });
});

test('a long table has the same layout as a short one', () => {
  const rows = (count: number) =>
    Array.from({ length: count }, (_, i) => `name.${i % 7}\t  ${'x'.repeat(i % 13)}\tend`);
  const text = (count: number) => `${rows(count).join('\n')}\n`;
  const long = drawTable(text(500)).split('\n');
  const short = drawTable(text(50)).split('\n');
  expect(long.slice(0, 50)).toEqual(short.slice(0, 50));
});
