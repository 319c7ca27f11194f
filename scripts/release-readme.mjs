/**
 * Prints README.md of a release: its files, each with how it was tested, from the table in docs/releasing.md. It fails if a file is not in
 * that table, or the other way round. usage: node scripts/release-readme.mjs VERSION FOLDER AUDIT >README.md    AUDIT: a sentence
 */
import { readFileSync, readdirSync } from 'node:fs';

const [version, folder, audit] = process.argv.slice(2);

const page = readFileSync(new URL('../docs/releasing.md', import.meta.url), 'utf8');
const [, table = ''] = /<!-- files -->\n+([^]*?)\n+<!-- end of files -->/.exec(page) ?? [];
const [head, rule, ...rows] = table.split('\n');
const nameOf = (row) => /^\| `([^`]+)`/.exec(row)?.[1];

// "~" is in the names of packages of a version like 0.2.0-rc.1 (scripts/packages).
const general = (name) => name.replace(version.replace('-', '~'), 'VERSION').replace(version, 'VERSION');
const files = new Map(readdirSync(folder).map((file) => [general(file), file]));
for (const own of ['README.md', 'SHA256SUMS']) files.delete(own);
const listed = rows.map(nameOf);
const without = [...files.keys()].filter((name) => !listed.includes(name));
const missing = listed.filter((name) => !files.has(name));
if (without.length > 0) throw new Error(`docs/releasing.md does not say how ${without.join(', ')} is tested`);
if (missing.length > 0) throw new Error(`docs/releasing.md has ${missing.join(', ')}, which was not made`);

/** Says in the first word what nobody has run. */
const marked = (row) => row.replace(/\| (it is built, nothing more)( *)\|$/, '| **untested**: $1 |');

console.log(
  `# swarmroll ${version}

${[head, rule, ...rows.map((row) => marked(row).replace(general(nameOf(row)), files.get(nameOf(row))))]
  .join('\n')
  .replace(/ {2,}/g, ' ')
  .replace(/-{4,}/g, '---')}

\`sha256sum --check SHA256SUMS\` compares them with their checksums. ${audit}
`.trimEnd(),
);
