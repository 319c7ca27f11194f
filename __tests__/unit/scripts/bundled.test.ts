/** What the build says of the packages in it, and which packages end the build (scripts/bundled.mjs). */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

interface Bundled {
  readonly packagesOf: (ids: readonly string[], root: string, ours?: (id: string) => boolean) => string[];
  readonly readPackage: (path: string, root: string) => { readonly text: string };
  readonly notice: (own: object, packages: readonly object[], bun: string) => string;
}
const script = new URL('../../../scripts/bundled.mjs', import.meta.url).href;
const { packagesOf, readPackage, notice } = (await import(script)) as Bundled;

test('a module belongs to the innermost package', () => {
  const ids = [
    '/p/src/cli.ts',
    '/p/package.json',
    '\0rolldown/runtime.js',
    'made:here',
    '/p/node_modules/b/index.js',
    '/p/node_modules/b/lib/more.js',
    '/p/node_modules/@scope/a/node_modules/b/index.js',
    '/p/node_modules/@scope/a/index.js',
  ];
  expect(packagesOf(ids, '/p', (id) => id === 'made:here')).toEqual([
    'node_modules/@scope/a',
    'node_modules/@scope/a/node_modules/b',
    'node_modules/b',
    'node_modules/rolldown',
  ]);
});

test('a module of unknown origin ends the build', () => {
  expect(() => packagesOf(['/elsewhere/x.js'], '/p')).toThrow(
    'the bundle contains /elsewhere/x.js, and it is not known where that is from',
  );
});

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'swarmroll-'));
});
afterAll(() => rmSync(root, { recursive: true }));

/** Makes a package with these fields in package.json, and with these files, which contain their own names. */
function make(name: string, fields: object, ...files: readonly string[]): string {
  mkdirSync(join(root, name));
  writeFileSync(join(root, name, 'package.json'), JSON.stringify({ name, version: '1.0.0', ...fields }));
  for (const file of files) writeFileSync(join(root, name, file), `text of ${file}\n`);
  return name;
}

test.each([
  ['none', {}, 'none 1.0.0 is in the bundle, and its licence undefined is not one of'],
  [
    'gpl',
    { license: 'GPL-3.0-only' },
    'gpl 1.0.0 is in the bundle, and its licence "GPL-3.0-only" is not one of',
  ],
  [
    'object',
    { license: { type: 'MIT' } },
    'object 1.0.0 is in the bundle, and its licence {"type":"MIT"} is not one of',
  ],
])('a package with the licence "%s" ends the build', (name, fields, message) => {
  const path = make(name, fields, 'LICENSE');
  expect(() => readPackage(path, root)).toThrow(message);
});

test('a package without the text of its licence ends the build, unless the text is known', () => {
  const path = make('apache', { license: 'Apache-2.0' }, 'README.md');
  expect(() => readPackage(path, root)).toThrow(
    'apache 1.0.0 is in the bundle without the text of its licence',
  );
  const known = make('isc', { license: 'ISC', author: { name: 'Ann' } });
  expect(readPackage(known, root).text).toMatch(/^Copyright \(c\) Ann\n\nPermission to use/);
});

test('the text is that of the licence files and of the notices', () => {
  const path = make('texts', { license: 'Apache-2.0' }, 'LICENSE', 'NOTICE.txt', 'index.js');
  expect(readPackage(path, root).text).toBe('text of LICENSE\n\ntext of NOTICE.txt');
});

test('NOTICE prints a text once', () => {
  const one = { licence: 'MIT', version: '1.0.0', text: 'the text' };
  const packages = [
    { ...one, name: 'a' },
    { ...one, name: 'b', text: 'another' },
    { ...one, name: 'c' },
    { ...one, name: 'c' },
  ];
  const text = notice({ name: 'us', version: '1.2.3', license: 'MIT' }, packages, '1.4.5');
  expect(text).toMatch(/^us 1\.2\.3 has the licence MIT: see LICENSE\.\n/);
  expect(text).toContain('-\na 1.0.0, MIT\nc 1.0.0, MIT\n\nthe text\n\n---');
  expect(text).toContain('-\nb 1.0.0, MIT\n\nanother\n\n---');
  expect(text).toContain('-\nBun 1.4.5, MIT\n');
});
