/** Whole processes timed in turn: A B A B ..., so that a machine whose speed drifts does not favour either. */
import { spawn } from 'node:child_process';

/** The middle one; the mean of the middle two. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return (sorted[Math.floor(half)] + sorted[Math.ceil(half) - 1]) / 2;
}

/**
 * Runs a command to its end. Nothing comes in; what it writes goes through a pipe, as in a script, and is thrown away.
 * @param {{command: string[], env?: object}} what
 * @returns {Promise<number>} milliseconds of wall time
 * @throws when its exit code is not 0
 */
export function timed({ command: [program, ...args], env = {} }) {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    child.stdout.resume();
    child.stderr.resume();
    child.on('error', reject);
    child.on('exit', (code) => {
      const took = performance.now() - began;
      if (code === 0) resolve(took);
      else reject(new Error(`exit ${code} of: ${program} ${args.join(' ')}`));
    });
  });
}

/**
 * Times several commands in turn, after a run of each that does not count.
 * @param {number} rounds counted runs of each
 * @param {((round: number) => {command: string[], env?: object})[]} makers one for each command
 * @returns {Promise<number[][]>} milliseconds, by command
 */
export async function inTurn(rounds, makers) {
  const times = makers.map(() => []);
  for (let round = -1; round < rounds; round += 1) {
    for (const [index, make] of makers.entries()) {
      const took = await timed(make(round));
      if (round >= 0) times[index].push(took);
    }
  }
  return times;
}

/** The median of the ratios pair by pair. */
export function ratio(ours, theirs) {
  return median(ours.map((one, index) => one / theirs[index]));
}
