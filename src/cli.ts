/** The process: argv, environment, streams and signals in, exit code out. No other file of src/ uses `process`. */
import { setMaxListeners } from 'node:events';
import { closeSync, promises, readFileSync, realpathSync, statSync } from 'node:fs';
import manifest from '../package.json' with { type: 'json' };
import { realSleep } from './clock.ts';
import { dockerEnded, programOf } from './command-line/docker-plugin.ts';
import { EXIT_CODES } from './errors.ts';
import { outputTo } from './output.ts';
import type { Output, World } from './world.ts';

/** The commit that this was built from, or "" (scripts/build.mjs). */
declare const COMMIT: string;

const interrupt = new AbortController();
// Every running request may listen to it. Node warns of a leak from 11 listeners on.
setMaxListeners(0, interrupt.signal);

/** Whether the terminal has been closed. */
let hasHungUp = false;

/** Ends the process. */
function exit(code: number): never {
  // Node resets the terminals of these at the end, and aborts where one has gone (node src/node.cc, ResetStdio).
  if (hasHungUp) {
    for (const fd of [0, 1, 2]) {
      try {
        closeSync(fd);
      } catch {
        // It is closed already.
      }
    }
  }
  process.exit(code);
}

let signals = 0;
/** The first signal ends the watch, and the command still prints its report. The second signal ends the process. */
function onSignal(signal: NodeJS.Signals, as: 'SIGINT' | 'SIGTERM'): void {
  process.on(signal, () => {
    signals += 1;
    hasHungUp ||= signal === 'SIGHUP';
    if (signals > 1) exit(EXIT_CODES[as]);
    interrupt.abort(as);
  });
}
onSignal('SIGINT', 'SIGINT');
onSignal('SIGTERM', 'SIGTERM');
onSignal('SIGHUP', 'SIGTERM');

/** Node's streams that were used. */
const used = new Set<NodeJS.WriteStream>();

/** Adds the error listener to a stream on its first use. */
function use(
  stream: NodeJS.WriteStream,
  onError: (error: NodeJS.ErrnoException) => void,
): NodeJS.WriteStream {
  if (!used.has(stream)) used.add(stream.on('error', onError));
  return stream;
}

const outputEnd = new AbortController();

/** An error of writing to stdout. When its reader has gone (| head), the command goes on to its verdict. */
function onStdoutError(error: NodeJS.ErrnoException): void {
  hasHungUp ||= error.code === 'EIO';
  if (error.code === 'EPIPE' || error.code === 'EIO') {
    outputEnd.abort();
    return;
  }
  world.stderr.write(`swarmroll: cannot write to standard output: ${error.message}\n`);
  exit(EXIT_CODES.failed);
}

/** An error of writing to stderr: nobody reads progress and errors any more. The result and the exit code still come. */
function onStderrError({ code }: NodeJS.ErrnoException): void {
  hasHungUp ||= code === 'EIO';
}

const { platform } = process;
/** Whether this is the executable, which contains the runtime Bun and the program (scripts/build-executable.mjs). */
const isExecutable = process.versions['bun'] !== undefined;
/** The path of the program as it was called. In the executable, argv[1] is the path of a file inside of it. */
const path = (isExecutable ? process.argv0 : process.argv[1]) ?? '';
const program = programOf(path);

const env = { ...process.env };
// connection/connection.ts chooses the engine. docker-modem reads this variable too, and throws for some valid
// addresses.
delete process.env['DOCKER_HOST'];

/** Created on first use: creating a terminal's stream takes Node 3 ms. */
let stdout: Output | undefined;
let stderr: Output | undefined;

const world: World = {
  env,
  // Read on demand: process.cwd() throws when the folder has been removed, and few commands need it.
  get cwd() {
    return process.cwd();
  },
  // For a file, the synchronous read takes a tenth of the time. A pipe may block, so it is read asynchronously.
  readFile: async (path) => (statSync(path).isFile() ? readFileSync(path) : promises.readFile(path)),
  readInput: async (signal) => {
    const { stdin } = process;
    signal.addEventListener('abort', () => stdin.destroy(new Error('interrupted')), { once: true });
    const chunks: Buffer[] = [];
    for await (const chunk of stdin) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  },
  get stdout() {
    return (stdout ??= outputTo(1, () => use(process.stdout, onStdoutError), onStdoutError));
  },
  get stderr() {
    return (stderr ??= outputTo(2, () => use(process.stderr, onStderrError), onStderrError));
  },
  version: manifest.version,
  commit: COMMIT,
  program,
  get executable() {
    return isExecutable ? process.execPath : realpathSync(path);
  },
  clock: {
    now: () => Math.round(performance.now()),
    date: () => new Date(),
    sleep: realSleep,
  },
  atExit: (run) => {
    process.on('exit', run);
    return () => process.off('exit', run);
  },
  interrupted: interrupt.signal,
  outputEnded: outputEnd.signal,
  connect: async (options, command) => {
    const [{ findEndpoint }, { connect }] = await Promise.all([
      import('./connection/connection.ts'),
      import('./engine/client.ts'),
    ]);
    const { readFile } = world;
    const source = { env, readFile, platform, warn: command.warn };
    const engine = await connect(await findEndpoint(options, source), command);
    // An ssh that still runs must end with the process.
    world.atExit(() => engine.close());
    return engine;
  },
  spawn: async (start) => (await import('./spawn-program.ts')).spawnProgram(start),
};

const { DOCKER_CLI_PLUGIN_SOCKET: socket } = env;
if (program === 'docker swarmroll' && socket !== undefined) {
  void dockerEnded(socket, world.clock).then(() => interrupt.abort('SIGTERM'));
}

async function run(): Promise<never> {
  const argv = process.argv.slice(2);
  // Then stack traces are whole and show the lines of src/. Node has to know before it loads the code.
  if (argv.includes('--debug') || argv.includes('-D')) {
    process.setSourceMapsEnabled(true);
    Error.stackTraceLimit = 50;
  }
  const { main } = await import('./main.ts');
  const exitCode = await main(argv, world);
  // Open connections would keep the process alive. So it exits explicitly, after all output has been written.
  for (const stream of used) {
    await new Promise((resolve) => stream.write('', resolve));
  }
  exit(exitCode);
}

void run();
