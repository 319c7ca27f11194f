/** The table of keys has every key of the Compose specification, and no other. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { KEYS } from '../../../src/compose/keys.ts';

interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

const schema = JSON.parse(
  readFileSync(new URL('../../fixtures/compose-spec/compose-spec.json', import.meta.url), 'utf8'),
) as Schema & { readonly $defs: Readonly<Record<string, Schema>> };

/** The paths of all keys. Names that the file chooses are "*", items of lists "[]", extensions are left out. */
function pathsOf(node: Schema, path: readonly string[] = [], within: readonly string[] = []): string[] {
  const named = node.$ref?.split('/').at(-1);
  if (named !== undefined)
    return within.includes(named) ? [] : pathsOf(schema.$defs[named] ?? {}, path, [...within, named]);
  const go = (next: Schema, ...names: readonly string[]): string[] =>
    pathsOf(next, [...path, ...names], within);
  const { additionalProperties: others } = node;
  return [
    ...[...(node.oneOf ?? []), ...(node.anyOf ?? []), ...(node.allOf ?? [])].flatMap((one) => go(one)),
    ...Object.entries(node.properties ?? {}).flatMap(([key, one]) => [
      [...path, key].join('.'),
      ...go(one, key),
    ]),
    ...Object.entries(node.patternProperties ?? {}).flatMap(([pattern, one]) =>
      pattern.startsWith('^x-') ? [] : go(one, '*'),
    ),
    ...(typeof others === 'object' ? go(others, '*') : []),
    ...(node.items === undefined ? [] : go(node.items, '[]')),
  ];
}

const keys = [...new Set(pathsOf(schema))];

/** Whether a key is in the table, or below one whose values go nowhere. */
const isKnown = (path: string): boolean => {
  if (path in KEYS) return true;
  const parts = path.split('.');
  return parts.some((_, count) => {
    const rule = KEYS[parts.slice(0, count).join('.')];
    return rule !== undefined && rule.fate !== 'kept';
  });
};

test('the schema has as many keys as it should', () => {
  expect(keys.length).toBeGreaterThan(300);
  expect(keys).toContain('services.*.ports.[].app_protocol');
});

test('every key of the schema is in the table', () => {
  expect(keys.filter((path) => !isKnown(path))).toEqual([]);
});

test('the table has no other key', () => {
  expect(Object.keys(KEYS).filter((path) => !keys.includes(path))).toEqual([]);
});

test('every key that is not kept as it is has words', () => {
  for (const [path, rule] of Object.entries(KEYS))
    if (rule.fate !== 'kept') expect([path, rule.text]).toEqual([path, expect.stringMatching(/^\S.*[^.]$/)]);
});
