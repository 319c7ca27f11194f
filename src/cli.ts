/** The process: argv, environment, streams and signals in; exit code out. Nothing else touches `process`. */
import { setMaxListeners } from 'node:events';
import { appendFileSync, readFile, readFileSync, realpathSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import manifest from '../package.json' with { type: 'json' };
import { dockerEnded, programOf } from './command-line/docker-plugin.ts';
import { EXIT_CODES } from './errors.ts';
import { main } from './main.ts';
import { outputTo } from './output.ts';
import type { Output, World } from './world.ts';

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

/** Node's streams that something was written to. */
const used = new Set<NodeJS.WriteStream>();

function use(
  stream: NodeJS.WriteStream,
  onError: (error: NodeJS.ErrnoException) => void,
): NodeJS.WriteStream {
  if (!used.has(stream)) used.add(stream.on('error', onError));
  return stream;
}

/** A reader of the result that has gone (| head) is no reason to lose sight of the verdict. */
function resultLost(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE' || error.code === 'EIO') return;
  process.stderr.write(`swarmroll: cannot write to standard output: ${error.message}\n`);
  process.exit(EXIT_CODES.failed);
}

/** Nobody who could read progress and errors is: the command ends quietly, and not with 0. */
const nobodyReads = (): never => process.exit(EXIT_CODES.failed);

const { platform } = process;
const [, path = ''] = process.argv;
const program = programOf(path);

const env = { ...process.env };
// docker-modem reads it too, and stumbles over addresses that docker takes; engine/connection.ts decides.
delete process.env['DOCKER_HOST'];

/** Where the trace goes (npm run trace). */
const traceFile = env['SWARMROLL_TRACE'] || undefined;

/** Made when there is something to say: a terminal's stream takes Node 3 ms. */
let result: Output | undefined;

const world: World = {
  ...(traceFile === undefined ? {} : { trace: (line) => appendFileSync(traceFile, `${line}\n`) }),
  env,
  // There may be none any more, and few need it.
  get cwd() {
    return process.cwd();
  },
  // A file is read at once, which takes a tenth of Node's other way; a pipe may keep one waiting.
  readFile: async (path) => (statSync(path).isFile() ? readFileSync(path) : promisify(readFile)(path)),
  get stdout() {
    return (result ??= outputTo(1, () => use(process.stdout, resultLost), resultLost));
  },
  get stderr() {
    return use(process.stderr, nobodyReads);
  },
  version: manifest.version,
  program,
  get executable() {
    return realpathSync(path);
  },
  clock: {
    now: () => Math.round(performance.now()),
    date: () => new Date(),
    sleep: (ms, signal) =>
      sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
  },
  interrupted: interrupt.signal,
  connect: async (options) => {
    const [{ findEndpoint }, { connect }] = await Promise.all([
      import('./connection/connection.ts'),
      import('./engine/client.ts'),
    ]);
    const { readFile } = world;
    const engine = await connect(await findEndpoint(options, { env, readFile, platform }), interrupt.signal);
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
  for (const stream of used) {
    await new Promise((resolve) => stream.write('', resolve));
  }
  process.exit(exitCode);
}

void run();
