/** What a client that watches costs: the engine's processor time, its own, and the bytes and requests between. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { DOCKERD } from './engine.mjs';
import { proxy } from './proxy.mjs';

/** Milliseconds of a clock tick of /proc (USER_HZ is 100 everywhere). */
const TICK = 10;

/**
 * Processor time that a process has used, user and system together, in milliseconds. The kernel keeps it in
 * nanoseconds and rounds to ticks. Undefined once the process has ended.
 * @param options.children whether children that have ended count too
 */
export function cpuOf(pid, { children = false } = {}) {
  let stat;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    // It has just ended.
    return undefined;
  }
  // The fields after the name, which may hold anything: 14 and 15 of proc(5).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const own = Number(fields[11]) + Number(fields[12]);
  return (own + (children ? Number(fields[13]) + Number(fields[14]) : 0)) * TICK;
}

/** Seconds that are not counted: the client starts, and the engine makes the tasks, which costs it the same for all. */
const BEGINNING = 3;

/**
 * Runs a client, counts what so many seconds of its watching cost, and ends it (SIGKILL: nothing of its ending counts).
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
