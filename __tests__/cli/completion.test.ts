/** Completion: what may come next, from the flags' own entries, and asked in a real bash. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { COMMANDS } from '../../src/commands/all.ts';
import { candidates } from '../../src/commands/complete.ts';

const shown = COMMANDS.filter(({ hidden }) => hidden !== true);

test.each<[string[], string[], boolean]>([
  [['up'], shown.map(({ name }) => name), false],
  [['create', '--mode', ''], ['replicated', 'global', 'replicated-job', 'global-job'], false],
  [
    ['create', '--mode=g'],
    ['--mode=replicated', '--mode=global', '--mode=replicated-job', '--mode=global-job'],
    false,
  ],
  [['create', '--mode', '='], ['replicated', 'global', 'replicated-job', 'global-job'], false],
  [['create', '--mode', '=', 'g'], ['replicated', 'global', 'replicated-job', 'global-job'], false],
  [['update', '--progress', ''], ['auto', 'tty', 'plain', 'json', 'quiet'], false],
  [['update', '--image', ''], [], false],
  [['update', '-d', ''], [], true],
  [['rollback', 'w'], [], true],
  [['create', 'ima'], [], false],
  [['completion', ''], ['bash', 'zsh', 'fish'], false],
  [['nope', ''], [], false],
])('%j', async (words, found, services) => {
  expect(await candidates(shown, words)).toEqual({ words: found, services });
});

test('a dash brings every flag of the command', async () => {
  const update = await shown.find(({ name }) => name === 'update')?.load();
  const { words } = await candidates(shown, ['update', '--']);
  for (const { name } of update?.flags ?? []) expect(words).toContain(`--${name}`);
  expect(words).not.toContain('--name');
});

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'swarmroll-'));
  symlinkSync(join(import.meta.dirname, '../../dist/cli.js'), join(folder, 'swarmroll'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  [['swarmroll', 'roll'], 1, 'rollback'],
  [['swarmroll', 'create', '--update-ord'], 2, '--update-order'],
  [['swarmroll', 'create', '--update-order', '=', 'st'], 4, 'stop-first start-first'],
  [['swarmroll', 'update', ''], 2, ''],
])('in bash, %j', (words, at, reply) => {
  const script = `source <(swarmroll completion bash); COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')});
    COMP_CWORD=${at}; _swarmroll; echo "\${COMPREPLY[*]}"`;
  const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}`, DOCKER_HOST: 'tcp://127.0.0.1:1' };
  expect(execFileSync('bash', ['--norc', '-c', script], { env }).toString()).toBe(`${reply}\n`);
});
