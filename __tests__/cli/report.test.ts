/** --report, and what a runner of GitHub gets: the files, the streams and the exit codes of whole commands. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { reporter } from '../../src/report-file/reporter.ts';
import { fakeEngine } from '../support/fake-engine/engine.ts';
import type { FakeEngine } from '../support/fake-engine/engine.ts';
import { fakeWorld, run } from '../support/fake-world.ts';
import type { Ended, WorldOptions } from '../support/fake-world.ts';

const top = mkdtempSync(join(tmpdir(), 'swarmroll-report-'));
afterAll(() => rmSync(top, { recursive: true }));
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(top, 'test-'));
});

const FAILS = ['update', '--update-failure-action', 'pause', '--image', 'crash:1.0', 'web'] as const;

/** Runs a command line on an engine with the service web. */
function onWeb(
  argv: readonly string[],
  {
    env = {},
    cwd = '/',
    engine = fakeEngine(),
    ...options
  }: WorldOptions & {
    readonly env?: Readonly<Record<string, string>>;
    readonly cwd?: string;
    readonly engine?: FakeEngine;
  } = {},
): Promise<Ended> & { readonly engine: FakeEngine } {
  engine.given('web', 'ping:1.0');
  const changes = { env, cwd, ...options.changes };
  return Object.assign(run(argv, { engine, ...options, changes }), { engine });
}

const written = (name: string): string => readFileSync(join(folder, name), 'utf8');

describe('the file', () => {
  test.each(['md', 'json', 'html'])('.%s has the verdict and why, whatever it is', async (form) => {
    const path = join(folder, `report.${form}`);
    expect((await onWeb([FAILS[0], '--report', path, ...FAILS.slice(1)])).code).toBe(4);
    for (const part of ['paused', 'crash:1.0', 'task: non-zero exit (3)', 'swarmroll ps --no-trunc web'])
      expect(written(`report.${form}`)).toContain(part);
    expect((await onWeb(['update', '--report', path, '--image', 'ping:1.1', 'web'])).code).toBe(0);
    expect(written(`report.${form}`)).toContain('converged');
    expect(written(`report.${form}`)).not.toContain('crash:1.0');
    expect(readdirSync(folder)).toEqual([`report.${form}`]);
  });

  test('is relative to the working directory', async () => {
    await onWeb([...FAILS, '--report', 'report.md'], { cwd: folder });
    expect(readdirSync(folder)).toEqual(['report.md']);
  });

  test.each(['SIGINT', 'SIGTERM'])('is written after %s', async (signal) => {
    const interrupt = new AbortController();
    const engine = fakeEngine();
    engine.clock.later(2_000, () => interrupt.abort(signal));
    const path = join(folder, 'report.md');
    const { code } = await onWeb(['update', '--report', path, '--image', 'hangs:1.0', 'web'], {
      engine,
      changes: { interrupted: interrupt.signal },
    });
    expect(code).toBe(signal === 'SIGINT' ? 130 : 143);
    expect(written('report.md')).toContain('**interrupted**');
  });

  test('has the error, if it came to no rollout', async () => {
    for (const form of ['md', 'json', 'html']) {
      const path = join(folder, `report.${form}`);
      expect((await onWeb(['update', '--report', path, '--image', 'ping:1.1', 'nope'])).code).toBe(1);
      expect(written(`report.${form}`)).toContain('no such service: nope');
    }
  });

  test('of several services has them all', async () => {
    const engine = fakeEngine();
    engine.given('api', 'ping:1.0');
    const path = join(folder, 'report.md');
    expect((await onWeb(['restart', '--report', path, 'web', 'api'], { engine })).code).toBe(0);
    expect(written('report.md')).toMatch(/^\| `web` +\| converged +\|.*\n\| `api` +\| converged +\|/m);
  });

  test('has no values of environment variables', async () => {
    for (const form of ['md', 'json', 'html']) {
      const path = join(folder, `report.${form}`);
      await onWeb([FAILS[0], '--report', path, '--env-add', 'PASSWORD=hunter2', ...FAILS.slice(1)]);
      expect(written(`report.${form}`)).toContain('env PASSWORD');
      expect(written(`report.${form}`)).not.toContain('hunter2');
    }
  });

  test('has none either where only their order differs', async () => {
    const engine = fakeEngine();
    engine.given('web', 'ping:1.0');
    for (const Env of [
      ['A=hunter2', 'B=hunter3'],
      ['B=hunter3', 'A=hunter2'],
    ]) {
      engine.change('web', ({ TaskTemplate }) => {
        TaskTemplate.ContainerSpec = { ...TaskTemplate.ContainerSpec, Env };
      });
      await engine.clock.sleep(10_000);
    }
    expect((await run(['rollback', '--report', join(folder, 'report.json'), 'web'], { engine })).code).toBe(
      0,
    );
    expect(written('report.json')).toContain('env order');
    expect(written('report.json')).not.toContain('hunter');
  });

  test('takes the place of a file behind a symbolic link, and keeps its mode', async () => {
    writeFileSync(join(folder, 'real.md'), 'old', { mode: 0o600 });
    symlinkSync('real.md', join(folder, 'link.md'));
    await onWeb([...FAILS, '--report', 'link.md'], { cwd: folder });
    expect(lstatSync(join(folder, 'link.md')).isSymbolicLink()).toBe(true);
    expect(written('real.md')).toContain('paused');
    expect(lstatSync(join(folder, 'real.md')).mode & 0o777).toBe(0o600);
  });

  test('that can no longer be written at the end: 1 instead of 0, and any other code stays', async () => {
    for (const [image, code] of [
      ['ping:1.1', 1],
      ['crash:1.0', 4],
    ] as const) {
      const engine = fakeEngine();
      const gone = join(folder, 'gone');
      mkdirSync(gone);
      engine.clock.later(100, () => rmSync(gone, { recursive: true }));
      const argv = [
        'update',
        '--update-failure-action',
        'pause',
        '--report',
        'gone/report.md',
        '--image',
        image,
        'web',
      ];
      const ended = await onWeb(argv, { engine, cwd: folder });
      expect(ended.stderr).toContain(
        `swarmroll: cannot write --report gone/report.md: there is no folder ${gone}\n`,
      );
      expect(ended.code).toBe(code);
    }
  });
});

