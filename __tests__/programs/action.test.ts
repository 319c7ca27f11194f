/** The script of action.yml: it installs an executable that has its checksum, and nothing else. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ROOT } from '../support/command.ts';

const top = mkdtempSync(join(tmpdir(), 'swarmroll-action-'));
afterAll(() => rmSync(top, { recursive: true }));

const FILE = 'swarmroll-linux-x64';
const EXECUTABLE = '#!/bin/sh\necho "swarmroll version 0.2.0, build 0123456789ab"\n';
const checksum = (text: string): string => createHash('sha256').update(text).digest('hex');

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(top, 'job-'));
  release({ [FILE]: EXECUTABLE });
});

/** Puts files into the folder of the release, with their checksums or others. */
function release(files: Readonly<Record<string, string>>, sums: Readonly<Record<string, string>> = {}): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const lines = Object.entries(files).map(([name, text]) => `${sums[name] ?? checksum(text)}  ${name}\n`);
  writeFileSync(join(folder, 'SHA256SUMS'), lines.join(''));
}

/** Runs the script as the runner does. */
async function install(changes: Readonly<Record<string, string>> = {}) {
  const env = {
    PATH: process.env['PATH'] ?? '',
    SWARMROLL_VERSION: '0.2.0',
    SWARMROLL_DOWNLOADS: `file://${folder}`,
    SWARMROLL_REPOSITORY: 'https://github.invalid/owner/repository',
    RUNNER_OS: 'Linux',
    RUNNER_ARCH: 'X64',
    RUNNER_TEMP: join(folder, 'temp'),
    GITHUB_PATH: join(folder, 'path'),
    GITHUB_OUTPUT: join(folder, 'output'),
    ...changes,
  };
  const { code, stdout, stderr } = await promisify(execFile)(join(ROOT, 'scripts/action/install'), {
    env,
  }).then(
    (ended) => ({ code: 0, ...ended }),
    (error: unknown) => error as { code: number; stdout: string; stderr: string },
  );
  return { code, stdout, stderr, isInstalled: existsSync(env.GITHUB_PATH) || existsSync(env.RUNNER_TEMP) };
}

test.each(['0.2.0', 'v0.2.0'])('version %s is installed, and its folder is on the PATH', async (version) => {
  const ended = await install({ SWARMROLL_VERSION: version });
  expect(ended).toMatchObject({
    code: 0,
    stdout: 'swarmroll version 0.2.0, build 0123456789ab\n',
    stderr: '',
  });
  const path = readFileSync(join(folder, 'path'), 'utf8').trimEnd();
  expect(readFileSync(join(folder, 'output'), 'utf8')).toBe(`path=${path}/swarmroll\n`);
  expect(readdirSync(path)).toEqual(['swarmroll']);
  expect((await promisify(execFile)(join(path, 'swarmroll'))).stdout).toContain('0.2.0');
});

test.each([
  ['Linux', 'ARM64', 'swarmroll-linux-arm64'],
  ['macOS', 'X64', 'swarmroll-macos-x64'],
  ['macOS', 'ARM64', 'swarmroll-macos-arm64'],
])('%s on %s: %s', async (RUNNER_OS, RUNNER_ARCH, file) => {
  release({ [file]: EXECUTABLE });
  expect(await install({ RUNNER_OS, RUNNER_ARCH })).toMatchObject({ code: 0, stderr: '' });
});

describe('nothing is installed', () => {
  test('if the checksum is another', async () => {
    release({ [FILE]: EXECUTABLE }, { [FILE]: checksum('other') });
    const { code, stderr, isInstalled } = await install();
    expect([code, isInstalled]).toEqual([1, false]);
    expect(stderr).toBe(
      `swarmroll action: ${FILE} is not the file that was released: its SHA-256 is ${checksum(EXECUTABLE)}, and SHA256SUMS says ${checksum('other')}\n  it was not installed\n`,
    );
  });

  test('if there is no checksum of it', async () => {
    release({ [`${FILE}-musl`]: EXECUTABLE });
    expect(await install()).toMatchObject({
      code: 1,
      isInstalled: false,
      stderr: `swarmroll action: file://${folder}/SHA256SUMS has no checksum of ${FILE}\n`,
    });
  });

  test.each([
    [
      { SWARMROLL_DOWNLOADS: `file:///nowhere` },
      /cannot download file:\/\/\/nowhere\/SHA256SUMS\n {2}is 0\.2\.0 a version that was released\?/,
    ],
    [{ SWARMROLL_VERSION: '' }, /the input version must be a version such as 0\.2\.0, not ""/],
    [{ SWARMROLL_VERSION: 'latest' }, /must be a version .* not "latest"/],
    [{ SWARMROLL_VERSION: '0.2.0/../..' }, /must be a version/],
    [{ SWARMROLL_VERSION: '1\n::error::x' }, /must be a version .* not "1\?::error::x"/],
    [{ SWARMROLL_VERSION: '$(id)' }, /must be a version .* not "\$\(id\)"/],
    [{ SWARMROLL_DOWNLOADS: 'http://127.0.0.1/' }, /must begin with https:/],
    [{ SWARMROLL_DOWNLOADS: '--output=x' }, /must begin with https:/],
    [{ RUNNER_ARCH: 'X86' }, /no executable for Linux on X86/],
    [{ RUNNER_OS: 'FreeBSD' }, /no executable for FreeBSD on X64/],
    [{ RUNNER_OS: 'Windows', RUNNER_ARCH: 'ARM64' }, /no executable for Windows on ARM64/],
  ])('with %j', async (changes, message) => {
    const { code, stdout, stderr, isInstalled } = await install(changes);
    expect([code, stdout, isInstalled]).toEqual([1, '', false]);
    expect(stderr).toMatch(message);
  });

  test('if it is another version: it is not on the PATH', async () => {
    release({ [FILE]: EXECUTABLE.replace('0.2.0', '0.2.0-rc.1') });
    const { code, stderr } = await install();
    expect(code).toBe(1);
    expect(stderr).toContain('is another version: swarmroll version 0.2.0-rc.1');
    expect(existsSync(join(folder, 'path'))).toBe(false);
  });
});

test('action.yml gives the script all that it reads', () => {
  const action = readFileSync(join(ROOT, 'action.yml'), 'utf8');
  for (const [, name] of readFileSync(join(ROOT, 'scripts/action/install'), 'utf8').matchAll(
    /\$\{(SWARMROLL_\w+)/g,
  ))
    expect(action).toContain(`${name ?? ''}: \${{ `);
  expect(action).toContain('"$ACTION_FOLDER/scripts/action/install"');
});
