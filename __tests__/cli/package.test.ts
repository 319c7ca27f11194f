/** The package that `npm pack` makes: it contains what a user needs and nothing else, and its executable runs. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import type { SourceMapPayload } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { COMMANDS } from '../../src/commands/all.ts';

const ROOT = join(import.meta.dirname, '../..');
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  version: string;
  bin: { swarmroll: string };
};
const BIN = join(ROOT, manifest.bin.swarmroll);

const DOCKERODE = 'node_modules/dockerode/lib/docker.js';
const ORA = 'tty.js';
const TABLE = 'table.js';
const BUILDS_SPECS = 'src/service-spec/build.ts';

test('the package contains the build, the docs and the licence', () => {
  const listed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT });
  const [{ files }] = JSON.parse(listed.toString()) as [{ files: { path: string }[] }];
  const others = files.map(({ path }) => path).filter((path) => !/^(dist|docs)\//.test(path));
  expect(others.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
  expect(files.map(({ path }) => path)).toContain(manifest.bin.swarmroll);
});

test('the executable prints the version of the package', () => {
  expect(statSync(BIN).mode & 0o111).toBe(0o111);
  const { stdout, stderr } = spawnSync(BIN, ['--version'], { encoding: 'utf8' });
  expect({ stdout, stderr }).toEqual({ stdout: `swarmroll version ${manifest.version}\n`, stderr: '' });
});

test('a result that cannot be written is an error, but a closed pipe is not', () => {
  const full = spawnSync('sh', ['-c', `'${BIN}' --version > /dev/full`], { encoding: 'utf8' });
  expect(full.status).toBe(1);
  expect(full.stderr).toMatch(/^swarmroll: cannot write to standard output: ENOSPC\b.*\n$/);
  const gone = `{ '${BIN}' --help; echo $? >&2; } | true`;
  expect(spawnSync('sh', ['-c', gone], { encoding: 'utf8' }).stderr).toBe('0\n');
});

test('a stack trace names the lines of the source', () => {
  const { stderr } = spawnSync(BIN, ['--debug', '-H', 'tcp://127.0.0.1:1', 'ps', 'web'], {
    encoding: 'utf8',
  });
  const frames = [...stderr.matchAll(/ at .*\/(src\/\S+\.ts):(\d+):\d+/g)];
  const lines = frames.map(([, file = '', line]) => {
    return readFileSync(join(ROOT, file), 'utf8').split('\n')[Number(line) - 1]?.trim();
  });
  expect(frames[0]?.[1]).toBe('src/engine/errors.ts');
  expect(lines[0]).toContain('new EngineError(');
  expect(lines).toContain('return await action.command.run({ ...action, world });');
});

/** The npm packages that a file of the build contains. */
function packagesIn(file: string): string[] {
  const { sources } = JSON.parse(readFileSync(join(ROOT, `dist/${file}.map`), 'utf8')) as {
    sources: string[];
  };
  return sources.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
}

test('the build leaves out unused parts of dockerode and puts rarely used packages into separate files', () => {
  const program = packagesIn('program.js');
  expect(program).toContain('dockerode');
  for (const unwanted of ['@grpc/grpc-js', 'protobufjs', 'ssh2', 'tar-fs', 'ora', 'table']) {
    expect(program).not.toContain(unwanted);
  }
  expect(packagesIn(ORA)).toContain('ora');
  expect(packagesIn(TABLE)).toContain('table');
});

