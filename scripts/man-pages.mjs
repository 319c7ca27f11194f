/**
 * Writes the manual pages of section 1 to a folder: swarmroll.1 and one for each command.
 * usage: node --import ./scripts/typescript.mjs scripts/man-pages.mjs FOLDER VERSION YYYY-MM-DD
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadCommand } from '../src/command-line/command.ts';
import { commandPage, programPage } from '../src/command-line/man-page.ts';
import { COMMANDS } from '../src/commands/all.ts';

const [folder, version, date] = process.argv.slice(2);
const shown = COMMANDS.filter(({ hidden }) => hidden !== true);
const pages = [
  programPage(COMMANDS, { version, date }),
  ...(await Promise.all(
    shown.map(async (entry) => commandPage(await loadCommand(entry), { version, date })),
  )),
];
mkdirSync(folder, { recursive: true });
for (const { name, text } of pages) writeFileSync(join(folder, `${name}.1`), text);
