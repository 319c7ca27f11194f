/** The process: argv, environment, streams and signals in; exit code out. Nothing else touches `process`. */
import { setMaxListeners } from 'node:events';
import { appendFileSync, readFile, realpathSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import manifest from '../package.json' with { type: 'json' };
import { dockerEnded, programOf } from './docker-plugin.ts';
import { EXIT_CODES } from './errors.ts';
import { main } from './main.ts';
import type { World } from './world.ts';

const interrupt = new AbortController();
// Every request under way listens to it, and there may be many.
setMaxListeners(0, interrupt.signal);

let signals = 0;
/** The first signal ends the watching, the second the process. */
function onSignal(signal: 'SIGINT' | 'SIGTERM'): void {
  process.on(signal, () => {
    signals += 1;
    if (signals > 1) process.exit(EXIT_CODES[signal]);
    interrupt.abort(signal);
  });
}
onSignal('SIGINT');
onSignal('SIGTERM');

// A reader of the result that has gone (| head) is no reason to lose sight of the verdict. Nobody who could
// read progress and errors is: then the command ends quietly, and not with 0.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE' || error.code === 'EIO') return;
  process.stderr.write(`swarmroll: cannot write to standard output: ${error.message}\n`);
  process.exit(EXIT_CODES.failed);
});
process.stderr.on('error', () => process.exit(EXIT_CODES.failed));

const { platform } = process;
const [, path = ''] = process.argv;
const program = programOf(path);

const env = { ...process.env };
// docker-modem reads it too, and stumbles over addresses that docker takes; engine/connection.ts decides.
delete process.env['DOCKER_HOST'];

const traceFile = env['SWARMROLL_TRACE'];

const world: World = {
  ...(traceFile === undefined ? {} : { trace: (line) => appendFileSync(traceFile, `${line}\n`) }),
  env,
  cwd: process.cwd(),
  readFile: (path) =>
    new Promise((resolve, reject) => {
      readFile(path, (error, bytes) => (error === null ? resolve(bytes) : reject(error)));
    }),
  stdout: process.stdout,
  stderr: process.stderr,
  version: manifest.version,
  program,
  executable: realpathSync(path),
  clock: {
    now: () => Date.now(),
    sleep: (ms, signal) =>
      sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
  },
  interrupted: interrupt.signal,
  connect: async (options) => {
    const [{ findEndpoint }, { connect }] = await Promise.all([
      import('./engine/connection.ts'),
      import('./engine/client.ts'),
    ]);
    const engine = await connect(await findEndpoint(options, { ...world, platform }), interrupt.signal);
    // However the process ends, an ssh that still asks for something ends with it.
    process.on('exit', () => engine.close());
    return engine;
  },
};

const { DOCKER_CLI_PLUGIN_SOCKET: socket } = env;
if (program === 'docker swarmroll' && socket !== undefined) {
  void dockerEnded(socket, world.clock).then(() => interrupt.abort('SIGTERM'));
}

async function run(): Promise<never> {
  const exitCode = await main(process.argv.slice(2), world);
  // Connections may still be open, so the process is ended once all that was written has gone out.
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise((resolve) => stream.write('', resolve));
  }
  process.exit(exitCode);
}

void run();
