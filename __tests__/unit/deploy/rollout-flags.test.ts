/** How progress is shown: what was asked for, as far as the terminal and the environment allow. */
import { expect, test } from '@jest/globals';
import { givenOf } from '../../../src/command-line/parse.ts';
import { ROLLOUT_FLAGS, progressMode } from '../../../src/deploy/rollout-flags.ts';
import { splitWords } from '../../../src/command-line/words.ts';

const mode = (line: readonly string[], env: Record<string, string>, terminal: boolean): string =>
  progressMode(givenOf(splitWords(line, ROLLOUT_FLAGS, false).flags), { env, terminal });

test.each<[words: string[], env: Record<string, string>, onTerminal: string, elsewhere: string]>([
  [[], {}, 'tty', 'plain'],
  [['--progress', 'auto'], { TERM: 'xterm' }, 'tty', 'plain'],
  [[], { TERM: 'dumb' }, 'plain', 'plain'],
  [[], { CI: 'true' }, 'plain', 'plain'],
  [[], { CI: '1' }, 'plain', 'plain'],
  [[], { CI: 'woodpecker' }, 'plain', 'plain'],
  [[], { CI: '' }, 'tty', 'plain'],
  [[], { CI: 'false' }, 'tty', 'plain'],
  [[], { CI: '0' }, 'tty', 'plain'],
  // It is about colours alone.
  [[], { NO_COLOR: '1' }, 'tty', 'plain'],
  // What is asked for in so many words is done, where it can be.
  [['--progress', 'tty'], { TERM: 'dumb', CI: 'true' }, 'tty', 'plain'],
  [['--progress', 'plain'], {}, 'plain', 'plain'],
  [['--progress', 'json'], { CI: 'true' }, 'json', 'json'],
  [['--progress', 'quiet'], {}, 'quiet', 'quiet'],
  [['--quiet'], {}, 'quiet', 'quiet'],
  [['-q', '--progress', 'tty'], {}, 'quiet', 'quiet'],
])('%j with %j: %s on a terminal, else %s', (words, env, onTerminal, elsewhere) => {
  expect([mode(words, env, true), mode(words, env, false)]).toEqual([onTerminal, elsewhere]);
});
