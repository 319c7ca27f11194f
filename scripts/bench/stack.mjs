/** What it costs to deploy a stack of many services and to watch it to its verdict. */
import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { DOCKERD } from './engine.mjs';
import { LABEL } from './services.mjs';
import { cpuOf } from './watching.mjs';

const SERVICES = 20;
const TASKS = 10;

/**
 * Writes a compose file of the stack. It has the default monitor period of 5 s, and docker verifies one service after the
 * other. Its services have the label by which `clear` finds them.
 */
export function writeCompose(path) {
  const [key, value] = LABEL.split('=');
  const service = {
    image: `${process.env.SWARMROLL_TEST_REGISTRY}/ping:1.0`,
    deploy: { replicas: TASKS, labels: { [key]: value } },
    networks: ['none'],
  };
  const names = Array.from({ length: SERVICES }, (_, index) => `s${index}`);
  const services = Object.fromEntries(names.map((name) => [name, service]));
  writeFileSync(path, JSON.stringify({ services, networks: { none: { external: true, name: 'host' } } }));
}

/**
 * Runs a deployment to its end.
 * @returns milliseconds of processor time: the engine's, and that of the command with the docker that it runs
 */
export async function deployed(command) {
  const before = cpuOf(DOCKERD);
  const [program, ...args] = command;
  const child = spawn(program, args, {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: undefined },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  let ownCpu = 0;
  let isOver = false;
  void ended.then(() => (isOver = true));
  while (!isOver) {
    ownCpu = cpuOf(child.pid, { children: true }) ?? ownCpu;
    await sleep(10);
  }
  const code = await ended;
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}`);
  return { engineCpu: cpuOf(DOCKERD) - before, ownCpu };
}

/** Deploys the stack and waits until its tasks run. */
export function given(path, stack, swarmroll) {
  execFileSync(swarmroll, ['stack', 'deploy', '--quiet', '-c', path, stack], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
