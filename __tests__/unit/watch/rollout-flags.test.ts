/** How progress is shown, for each combination of flags, environment and terminal. */
import { expect, test } from '@jest/globals';
import { givenOf } from '../../../src/command-line/parse.ts';
import { WATCH_FLAGS, progressMode } from '../../../src/watch/rollout-flags.ts';
import { splitArguments } from '../../../src/command-line/split-arguments.ts';

const mode = (line: readonly string[], env: Record<string, string>, terminal: boolean): string =>
  progressMode(givenOf(splitArguments(line, WATCH_FLAGS, false).flags), {
    env,
    stderr: { write: () => true, isTTY: terminal },
  });

test.each<[args: string[], env: Record<string, string>, onTerminal: string, elsewhere: string]>([
  [[], {}, 'tty', 'plain'],
  [['--progress', 'auto'], { TERM: 'xterm' }, 'tty', 'plain'],
  [[], { TERM: 'dumb' }, 'plain', 'plain'],
  [[], { CI: 'true' }, 'plain', 'plain'],
  [[], { CI: '1' }, 'plain', 'plain'],
  [[], { CI: 'woodpecker' }, 'plain', 'plain'],
  [[], { CI: '' }, 'tty', 'plain'],
  [[], { CI: 'false' }, 'tty', 'plain'],
  [[], { CI: '0' }, 'tty', 'plain'],
  // NO_COLOR only switches colours off.
  [[], { NO_COLOR: '1' }, 'tty', 'plain'],
  // An explicit flag has precedence over the environment, except without a terminal.
  [['--progress', 'tty'], { TERM: 'dumb', CI: 'true' }, 'tty', 'plain'],
  [['--progress', 'plain'], {}, 'plain', 'plain'],
  [['--progress', 'json'], { CI: 'true' }, 'json', 'json'],
  [['--progress', 'quiet'], {}, 'quiet', 'quiet'],
  [['--quiet'], {}, 'quiet', 'quiet'],
  [['-q', '--progress', 'tty'], {}, 'quiet', 'quiet'],
])('%j with %j: %s on a terminal, else %s', (args, env, onTerminal, elsewhere) => {
  expect([mode(args, env, true), mode(args, env, false)]).toEqual([onTerminal, elsewhere]);
});
