/** What the build contains of others: the npm packages of its modules, their licences, and the text of NOTICE. */
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** The licences that a bundled package may have (SPDX). All of them allow this use, and ask for their text. */
const LICENCES = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT'];

/** For packages that name the licence and have no file with its text. */
const TEXTS = {
  ISC: (holder) => `Copyright (c) ${holder}

Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted, provided that the above
copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN
CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.`,
};

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/**
 * The folders of the packages of which a bundle contains code, relative to `root` and in order.
 * @param ids the ids of its modules, as the bundler gives them
 * @param ours tells which of the other ids are made by the build itself
 * @throws if a module is neither of a package nor of this project
 */
export function packagesOf(ids, root, ours = () => false) {
  const paths = ids.flatMap((id) => {
    // The bundler's own helpers, which come with its package.
    if (id.startsWith('\0rolldown/')) return 'node_modules/rolldown';
    const [path] = /^.*\bnode_modules\/(@[^/]+\/)?[^/]+/.exec(id) ?? [];
    if (path !== undefined) return relative(root, path);
    if (id.startsWith(join(root, '/')) || ours(id)) return [];
    throw new Error(`the bundle contains ${id}, and it is not known where that is from`);
  });
  return [...new Set(paths)].sort();
}

/**
 * Reads what must be said of a package.
 * @param path its folder, relative to `root`
 * @throws if it has no licence, one that is not in the list, or no text of it
 */
export function readPackage(path, root) {
  const folder = join(root, path);
  const { name, version, license, homepage, author } = readJson(join(folder, 'package.json'));
  if (!LICENCES.includes(license)) {
    throw new Error(
      `${name} ${version} is in the bundle, and its licence ${JSON.stringify(license)} is not one of ${LICENCES.join(', ')}`,
    );
  }
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
  const texts = files.sort().map((file) => readFileSync(join(folder, file), 'utf8').trim());
  const text = texts.length > 0 ? texts.join('\n\n') : TEXTS[license]?.(author?.name ?? author);
  if (text === undefined)
    throw new Error(`${name} ${version} is in the bundle without the text of its licence`);
  return { path, name, version, licence: license, homepage, text };
}

const RULE = `${'-'.repeat(80)}\n`;

/**
 * The text of NOTICE.
 * @param own the package.json of this project
 * @param packages from `readPackage`
 * @param bun the version of Bun in the executables
 */
export function notice(own, packages, bun) {
  // Most packages share their text with others of the same author.
  const sections = new Map();
  for (const { name, version, licence, text } of packages) {
    sections.set(text, (sections.get(text) ?? new Set()).add(`${name} ${version}, ${licence}\n`));
  }
  return [
    `${own.name} ${own.version} has the licence ${own.license}: see LICENSE.\n`,
    'It contains code of the following npm packages, each under the licence that follows its name. The build leaves out parts that are not used.\n',
    ...[...sections].map(([text, names]) => `${RULE}${[...names].join('')}\n${text}\n`),
    `${RULE}Bun ${bun}, MIT\n
Only the executables contain it, and so do the packages and images that contain an executable. It is unchanged: https://bun.com.
Bun contains libraries of others, among them JavaScriptCore of WebKit with the licence LGPL-2. Bun's page of licences lists them, and says
how to build Bun with another version of JavaScriptCore: https://github.com/oven-sh/bun/blob/bun-v${bun}/LICENSE.md
What an executable contains beside Bun is dist/*.js of the npm package ${own.name}. Bun's compiler makes an executable of it with any Bun:
scripts/build-executable.mjs.
`,
  ].join('\n');
}
