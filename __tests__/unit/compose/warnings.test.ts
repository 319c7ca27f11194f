/** What Compose prints on stderr. */
import { expect, test } from '@jest/globals';
import { warningsIn } from '../../../src/compose/compose-command.ts';

test('messages of the log are told once, without time and level', () => {
  const line =
    'time="2026-11-30T08:15:07Z" level=warning msg="The \\"A\\" variable is not set. Defaulting to a blank string."';
  expect(warningsIn(`${line}\n${line}\nanother line\n\n`)).toEqual([
    'The "A" variable is not set. Defaulting to a blank string.',
    'another line',
  ]);
});
