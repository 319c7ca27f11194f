/**
 * The executable, dist/cli.js. It runs dist/program.js with V8's code cache from the last run of the same command. That
 * saves a quarter of the time of `ps` on Node 20, which has no module.enableCompileCache. On newer versions of Node, the
 * cache of a command still has the advantage that it does not contain the code of other commands.
 *
 * A cache contains code. So it is stored in the user's own folder, and a file that other users can write to is not read.
 * NODE_DISABLE_COMPILE_CACHE=1 disables the cache, as in Node itself.
 */
'use strict';
const fs = require('node:fs');
const { join } = require('node:path');

const PROGRAM = join(__dirname, 'program.js');
/** A placeholder: the build replaces it by a digest of program.js. */
const BUILD = '__BUILD__';
/** Each of these commands has its own cache file, because a cache with unused code takes longer to read. */
const COMMANDS = [
  'create',
  'diff',
  'update',
  'rollback',
  'scale',
  'restart',
  'wait',
  'stack',
  'ps',
  'inspect',
  '__complete',
];
/** With these arguments, a command runs only a small part of its code. So each of them has its own cache file too. */
const VARIANTS = ['help', '--help', '-d', '--detach'];
/** A cache file is removed after so many days: it may belong to an older version of swarmroll or Node. */
const MAX_AGE = 30;

const argv = process.argv.slice(2);
if (argv.includes('--debug') || argv.includes('-D')) {
  // Source maps make stack traces show the lines of src/. They take time, and Node only uses them for modules that it
  // loads itself.
  process.setSourceMapsEnabled(true);
  require(PROGRAM);
} else if (process.env.NODE_DISABLE_COMPILE_CACHE) {
  require(PROGRAM);
} else {
  const { Script } = require('node:vm');
  const folder = join(process.env.XDG_CACHE_HOME || join(home(), '.cache'), 'swarmroll');
  const command = argv.find((one) => COMMANDS.includes(one)) ?? 'none';
  const variant = VARIANTS.filter((one) => argv.includes(one)).join('');
  const file = join(folder, [BUILD, process.version, process.arch, command + variant].join('-'));
  const text = fs.readFileSync(PROGRAM, 'latin1');
  const cachedData = read(file);
  const script = new Script(`(function (require, module, exports) {${text}\n})`, {
    filename: PROGRAM,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  if (script.cachedDataRejected !== false) {
    // A command that failed has not run all its code, so its cache would be incomplete.
    process.on('exit', (code) => code === 0 && write(folder, file, script));
  }
  script.runInThisContext()(require, module, exports);
}

/** The user's home folder: $HOME, else what the system says. */
function home() {
  return process.env.HOME || require('node:os').homedir();
}

/** Reads a cache file; undefined if there is none, or if other users can write to it. */
function read(file) {
  let opened;
  try {
    opened = fs.openSync(file, 'r');
    const { uid, mode } = fs.fstatSync(opened);
    const isPrivate = process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);
    return isPrivate ? fs.readFileSync(opened) : undefined;
  } catch {
    return undefined;
  } finally {
    if (opened !== undefined) fs.closeSync(opened);
  }
}

/** Writes a cache file atomically, and removes old ones. Errors are ignored: the command itself has worked. */
function write(folder, file, script) {
  try {
    // If root has another user's HOME (sudo), write nothing: that user could not remove the files.
    if (process.getuid !== undefined && fs.statSync(home()).uid !== process.getuid()) return;
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    const temporary = `${file}.${process.pid}`;
    fs.writeFileSync(temporary, script.createCachedData(), { mode: 0o600, flag: 'wx' });
    fs.renameSync(temporary, file);
    for (const other of fs.readdirSync(folder)) {
      const { mtimeMs } = fs.statSync(join(folder, other));
      if (Date.now() - mtimeMs > MAX_AGE * 86_400_000) fs.rmSync(join(folder, other));
    }
  } catch {
    // Without the cache, the next start is as slow as this one.
  }
}
