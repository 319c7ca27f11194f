/**
 * Builds dist/. program.js contains src/ and the packages that it uses, except for the modules in SEPARATE. cli.js is the
 * executable that runs it (scripts/launcher.cjs). Importing all of dockerode takes 80 ms. 70 ms of that are for parts that
 * services never need: image builds (grpc, protobufjs, tar-fs) and an ssh client (ssh2). They are left out.
 */
import { isAscii } from 'node:buffer';
import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { build } from 'esbuild';

const DOCKERODE = /node_modules\/docker(ode|-modem)\//;
/**
 * Modules that dockerode imports but swarmroll never calls: sessions of image builds (grpc, protobufjs), archives, the ssh
 * client, and the classes for containers, services and so on. engine/client.ts only uses dockerode's connection.
 */
const UNUSED =
  /^(\.\/(session|buildkit|container|image|volume|network|service|plugin|secret|config|task|node|exec)|tar-fs|zlib|@balena\/dockerignore|ssh2)$/;
/** Replacements for modules that dockerode imports. */
const REPLACEMENTS = {
  'readable-stream': 'module.exports = require("node:stream");',
  debug: 'module.exports = () => () => undefined;',
  // docker-modem formats every request for its debug log, which takes 1 ms and would include the credentials.
  util: 'module.exports = { inspect: () => "", inherits: require("node:util").inherits };',
  // docker-modem's own module follows redirects, which the engine never sends. https is loaded only if TLS is used,
  // because that takes 1.3 ms.
  './http': `module.exports = {
    get http() { return require('node:http'); },
    get https() { return require('node:https'); },
  };`,
};
const REPLACED = new RegExp(`^(${Object.keys(REPLACEMENTS).join('|').replaceAll('.', '\\.')})$`);

const slim = {
  name: 'slim-dockerode',
  setup({ onResolve, onLoad }) {
    const resolveTo = (namespace, name) => (request) =>
      DOCKERODE.test(request.importer) ? { path: name ?? request.path, namespace } : undefined;
    onResolve({ filter: UNUSED }, resolveTo('unused', 'unused'));
    onResolve({ filter: REPLACED }, resolveTo('replacement'));
    // Only the parser of yargs is used. Without side effects, esbuild can leave out the other modules.
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
    onLoad({ filter: /.*/, namespace: 'replacement' }, ({ path }) => ({
      contents: REPLACEMENTS[path],
      resolveDir: import.meta.dirname,
    }));
  },
};

const root = join(import.meta.dirname, '..');
/** Modules with ora, table or yargs get their own files: few commands need these 250 KB, but every start would read them. */
const SEPARATE = {
  tty: 'src/render/tty.ts',
  table: 'src/render/table.ts',
  suggest: 'src/command-line/suggest.ts',
};
const separate = {
  name: 'separate-files',
  setup({ onResolve }) {
    onResolve({ filter: /\.ts$/ }, ({ path, resolveDir, kind }) => {
      const module = relative(root, join(resolveDir, path));
      const isImported = kind !== 'entry-point' && Object.values(SEPARATE).includes(module);
      return isImported ? { path: `./${basename(module, '.ts')}.js`, external: true } : undefined;
    });
  },
};

const dist = join(root, 'dist');
await rm(dist, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { program: 'src/cli.ts', ...SEPARATE },
  outdir: 'dist',
  bundle: true,
  // Modules of dynamic imports are in the same file. V8 compiles them only when they are imported.
  format: 'cjs',
  platform: 'node',
  target: 'node20.19',
  // The launcher runs the program as a vm.Script, where require() works but import() does not.
  supported: { 'dynamic-import': false },
  // Short names save 1 ms at every start. Stack traces still show the lines of src/ (launcher.cjs).
  minify: true,
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'linked',
  plugins: [slim, separate],
});
const program = await readFile(join(dist, 'program.js'));
// The launcher reads the file as Latin-1, which is faster than UTF-8. esbuild escapes all other characters, except those in
// regular expressions.
if (!isAscii(program))
  throw new Error('dist/program.js is not ASCII: write \\u escapes in regular expressions');
const digest = createHash('sha256').update(program).digest('hex').slice(0, 12);
const launcher = await readFile(join(root, 'scripts/launcher.cjs'), 'utf8');
// sh starts node, because node must get "--" before our arguments: Node 20 would use --env-file itself. V8 gets one worker
// thread: starting its usual four takes 1 ms of 40, and with one, 5000 tasks take 5 ms of 150 less.
const SHEBANG = '#!/bin/sh\n\':\' //; exec node --v8-pool-size=1 -- "$0" "$@"\n';
await writeFile(join(dist, 'cli.js'), SHEBANG + launcher.replace('__BUILD__', digest), { mode: 0o755 });
await writeFile(join(dist, 'package.json'), '{ "type": "commonjs" }\n');
