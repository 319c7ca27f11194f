import { describe, expect, test } from '@jest/globals';
import { printable, printableData, printableLines, printableValue } from '../../../src/values/printable.ts';

/** Examples of characters that a terminal executes or that hide text, and their escapes. */
const HIDDEN: readonly (readonly [name: string, code: number, shown: string])[] = [
  ['NUL', 0x00, '\\x00'],
  ['BEL', 0x07, '\\x07'],
  ['backspace', 0x08, '\\x08'],
  ['vertical tab', 0x0b, '\\x0b'],
  ['carriage return', 0x0d, '\\x0d'],
  ['ESC', 0x1b, '\\x1b'],
  ['DEL', 0x7f, '\\u007f'],
  ['next line (C1)', 0x85, '\\u0085'],
  ['CSI (C1)', 0x9b, '\\u009b'],
  ['arabic letter mark', 0x61c, '\\u061c'],
  ['left-to-right mark', 0x200e, '\\u200e'],
  ['right-to-left mark', 0x200f, '\\u200f'],
  ['line separator', 0x2028, '\\u2028'],
  ['paragraph separator', 0x2029, '\\u2029'],
  ['left-to-right embedding', 0x202a, '\\u202a'],
  ['right-to-left override', 0x202e, '\\u202e'],
  ['left-to-right isolate', 0x2066, '\\u2066'],
  ['pop directional isolate', 0x2069, '\\u2069'],
];

test.each(HIDDEN)('%s is made visible', (_name, code, shown) => {
  const text = `a${String.fromCodePoint(code)}b`;
  expect(printable(text)).toBe(`a${shown}b`);
  expect(printableLines(text)).toBe(`a${shown}b`);
});

test.each(['', 'web.1', 'größe 5 µs → 日本語 😀 👩‍👧', 'עברית العربية', 'back\\slash \\x1b'])(
  '%j does not change',
  (text) => {
    expect(printable(text)).toBe(text);
    expect(printableLines(text)).toBe(text);
  },
);

test('printable replaces line breaks and tabs by a space, printableLines keeps them', () => {
  const text = 'one\r\n\n\ttwo\tthree\u001b[2J';
  expect(printable(text)).toBe('one two three\\x1b[2J');
  expect(printableLines(text)).toBe('one\\x0d\n\n\ttwo\tthree\\x1b[2J');
});

test('printableValue shows each of them', () => {
  expect(printableValue('one\r\n\n\ttwo\u001b[2J')).toBe('one\\r\\n\\n\\ttwo\\x1b[2J');
});

test('an escape is not escaped again', () => {
  for (const [, code] of HIDDEN) {
    const once = printable(String.fromCodePoint(code));
    expect(printable(once)).toBe(once);
  }
});

test('a JSON text stays JSON of the same data', () => {
  const data = { text: HIDDEN.map(([, code]) => String.fromCodePoint(code)).join('') };
  const shown = printableLines(JSON.stringify(data));
  expect(shown).toMatch(/^[\x20-\x7e]*$/);
  expect(JSON.parse(shown)).toEqual(data);
});

describe('printableData', () => {
  test('cleans every string and every key, and nothing else', () => {
    const data = { 'a\u202e': ['b\u0007', 1, null, true, 2n ** 60n], c: { d: 'e\nf', g: undefined } };
    expect(printableData(data, printable)).toEqual({
      'a\\u202e': ['b\\x07', 1, null, true, 2n ** 60n],
      c: { d: 'e f', g: undefined },
    });
    expect(printableData('e\nf', printableLines)).toBe('e\nf');
  });
});
