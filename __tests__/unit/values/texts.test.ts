import { describe, expect, test } from '@jest/globals';
import { parseCsv, splitField } from '../../../src/values/csv.ts';
import { canonicalIp } from '../../../src/values/ip.ts';
import { shellWord, splitShellWords } from '../../../src/values/shell-words.ts';
import { byBytes, splitOnce, firstRepeated, keyValues } from '../../../src/values/text.ts';
import { InvalidValue } from '../../../src/values/value.ts';

describe('parseCsv', () => {
  test.each<[string, string[]]>([
    ['a', ['a']],
    ['a,b=c,', ['a', 'b=c', '']],
    [',', ['', '']],
    ['"a,b",c', ['a,b', 'c']],
    ['"say ""hi""",x', ['say "hi"', 'x']],
    ['""', ['']],
    [' a , b ', [' a ', ' b ']],
    ['"two\nlines",x', ['two\nlines', 'x']],
    ['first,line\nsecond', ['first', 'line']],
    ['\n\nafter empty lines', ['after empty lines']],
    ['größe=ja,"ü,ö"', ['größe=ja', 'ü,ö']],
  ])('%j', (text, fields) => expect(parseCsv(text)).toEqual(fields));

  test.each(['', '\n', 'a"b', '"a', '"a"b', 'a,"b"c', ' "a"'])('%j is not a record', (text) =>
    expect(() => parseCsv(text)).toThrow(InvalidValue),
  );
});

describe('splitField', () => {
  test.each([
    ['a=b=c', ['a', 'b=c']],
    ['a=', ['a', '']],
  ])('%j', (text, keyAndValue) => expect(splitField(text)).toEqual(keyAndValue));

  test.each(['a', '=b', ''])('%j is not KEY=VALUE', (text) =>
    expect(() => splitField(text)).toThrow(InvalidValue),
  );
});

describe('splitShellWords', () => {
  test.each<[string, string[]]>([
    ['', []],
    ['  a  b\tc\n', ['a', 'b', 'c']],
    [`'a b' "c d"`, ['a b', 'c d']],
    [`a'b'"c"`, ['abc']],
    [`"" ''`, ['', '']],
    [String.raw`a\ b "c\"d" "e\nf"`, ['a b', 'c"d', 'enf']],
    [String.raw`'a\b'`, [String.raw`a\b`]],
    ['a # the rest\nb', ['a', 'b']],
    ['a#b', ['a#b']],
    [`größe "🚢 x"`, ['größe', '🚢 x']],
  ])('%j', (text, words) => expect(splitShellWords(text)).toEqual(words));

  test.each([`it's`, '"a', 'a\\', `"a\\`])('%j has an unclosed quote or ends with a backslash', (text) =>
    expect(() => splitShellWords(text)).toThrow(InvalidValue),
  );
});

test.each(['registry:5000/ping:1.0@sha256:0', "it's", 'a b', '', '$(x)', 'größe'])(
  'shellWord(%j) is one word of a shell',
  (text) => expect(splitShellWords(`x ${shellWord(text)} y`)).toEqual(['x', text, 'y']),
);

describe('IP addresses in their canonical form', () => {
  test.each([
    ['10.0.0.1', '10.0.0.1'],
    ['2001:DB8::0:1', '2001:db8::1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
  ])('%s', (text, canonical) => expect(canonicalIp(text)).toBe(canonical));

  test.each(['', 'x', '1.2.3', '01.2.3.4', '256.0.0.1', '[::1]', 'fe80::1%eth0', '1::2::3'])(
    '%j is not an IP address',
    (text) => expect(canonicalIp(text)).toBeUndefined(),
  );
});

test('splitOnce and keyValues split at the first separator', () => {
  expect(splitOnce('a=b=c', '=')).toEqual(['a', 'b=c']);
  expect(splitOnce('a', '=')).toEqual(['a', undefined]);
  expect(keyValues(['a=1', 'b', 'a=2=3'])).toEqual({ a: '2=3', b: '' });
});

test('firstRepeated finds the first text that is equal to an earlier one', () => {
  expect(firstRepeated(['a', 'b', 'c', 'b', 'a'])).toBe('b');
  expect(firstRepeated(['a', 'b'])).toBeUndefined();
});

test('byBytes sorts by UTF-8 bytes, as Go does', () => {
  expect(['ä', 'b', '🚢', 'B', '\uFFFD', 'a'].sort(byBytes)).toEqual(['B', 'a', 'b', 'ä', '\uFFFD', '🚢']);
});
