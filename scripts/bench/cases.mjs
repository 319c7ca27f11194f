/** The benchmark cases and their limits. Each case returns rows (report.mjs). */
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ROOT,
  ROUNDS,
  SWARMROLL,
  WATCHES,
  besideDocker,
  besideNothing,
  ms,
  overLink,
  peak,
  scratch,
} from './compare.mjs';
import { deploying, tagImages, writesOfTheSame } from './deploying.mjs';
import { inTurn, median, ratio, timed } from './pairs.mjs';
import { PENDING, changeLabels, clear, creation, given, newName, service } from './services.mjs';
import { deployed, given as givenStack, writeCompose } from './stack.mjs';
import { watching } from './watching.mjs';

async function start() {
  await given('bench-6', 6);
  const alone = { program: ['docker'], docker: () => ['--version'] };
  const inspect = () => ['inspect', 'bench-6'];
  return [
    ...(await besideDocker('ps of 6 tasks', { executable: 0.8, node: 2.7 }, ROUNDS, () => ['ps', 'bench-6'])),
    ...(await besideDocker('inspect', { executable: 0.9 }, ROUNDS, inspect)),
    ...(await besideDocker('--version', { executable: 0.8 }, ROUNDS, () => ['--version'], alone)),
    ...(await besideDocker('--help', { executable: 1 }, ROUNDS, () => ['--help'], alone)),
    ...(await besideDocker('update --help', { executable: 1.2 }, ROUNDS, () => ['update', '--help'], alone)),
    await besideNothing('--version', 1.6, ['--version']),
    await completion(),
  ];
}

/** Completes the name of a service. */
async function completion() {
  const [ours] = await inTurn(ROUNDS, [() => ({ command: [SWARMROLL, '__complete', '--', 'ps', 'bench'] })]);
  const what = 'completion of the name of a service';
  return {
    what,
    build: 'executable',
    ours: ms(median(ours)),
    theirs: '',
    ratio: median(ours),
    most: 25,
    unit: ' ms',
  };
}

async function link() {
  await given('bench-6', 6);
  const ps = () => ['ps', 'bench-6'];
  return [
    ...(await overLink(10, (env) =>
      besideDocker('ps of 6 tasks, 10 ms away', { executable: 0.3 }, ROUNDS, ps, { env }),
    )),
    ...(await overLink(50, (env) =>
      besideDocker('ps of 6 tasks, 50 ms away', { executable: 0.15 }, ROUNDS, ps, { env }),
    )),
  ];
}

async function many() {
  const rows = [];
  for (const [tasks, executable, memory] of [
    [1000, 0.5, 60],
    [5000, 0.35, 90],
  ]) {
    const name = `bench-${tasks}`;
    await given(name, tasks, ...PENDING);
    rows.push(...(await besideDocker(`ps of ${tasks} tasks`, { executable }, ROUNDS, () => ['ps', name])));
    rows.push(await plan(tasks, name));
    const held = await peak(['ps', name]);
    const what = `ps of ${tasks} tasks: memory`;
    rows.push({
      what,
      build: 'executable',
      ours: `${held.toFixed(0)} MiB`,
      theirs: '',
      ratio: held,
      most: memory,
      unit: ' MiB',
    });
  }
  return rows;
}

/** The plan of an update that replaces all tasks, beside the list of these tasks. */
async function plan(tasks, name) {
  const [ours, list] = await inTurn(ROUNDS, [
    () => ({ command: [SWARMROLL, 'update', '--dry-run', '--force', name] }),
    () => ({ command: [SWARMROLL, 'ps', name] }),
  ]);
  return {
    what: `update --dry-run of ${tasks} tasks`,
    build: 'executable',
    ours: ms(median(ours)),
    theirs: `ps ${ms(median(list))}`,
    ratio: ratio(ours, list),
    most: 1.3,
  };
}

/** Changes that start no task: of labels, and of a service without tasks. */
async function changes() {
  await given('bench-0', 0);
  const update = (round) => ['update', '--detach', '--label-add', `round=${round}-${Date.now()}`, 'bench-0'];
  const create = () => creation(newName(), '--detach', '--replicas', '0');
  const rows = [];
  for (const [roundTrip, where, updating, creating] of [
    [0, '', 1, 1],
    [10, ', 10 ms away', 0.6, 0.7],
    [50, ', 50 ms away', 0.4],
  ]) {
    const measure = async (env) => {
      rows.push(
        ...(await besideDocker(`update -d${where}`, { executable: updating }, ROUNDS, update, { env })),
      );
      if (creating === undefined) return;
      const what = `create -d with a digest to resolve${where}`;
      rows.push(...(await besideDocker(what, { executable: creating }, ROUNDS, create, { env })));
    };
    await (roundTrip === 0 ? measure({}) : overLink(roundTrip, measure));
  }
  return rows;
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
    for (let round = 0; round < WATCHES; round += 1) {
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
      build: 'executable',
      ours: show(median(ours.map(figure))),
      theirs: `docker ${show(median(theirs.map(figure)))}`,
      ratio: ratio(ours.map(figure), theirs.map(figure)),
      most,
    });
    rows.push(
      row("engine's processor", 0.15, ({ engineCpu }) => engineCpu, ms),
      row(
        'bytes received',
        0.06,
        ({ received }) => received,
        (bytes) => `${(bytes / 1e6).toFixed(2)} MB`,
      ),
      row('own processor', 0.2, ({ ownCpu }) => ownCpu, ms),
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
    build: 'executable',
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

/** Sends a stack, new and again, and does not watch it. Here a delay is that of each way: a request and its reply take twice as long. */
async function deploy() {
  tagImages();
  const rows = [];
  for (const [what, options] of [
    ['stack of 20 services', { most: [1, 0.7] }],
    ['stack of 3 services', { services: 3, most: [1.3, 1.5] }],
    ['stack of 20 services, 10 ms each way', { roundTrip: 20, most: [0.4, 0.3] }],
    ['stack of 20 services, 50 ms each way', { roundTrip: 100, most: [0.35, 0.2] }],
    [
      'stack of 20 services, 10 ms each way, registry answers after 200 ms',
      { roundTrip: 20, registry: 200, most: [0.15, 0.15] },
    ],
    [
      'stack of 20 services, 5 configs and 5 secrets, 50 ms each way',
      { roundTrip: 100, objects: 5, most: [0.15, 0.12] },
    ],
  ])
    rows.push(...(await deploying(what, options)));
  rows.push(await writesOfTheSame());
  return rows;
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
    build: 'executable',
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
  const file = readFileSync(SWARMROLL);
  // Node's own gzip is a faster one that makes larger files.
  const gzipped = execFileSync('gzip', ['-c', SWARMROLL], { maxBuffer: Infinity });
  const row = (what, build, size, most) => ({
    what,
    build,
    ours: `${size.toFixed(1)} MB`,
    theirs: '',
    ratio: size,
    most,
    unit: ' MB',
  });
  return [
    row('the file', 'executable', file.length / 1e6, 120),
    row('the file, gzipped', 'executable', gzipped.length / 1e6, 55),
    row('installed package, dependencies counted', 'Node', mega, 3),
  ];
}

export const CASES = { start, link, many, changes, watch, stack, deploy, verdicts, size };
