import { expect, test } from '@jest/globals';
import { goFloat, goSize } from '../../../src/values/go-number.ts';

test.each([
  [0, '0'],
  [-0, '-0'],
  [0.1, '0.1'],
  [1.5, '1.5'],
  [100000, '100000'],
  [999999.5, '999999.5'],
  [1e6, '1e+06'],
  [1234567.5, '1.2345675e+06'],
  [0.0001, '0.0001'],
  [0.000123, '0.000123'],
  [0.00001, '1e-05'],
  [-2.5e-9, '-2.5e-09'],
  [1e100, '1e+100'],
  [NaN, 'NaN'],
  [-Infinity, '-Inf'],
])('%d is %s', (amount, text) => expect(goFloat(amount)).toBe(text));

test.each([
  [0, '0B'],
  [1023, '1023B'],
  [1024, '1KiB'],
  [1536 * 2 ** 20, '1.5GiB'],
  [100000, '97.66KiB'],
  [2 ** 63, '8EiB'],
])('%d bytes are %s', (bytes, text) => expect(goSize(bytes)).toBe(text));
