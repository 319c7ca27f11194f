/**
 * Builds dist/ with rolldown: cli.js, which is the command, and a file for each module that src/ imports with import().
 * Node reads and compiles only the files that a command needs; all of them together would take 15 ms at every start.
 * scripts/build-executable.mjs makes the executable out of these files.
 */
import { execFileSync } from 'node:child_process';
import { chmod, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { notice, packagesOf, readPackage } from './bundled.mjs';
import { sbom } from './sbom.mjs';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

/**
 * Importing all of dockerode takes 80 ms. 70 ms of that are for parts that swarmroll never calls: image builds (grpc,
 * protobufjs, tar-fs), an ssh client (ssh2), and the classes for containers, services and so on.
 */
const UNUSED =
  /^(\.\/(session|buildkit|container|image|volume|network|service|plugin|secret|config|task|node|exec)|tar-fs|zlib|@balena\/dockerignore|ssh2)$/;
/** Replacements for modules that dockerode imports. */
const REPLACEMENTS = {
  'readable-stream': 'module.exports = require("node:stream");',
  debug: 'module.exports = () => () => undefined;',
  // docker-modem formats every request for its debug log, which takes 1 ms and would include the credentials.
  util: 'module.exports = { inspect: () => "", inherits: require("node:util").inherits };',
  // docker-modem's own module follows redirects, which the engine never sends.
  './http': 'module.exports = { http: require("node:http") };',
};
const ABSENT = `
  const absent = () => { throw new Error('a part of dockerode that swarmroll leaves out'); };
  module.exports = new Proxy(absent, { get: () => absent });
`;

/** Leaves out what swarmroll does not need of dockerode. */
const slimDockerode = {
  name: 'slim-dockerode',
  resolveId(path, importer) {
    if (!/node_modules\/docker(ode|-modem)\//.test(importer ?? '')) return undefined;
    if (UNUSED.test(path)) return 'slim:unused';
    return Object.hasOwn(REPLACEMENTS, path) ? `slim:${path}` : undefined;
  },
  load: (id) => (id === 'slim:unused' ? ABSENT : REPLACEMENTS[/^slim:(.*)/.exec(id)?.[1] ?? '']),
};

/** What git says; nothing where there is no git, as in an unpacked archive. */
function git(...words) {
  try {
    return execFileSync('git', words, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return '';
  }
}

/** The commit of the source, "-dirty" if files differ from it. */
const commit = git('describe', '--always', '--dirty', '--exclude=*', '--abbrev=12');

// Files of an earlier build may have other names.
for (const name of await readdir(dist).catch(() => [])) {
  if (/\.(js|map|json)$/.test(name)) await rm(join(dist, name));
}
const bundle = await rolldown({
  cwd: root,
  input: { cli: 'src/cli.ts' },
  platform: 'node',
  plugins: [slimDockerode],
  transform: { target: 'node20.19', define: { COMMIT: JSON.stringify(commit) } },
});
const { output } = await bundle.write({
  dir: dist,
  // As ES modules, these files would take Node twice the time to load.
  format: 'cjs',
  chunkFileNames: '[name].js',
  sourcemap: true,
  sourcemapExcludeSources: true,
  // The comments of a module are for those who read its source. The licences of packages are in NOTICE.
  comments: { legal: true, annotation: false, jsdoc: false },
  // With "--", Node leaves our arguments alone: Node 20 would read the file of --env-file itself.
  banner: ({ isEntry }) => (isEntry ? '#!/usr/bin/env -S node --' : ''),
});
await chmod(join(dist, 'cli.js'), 0o755);
await writeFile(join(dist, 'package.json'), '{ "type": "commonjs" }\n');

// What the build contains of others. A package without a licence that allows this ends the build.
const readJson = async (file) => JSON.parse(await readFile(join(root, file), 'utf8'));
const modules = output.flatMap((chunk) => Object.entries(chunk.modules ?? {}));
const ids = modules.filter(([, { renderedLength }]) => renderedLength > 0).map(([id]) => id);
const isReplacement = (id) => id.startsWith('slim:');
const packages = packagesOf(ids, root, isReplacement).map((path) => readPackage(path, root));
const own = await readJson('package.json');
const lock = await readJson('package-lock.json');
const { version: bun } = await readJson('node_modules/bun/package.json');
const seconds = git('log', '-1', '--format=%ct');
const time = seconds === '' ? undefined : new Date(seconds * 1000).toISOString();
await writeFile(join(dist, 'NOTICE'), notice(own, packages, bun));
for (const [name, runtime] of [['npm'], ['executables', bun]]) {
  const text = `${JSON.stringify(sbom(own, packages, lock, time, runtime), undefined, 2)}\n`;
  await writeFile(join(dist, `swarmroll-${name}.cdx.json`), text);
}
