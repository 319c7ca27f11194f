/** The manual pages. That man(1) shows them without a warning is tested with the packages (executable/packages.test.ts). */
import { expect, test } from '@jest/globals';
import { loadCommand } from '../../../src/command-line/command.ts';
import type { Command } from '../../../src/command-line/command.ts';
import { flagUsage } from '../../../src/command-line/help.ts';
import { commandPage, programPage } from '../../../src/command-line/man-page.ts';
import { flagsOf } from '../../../src/command-line/parse.ts';
import { COMMANDS } from '../../../src/commands/all.ts';
import { string } from '../../../src/values/value.ts';

const edition = { version: '1.2.3', date: '2026-11-30' };
const shown = COMMANDS.filter(({ hidden }) => hidden !== true);
/** The text of a page as it was before it became roff. */
const unescaped = (text: string): string =>
  text
    .replaceAll('\\-', '-')
    .replaceAll('\\(aq', "'")
    .replaceAll(/\\f[BR]/g, '');

test.each(shown.map((entry) => [entry.name, entry] as const))(
  'the page of %s has all its flags and examples',
  async (_, entry) => {
    const command = await loadCommand(entry);
    const { name, text } = commandPage(command, edition);
    expect(name).toBe(`swarmroll-${entry.name.replace(' ', '-')}`);
    const lines = unescaped(text).split('\n');
    for (const flag of flagsOf(command)) expect(lines).toContain(flagUsage(flag).trim());
    expect(lines.filter((line) => line === '.EX')).toHaveLength(command.examples.length);
    expect(lines).toContain('.SH EXIT STATUS');
  },
);

test('the page of the program names the pages of all commands', () => {
  const { name, text } = programPage(COMMANDS, edition);
  expect(name).toBe('swarmroll');
  for (const entry of shown) {
    expect(unescaped(text)).toContain(
      `.BR swarmroll-${entry.name.replace(' ', '-')} (1)\n${entry.summary}\n`,
    );
  }
  expect(text).not.toContain('__complete');
});

test('roff shows a text as it is', () => {
  const command: Command = {
    name: 'stack try',
    summary: '.Try `this`',
    operands: [{ kind: 'service' }],
    flags: [
      { name: 'flag', short: 'f', type: string, group: 'Output', help: "'it\\' is ~^ – 1", default: 'a-b' },
    ],
    connection: [],
    examples: [['.swarmroll -x', 'a purpose']],
    run: () => Promise.resolve(0),
  };
  const { text } = commandPage(command, edition);
  expect(text.slice(0, text.indexOf('.SH EXIT STATUS'))).toBe(
    String.raw`.TH SWARMROLL\-STACK\-TRY 1 2026-11-30 "swarmroll 1.2.3" "User Commands"
.SH NAME
swarmroll\-stack\-try \- \&.Try \(gathis\(ga
.SH SYNOPSIS
\fBswarmroll stack try\fR
[flags] SERVICE
.SH DESCRIPTION
\&.Try \(gathis\(ga.
.SH OPTIONS
.SS Output
.TP
\fB\-f, \-\-flag string\fR
\(aqit\(rs\(aq is \(ti\(ha \[u2013] 1 [default a\-b]
.TP
\fB\-h, \-\-help\fR
Show this help
.SH EXAMPLES
a purpose:
.PP
.RS 4
.EX
\&.swarmroll \-x
.EE
.RE
`,
  );
});
