/** Tables of the docs that are made from the code. `npm run docs` writes them anew. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { format, resolveConfig } from 'prettier';
import { commandHelp } from '../../src/command-line/help.ts';
import type { CommandEntry } from '../../src/command-line/command.ts';
import { COMMANDS } from '../../src/commands/all.ts';
import { KEYS } from '../../src/compose/keys.ts';
import type { Rule } from '../../src/compose/keys.ts';
import { VERDICTS } from '../../src/watch/outcome.ts';
import { FIELDS_SINCE } from '../../src/service-spec/dropped-fields.ts';
import { isApiAtLeast } from '../../src/service-spec/api-version.ts';
import { fakeWorld } from '../support/fake-world.ts';
import { violations } from '../support/schema.ts';
import { main } from '../../src/main.ts';
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

/** The first engine with a version of the API (docs.docker.com/reference/api/engine/version-history). */
const ENGINES: Readonly<Record<string, string>> = { '1.44': '25.0', '1.46': '27.0', '1.52': '29.0' };
/** The API version of Engine 20.10, the oldest that is supported. */
const OLDEST = '1.41';

const fieldsByEngine = [
  row('engine', 'API version', 'has'),
  row('---', '---', '---'),
  ...[...new Set(FIELDS_SINCE.map(([version]) => version))]
    .filter((version) => !isApiAtLeast(OLDEST, version))
    .map((version) =>
      row(
        ENGINES[version] ?? '',
        version,
        FIELDS_SINCE.flatMap(([since, , name]) => (since === version ? [name] : [])).join(', '),
      ),
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

const prettier = { ...(await resolveConfig(import.meta.filename)), parser: 'markdown' };

/** Writes a part of a page that is between its marks, and compares the page with what it has to be. */
async function expectPart(file: string, kind: string, name: string, lines: readonly string[]): Promise<void> {
  const path = new URL(`../../${file}`, import.meta.url);
  const text = readFileSync(path, 'utf8');
  const [begin, end] = [`<!-- ${kind}: ${name} -->`, `<!-- end of ${kind}: ${name} -->`];
  const [before = '', rest = ''] = text.split(begin);
  const [, after = ''] = rest.split(end);
  expect(after).not.toBe('');
  const part = await format(lines.join('\n'), prettier);
  const wanted = [before, begin, '\n\n', part, '\n', end, after].join('');
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path, wanted);
  expect(readFileSync(path, 'utf8')).toBe(wanted);
}

test.each([
  ['README.md', 'exit codes', exitCodes],
  ['docs/json.md', 'verdicts', verdicts],
  ['docs/engines.md', 'fields by engine', fieldsByEngine],
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

test('docs/json.schema.json is a JSON schema', () => {
  const schema = JSON.parse(
    readFileSync(new URL('../../docs/json.schema.json', import.meta.url), 'utf8'),
  ) as object;
  // In strict mode, a keyword that is none is an error, too.
  new Ajv2020({ strictTypes: false, strictRequired: false }).compile(schema);
});

test.each<[string, object, boolean]>([
  ['it is one of its objects', {}, true],
  ['a field that is not declared', { fields: 1 }, false],
  ['an unknown verdict', { verdict: 'fine' }, false],
  ['a missing field', { service: undefined }, false],
])('an object of -o json is held to the schema: %s', (_, changes, isValid) => {
  const accepted = { action: 'update', verdict: 'accepted', exitCode: 0, message: 'accepted' };
  const object = { ...accepted, service: { id: 'w1', name: 'web' }, ...changes };
  expect(violations('result', JSON.parse(JSON.stringify(object))).length === 0).toBe(isValid);
});

test('docs/commands: every command has a page, and every page a command', () => {
  const pages = readdirSync(new URL('../../docs/commands/', import.meta.url));
  expect(pages.filter((page) => page !== 'README.md').sort()).toEqual(shown.map(fileOf).sort());
});

/** The command lines of a page that are to be typed: those of code blocks, without what the shell does with them. */
function commandLines(file: string): readonly string[] {
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/^```(\w*)\n(.*?)^```/gms)].flatMap(([, language, block = '']) =>
    language === 'groovy' ? [] : [block],
  );
  return blocks
    .join('')
    .split('\n')
    .flatMap((line) => /(?:^|[\s(:])(swarmroll (?!plugin)[-a-z][^#|;&>)]*)/.exec(line)?.[1]?.trim() ?? []);
}

/** Reports would be written here. */
const folder = mkdtempSync(join(tmpdir(), 'swarmroll-docs-'));
afterAll(() => rmSync(folder, { recursive: true }));

const pages = ['README.md', 'docs/recipes.md', 'docs/commands/README.md', 'docs/engines.md'];
const typed = pages.flatMap((page) => commandLines(page).map((line) => [page, line] as const));

test('the pages show commands', () => expect(typed.length).toBeGreaterThan(25));

test.each(typed)('%s: %s is a command line', async (_, line) => {
  const [, ...argv] = line.match(/'[^']*'|\S+/g) ?? [];
  const { world, written } = fakeWorld({ changes: { cwd: folder } });
  const code = await main(
    argv.map((word) => word.replace(/^'(.*)'$/, '$1')),
    world,
  );
  // Each ends where it connects to an engine; plugins and completions were not asked for.
  expect({ code, ...written }).toMatchObject({ code: argv[0] === '--version' ? 0 : 1 });
});
