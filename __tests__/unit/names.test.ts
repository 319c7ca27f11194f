/** Each name that src/ exports is the name of one thing. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const SRC = join(import.meta.dirname, '../../src');
const EXPORT = /^export (?:async )?(?:function\*?|const|class|interface|type) (\w+)/gm;

// go-template/ has the words of another language, those of Go's text/template/parse: Node, Command, Operand.
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.startsWith('go-template'),
);

test('no two files export the same name', () => {
  const places = new Map<string, Set<string>>();
  for (const file of files) {
    for (const [, name = ''] of readFileSync(join(SRC, file), 'utf8').matchAll(EXPORT))
      places.set(name, (places.get(name) ?? new Set()).add(file));
  }
  const twice = [...places].filter(([, where]) => where.size > 1).map(([name, where]) => [name, ...where]);
  expect(twice).toEqual([]);
});
