/**
 * Makes dist/: src/ and the packages that it uses in one file, and beside it what only some commands need
 * (what draws on a terminal). Loading dockerode as it is costs 80 ms, of which 70 are for what a service never
 * needs: image builds (grpc, protobufjs, tar-fs) and an ssh of its own (ssh2). Those are left out.
 */
import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Packages of which dockerode only wants to know that they are there. */
const UNUSED = /^(@grpc\/(grpc-js|proto-loader)|protobufjs|tar-fs|@balena\/dockerignore|ssh2)$/;
/** Packages that the platform, or nothing, can stand in for. */
const STAND_INS = {
  'readable-stream': 'module.exports = require("node:stream");',
  debug: 'module.exports = () => () => undefined;',
};

const slim = {
  name: 'slim-dockerode',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: UNUSED }, ({ path }) => ({ path, namespace: 'unused' }));
    onResolve({ filter: /^(readable-stream|debug)$/ }, ({ path }) => ({ path, namespace: 'stand-in' }));
    onLoad({ filter: /.*/, namespace: 'unused' }, ({ path }) => ({
      contents: `
        const absent = () => { throw new Error('${path} is not part of swarmroll'); };
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
await rm(join(root, 'dist'), { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: ['src/cli.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  chunkNames: '[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'linked',
  plugins: [slim],
  banner: {
    js: [
      // Through sh, so that node gets "--" before our words: Node 20 takes an --env-file among them for its own.
      '#!/bin/sh',
      '\':\' //; exec node -- "$0" "$@"',
      'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    ].join('\n'),
  },
});
await chmod(join(root, 'dist/cli.js'), 0o755);
