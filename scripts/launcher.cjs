/**
 * The executable, dist/cli.js: runs dist/program.js with what V8 compiled of it the last time that the same command
 * ran. That saves a quarter of a `ps` on Node 20, which has no cache of its own (module.enableCompileCache), and
 * on newer Nodes it keeps a command from loading what only others use.
 *
 * A cache is code: it lies in the user's own folder, and one that anybody else could have written is not read.
 * NODE_DISABLE_COMPILE_CACHE=1 does without, as in Node itself.
 */
'use strict';
const fs = require('node:fs');
const { join } = require('node:path');

const PROGRAM = join(__dirname, 'program.js');
/** Stands for the program's text: the build puts a digest of it here. */
const BUILD = '__BUILD__';
/** Those that have a cache each: what a command has not run it would only have to read. */
const COMMANDS = ['create', 'update', 'rollback', 'scale', 'restart', 'wait', 'stack', 'ps', 'inspect', '__complete'];
/** Words with which it runs little of what it else does, and so has another cache. */
const WAYS = ['help', '--help', '-d', '--detach'];
/** Days after which a cache is removed: it may be that of an older program or Node. */
const KEPT = 30;

const words = process.argv.slice(2);
if (words.includes('--debug') || words.includes('-D')) {
  // Stack traces then name the lines of src/. The maps cost time, and Node reads them only of what it loads itself.
  process.setSourceMapsEnabled(true);
  require(PROGRAM);
} else if (process.env.NODE_DISABLE_COMPILE_CACHE) {
  require(PROGRAM);
} else {
  const { Script } = require('node:vm');
  const folder = join(process.env.XDG_CACHE_HOME || join(home(), '.cache'), 'swarmroll');
  const command = words.find((word) => COMMANDS.includes(word)) ?? 'none';
  const way = WAYS.filter((word) => words.includes(word)).join('');
  const file = join(folder, [BUILD, process.version, process.arch, command + way].join('-'));
  const text = fs.readFileSync(PROGRAM, 'latin1');
  const cachedData = read(file);
  const script = new Script(`(function (require, module, exports) {${text}\n})`, {
    filename: PROGRAM,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  if (script.cachedDataRejected !== false) {
    // What failed has not run all that the next time will.
    process.on('exit', (code) => code === 0 && write(folder, file, script));
  }
  script.runInThisContext()(require, module, exports);
}

/** Asked of the system only where the environment does not say. */
function home() {
  return process.env.HOME || require('node:os').homedir();
}

/** What the file holds, if it is there and nobody else may write to it. */
function read(file) {
  let opened;
  try {
    opened = fs.openSync(file, 'r');
    const { uid, mode } = fs.fstatSync(opened);
    const ours = process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);
    return ours ? fs.readFileSync(opened) : undefined;
  } catch {
    return undefined;
  } finally {
    if (opened !== undefined) fs.closeSync(opened);
  }
}

/** Keeps what was compiled, whole or not at all. That it can't is no reason to say anything. */
function write(folder, file, script) {
  try {
    // As root with another user's HOME (sudo), nothing is left there that the user could not remove.
    if (process.getuid !== undefined && fs.statSync(home()).uid !== process.getuid()) return;
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    const half = `${file}.${process.pid}`;
    fs.writeFileSync(half, script.createCachedData(), { mode: 0o600, flag: 'wx' });
    fs.renameSync(half, file);
    for (const other of fs.readdirSync(folder)) {
      const { mtimeMs } = fs.statSync(join(folder, other));
      if (Date.now() - mtimeMs > KEPT * 86_400_000) fs.rmSync(join(folder, other));
    }
  } catch {
    // The next start is as slow as this one.
  }
}
