#!/usr/bin/env node
/** The process: argv, environment, streams and signals in; exit code out. Nothing else touches `process`. */
import { appendFileSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { addressOf } from './engine/connection.ts';
import { main } from './main.ts';
import type { World } from './world.ts';

const interrupt = new AbortController();

/** The first signal ends the watching, the second the process. */
function onSignal(signal: 'SIGINT' | 'SIGTERM', code: number): void {
  process.on(signal, () => {
    if (interrupt.signal.aborted) process.exit(code);
    interrupt.abort(signal);
  });
}
onSignal('SIGINT', 130);
onSignal('SIGTERM', 143);

// A reader that has gone (| head, a closed terminal) ends the command quietly.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || error.code === 'EIO') process.exit();
    throw error;
  });
}

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const traceFile = process.env['SWARMROLL_TRACE'];

const world: World = {
  ...(traceFile === undefined ? {} : { trace: (line) => appendFileSync(traceFile, `${line}\n`) }),
  env: process.env,
  cwd: process.cwd(),
  readFile: (path) => readFile(path),
  stdout: process.stdout,
  stderr: process.stderr,
  version: manifest.version,
  clock: {
    now: () => Date.now(),
    sleep: (ms, signal) =>
      sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
  },
  interrupted: interrupt.signal,
  connect: async (options) => {
    const address = addressOf(options, process.env);
    const { connect } = await import('./engine/client.ts');
    return connect(address);
  },
};

process.exitCode = await main(process.argv.slice(2), world);
