/** What a runner of GitHub takes for a command, and that no text from outside is one. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { errorCommand, withoutCommands } from '../../../src/report-file/workflow-commands.ts';

/** As actions/runner reads a line; it may skip characters that cannot be seen. */
function isCommand(line: string): boolean {
  const seen = line.replace(/[\p{Cf}\p{M}]/gu, '').trimStart();
  return seen.startsWith('::') || seen.includes('##[');
}

describe('withoutCommands', () => {
  test.each([
    ['::error::x', '\\u003a:error::x'],
    ['  ::set-output name=a::b', '  \\u003a:set-output name=a::b'],
    ['a\n::add-mask::b\n', 'a\n\\u003a:add-mask::b\n'],
    ['::::', '\\u003a:::'],
    ['web: ::error::x', 'web: ::error::x'],
    ['1/3: failed: ##[add-mask]b', '1/3: failed: \\u0023#[add-mask]b'],
    ['####[error]', '##\\u0023#[error]'],
    ['\u200b:\u00ad:error::x', '\u200b\\u003a\u00ad:error::x'],
    ['#\u2060#[error]', '\\u0023\u2060#[error]'],
    ['# Title', '# Title'],
    ['## [a](b)', '## [a](b)'],
    ['a::b ##', 'a::b ##'],
  ])('%j is printed as %j', (text, printed) => {
    expect(withoutCommands(text)).toBe(printed);
  });

  test('no line of any text is a command', () => {
    const pieces = fc.constantFrom(
      '::',
      ':',
      '##[',
      '#',
      '[',
      ']',
      ' ',
      '\t',
      '\n',
      'error',
      '\u200b',
      '\u00ad',
      '\\',
      'a',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (list) => {
        const lines = withoutCommands(list.join('')).split('\n');
        expect(lines.filter(isCommand)).toEqual([]);
      }),
    );
  });

  test('JSON stays JSON of the same data', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('::', '##[', '#', '\\', '\n', '"', 'a')), (list) => {
        const data = { [list.join('')]: list.join('') };
        for (const space of [0, 2])
          expect(JSON.parse(withoutCommands(JSON.stringify(data, null, space)))).toEqual(data);
      }),
    );
  });
});

describe('errorCommand', () => {
  /** As the runner reads it (ActionCommand.cs, TryParseV2). */
  function parsed(line: string): { title: string; message: string } {
    const [, title = '', message = ''] = /^::error title=([^,:]*)::([^\r\n]*)\n$/.exec(line) ?? [];
    const unescaped = (text: string): string =>
      [
        ['%3A', ':'],
        ['%2C', ','],
        ['%0D', '\r'],
        ['%0A', '\n'],
        ['%25', '%'],
      ].reduce((sum, [from = '', to = '']) => sum.replaceAll(from, to), text);
    return { title: unescaped(title), message: unescaped(message) };
  }

  test('is one line, of which the runner reads the same texts', () => {
    const text = fc
      .array(fc.constantFrom('::', ',', '%', '%25', '%0A', '\n', '\r', ']', 'a', ' '))
      .map((list) => list.join(''));
    fc.assert(
      fc.property(text, text, (title, message) => {
        expect(parsed(errorCommand(title, message))).toEqual({ title, message });
      }),
    );
  });
});