/** The files of the build that a command line loads, and the modules of program.js that it runs. */
function loaded(...args: string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'swarmroll-'));
  try {
    // Coverage counts the calls of every function, and each module is a function. The source map gives the module's path.
    const env = { ...process.env, NODE_V8_COVERAGE: folder, NODE_DISABLE_COMPILE_CACHE: '1' };
    spawnSync(BIN, ['-H', 'tcp://127.0.0.1:1', ...args], { env });
    const [report = ''] = readdirSync(folder);
    const { result } = JSON.parse(readFileSync(join(folder, report), 'utf8')) as {
      result: { url: string; functions: { ranges: [{ startOffset: number; count: number }] }[] }[];
    };
    const ours = result.filter(({ url }) => url.includes('/dist/'));
    const program = ours.find(({ url }) => url.endsWith('/program.js'));
    const run = (program?.functions ?? []).filter(({ ranges: [{ count }] }) => count > 0);
    return [
      ...ours.map(({ url }) => basename(url)),
      ...run.map(({ ranges: [{ startOffset }] }) => sourceAt(startOffset)),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const text = readFileSync(join(ROOT, 'dist/program.js'), 'latin1');
const map = new SourceMap(
  JSON.parse(readFileSync(join(ROOT, 'dist/program.js.map'), 'utf8')) as SourceMapPayload,
);

/** The path of the module that a character of program.js comes from, relative to this project. */
function sourceAt(offset: number): string {
  const lines = text.slice(0, offset).split('\n');
  const entry = map.findEntry(lines.length - 1, lines.at(-1)?.length ?? 0);
  return 'originalSource' in entry ? entry.originalSource.replace(/^.*?(?=src\/|node_modules\/)/, '') : '';
}

test.each([
  [['--version'], []],
  [['--help'], []],
  [['ps', '--help'], []],
  [['update', '--help'], [BUILDS_SPECS]],
  [['ps', 'web'], [DOCKERODE]],
  [['ps', '--format', '{{.ID}}', 'web'], [DOCKERODE]],
  [
    ['ps', '--format', 'table {{.ID}}', 'web'],
    [TABLE, DOCKERODE],
  ],
  [['rollback', 'web'], [DOCKERODE]],
])('%j loads what it needs and nothing else', (args, needed) => {
  const modules = loaded(...args);
  expect(modules).toContain('program.js');
  const watched = [ORA, TABLE, DOCKERODE, BUILDS_SPECS];
  expect(watched.filter((path) => modules.includes(path))).toEqual(needed);
});

test.each(['unix:///nowhere.sock', 'tcp://localhost:1'])(
  'a connection to %s does not call net.isIP, whose first call takes Node 4 ms',
  (host) => {
    const folder = mkdtempSync(join(tmpdir(), 'swarmroll-'));
    try {
      const hook = join(folder, 'hook.cjs');
      const says = '() => (process._rawDebug("asked"), 0)';
      writeFileSync(hook, `Object.assign(require('node:net'), { isIP: ${says}, isIPv6: ${says} });`);
      const env = { ...process.env, NODE_OPTIONS: `--require "${hook}"` };
      const { stderr } = spawnSync(BIN, ['-H', host, 'ps', 'web'], { env, encoding: 'utf8' });
      expect(stderr).toMatch(/^swarmroll: cannot reach the engine/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

test.each([[['--version']], [['--help']], [['update', '--help']]])(
  '%j creates no stream and no socket',
  (args) => {
    const folder = mkdtempSync(join(tmpdir(), 'swarmroll-'));
    try {
      const hook = join(folder, 'hook.cjs');
      writeFileSync(hook, `process.on('exit', () => process._rawDebug(process.moduleLoadList.join('\\n')));`);
      const env = { ...process.env, NODE_OPTIONS: `--require "${hook}"` };
      const modules = spawnSync(BIN, args, { env, encoding: 'utf8' }).stderr.split('\n');
      expect(modules).toContain('NativeModule vm');
      for (const name of ['stream', 'net', 'tty']) expect(modules).not.toContain(`NativeModule ${name}`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

describe('the cache of compiled code', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'swarmroll-'));
  });
  afterEach(() => rmSync(home, { recursive: true }));

  const run = (env: NodeJS.ProcessEnv, ...args: string[]) =>
    execFileSync(BIN, args, { env: { PATH: process.env['PATH'], ...env } }).toString();
  /** The names of the cache files, without the build, the Node version and the processor. */
  const kept = () => {
    const names = readdirSync(join(home, '.cache/swarmroll'));
    return names.map((name) => name.split('-').slice(3).join('-')).sort();
  };

  test('has one file for each command, is private, and does not change the output', () => {
    const first = run({ HOME: home }, 'ps', '--help');
    expect(run({ HOME: home }, 'ps', '--help')).toBe(first);
    run({ HOME: home }, '--version');
    expect(kept()).toEqual(['none', 'ps--help']);
    const folder = join(home, '.cache/swarmroll');
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  });

  test('is not written by a command that failed, and is separate for --help and --detach', () => {
    run({ HOME: home }, '--version');
    for (const args of [['ps'], ['-H', 'tcp://127.0.0.1:1', 'ps', 'web']]) {
      expect(() => run({ HOME: home }, ...args)).toThrow();
    }
    run({ HOME: home }, 'help', 'update');
    expect(kept()).toEqual(['none', 'updatehelp']);
  });

  test('is replaced, not run, if it is broken or if others can write to it', () => {
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

  test('is not written without a home folder, or if it is disabled', () => {
    run({ HOME: '/nonexistent' }, '--version');
    run({ HOME: home, NODE_DISABLE_COMPILE_CACHE: '1' }, '--version');
    expect(readdirSync(home)).toEqual([]);
  });

  test('is there for every command that loads much code', () => {
    const launcher = readFileSync(BIN, 'utf8');
    const names = COMMANDS.map(({ name }) => name).filter(
      (name) => name !== 'completion' && name !== 'plugin',
    );
    for (const name of names) expect(launcher).toContain(`'${name}'`);
  });
});
