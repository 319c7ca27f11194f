/** What Compose prints on stderr. */
import { expect, test } from '@jest/globals';
import { warningsIn } from '../../../src/compose/compose-command.ts';

test('escapes of the log: a line is told as one line, and what a terminal would take for a command stays escaped', () => {
  const line = String.raw`time="x" level=warning msg="a\nb\tc \\ \"d\" \x1b[31m \u200b"`;
  expect(warningsIn(line)).toEqual([String.raw`a b c \ "d" \x1b[31m \u200b`]);
});

test('messages of the log are told once, without time and level', () => {
  const line =
    'time="2026-11-30T08:15:07Z" level=warning msg="The \\"A\\" variable is not set. Defaulting to a blank string."';
  expect(warningsIn(`${line}\n${line}\nanother line\n\n`)).toEqual([
    'The "A" variable is not set. Defaulting to a blank string.',
    'another line',
  ]);
});