test.each([
  ['md', 'changes'],
  ['json', 'timeline'],
  ['html', 'timeline'],
  [undefined, 'changes'],
] as const)('form %s: the command keeps %s for it', (form, kept) => {
  const { world } = fakeWorld({ changes: { cwd: folder } });
  const file = form === undefined ? undefined : { path: `report.${form}`, form };
  expect(reporter(world, world, 'update', file).detail).toBe(kept);
});

test.each([
  ['report.md', 0, 1],
  ['report.md', 4, 4],
  [undefined, 0, 0],
  [undefined, 4, 4],
] as const)(
  'stderr fails at the end, --report %s, exit code %d: %d, and nothing is thrown',
  (path, code, end) => {
    const { world, written: printed } = fakeWorld({
      changes: { cwd: folder, env: { GITHUB_ACTIONS: 'true' } },
    });
    const outer = {
      stderr: {
        write: () => {
          throw new Error('no more space');
        },
      },
    };
    const file = path === undefined ? undefined : ({ path, form: 'md' } as const);
    const service = { id: 'x', name: 'web' };
    const ended = { action: 'update', verdict: 'converged', exitCode: code, service, message: '' } as const;
    expect(reporter(outer, world, 'update', file).end(code, ended)).toBe(end);
    expect(printed.stderr).toBe(
      `swarmroll: cannot write ${path === undefined ? 'the annotations' : `--report ${path}`}: no more space\n`,
    );
  },
);

