/** What a rolling command prints beside its progress: notes and reports on stderr, the result on stdout. */
import type { Result, SeveralResult } from '../rollout/result.ts';
import type { Call } from '../command-line/command.ts';
import type { Given } from '../command-line/flag.ts';
import { printable } from '../values/printable.ts';
import type { World } from '../world.ts';
import { progressMode, wantsJson } from './rollout-flags.ts';

/**
 * Prints a message on stderr: its lines or, with --progress json, the object.
 * @param lines may contain any text: they are made printable
 * @param object has a `type`; if there is none, --progress json prints nothing
 */
export function printMessage(
  { given, world }: { readonly given: Given; readonly world: World },
  lines: readonly string[],
  object?: Record<string, unknown>,
): void {
  const { clock, stderr } = world;
  if (progressMode(given, world) === 'json') {
    if (object === undefined) return;
    const { type, ...fields } = object;
    stderr.write(`${JSON.stringify({ type, time: clock.date().toISOString(), ...fields })}\n`);
  } else {
    stderr.write(lines.map((line) => `${printable(line)}\n`).join(''));
  }
}

/** Prints the result line on stdout, an id or a name. With -o json, this prints nothing. */
export function printText({ given, world }: Call, text: string): void {
  if (!wantsJson(given)) world.stdout.write(`${printable(text)}\n`);
}

/** Ends a command: keeps its result for the report and, with -o json, prints it on stdout. @returns the exit code */
export function printResult({ given, world }: Call, result: Result | SeveralResult): number {
  world.forReport.result = result;
  if (wantsJson(given)) world.stdout.write(`${JSON.stringify(result, withoutReport)}\n`);
  return result.exitCode;
}

/** The fields that only a report has. */
const OF_REPORT: ReadonlySet<string> = new Set(['timeline', 'changed', 'purposes']);

const withoutReport = (key: string, value: unknown): unknown => (OF_REPORT.has(key) ? undefined : value);
