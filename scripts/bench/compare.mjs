/** Runs both builds beside docker and beside an empty script, and makes the rows of the comparison (report.mjs). */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { inTurn, median, ratio } from './pairs.mjs';
import { proxy } from './proxy.mjs';

export const ROOT = join(import.meta.dirname, '../..');
/** The executable. Cases that compare only programs, not their starts, measure it alone. */
export const SWARMROLL = join(ROOT, 'dist/swarmroll');
const NODE_BUILD = join(ROOT, 'dist/cli.js');
export const scratch = mkdtempSync(join(tmpdir(), 'swarmroll-bench-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
const EMPTY = join(scratch, 'empty.js');
writeFileSync(EMPTY, '');

/** Counted runs of each program; fewer with ROUNDS=3, to try a case out. */
export const ROUNDS = Number(process.env.ROUNDS ?? 30);
export const WATCHES = Math.min(ROUNDS, 10);

export const ms = (value) => `${value.toFixed(value < 10 ? 1 : 0)} ms`;

/** A row of one build that is compared with another program. */
const compared = (what, build, ours, name, theirs, most) => ({
  what,
  build,
  ours: ms(median(ours)),
  theirs: `${name} ${ms(median(theirs))}`,
  ratio: ratio(ours, theirs),
  most,
});

/**
 * Compares both builds with docker, as whole processes. `words(round)` are the arguments.
 * @param {{executable: number, node?: number}} most the limits
 */
export async function besideDocker(
  what,
  most,
  rounds,
  words,
  { env = {}, docker = words, program = ['docker', 'service'] } = {},
) {
  const [executable, node, theirs] = await inTurn(rounds, [
    (round) => ({ command: [SWARMROLL, ...words(round)], env }),
    (round) => ({ command: [NODE_BUILD, ...words(round)], env }),
    (round) => ({ command: [...program, ...docker(round)], env }),
  ]);
  return [
    compared(what, 'executable', executable, 'docker', theirs, most.executable),
    compared(what, 'Node', node, 'docker', theirs, most.node),
  ];
}

/** Compares the build for Node with an empty script. */
export async function besideNothing(what, most, words) {
  const [ours, theirs] = await inTurn(ROUNDS, [
    () => ({ command: [NODE_BUILD, ...words] }),
    () => ({ command: ['node', EMPTY] }),
  ]);
  return compared(what, 'Node', ours, 'empty script', theirs, most);
}

/** Measures over a link whose round trip takes so many milliseconds. */
export async function overLink(roundTrip, measure) {
  const link = await proxy(roundTrip);
  try {
    return await measure({ DOCKER_HOST: link.host });
  } finally {
    link.close();
  }
}

/** The peak memory of a command, in MiB. It is read until the command ends. */
export async function peak(words) {
  const child = spawn(SWARMROLL, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.resume();
  let most = 0;
  while (child.exitCode === null) {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    most = Math.max(most, Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0));
    await setImmediate();
  }
  return most / 1024;
}
