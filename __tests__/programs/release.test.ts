/** The parts of scripts/release that decide: what npm audit says, and the list of files. Stand-ins for npm and for the files. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ROOT } from '../support/command.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'swarmroll-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function node(script: string, ...args: readonly string[]) {
  const env = { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` };
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd: ROOT,
    env,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('npm audit', () => {
  /** Runs scripts/audit.mjs with an npm that prints this. */
  function audit(answer: string) {
    const npm = join(folder, 'npm');
    writeFileSync(
      npm,
      `#!/bin/sh\n[ "$*" = 'audit --json' ] || exit 3\ncat <<'END'\n${answer}\nEND\nexit 1\n`,
    );
    chmodSync(npm, 0o755);
    return node('scripts/audit.mjs');
  }
  const found = (...names: readonly string[]) =>
    JSON.stringify({
      vulnerabilities: Object.fromEntries(
        names.map((name) => [
          name,
          {
            name,
            severity: 'high',
            via: [{ title: 'It is wrong', url: 'https://example.org/1' }, 'another'],
            nodes: [`node_modules/${name}`],
          },
        ]),
      ),
    });

  test('nothing known is fine', () => {
    expect(audit(found())).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  test('what only builds and tests is printed', () => {
    expect(audit(found('eslint'))).toEqual({
      status: 0,
      stdout: '',
      stderr: 'audit: eslint (high) only builds and tests: It is wrong, https://example.org/1; another\n',
    });
  });

  test('what is released ends a release', () => {
    const { status, stderr } = audit(found('eslint', 'dockerode'));
    expect(status).toBe(1);
    expect(stderr).toContain('audit: dockerode (high) is in what is released: It is wrong,');
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(
      'audit: update these packages, run the tests again, then release',
    );
  });

  test.each([
    ['{"message": "405 Method Not Allowed", "error": {}}', '405 Method Not Allowed'],
    ['{"error": {"summary": "no network"}}', 'no network'],
    ['{}', 'its answer has no list'],
    ['nothing', 'Unexpected token'],
  ])('no answer ends a release: %s', (answer, message) => {
    const { status, stderr } = audit(answer);
    expect(status).toBe(1);
    expect(stderr).toContain(`audit: npm audit has no answer: ${message}`);
  });
});

describe('README.md of a release', () => {
  const page = readFileSync(join(ROOT, 'docs/releasing.md'), 'utf8');
  const names = [...page.matchAll(/^\| `([^`]+)` /gm)].flatMap(([, name = '']) =>
    /^(swarmroll|NOTICE)/.test(name) ? [name] : [],
  );
  function readme(version: string, files: readonly string[]) {
    mkdirSync(join(folder, 'release'));
    for (const name of [...files, 'SHA256SUMS']) writeFileSync(join(folder, 'release', name), '');
    return node('scripts/release-readme.mjs', version, join(folder, 'release'), 'A sentence.');
  }

  test('lists every file, and marks those that nobody has run', () => {
    const files = names.map((name) =>
      name.replace('VERSION', name.endsWith('.tgz') ? '1.2.0-rc.1' : '1.2.0~rc.1'),
    );
    const { status, stdout, stderr } = readme('1.2.0-rc.1', files);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(
      /^# swarmroll 1\.2\.0-rc\.1\n\n\| file \| for \| tested \|\n\| --- \| --- \| --- \|\n/,
    );
    for (const file of files) expect(stdout).toContain(`\n| \`${file}\` | `);
    expect(stdout).toContain(
      "| `swarmroll-macos-x64` | macOS on Intel's processors | **untested**: it is built, nothing more |\n",
    );
    expect(stdout).toContain(
      '| `swarmroll-linux-x64` | Linux with glibc (Debian, RHEL, ...) | all tests that run',
    );
    expect(stdout).toMatch(/A sentence\.\n$/);
  });

  test('is not made where a file is not in the table, or was not made', () => {
    const files = names.map((name) => name.replace('VERSION', '1.2.0'));
    expect(readme('1.2.0', [...files, 'more'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('docs/releasing.md does not say how more is tested'),
    });
    rmSync(join(folder, 'release'), { recursive: true });
    expect(readme('1.2.0', files.slice(1))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(`docs/releasing.md has ${names[0]}, which was not made`),
    });
  });

  test('the table has every executable that is built', () => {
    const script = readFileSync(join(ROOT, 'scripts/build-executable.mjs'), 'utf8');
    const built = [...script.matchAll(/^ {2}'(swarmroll-[^']+)':/gm)].map(([, name]) => name);
    expect(built.length).toBeGreaterThan(5);
    expect(names).toEqual(expect.arrayContaining(built));
  });
});
