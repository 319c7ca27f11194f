/** What `npm pack` hands out: what a user needs and nothing else, with an executable that runs. */
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  version: string;
  bin: { swarmroll: string };
};
const DIST = readdirSync(join(ROOT, 'dist'));

test('the package holds the build, the docs and the licence', () => {
  const listed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT });
  const [{ files }] = JSON.parse(listed.toString()) as [{ files: { path: string }[] }];
  const others = files.map(({ path }) => path).filter((path) => !/^(dist|docs)\//.test(path));
  expect(others.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
  expect(files.map(({ path }) => path)).toContain(manifest.bin.swarmroll);
});

test('bin names an executable that knows its version', () => {
  const path = join(ROOT, manifest.bin.swarmroll);
  expect(statSync(path).mode & 0o111).toBe(0o111);
  expect(execFileSync(path, ['--version']).toString()).toBe(`swarmroll version ${manifest.version}\n`);
});

test('the build leaves out the parts of dockerode that services never need', () => {
  const inputs = DIST.filter((name) => name.endsWith('.map')).flatMap(
    (name) => (JSON.parse(readFileSync(join(ROOT, 'dist', name), 'utf8')) as { sources: string[] }).sources,
  );
  expect(inputs.some((path) => path.includes('node_modules/dockerode/'))).toBe(true);
  for (const unwanted of ['@grpc', 'protobufjs', 'ssh2', 'tar-fs']) {
    expect(inputs.filter((path) => path.includes(`node_modules/${unwanted}/`))).toEqual([]);
  }
});

test('what draws on a terminal is not loaded before it is needed', () => {
  const entry = DIST.filter((name) => /^(cli|main)(-\w+)?\.js\.map$/.test(name));
  const sources = entry.flatMap(
    (name) => (JSON.parse(readFileSync(join(ROOT, 'dist', name), 'utf8')) as { sources: string[] }).sources,
  );
  expect(entry).toHaveLength(2);
  expect(sources.filter((path) => /node_modules\/(ora|dockerode|chalk)\//.test(path))).toEqual([]);
});
