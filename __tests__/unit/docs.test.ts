/** Tables of the docs that are made from the code. `npm run docs` writes them anew. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { format, resolveConfig } from 'prettier';
import { commandHelp } from '../../src/command-line/help.ts';
import type { CommandEntry } from '../../src/command-line/command.ts';
import { COMMANDS } from '../../src/commands/all.ts';
import { KEYS } from '../../src/compose/keys.ts';
import type { Rule } from '../../src/compose/keys.ts';
import { VERDICTS } from '../../src/watch/outcome.ts';
import { EXIT_CODES, EXIT_CODE_MEANINGS } from '../../src/errors.ts';

const row = (...cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

const exitCodes = [
  row('code', 'meaning'),
  row('---', '---'),
  ...EXIT_CODE_MEANINGS.map(([code, meaning]) => row(code, meaning)),
];

const verdicts = [
  row('verdict', 'exit code', 'meaning'),
  row('---', '---', '---'),
  ...Object.entries(VERDICTS).map(([verdict, { outcomes, meaning }]) =>
    row(`\`${verdict}\``, outcomes.map((outcome) => EXIT_CODES[outcome]).join(', '), meaning),
  ),
];

const composeKeys = [
  row('key', 'what happens to it'),
  row('---', '---'),
  ...Object.entries(KEYS)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, rule]) => row(`\`${path}\``, fateOf(rule))),
];

function fateOf(rule: Rule): string {
  if (rule.fate === 'kept') return rule.text ?? 'kept';
  if (rule.fate === 'moved') return rule.text.startsWith('kept') ? rule.text : `moved: ${rule.text}`;
  return `**${rule.fate}**: ${rule.text}`;
}

/** Writes a part of a page that is between its marks, and compares the page with what it has to be. */
async function expectPart(file: string, kind: string, name: string, lines: readonly string[]): Promise<void> {
  const path = new URL(`../../${file}`, import.meta.url);
  const text = readFileSync(path, 'utf8');
  const [begin, end] = [`<!-- ${kind}: ${name} -->`, `<!-- end of ${kind}: ${name} -->`];
  const [before = '', rest = ''] = text.split(begin);
  const [, after = ''] = rest.split(end);
  expect(after).not.toBe('');
  const made = [before, begin, '\n\n', lines.join('\n'), '\n\n', end, after].join('');
  const wanted = await format(made, { ...(await resolveConfig(path)), parser: 'markdown' });
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path, wanted);
  expect(readFileSync(path, 'utf8')).toBe(wanted);
}

test.each([
  ['README.md', 'exit codes', exitCodes],
  ['docs/json.md', 'verdicts', verdicts],
  ['docs/compose.md', 'Compose keys', composeKeys],
])('%s: the table of %s is that of the code', (file, name, table) => expectPart(file, 'table', name, table));

const shown = COMMANDS.filter(({ hidden }) => hidden !== true);
const fileOf = ({ name }: CommandEntry): string => `${name.replace(' ', '-')}.md`;

test.each(shown.map((entry) => [entry.name, entry] as const))(
  'docs/commands: the page of %s has its help',
  async (name, entry) => {
    const help = commandHelp({ ...entry, ...(await entry.load()) }, 'swarmroll');
    const [usage] = help.split('\n\nExit codes:');
    await expectPart(`docs/commands/${fileOf(entry)}`, 'help', name, ['```', usage ?? '', '```']);
  },
);

test('docs/commands: every command has a page, and every page a command', () => {
  const pages = readdirSync(new URL('../../docs/commands/', import.meta.url));
  expect(pages.filter((page) => page !== 'README.md').sort()).toEqual(shown.map(fileOf).sort());
});
