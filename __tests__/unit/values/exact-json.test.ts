import { expect, test } from '@jest/globals';
import { parseExact, stringifyExact } from '../../../src/values/exact-json.ts';

test.each([
  '{"a":1,"b":[true,null,"x"],"c":0.25}',
  '{"max":18446744073709551615,"min":-9223372036854775808,"odd":9007199254740993}',
  '{"nano":31536000000000000,"list":[9223372036854775807,1]}',
  '{"text":"18446744073709551615","key \\"9223372036854775807\\"":"\\\\"}',
  '9223372036854775807',
])('%s is written exactly as it was read', (text) => {
  expect(stringifyExact(parseExact(text))).toBe(text);
});

test('integers that a double can represent stay numbers', () => {
  expect(parseExact('{"a":31536000000000000,"b":9007199254740993,"c":1.5e300}')).toEqual({
    a: 31536000000000000,
    b: 9007199254740993n,
    c: 1.5e300,
  });
});

test('text that is not JSON is a SyntaxError', () => {
  expect(() => parseExact('hello')).toThrow(SyntaxError);
});
