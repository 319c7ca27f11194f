/** The costs of a client that watches: processor time of the engine and of the client, and bytes. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { DOCKERD } from './engine.mjs';
import { proxy } from './proxy.mjs';

/** The length of a clock tick in /proc, in milliseconds (USER_HZ is 100 on all Linux machines). */
const TICK = 10;

/**
 * The processor time of a process, user and system together, in milliseconds; undefined once the process has ended. The
 * kernel counts nanoseconds and rounds to ticks.
 * @param options.children whether to add the time of children that have ended
 */
export function cpuOf(pid, { children = false } = {}) {
  let stat;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    // The process has just ended.
    return undefined;
  }
  // Fields 14 and 15 of proc(5). They are counted from the end of the name, because the name can contain any character.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const own = Number(fields[11]) + Number(fields[12]);
  return (own + (children ? Number(fields[13]) + Number(fields[14]) : 0)) * TICK;
}

/** Seconds at the beginning that are not counted: the client starts, and the engine creates the tasks. */
const BEGINNING = 3;

/**
 * Runs a client, measures the costs of so many seconds, and kills it. (After SIGKILL, its end costs nothing.)
 * @param {{command: string[], seconds: number}} what
 * @returns {Promise<{engineCpu: number, ownCpu: number, received: number}>} milliseconds of processor time; bytes
 */
export async function watching({ command, seconds }) {
  const between = await proxy();
  const [program, ...args] = command;
  const child = spawn(program, args, {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: undefined, DOCKER_HOST: between.host },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const ended = new Promise((resolve) => child.on('close', (code) => resolve(code)));
  await sleep(BEGINNING * 1000);
  const [engineBefore, ownBefore] = [cpuOf(DOCKERD), cpuOf(child.pid)];
  const receivedBefore = between.received();
  const early = await Promise.race([ended.then((code) => `exit ${code}`), sleep(seconds * 1000)]);
  if (early !== undefined) throw new Error(`${command.join(' ')} ended too soon: ${early}\n${output}`);
  const engineCpu = cpuOf(DOCKERD) - engineBefore;
  const ownCpu = cpuOf(child.pid) - ownBefore;
  child.kill('SIGKILL');
  await ended;
  const received = between.received() - receivedBefore;
  between.close();
  return { engineCpu, ownCpu, received };
}
