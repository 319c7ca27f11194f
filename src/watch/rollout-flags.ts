/** The flags of the commands that roll out: how long to watch, and how to show progress. */
import { usageError } from '../errors.ts';
import type { Flag, Given } from '../command-line/flag.ts';
import type { Intent } from '../rollout/state.ts';
import { formatDuration } from '../values/duration.ts';
import { nearest } from '../values/integer.ts';
import type { ProgressMode } from '../render/choose.ts';
import { boolean, duration, oneOf, string, uint } from '../values/value.ts';
import type { World } from '../world.ts';

export const detach: Flag<boolean> = {
  name: 'detach',
  short: 'd',
  type: boolean,
  group: 'Watching',
  help: 'Return once the engine has accepted the change',
};

export const dryRun: Flag<boolean> = {
  name: 'dry-run',
  type: boolean,
  group: 'Watching',
  help: 'Send nothing; print what would change, and end with 1 if the engine would refuse it',
};

const quiet: Flag<boolean> = {
  name: 'quiet',
  short: 'q',
  type: boolean,
  group: 'Watching',
  help: 'Show no progress (as --progress quiet)',
};

const PROGRESS = ['auto', 'tty', 'plain', 'json', 'quiet'] as const;

const progress: Flag<(typeof PROGRESS)[number]> = {
  name: 'progress',
  type: oneOf(...PROGRESS),
  group: 'Watching',
  help: 'How to show progress on stderr',
  default: 'auto: tty on a terminal, else plain',
};

export const output: Flag<'text' | 'json'> = {
  name: 'output',
  short: 'o',
  type: oneOf('text', 'json'),
  group: 'Output',
  help: 'What to print on stdout: text, or one JSON object',
  default: 'text',
};

export const timeout: Flag<number> = {
  name: 'timeout',
  type: duration,
  group: 'Watching',
  help: 'Give up after this time in total; what was sent goes on in the engine; 0 is never',
  default: 'none',
};

const progressDeadline: Flag<number> = {
  name: 'progress-deadline',
  type: duration,
  group: 'Watching',
  help: 'Fail after this time in which nothing moved; waits that end by themselves do not count; 0 is never',
  default: '10m',
};

const maxFailures: Flag<number> = {
  name: 'max-failures',
  type: uint,
  group: 'Watching',
  help: 'Fail once one slot has failed this many times in a row; 0 is never',
  default: '3',
};

export const reportFile: Flag<string> = {
  name: 'report',
  type: string,
  group: 'Output',
  help: 'Write a report to this file at the end, whatever the verdict: .md, .json or .html',
};

/** Of the commands on whole stacks. */
export const noOrder: Flag<boolean> = {
  name: 'no-order',
  type: boolean,
  group: 'Services',
  help: 'Ignore the order of services: send all at once, whatever they depend on',
};

/** Of the commands that change services (undo/undo-changes.ts). */
export const rollbackOnFailure: Flag<boolean> = {
  name: 'rollback-on-failure',
  type: boolean,
  group: 'Watching',
  help: 'If the rollout ends badly in any way, undo the change, and watch that too',
};

/** The flags of every command that watches. */
export const WATCH_FLAGS: readonly Flag[] = [
  ...[quiet, progress, output, timeout, progressDeadline, maxFailures],
  reportFile,
];

/** The flags of every command that changes something, watches it, and can undo the change if it fails. */
export const UNDO_FLAGS: readonly Flag[] = [detach, ...WATCH_FLAGS, rollbackOnFailure];

/** The flags of every such command that can show the change without making it. */
export const CHANGE_FLAGS: readonly Flag[] = [dryRun, ...UNDO_FLAGS];

/** Nanoseconds. */
const DEFAULT_DEADLINE = 600e9;
const DEFAULT_MAX_FAILURES = 3;

/** Whether what was there before is stored again after a bad end. */
export const undoesOnFailure = (given: Given): boolean => given.get(rollbackOnFailure) === true;

/** When the watch gives up. */
export type WatchLimits = Pick<Intent, 'timeout' | 'timeoutFrom' | 'progressDeadline' | 'maxFailures'>;

/** Whether stdout should be one JSON object. */
export const wantsJson = (given: Given): boolean => given.get(output) === 'json';

/** What --report asks for. */
export interface ReportFile {
  readonly path: string;
  readonly form: 'md' | 'json' | 'html';
}

/**
 * The file of --report; undefined without.
 * @throws SwarmrollError `usage` if its name does not end with a form, or if nothing is watched
 */
export function reportFileOf(given: Given): ReportFile | undefined {
  const path = given.get(reportFile);
  if (path === undefined) return undefined;
  const [, form] = /[^/\\]\.(md|json|html)$/.exec(path) ?? [];
  if (form === undefined)
    throw usageError(
      `invalid argument ${JSON.stringify(path)} for --${reportFile.name}: must end with .md, .json or .html`,
    );
  const other = [detach, dryRun].find((flag) => given.get(flag) === true);
  if (other !== undefined)
    throw usageError(`--${reportFile.name} cannot be combined with --${other.name}: nothing is watched`);
  return { path, form: form as ReportFile['form'] };
}

/** Whether a command with these flags watches. */
export const watchesByFlags = (flags: readonly Flag[]): boolean => flags.includes(reportFile);

/** The watch limits of the command line. @throws SwarmrollError `usage` for a negative time, or for --detach without a watch */
export function watchLimitsOf(given: Given): WatchLimits {
  if (undoesOnFailure(given) && given.get(detach) === true)
    throw usageError(
      `--${rollbackOnFailure.name} cannot be combined with --${detach.name}: nothing is watched`,
    );
  for (const flag of [timeout, progressDeadline]) {
    if ((given.get(flag) ?? 0) < 0)
      throw usageError(
        `invalid argument ${JSON.stringify(formatDuration(given.get(flag) ?? 0))} for --${flag.name}: must not be negative`,
      );
  }
  const limit = nearest(given.get(timeout) ?? 0);
  return {
    ...(limit === 0 ? {} : { timeout: limit / 1e6 }),
    progressDeadline: nearest(given.get(progressDeadline) ?? DEFAULT_DEADLINE) / 1e6,
    maxFailures: given.get(maxFailures) ?? DEFAULT_MAX_FAILURES,
  };
}

/** How to show progress. If stderr is no terminal, tty becomes plain. */
export function progressMode(given: Given, { env, stderr }: Pick<World, 'env' | 'stderr'>): ProgressMode {
  if (given.get(quiet) === true) return 'quiet';
  const asked = given.get(progress) ?? 'auto';
  if (asked !== 'auto' && asked !== 'tty') return asked;
  const isPlain = env['TERM'] === 'dumb' || ![undefined, '', 'false', '0'].includes(env['CI']);
  return stderr.isTTY === true && !(asked === 'auto' && isPlain) ? 'tty' : 'plain';
}
