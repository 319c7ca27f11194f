import { describe, expect, test } from '@jest/globals';
import { COMPACT, INDENTED, IN_TEMPLATE, goJson } from '../../../src/values/go-json.ts';
import { fixture, swarm } from '../support/reading.ts';

test('docker service inspect', () => {
  expect(`${goJson(swarm.services, INDENTED)}\n`).toBe(fixture('inspect.txt'));
});

describe('as Go writes it', () => {
  test.each([
    [[], '[]'],
    [{}, '{}'],
    [[{}, [], null, true, 1.5, 'x'], '[{},[],null,true,1.5,"x"]'],
    [{ b: 1, a: 2 }, '{"b":1,"a":2}'],
    [JSON.parse('{"10":1,"9":2,"-":3}') as object, '{"-":3,"10":1,"9":2}'],
    [
      '<a href="x">&\u2028\u0001\t</a>',
      '"\\u003ca href=\\"x\\"\\u003e\\u0026\\u2028\\u0001\\t\\u003c/a\\u003e"',
    ],
    [{ '<': undefined, a: 1 }, '{"a":1}'],
  ])('%j', (value, text) => expect(goJson(value, COMPACT)).toBe(text));

  test('in templates with HTML left alone', () => {
    expect(goJson({ '<&>': '\u2029' }, IN_TEMPLATE)).toBe('{"<&>":"\\u2029"}');
  });

  test('indented, with empty ones on one line', () => {
    expect(goJson([{ a: [1], b: {}, c: [] }], INDENTED)).toBe(
      '[\n    {\n        "a": [\n            1\n        ],\n        "b": {},\n        "c": []\n    }\n]',
    );
  });
});
