/** What a rolling command says beside its progress: notes and reports on stderr, the result on stdout. */
import type { Result } from '../rollout/result.ts';
import type { Call } from '../command-line/command.ts';
import { printable } from '../values/printable.ts';
import { progressMode, wantsJson } from './rollout-flags.ts';

/** Says something on stderr: lines for people, or the object where progress is JSON (nothing, where there is none). */
export function say(
  { given, world }: Call,
  lines: readonly string[],
  object?: Record<string, unknown>,
): void {
  const { clock, env, stderr } = world;
  if (progressMode(given, { env, terminal: stderr.isTTY }) === 'json') {
    if (object === undefined) return;
    const { type, ...fields } = object;
    stderr.write(`${JSON.stringify({ type, time: clock.date().toISOString(), ...fields })}\n`);
  } else {
    stderr.write(lines.map((line) => `${printable(line)}\n`).join(''));
  }
}

/** Prints the line that stdout carries for people: an id or a name. */
export function printText({ given, world }: Call, text: string): void {
  if (!wantsJson(given)) world.stdout.write(`${printable(text)}\n`);
}

/** Prints the object that stdout carries for programs. @returns the exit code */
export function printResult({ given, world }: Call, result: Result): number {
  if (wantsJson(given)) world.stdout.write(`${JSON.stringify(result)}\n`);
  return result.exitCode;
}
