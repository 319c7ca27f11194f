/** The forms of a report: whatever a text from outside is, it stays a text. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { annotations } from '../../../src/report-file/annotations.ts';
import { page } from '../../../src/report-file/html.ts';
import { markdown } from '../../../src/report-file/markdown.ts';
import type { CommandReport } from '../../../src/report-file/report.ts';
import type { Result, SeveralResult } from '../../../src/rollout/result.ts';
import { SEEDED, runs } from '../../support/random.ts';

/** The end of a change whose texts from outside all come from `text`. */
function resultWith(text: () => string): Result {
  const [from, to] = ['2026-11-30T08:00:00.000Z', '2026-11-30T08:00:09.000Z'];
  const failure = { slot: text(), node: text(), nodeId: text(), state: 'failed', task: text() };
  const watched: Result = {
    action: 'update',
    verdict: 'failed',
    exitCode: 5,
    service: { id: text(), name: text() },
    message: text(),
    image: { before: text(), after: text(), stored: text() },
    update: { state: 'updating', message: text() },
    tasks: { wanted: 1, done: 0, failed: 3 },
    failures: [
      { ...failure, error: text(), exitCode: 3, image: text(), count: 2, log: [text(), text()] },
      { ...failure, error: text(), image: text(), count: 1, log: [], noLog: text() },
    ],
    pending: [
      {
        slot: text(),
        state: 'pending',
        reason: text(),
        count: 2,
        refusedBy: [{ nodes: [text()], reason: text() }],
      },
    ],
    waiting: [{ reason: 'place', count: 1, text: text() }],
    notes: [text()],
    hint: text(),
    next: [text()],
    purposes: [text()],
    duration: 9_000,
    changed: [
      { field: text(), before: text(), after: text() },
      { field: text(), before: text() },
    ],
    timeline: {
      from,
      to,
      slots: [
        {
          slot: text(),
          earlier: 3,
          tasks: [
            {
              task: text(),
              spec: 'before',
              image: text(),
              node: text(),
              from,
              running: from,
              to,
              end: 'shutdown',
            },
            { task: text(), spec: 'new', image: text(), node: text(), from, to, end: 'failed', failed: true },
          ],
        },
      ],
      waits: [{ reason: 'health', count: 1, from, to }],
      events: [{ type: 'note', time: from, text: text() }],
    },
  };
  return { ...watched, rollback: { ...watched, message: text(), error: { message: text(), hint: text() } } };
}

const reportOf = (ended: Result | SeveralResult): CommandReport => ({
  command: 'update',
  version: '1.2.3',
  date: new Date('2026-11-30T08:00:10Z'),
  ended,
});

/** One service, and several with an error. */
function reportsWith(text: () => string): readonly CommandReport[] {
  const services = [resultWith(text), { ...resultWith(text), exitCode: 0, verdict: 'converged' as const }];
  const error = { message: text(), hint: text() };
  return [
    reportOf(resultWith(text)),
    reportOf({ action: 'scale', verdict: 'error', exitCode: 1, services, error }),
  ];
}

const MARK = 'qzx';
const pieces = fc.constantFrom(
  ...[
    '<script>',
    '</pre>',
    '-->',
    '"',
    "'",
    '=',
    '&',
    '&lt;',
    '`',
    '```',
    '````',
    '~~~',
    '|',
    '\\',
    '\n',
    '\r\n',
    '#',
    '# ',
    '@user',
  ],
  ...[
    '[a](b)',
    '![',
    '*',
    '_',
    '$',
    '::',
    '::error::',
    '##[error]',
    'http://x.y',
    ' ',
    '\t',
    '\u202e',
    '\u001b[31m',
    '- ',
    '> ',
  ],
);
/** Texts with the mark in the middle; and the texts in turn. */
const texts = fc.array(fc.array(pieces, { maxLength: 8 }), { minLength: 1, maxLength: 12 }).map((lists) => {
  const all = lists.map((list) => `${list.join('')}${MARK}${list.reverse().join('')}`);
  let count = 0;
  return (): string => all[(count += 1) % all.length] ?? '';
});

const isCommand = (line: string): boolean => /^\s*::/.test(line) || line.includes('##[');

