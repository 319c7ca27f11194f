/** Times whole processes alternately (A B A B ...), so that changes of the machine's speed affect all in the same way. */
import { spawn } from 'node:child_process';

/** The median. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return (sorted[Math.floor(half)] + sorted[Math.ceil(half) - 1]) / 2;
}

/**
 * Runs a command to its end. Its standard input is empty; its output goes through pipes, as in a script, and is ignored.
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
 * Times several commands alternately. The first run of each does not count.
 * @param {number} rounds counted runs of each
 * @param {((round: number) => {command: string[], env?: object})[]} makers a function for each command
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

/** The median of the ratios of each pair. */
export function ratio(ours, theirs) {
  return median(ours.map((one, index) => one / theirs[index]));
}
