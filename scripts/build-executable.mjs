/**
 * Makes executables that need no Node: dist/ (npm run build) and the runtime Bun in one file, by Bun's compiler.
 * usage: npm run build:executable           dist/swarmroll, for this machine
 *        npm run build:executable -- --all  dist/release/: one for each platform, and SHA256SUMS
 *        npm run build:executable -- NAME   dist/release/: the one of this name
 * All of it comes from npm: the compiler is the package of this machine's platform, and the other runtimes are packages too.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/** The name of each executable, and Bun's name of the platform. "baseline" is for processors without AVX2. */
const PLATFORMS = {
  'swarmroll-linux-x64': 'linux-x64',
  'swarmroll-linux-x64-baseline': 'linux-x64-baseline',
  'swarmroll-linux-x64-musl': 'linux-x64-musl',
  'swarmroll-linux-x64-musl-baseline': 'linux-x64-musl-baseline',
  'swarmroll-linux-arm64': 'linux-aarch64',
  'swarmroll-linux-arm64-musl': 'linux-aarch64-musl',
  'swarmroll-macos-arm64': 'darwin-aarch64',
  'swarmroll-macos-x64': 'darwin-x64',
  'swarmroll-windows-x64.exe': 'windows-x64',
};

const root = join(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(root, 'node_modules/bun/package.json'), 'utf8'));
const scratch = mkdtempSync(join(tmpdir(), 'swarmroll-build-'));
process.on('exit', () => rmSync(scratch, { recursive: true }));

/** Bun's package for this machine, which npm has installed. */
const [installed] = readdirSync(join(root, 'node_modules/@oven'));
const own = join(root, 'node_modules/@oven', installed);
/** The path of the executable in one of Bun's packages. */
const runtimeIn = (folder) => join(folder, 'bin', readdirSync(join(folder, 'bin'))[0]);

/** Downloads Bun's package for a platform. */
function download(platform) {
  const npm = ['pack', '--silent', '--pack-destination', scratch, `@oven/bun-${platform}@${version}`];
  const archive = execFileSync('npm', npm, { cwd: scratch, encoding: 'utf8' }).trim();
  const folder = join(scratch, platform);
  mkdirSync(folder);
  execFileSync('tar', ['-xzf', join(scratch, archive), '--strip-components=1', '-C', folder]);
  return folder;
}

/** Runs Bun's compiler on dist/cli.js. */
function compile(outfile, ...options) {
  const compiler = [
    // With --sourcemap=inline, a stack trace names files and lines of dist/. Without it, it names the functions, and a download
    // is 0.8 MB smaller.
    ...['build', '--compile', '--bytecode', '--format=cjs', `--outfile=${outfile}`],
    // Functions are compiled to machine code ten times later than usual: most commands end before that saves time.
    '--compile-jit-policy=10',
    // No .env and no bunfig.toml of the working directory. package.json and tsconfig.json are not read by default.
    ...['--no-compile-autoload-dotenv', '--no-compile-autoload-bunfig'],
    ...[...options, 'dist/cli.js'],
  ];
  execFileSync(runtimeIn(own), compiler, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
}

/**
 * Records which functions a start uses. The compiler then puts their bytecode side by side, and a start takes 4% less.
 * @returns the path of the record
 */
function recordStart() {
  const [program, order] = [join(scratch, 'recorded'), join(scratch, 'order')];
  compile(program);
  const env = { ...process.env, BUN_BYTECODE_ORDER_OUT: order };
  execFileSync(program, ['--version'], { env, stdio: 'ignore' });
  return order;
}
const order = recordStart();

/** Makes the executable of a platform from its package of Bun. */
function make(platform, folder, outfile) {
  const made = join(scratch, basename(outfile));
  const target = `--target=bun-${platform.replace('aarch64', 'arm64')}`;
  compile(made, target, `--compile-executable-path=${runtimeIn(folder)}`, `--bytecode-order=${order}`);
  // An executable that is running can be removed, but not overwritten.
  rmSync(outfile, { force: true });
  copyFileSync(made, outfile);
}

const [which] = process.argv.slice(2);
if (which === undefined) {
  make(basename(own).replace('bun-', ''), own, join(root, 'dist/swarmroll'));
} else {
  const names = Object.keys(PLATFORMS).filter((name) => which === '--all' || which === name);
  if (names.length === 0) throw new Error(`${which} is not one of ${Object.keys(PLATFORMS).join(', ')}`);
  const release = join(root, 'dist/release');
  rmSync(release, { recursive: true, force: true });
  mkdirSync(release);
  const sums = names.map((name) => {
    const platform = PLATFORMS[name];
    console.error(`building ${name}`);
    make(platform, download(platform), join(release, name));
    const digest = createHash('sha256')
      .update(readFileSync(join(release, name)))
      .digest('hex');
    return `${digest}  ${name}\n`;
  });
  writeFileSync(join(release, 'SHA256SUMS'), sums.join(''));
}
