import { describe, expect, test } from '@jest/globals';
import { parseCpus } from '../../../src/values/cpus.ts';
import { durationOf, formatDuration, parseDuration, roundedDuration } from '../../../src/values/duration.ts';
import { parseFloatText } from '../../../src/values/float.ts';
import { exactNumber, parseSigned, parseUnsigned } from '../../../src/values/integer.ts';
import { parseSize } from '../../../src/values/size.ts';
import { stringifyExact } from '../../../src/values/exact-json.ts';

describe('durations, in nanoseconds', () => {
  test.each([
    ['0', 0],
    ['1ns', 1],
    ['1.5us', 1500],
    ['1µs', 1000],
    ['500ms', 5e8],
    ['.5s', 5e8],
    ['5.s', 5e9],
    ['+5s', 5e9],
    ['-5s', -5e9],
    ['1m30s', 90e9],
    ['1h1h', 7200e9],
    ['2h45m10.25s', 9910.25e9],
  ])('%s', (text, nanoseconds) => expect(parseDuration(text)).toBe(nanoseconds));

  test.each(['', '5', 's', '1d', '1S', '1s ', ' 1s', '1 s', '1h-1m', '--1s', '.s', '1e3s'])(
    '%j is not a duration',
    (text) => expect(parseDuration(text)).toBeUndefined(),
  );

  test.each([0, 1, 1500, 5e8, 90e9, 3600e9, 9910.25e9])(
    '%d is written in a form that is read as the same number',
    (amount) => expect(parseDuration(formatDuration(amount))).toBe(amount),
  );
});

test.each([
  [0, '0s'],
  [0.4, '0s'],
  [850.4, '850ms'],
  [999.6, '1s'],
  [1_049, '1s'],
  [4_746, '4.7s'],
  [9_949, '9.9s'],
  [9_950, '10s'],
  [59_400, '59s'],
  [59_600, '1m'],
  [125_200, '2m5s'],
  [600_000, '10m'],
  [3_599_499, '59m59s'],
  [3_599_500, '1h'],
  [3_810_000, '1h4m'],
  [4_200_000, '1h10m'],
  [90_000_000, '25h'],
])('%d ms are shown as %s', (ms, text) => expect(roundedDuration(ms)).toBe(text));

test.each([
  [1.001, undefined, '1.001ms'],
  [90_000, undefined, '1m30s'],
  [1_499.9, 1_000, '1s'],
  [1_250, 100, '1.3s'],
  [0.4, 1, '0s'],
])('%d ms, rounded to %p ms, are %s', (ms, step, text) => expect(durationOf(ms, step)).toBe(text));

test('the longest duration is written with every digit', () =>
  expect(formatDuration(exactNumber(2n ** 63n - 1n))).toBe('2562047h47m16.854775807s'));

describe('sizes, in bytes', () => {
  test.each([
    ['0', 0],
    ['1024', 1024],
    ['64m', 64 * 2 ** 20],
    ['64MB', 64 * 2 ** 20],
    ['64mib', 64 * 2 ** 20],
    ['1.5GiB', 1.5 * 2 ** 30],
    ['.5g', 2 ** 29],
    ['5.k', 5120],
    ['512 MB', 512 * 2 ** 20],
    ['8 ', 8],
    ['1e3', 1000],
    ['1_000', 1000],
    ['1.9b', 1],
    ['2p', 2 ** 51],
  ])('%s', (text, bytes) => expect(parseSize(text)).toBe(bytes));

  test.each([
    ['64p', '72057594037927936'],
    ['100p', '112589990684262400'],
    ['9223372036854774784', '9223372036854774784'],
  ])('%s is sent with every digit', (text, digits) => expect(stringifyExact(parseSize(text))).toBe(digits));

  test.each(['', 'm', '-1', '1x', '1kbb', '1gi', '1,5g', '1  g', '1g ', ' 1g', '1e', 'inf', '9999999999g'])(
    '%j is not a size',
    (text) => expect(parseSize(text)).toBeUndefined(),
  );
});

describe('CPUs, in nano-CPUs, without rounding', () => {
  test.each([
    ['0', 0],
    ['2', 2e9],
    ['0.1', 1e8],
    ['0.29', 290_000_000],
    ['0.123456789', 123_456_789],
    ['.5', 5e8],
    ['5.', 5e9],
    ['1e-1', 1e8],
    ['1.5e1', 15e9],
    ['1/4', 25e7],
    ['0x10', 16e9],
    ['-1', -1e9],
    ['1p3', 8e9],
    ['1e400', 0],
  ])('%s', (text, nano) => expect(parseCpus(text)).toBe(nano));

  test.each(['', 'x', '.', '1/3', '1/0', '1/2/3', '1.5/3', '0.1234567891', '1 ', '1p-1'])(
    '%j is not a number of CPUs',
    (text) => expect(parseCpus(text)).toBeUndefined(),
  );
});

describe('whole numbers in the notations of Go', () => {
  test.each([
    ['0', 0n],
    ['10', 10n],
    ['1_000', 1000n],
    ['0x1F', 31n],
    ['0o17', 15n],
    ['017', 15n],
    ['0b11', 3n],
    ['18446744073709551615', 18446744073709551615n],
  ])('%s', (text, amount) => expect(parseUnsigned(text)).toBe(amount));

  test.each(['', '-1', '+1', '1_', '_1', '1__0', '09', '0x', '1.0', 'x'])(
    '%j is not a whole number',
    (text) => expect(parseUnsigned(text)).toBeUndefined(),
  );

  test.each([
    0n,
    -1n,
    2n ** 53n,
    2n ** 53n + 1n,
    2n ** 56n,
    -(2n ** 56n),
    9223372036854774784n,
    2n ** 64n - 1n,
  ])('%d is sent with every digit', (amount) =>
    expect(stringifyExact(exactNumber(amount))).toBe(String(amount)),
  );

  test('a number can have one sign', () =>
    expect([parseSigned('-0x10'), parseSigned('+5'), parseSigned('--5')]).toEqual([-16n, 5n, undefined]));
});

test.each([
  ['1.5', 1.5],
  ['.5e-3', 0.0005],
  ['1_0e-2', 0.1],
  ['0x1p-2', 0.25],
  ['-0x1.8p1', -3],
  ['inf', undefined],
  ['1e999', undefined],
  ['0x10', undefined],
  ['1__0', undefined],
  ['', undefined],
])('the float %j', (text, amount) => expect(parseFloatText(text)).toBe(amount));
