/** The variables that switch colours on and off. */
import { expect, test } from '@jest/globals';
import { showsColour } from '../../../src/values/colour.ts';

test.each<[env: Record<string, string>, onTerminal: boolean, onPipe: boolean]>([
  [{}, true, false],
  [{ TERM: 'dumb' }, false, false],
  [{ NO_COLOR: '' }, true, false],
  [{ NO_COLOR: '1' }, false, false],
  [{ CLICOLOR: '0' }, false, false],
  [{ CLICOLOR: '1' }, true, false],
  [{ CLICOLOR_FORCE: '1' }, true, true],
  [{ CLICOLOR_FORCE: '1', TERM: 'dumb' }, true, true],
  [{ CLICOLOR_FORCE: '0' }, true, false],
  [{ CLICOLOR_FORCE: '1', NO_COLOR: '1' }, false, false],
  [{ FORCE_COLOR: '1' }, true, true],
  [{ FORCE_COLOR: 'true', NO_COLOR: '1' }, true, true],
  [{ FORCE_COLOR: '0' }, false, false],
  [{ FORCE_COLOR: 'false', CLICOLOR_FORCE: '1' }, false, false],
  [{ FORCE_COLOR: '' }, true, false],
])('%j', (env, onTerminal, onPipe) => {
  expect(showsColour(env, true)).toBe(onTerminal);
  expect(showsColour(env, false)).toBe(onPipe);
});
