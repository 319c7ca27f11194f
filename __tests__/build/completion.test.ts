/** Completion of the built command: the bash script in a real bash, and what PowerShell gets. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { EXECUTABLE } from '../support/command.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'swarmroll-'));
  symlinkSync(EXECUTABLE, join(folder, 'swarmroll'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  [['swarmroll', 'roll'], 1, 'rollback'],
  [['swarmroll', 'create', '--update-ord'], 2, '--update-order'],
  [['swarmroll', 'create', '--update-order', '=', 'st'], 4, 'stop-first start-first'],
  [['swarmroll', 'create', '--update-order', '='], 3, 'stop-first start-first'],
  [['swarmroll', 'update', ''], 2, ''],
  [['swarmroll', 'ps', '--nope', ''], 3, ''],
  [['swarmroll', '--nope', ''], 2, ''],
])('in bash, %j', (words, at, reply) => {
  const script = `eval "$(swarmroll completion bash)"; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')});
    COMP_CWORD=${at}; _swarmroll; echo "\${COMPREPLY[*]}"`;
  const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}`, DOCKER_HOST: 'tcp://127.0.0.1:1' };
  expect(execFileSync('bash', ['--norc', '-c', script], { env }).toString()).toBe(`${reply}\n`);
});

test('PowerShell gives whole words: a candidate replaces the whole last word', () => {
  const reply = (...words: readonly string[]) =>
    execFileSync(EXECUTABLE, ['__complete', '--', ...words], { encoding: 'utf8' });
  expect(reply('create', '--mode=g')).toBe('--mode=global\n--mode=global-job\n');
  expect(reply('completion', 'p')).toBe('powershell\n');
  expect(reply('completion', '')).toBe('bash\nzsh\nfish\npowershell\n');
});

test('the script for PowerShell registers a completer that asks for candidates', () => {
  const script = execFileSync(EXECUTABLE, ['completion', 'powershell'], { encoding: 'utf8' });
  expect(script).toMatch(/^Register-ArgumentCompleter -Native -CommandName swarmroll -ScriptBlock \{\n/);
  expect(script).toContain("swarmroll '__complete' '--' @words $word 2>$null");
  for (const [open, close] of ['()', '{}', '[]']) {
    expect(script.split(open ?? '')).toHaveLength(script.split(close ?? '').length);
  }
});