describe('Markdown', () => {
  /** What is left of a page without its blocks of code (CommonMark 4.5). */
  function outsideOfBlocks(text: string): string {
    const kept: string[] = [];
    let fence: string | undefined;
    for (const line of text.split('\n')) {
      const [, ticks] = /^(`{3,})(?:text|sh)?$/.exec(line) ?? [];
      if (fence === undefined && ticks !== undefined) fence = ticks;
      else if (fence !== undefined && /^`+$/.test(line) && line.length >= fence.length) fence = undefined;
      else if (fence === undefined) kept.push(line);
    }
    expect(fence).toBeUndefined();
    return kept.join('\n');
  }

  /** And without its code within lines (CommonMark 6.1). */
  const outsideOfCode = (text: string): string =>
    outsideOfBlocks(text)
      .replace(/<code>(?:[\p{L}\p{N} ]|&#\d+;)*<\/code>/gu, '')
      .replace(/`[^`\n]*`/g, '');

  test(`no text from outside is out of code, and no row of a table has another number of cells ${SEEDED}`, () => {
    fc.assert(
      fc.property(texts, (text) => {
        for (const report of reportsWith(text)) {
          const made = markdown(report);
          const rest = outsideOfCode(made);
          expect(rest).not.toContain(MARK);
          expect(rest).toMatch(/^[\p{L}\p{N}\s#|*,:.()-]*$/u);
          for (const row of outsideOfBlocks(made).matchAll(/^\|.*/gm))
            expect([4, 6]).toContain(row[0].match(/\|/g)?.length);
          expect(made.split('\n').filter(isCommand)).toEqual([]);
        }
      }),
      runs(15),
    );
  });

  test.each([
    ['a', '`a`'],
    ['<script>', '`<script>`'],
    ['a|b', '<code>a&#124;b</code>'],
    ['a`b', '<code>a&#96;b</code>'],
    ['a\\', '<code>a&#92;</code>'],
    [' a\nb ', '`a b`'],
    ['::error::x', '`::error::x`'],
    ['##[error]x', '`\\u0023#[error]x`'],
  ])('the name %j is %s in its heading', (name, shown) => {
    const service = { id: 'x', name };
    const ended: Result = { action: 'wait', verdict: 'removed', exitCode: 7, service, message: 'gone' };
    expect(markdown(reportOf(ended))).toContain(`\n## ${shown}\n`);
  });

  test('is not longer than its limit, and says what is left out', () => {
    const services = Array.from({ length: 50 }, (_, index) => resultWith(() => `text ${index}`));
    const report = reportOf({ action: 'wait', verdict: 'failed', exitCode: 5, services });
    const made = markdown(report, 20_000);
    expect(Buffer.byteLength(made)).toBeLessThanOrEqual(20_000);
    expect(made).toMatch(/\n\d+ more parts of this report are left out: it would be too long\.\n$/);
    expect(markdown(report)).not.toContain('left out');
  });
});

describe('HTML', () => {
  /** The tags of a page, with the names of their attributes, in their order. */
  const structureOf = (text: string): readonly string[] =>
    (text.replace(/<style>[^]*?<\/style>/, '').match(/<[^>]*>/g) ?? []).map((tag) =>
      tag.replace(/="[^"]*"/g, '='),
    );

  test(`texts from outside change no tag and no attribute ${SEEDED}`, () => {
    fc.assert(
      fc.property(texts, (text) => {
        let drawn: string[] = [];
        const noted = (): string => {
          const one = text();
          drawn.push(one);
          return one;
        };
        const hostile = reportsWith(noted).map(page);
        // The same lengths, because long labels are shortened.
        drawn = drawn.reverse();
        const harmless = reportsWith(() => 'x'.repeat(Math.min(30, drawn.pop()?.length ?? 0))).map(page);
        expect(hostile.map(structureOf).map(withoutTitles)).toEqual(
          harmless.map(structureOf).map(withoutTitles),
        );
        for (const made of hostile) {
          expect(made.split('\n').filter(isCommand)).toEqual([]);
          for (const part of ['<script', '\u001b', '\u202e']) expect(made).not.toContain(part);
        }
      }),
      runs(15),
    );
  });

  /** Of a label that is shortened there is the whole text, too. */
  const withoutTitles = (tags: readonly string[]): readonly string[] =>
    tags.filter((tag) => !/^<\/?title>$/.test(tag));
});

describe('annotations', () => {
  test(`are one line each, with nothing that begins another command ${SEEDED}`, () => {
    fc.assert(
      fc.property(texts, (text) => {
        for (const report of reportsWith(text)) {
          const made = annotations(report).split('\n');
          expect(made.pop()).toBe('');
          const wrong = made.filter(
            (line) =>
              !/^::error title=[^:,\r\n]*::[^\r\n]*$/.test(line) ||
              line.slice(2).split('%0A').some(isCommand),
          );
          expect(wrong).toEqual([]);
        }
      }),
      runs(15),
    );
  });
});