describe('wrong, before anything is sent: 2', () => {
  test.each([
    ['nowhere/report.md', /: there is no folder .*nowhere$/m],
    ['file/report.md', /: .*file is not a folder$/m],
    ['folder.md', /: it is a folder$/m],
    ['/dev/null/report.md', /: \/dev\/null is not a folder$/m],
    ['report.txt', /must end with \.md, \.json or \.html$/m],
    ['.md', /must end with \.md, \.json or \.html$/m],
    ['-', /must end with \.md, \.json or \.html$/m],
    ['', /must end with \.md, \.json or \.html$/m],
  ])('--report %j', async (path, message) => {
    writeFileSync(join(folder, 'file'), '');
    mkdirSync(join(folder, 'folder.md'));
    const started = onWeb([...FAILS, '--report', path], { cwd: folder });
    const { code, stderr, stdout } = await started;
    expect([code, stdout, started.engine.sent()]).toEqual([2, '', []]);
    expect(stderr).toMatch(message);
    expect(stderr.split('\n')).toHaveLength(2);
    expect(started.engine.requests).toEqual([]);
  });

  test.each(['--detach', '--dry-run'])('with %s', async (flag) => {
    const started = onWeb([...FAILS, '--report', 'report.md', flag], { cwd: folder });
    expect((await started).code).toBe(2);
    expect((await started).stderr).toBe(
      `swarmroll: --report cannot be combined with ${flag}: nothing is watched\n`,
    );
    expect(started.engine.sent()).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('on a runner of GitHub', () => {
  const RUNNER = { GITHUB_ACTIONS: 'true' };

  test('a service that failed has an annotation: the verdict, the first failure, the last line of its log', async () => {
    const { code, stdout, stderr } = await onWeb(FAILS, { env: RUNNER });
    expect([code, stdout]).toEqual([4, 'web\n']);
    const [line = '', ...others] = stderr.split('\n').filter((one) => one.startsWith('::'));
    expect(others).toEqual([]);
    expect(line).toMatch(
      /^::error title=swarmroll update%3A web paused::web: the engine paused the update: .*%0A.*: task \w+ on [\w-]+ failed.*: task: non-zero exit \(3\)/,
    );
  });

  test('nothing failed: no annotation', async () => {
    const { stderr } = await onWeb(['update', '--image', 'ping:1.1', 'web'], { env: RUNNER });
    expect(stderr).not.toContain('::error');
  });

  test('an error before the rollout has one, too', async () => {
    const { stderr } = await onWeb(['update', '--image', 'ping:1.1', 'nope'], { env: RUNNER });
    expect(stderr).toMatch(/^::error title=swarmroll update%3A error::no such service: nope%0A/m);
  });

  test('elsewhere there are none', async () => {
    const { stderr } = await onWeb(FAILS, { env: { GITHUB_ACTIONS: 'false' } });
    expect(stderr).not.toContain('::error');
  });

  test('of more than ten services, the tenth annotation counts the others', async () => {
    const engine = fakeEngine();
    const names = Array.from({ length: 13 }, (_, index) => `app${index}`);
    for (const name of names) engine.given(name, 'crash:1.0');
    const { stderr } = await onWeb(['wait', ...names], { engine, env: RUNNER });
    const lines = stderr.split('\n').filter((one) => one.startsWith('::'));
    expect(lines).toHaveLength(10);
    expect(lines[9]).toMatch(/%0Aand 3 more services did not converge$/);
  });

  test('the job summary is the Markdown report, after what is there', async () => {
    const summary = join(folder, 'summary');
    writeFileSync(summary, 'before\n');
    const path = join(folder, 'report.md');
    await onWeb([...FAILS, '--report', path], { env: { ...RUNNER, GITHUB_STEP_SUMMARY: summary } });
    expect(written('summary')).toBe(`before\n\n${written('report.md')}`);
  });

  test('with --detach, the job summary does not say that services converged', async () => {
    const engine = fakeEngine();
    engine.given('api', 'ping:1.0');
    const summary = join(folder, 'summary');
    const env = { ...RUNNER, GITHUB_STEP_SUMMARY: summary };
    expect((await onWeb(['restart', '--detach', 'web', 'api'], { engine, env })).code).toBe(0);
    expect(written('summary')).toContain('swarmroll restart: all 2 services accepted');
    expect(written('summary')).not.toContain('converged');
  });

  test.each([
    ['a folder', (path: string) => mkdirSync(path)],
    ['full', (path: string) => writeFileSync(path, 'x'.repeat(1024 * 1024))],
  ])('a summary that is %s is a warning', async (_, make) => {
    const summary = join(folder, 'summary');
    make(summary);
    const { code, stderr } = await onWeb(FAILS, { env: { ...RUNNER, GITHUB_STEP_SUMMARY: summary } });
    expect(code).toBe(4);
    expect(stderr).toMatch(/^swarmroll: warning: the job summary cannot be written: /m);
  });

  test('commands that only read get neither', async () => {
    const summary = join(folder, 'summary');
    await onWeb(['ps', 'web'], { env: { ...RUNNER, GITHUB_STEP_SUMMARY: summary } });
    const { stderr } = await onWeb(['ps', 'nope'], { env: { ...RUNNER, GITHUB_STEP_SUMMARY: summary } });
    expect(stderr).not.toContain('::error');
    expect(existsSync(summary)).toBe(false);
  });

  test('no text from outside is a command', async () => {
    const name = '::set-output name=a::b';
    const { stderr } = await onWeb(['update', '--image', 'ping:1.1', name], { env: RUNNER });
    expect(stderr).toContain(`no such service: ${name}`);
    const commands = stderr.split('\n').filter((line) => /^\s*::|##\[/.test(line));
    expect(commands.map((line) => line.slice(0, 8))).toEqual(['::error ']);
    const { stdout } = await onWeb(['inspect', '--format', '::add-mask::{{.ID}} ##[error]', 'web'], {
      env: RUNNER,
    });
    expect(stdout).toMatch(/^\\u003a:add-mask::\w+ \\u0023#\[error\]\n$/);
  });
});
