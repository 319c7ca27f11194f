/** Lets Node run TypeScript: node --import ./scripts/typescript.mjs FILE.ts */
import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import { transform } from 'esbuild';

// Node calls `load` in a thread of its own, which imports this file again.
if (isMainThread) register(import.meta.url);

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const source = await readFile(new URL(url), 'utf8');
  const { code } = await transform(source, { loader: 'ts', target: 'node20.19' });
  return { format: 'module', source: code, shortCircuit: true };
}
