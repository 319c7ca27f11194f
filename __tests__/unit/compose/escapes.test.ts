/** What Compose means is what docker reads: `$` and all other characters. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stackFileText, withEscapes, withoutEscapes } from '../../../src/compose/escapes.ts';
import { parseExact } from '../../../src/values/exact-json.ts';

/** docker's interpolation of a value, without variables (docker/cli cli/compose/template). It refuses a single `$`. */
const interpolated = (text: string): string => {
  expect(text.replaceAll('$$', '')).not.toContain('$');
  return text.replaceAll('$$', '$');
};

/** A text with many dollars. */
const texts = fc.string({ unit: fc.constantFrom('$', '{', '}', 'A', ':', '-', "'", '"', '\n', '\\') });

test('a value is the same after Compose, the rewrite and the interpolation of docker', () => {
  fc.assert(
    fc.property(texts, (meant) => {
      // docker compose config writes each $ twice.
      const printed = { services: { web: { command: ['sh', meant.replaceAll('$', '$$$$')] } } };
      const escaped = withEscapes(withoutEscapes(printed) ?? {});
      const { services } = escaped as typeof printed;
      expect(services.web.command.map(interpolated)).toEqual(['sh', meant]);
    }),
  );
});

test('keys are not interpolated, and extensions at the top are as they are', () => {
  const printed = { 'x-top': '$$a', services: { web: { labels: { a$$b: 'c$$d' } } } };
  expect(withEscapes(withoutEscapes(printed) ?? {})).toEqual({
    'x-top': '$a',
    services: { web: { labels: { a$b: 'c$$d' } } },
  });
});

test('a Compose that does not escape is found out', () => {
  expect(withoutEscapes({ services: { web: { command: ['echo', '$HOME'] } } })).toBeUndefined();
  expect(withoutEscapes({ services: { web: { command: ['echo', '$$$HOME'] } } })).toBeUndefined();
});

test('large numbers keep all their digits', () => {
  const text = '{"services":{"web":{"ulimits":{"nofile":9223372036854775807}}}}';
  expect(stackFileText(withoutEscapes(parseExact(text) as Record<string, unknown>) ?? {})).toBe(text);
});

test('the text is JSON that has no character which YAML refuses', () => {
  const file = { services: { web: { command: ['\u007f\u0085\u009f\u2028\ufeff\u0001\ud83d\ude00ä'] } } };
  const text = stackFileText(file);
  expect(JSON.parse(text)).toEqual(file);
  expect(text).toContain(String.raw`\u007f\u0085\u009f\u2028\ufeff\u0001😀ä`);
});
