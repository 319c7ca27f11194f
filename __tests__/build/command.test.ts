/** The built command, of either build: what it prints about itself, and its behaviour as a process. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { EXECUTABLE, ROOT, isNodeBuild } from '../support/command.ts';

const run = (...args: string[]) => spawnSync(EXECUTABLE, args, { encoding: 'utf8' });

test('--version names the version of the package and the commit', () => {
  expect(statSync(EXECUTABLE).mode & 0o111).toBe(0o111);
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const head = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).trim();
  const { stdout, stderr } = run('--version');
  const [, before, commit = ''] = /^(.*), build ([0-9a-f]{12})(?:-dirty)?\n$/.exec(stdout) ?? [];
  expect({ before, stderr }).toEqual({ before: `swarmroll version ${version}`, stderr: '' });
  expect(head.startsWith(commit)).toBe(true);
});

test('a result that cannot be written is an error, but a closed pipe is not', () => {
  const full = spawnSync('sh', ['-c', `'${EXECUTABLE}' --version > /dev/full`], { encoding: 'utf8' });
  expect(full.status).toBe(1);
  expect(full.stderr).toMatch(/^swarmroll: cannot write to standard output: ENOSPC\b.*\n$/);
  const gone = `{ '${EXECUTABLE}' --help; echo $? >&2; } | true`;
  expect(spawnSync('sh', ['-c', gone], { encoding: 'utf8' }).stderr).toBe('0\n');
});

const DEBUGGED = ['--debug', '-H', 'tcp://127.0.0.1:1', 'ps', 'web'] as const;

test('a stack trace names the functions', () => {
  const { stderr } = run(...DEBUGGED);
  for (const name of ['readTasks', 'showListing', 'main'])
    expect(stderr).toMatch(new RegExp(`^ {4}at (async )?(Object\\.)?${name} \\(`, 'm'));
});

if (isNodeBuild) {
  test('a stack trace names the lines of the source', () => {
    const frames = [...run(...DEBUGGED).stderr.matchAll(/ at .*\b(src\/\S+\.ts):(\d+):\d+/g)];
    const lines = frames.map(([, file = '', line]) => {
      return readFileSync(join(ROOT, file), 'utf8').split('\n')[Number(line) - 1]?.trim();
    });
    expect(frames[0]?.[1]).toBe('src/engine/errors.ts');
    expect(lines[0]).toMatch(/new .*EngineError\(/);
    expect(lines.join('\n')).toContain('await action.command.run({');
  });
} else {
  test('the executable is not larger than docs/benchmarks.md allows', () => {
    expect(statSync(EXECUTABLE).size).toBeLessThan(120e6);
    const gzipped = execFileSync('gzip', ['-c', EXECUTABLE], { maxBuffer: Infinity });
    expect(gzipped.length).toBeLessThan(55e6);
  });
}
