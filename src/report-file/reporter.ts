/** Makes the report at the end of a command: the file of --report and, on a runner of GitHub, annotations and the job summary. */
import { appendFileSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { EXIT_CODES, usageError } from '../errors.ts';
import { printable } from '../values/printable.ts';
import type { ReportFile } from '../watch/rollout-flags.ts';
import { warn } from '../watch/warn.ts';
import type { ReportDetail, World } from '../world.ts';
import { annotations } from './annotations.ts';
import { page } from './html.ts';
import { markdown } from './markdown.ts';
import type { CommandEnd, CommandReport } from './report.ts';
import { isOnRunner, withoutCommands } from './workflow-commands.ts';
import { whyNotWritable, writeWhole } from './write.ts';

/** The largest job summary (bytes) that GitHub accepts. It shows nothing of a larger one. */
const MAX_SUMMARY = 1024 * 1024;

/** If less space than this (bytes) is left, no summary is written. */
const MIN_SUMMARY = 1024;

export interface Reporter {
  /** What the command keeps for it. Markdown has no timeline. */
  readonly detail: ReportDetail;
  /**
   * Makes the report. Never throws.
   * @returns the exit code of the command: `exitCode`, but not 0 if the file could not be written
   */
  readonly end: (exitCode: number, ended: CommandEnd | undefined) => number;
}

/**
 * Checks that the file can be written, before anything is sent.
 * @param outer its stderr prints workflow commands as they are
 * @param world the same world, but its outputs escape workflow commands
 * @param command its name
 * @throws SwarmrollError `usage` if the file cannot be written
 */
export function reporter(
  outer: Pick<World, 'stderr'>,
  world: World,
  command: string,
  file: ReportFile | undefined,
): Reporter {
  const path = file === undefined ? '' : isAbsolute(file.path) ? file.path : join(world.cwd, file.path);
  const why = file === undefined ? undefined : whyNotWritable(path);
  if (file !== undefined && why !== undefined)
    throw usageError(`cannot write --report ${JSON.stringify(file.path)}: ${why}`);

  const publish = (report: CommandReport): void => {
    if (isOnRunner(world)) {
      // stdout is for the result alone. The runner reads both.
      outer.stderr.write(annotations(report));
      summarize(world, report);
    }
    if (file !== undefined) writeWhole(path, TEXTS[file.form](report));
  };
  return {
    detail: file === undefined || file.form === 'md' ? 'changes' : 'timeline',
    end: (exitCode, ended) => {
      try {
        if (ended !== undefined)
          publish({ command, version: world.version, date: world.clock.date(), ended });
        return exitCode;
      } catch (error) {
        const what = file === undefined ? 'the annotations' : `--report ${file.path}`;
        world.stderr.write(`swarmroll: cannot write ${printable(`${what}: ${(error as Error).message}`)}\n`);
        return file === undefined || exitCode !== EXIT_CODES.done ? exitCode : EXIT_CODES.failed;
      }
    },
  };
}

const TEXTS: Readonly<Record<ReportFile['form'], (report: CommandReport) => string>> = {
  md: markdown,
  json: ({ ended }) => `${withoutCommands(JSON.stringify(ended, null, 2))}\n`,
  html: page,
};

/** Appends the report to the job summary. A summary is an extra: if that fails, the command ends as it would without. */
function summarize(world: World, report: CommandReport): void {
  const path = world.env['GITHUB_STEP_SUMMARY'] ?? '';
  if (path === '') return;
  try {
    const there = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    const limit = MAX_SUMMARY - there - 1;
    if (limit < MIN_SUMMARY) throw new Error('other steps of the job have filled it');
    appendFileSync(path, `${there === 0 ? '' : '\n'}${markdown(report, limit)}`);
  } catch (error) {
    warn(world, [`the job summary cannot be written: ${(error as Error).message}`]);
  }
}
