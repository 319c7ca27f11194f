/**
 * Makes dist/: src/ and the packages that it uses in one file, program.js (but for what is APART), and the executable
 * that starts it, cli.js (scripts/launcher.cjs). Loading dockerode as it is costs 80 ms, of which 70 are for what a
 * service never needs: image builds (grpc, protobufjs, tar-fs) and an ssh of its own (ssh2). Those are left out.
 */
import { isAscii } from 'node:buffer';
import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { build } from 'esbuild';

const DOCKERODE = /node_modules\/docker(ode|-modem)\//;
/**
 * What it only wants to know to be there: the sessions of image builds (grpc, protobufjs), archives, its ssh, and its
 * objects, one a kind of thing, where all requests go through its connection alone (engine/client.ts).
 */
const UNUSED =
  /^(\.\/(session|buildkit|container|image|volume|network|service|plugin|secret|config|task|node|exec)|tar-fs|zlib|@balena\/dockerignore|ssh2)$/;
/** Modules that the platform, or nothing, can stand in for. */
const STAND_INS = {
  'readable-stream': 'module.exports = require("node:stream");',
  debug: 'module.exports = () => () => undefined;',
  // It prints every request, at 1 ms each, for a debug log that would show the header with the credentials.
  util: 'module.exports = { inspect: () => "", inherits: require("node:util").inherits };',
  // Its own follows redirects, of which the engine's lead nowhere. TLS takes 1.3 ms to load, and few need it.
  './http': `module.exports = {
    get http() { return require('node:http'); },
    get https() { return require('node:https'); },
  };`,
};
const STOOD_IN = new RegExp(`^(${Object.keys(STAND_INS).join('|').replaceAll('.', '\\.')})$`);

const slim = {
  name: 'slim-dockerode',
  setup({ onResolve, onLoad }) {
    const instead = (namespace, name) => (asked) =>
      DOCKERODE.test(asked.importer) ? { path: name ?? asked.path, namespace } : undefined;
    onResolve({ filter: UNUSED }, instead('unused', 'unused'));
    onResolve({ filter: STOOD_IN }, instead('stand-in'));
    // Of yargs only its parser is used, and the rest is no loss.
    onResolve({ filter: /platform-shims/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path),
      sideEffects: false,
    }));
    onLoad({ filter: /.*/, namespace: 'unused' }, () => ({
      contents: `
        const absent = () => { throw new Error('a part of dockerode that swarmroll leaves out'); };
        module.exports = new Proxy(absent, { get: () => absent });
      `,
    }));
    onLoad({ filter: /.*/, namespace: 'stand-in' }, ({ path }) => ({
      contents: STAND_INS[path],
      resolveDir: import.meta.dirname,
    }));
  },
};

const root = join(import.meta.dirname, '..');
/** What draws with ora and table lies in files of its own: 250 KB that every start would read, and few use. */
const APART = { tty: 'src/render/tty.ts', table: 'src/render/table.ts', suggest: 'src/command-line/suggest.ts' };
const apart = {
  name: 'apart',
  setup({ onResolve }) {
    onResolve({ filter: /\.ts$/ }, ({ path, resolveDir, kind }) => {
      const module = relative(root, join(resolveDir, path));
      const isImported = kind !== 'entry-point' && Object.values(APART).includes(module);
      return isImported ? { path: `./${basename(module, '.ts')}.js`, external: true } : undefined;
    });
  },
};

const dist = join(root, 'dist');
await rm(dist, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { program: 'src/cli.ts', ...APART },
  outdir: 'dist',
  bundle: true,
  // What is imported when it's needed stays in the file, unread until then.
  format: 'cjs',
  platform: 'node',
  target: 'node20.19',
  // V8's cache goes with a script that can't import, only require.
  supported: { 'dynamic-import': false },
  // Names too: 1 ms of every start. Stack traces show the lines of src/ all the same (launcher.cjs).
  minify: true,
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'linked',
  plugins: [slim, apart],
});
const program = await readFile(join(dist, 'program.js'));
// The launcher reads bytes as characters, which is quicker; esbuild escapes all others but those in regular expressions.
if (!isAscii(program))
  throw new Error('dist/program.js is not ASCII: write \\u escapes in regular expressions');
const digest = createHash('sha256').update(program).digest('hex').slice(0, 12);
const launcher = await readFile(join(root, 'scripts/launcher.cjs'), 'utf8');
// Through sh, so that node gets "--" before our words: Node 20 takes an --env-file among them for its own. Of the threads
// that V8 has for its own work one is enough: to start all four is 1 ms of 40, and 5000 tasks take 5 ms of 150 less.
const SHEBANG = '#!/bin/sh\n\':\' //; exec node --v8-pool-size=1 -- "$0" "$@"\n';
await writeFile(join(dist, 'cli.js'), SHEBANG + launcher.replace('__BUILD__', digest), { mode: 0o755 });
await writeFile(join(dist, 'package.json'), '{ "type": "commonjs" }\n');
