/** Tables of the docs that are made from the code. `npm run docs` writes them anew. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { format, resolveConfig } from 'prettier';
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

test.each([
  ['README.md', 'exit codes', exitCodes],
  ['docs/json.md', 'verdicts', verdicts],
])('%s: the table of %s is that of the code', async (file, name, table) => {
  const path = new URL(`../../${file}`, import.meta.url);
  const text = readFileSync(path, 'utf8');
  const [begin, end] = [`<!-- table: ${name} -->`, `<!-- end of table: ${name} -->`];
  const [before = '', rest = ''] = text.split(begin);
  const [, after = ''] = rest.split(end);
  expect(after).not.toBe('');
  const made = [before, begin, '\n\n', table.join('\n'), '\n\n', end, after].join('');
  const wanted = await format(made, { ...(await resolveConfig(path)), parser: 'markdown' });
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path, wanted);
  expect(readFileSync(path, 'utf8')).toBe(wanted);
});
