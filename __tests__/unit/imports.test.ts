/** No file of src/ imports itself by way of others, types and imports inside functions included. */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');

type Imports = ReadonlyMap<string, readonly string[]>;

/** The files that a file imports, from the same root as its own path. Prettier sees to it that all are written alike. */
function importsOf(path: string, source: string): string[] {
  const found = source.matchAll(
    /^(?:import|export)\b[^;']* from '(\..+?)'|\bimport\(\s*'(\..+?)'|^import '(\..+?)'/gm,
  );
  const paths = [...found].map(([, first, second, third]) => first ?? second ?? third ?? '');
  return [...new Set(paths)].map((to) => join(dirname(path), to));
}

/** Every cycle that a walk from file to file runs into, such as "a.ts → b.ts → a.ts"; at least one where there are any. */
function cyclesIn(imports: Imports): string[] {
  const cycles: string[] = [];
  const done = new Set<string>();
  const walk = (path: string, from: readonly string[]): void => {
    const start = from.indexOf(path);
    if (start !== -1) cycles.push([...from.slice(start), path].join(' → '));
    if (done.has(path)) return;
    done.add(path);
    for (const next of imports.get(path) ?? []) walk(next, [...from, path]);
  };
  for (const path of imports.keys()) walk(path, []);
  return cycles;
}

test('src/ has no import cycle', () => {
  const paths = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join('src', path));
  const imports = new Map(
    paths.map((path) => [path, importsOf(path, readFileSync(join(ROOT, path), 'utf8'))]),
  );
  // An import that leads nowhere would be one that was misread.
  const missing = [...imports.values()].flat().filter((path) => !imports.has(path));
  expect(missing.filter((path) => !path.endsWith('.json'))).toEqual([]);
  expect(imports.get('src/cli.ts')).toEqual(expect.arrayContaining(['src/main.ts', 'src/engine/client.ts']));
  expect(cyclesIn(imports)).toEqual([]);
});

test('every form of import counts', () => {
  const source = [
    "import { readFileSync } from 'node:fs';",
    "import a from './a.ts';",
    "import type { B } from '../b.ts';",
    "import {\n  c,\n  type C,\n} from '../c/c.ts';",
    "export { d } from './d.ts';",
    "export type * from './e.ts';",
    "import './f.ts';",
    "export { again } from './d.ts';",
    "const { g } = await import('./g.ts');",
    "type H = import('./h.ts').H;",
    "const text = 'a word from';",
  ];
  expect(importsOf('src/x/y.ts', source.join('\n'))).toEqual([
    'src/x/a.ts',
    'src/b.ts',
    'src/c/c.ts',
    'src/x/d.ts',
    'src/x/e.ts',
    'src/x/f.ts',
    'src/x/g.ts',
    'src/x/h.ts',
  ]);
});

test('a cycle is found wherever the walk begins, and two ways to the same file are none', () => {
  const imports = (lines: Record<string, string>): Imports =>
    new Map(Object.entries(lines).map(([path, to]) => [path, to.split(' ')]));
  expect(cyclesIn(imports({ a: 'b c', b: 'd', c: 'd', d: 'e' }))).toEqual([]);
  expect(cyclesIn(imports({ a: 'b c', b: 'c', c: 'd', d: 'b' }))).toEqual(['b → c → d → b']);
  expect(cyclesIn(imports({ a: 'a' }))).toEqual(['a → a']);
  expect(cyclesIn(imports({ a: 'b', b: 'a', c: 'd', d: 'c' }))).toEqual(['a → b → a', 'c → d → c']);
});
