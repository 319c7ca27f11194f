/** Runs docker and other programs. */
import { spawn } from 'node:child_process';
import type { World } from './world.ts';

/** The real `spawn` of World. */
export const spawnProgram: World['spawn'] = async (start) => {
  const { program, argv, env, input, onOutput, onErrors, interrupted } = start;
  const child = spawn(program, argv, {
    env,
    stdio: [input === undefined ? 'inherit' : 'pipe', 'pipe', 'pipe'],
  });
  // A program that ends early does not read it.
  child.stdin?.on('error', () => undefined).end(input);
  child.stdout?.setEncoding('utf8').on('data', onOutput);
  child.stderr?.setEncoding('utf8').on('data', onErrors);
  const stop = (): void => {
    child.kill(interrupted.reason === 'SIGINT' ? 'SIGINT' : 'SIGTERM');
  };
  interrupted.addEventListener('abort', stop, { once: true });
  if (interrupted.aborted) stop();
  try {
    return await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
  } finally {
    interrupted.removeEventListener('abort', stop);
  }
};
