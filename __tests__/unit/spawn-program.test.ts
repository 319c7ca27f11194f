/** The start of real programs. */
import { expect, test } from '@jest/globals';
import { spawnProgram } from '../../src/spawn-program.ts';

test('a program that is started after the signal came gets it too', async () => {
  const ended = spawnProgram({
    program: 'sleep',
    argv: ['600'],
    env: { PATH: '/usr/bin:/bin' },
    input: new Uint8Array(),
    onOutput: () => undefined,
    onErrors: () => undefined,
    interrupted: AbortSignal.abort('SIGTERM'),
  });
  expect(await ended).toBeNull();
});
