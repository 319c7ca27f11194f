/** Completion in a real fish. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { EXECUTABLE } from '../support/command.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'swarmroll-fish-'));
  symlinkSync(EXECUTABLE, join(folder, 'swarmroll'));
  writeFileSync(join(folder, 'stack.yml'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['swarmroll roll', ['rollback']],
  ['swarmroll create --update-order st', ['start-first', 'stop-first']],
  ['swarmroll create --update-order=st', ['--update-order=start-first', '--update-order=stop-first']],
  ['swarmroll stack deploy -c s', ['stack.yml', 'swarmroll']],
  ['swarmroll update --report=st', ['--report=stack.yml']],
  ['swarmroll create --env-file st', ['stack.yml']],
])('%j; file names where there are no candidates', (line, candidates) => {
  const script = `swarmroll completion fish | source; complete -C '${line}' | string replace -r '\t.*' '' | sort`;
  const env = {
    HOME: folder,
    PATH: `${folder}:${process.env['PATH'] ?? ''}`,
    DOCKER_HOST: 'tcp://127.0.0.1:1',
  };
  const printed = execFileSync('fish', ['--no-config', '-c', script], { env, cwd: folder, encoding: 'utf8' });
  expect(printed.trim().split('\n')).toEqual(candidates);
});
