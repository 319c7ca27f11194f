/** What `npm pack` hands out: what a user needs and nothing else, with an executable that runs. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { COMMANDS } from '../../src/commands/all.ts';

const ROOT = join(import.meta.dirname, '../..');
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  version: string;
  bin: { swarmroll: string };
};
const BIN = join(ROOT, manifest.bin.swarmroll);

test('the package holds the build, the docs and the licence', () => {
  const listed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT });
  const [{ files }] = JSON.parse(listed.toString()) as [{ files: { path: string }[] }];
  const others = files.map(({ path }) => path).filter((path) => !/^(dist|docs)\//.test(path));
  expect(others.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
  expect(files.map(({ path }) => path)).toContain(manifest.bin.swarmroll);
});

test('bin names an executable that knows its version', () => {
  expect(statSync(BIN).mode & 0o111).toBe(0o111);
  const { stdout, stderr } = spawnSync(BIN, ['--version'], { encoding: 'utf8' });
  expect({ stdout, stderr }).toEqual({ stdout: `swarmroll version ${manifest.version}\n`, stderr: '' });
});

test('the build leaves out the parts of dockerode that services never need', () => {
  const { sources } = JSON.parse(readFileSync(join(ROOT, 'dist/program.js.map'), 'utf8')) as {
    sources: string[];
  };
  expect(sources.some((path) => path.includes('node_modules/dockerode/'))).toBe(true);
  for (const unwanted of ['@grpc', 'protobufjs', 'ssh2', 'tar-fs']) {
    expect(sources.filter((path) => path.includes(`node_modules/${unwanted}/`))).toEqual([]);
  }
});

/** The modules that wait in the program until they are needed: whether a command line has loaded each. */
function loaded(...words: string[]): Map<string, boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'swarmroll-'));
  try {
    // Coverage counts the calls of every function, and the function around a module has the module's path for a name.
    const env = { ...process.env, NODE_V8_COVERAGE: folder, NODE_DISABLE_COMPILE_CACHE: '1' };
    spawnSync(BIN, ['-H', 'tcp://127.0.0.1:1', ...words], { env });
    const [report = ''] = readdirSync(folder);
    const { result } = JSON.parse(readFileSync(join(folder, report), 'utf8')) as {
      result: { url: string; functions: { functionName: string; ranges: [{ count: number }] }[] }[];
    };
    const program = result.find(({ url }) => url.endsWith('/dist/program.js'));
    const modules = (program?.functions ?? []).filter(({ functionName }) => functionName.includes('/'));
    return new Map(modules.map(({ functionName, ranges: [{ count }] }) => [functionName, count > 0]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const DOCKERODE = 'node_modules/dockerode/lib/docker.js';
const ORA = 'node_modules/ora/index.js';
const BUILDS_SPECS = 'src/spec/build.ts';

test.each([
  [['--version'], []],
  [['--help'], []],
  [['ps', '--help'], []],
  [['update', '--help'], [BUILDS_SPECS]],
  [['ps', 'web'], [DOCKERODE]],
  [['rollback', 'web'], [DOCKERODE]],
])('%j loads what it needs and nothing else', (words, needed) => {
  const modules = loaded(...words);
  const watched = [DOCKERODE, ORA, BUILDS_SPECS];
  expect(watched.filter((path) => !modules.has(path))).toEqual([]);
  expect(watched.filter((path) => modules.get(path))).toEqual(needed);
});

describe('what was compiled is kept for the next time', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'swarmroll-'));
  });
  afterEach(() => rmSync(home, { recursive: true }));

  const run = (env: NodeJS.ProcessEnv, ...words: string[]) =>
    execFileSync(BIN, words, { env: { PATH: process.env['PATH'], ...env } }).toString();
  const kept = () => readdirSync(join(home, '.cache/swarmroll')).map((name) => name.replace(/^.*-/, ''));

  test('one file a command, which nobody else can read, and the same output', () => {
    const first = run({ HOME: home }, 'ps', '--help');
    expect(run({ HOME: home }, 'ps', '--help')).toBe(first);
    run({ HOME: home }, '--version');
    expect(kept().sort()).toEqual(['none', 'ps']);
    const folder = join(home, '.cache/swarmroll');
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  });

  test('what others could have written, or is broken, is not run but replaced', () => {
    run({ HOME: home }, '--version');
    const [name = ''] = readdirSync(join(home, '.cache/swarmroll'));
    const file = join(home, '.cache/swarmroll', name);
    chmodSync(file, 0o666);
    run({ HOME: home }, '--version');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    writeFileSync(file, 'rubbish');
    expect(run({ HOME: home }, '--version')).toBe(`swarmroll version ${manifest.version}\n`);
    expect(statSync(file).size).toBeGreaterThan(10_000);
  });

  test('without a home, or when switched off, nothing is kept', () => {
    run({ HOME: '/nonexistent' }, '--version');
    run({ HOME: home, NODE_DISABLE_COMPILE_CACHE: '1' }, '--version');
    expect(readdirSync(home)).toEqual([]);
  });

  test('every command that takes long has a cache', () => {
    const launcher = readFileSync(BIN, 'utf8');
    const names = COMMANDS.map(({ name }) => name).filter(
      (name) => name !== 'completion' && name !== 'plugin',
    );
    for (const name of names) expect(launcher).toContain(`'${name}'`);
  });
});
