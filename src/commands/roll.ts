/** What create, update and rollback share once the engine has accepted the change: watch, report, exit code. */
import type { Engine } from '../engine/client.ts';
import { lastLines } from '../engine/logs.ts';
import { EXIT_CODES } from '../errors.ts';
import type { Outcome } from '../errors.ts';
import type { Progress } from '../render/progress.ts';
import { quiet } from '../render/progress.ts';
import { reportLines } from '../render/report.ts';
import { changes } from '../rollout/changes.ts';
import { reportOf } from '../rollout/report.ts';
import type { Report } from '../rollout/report.ts';
import type { Intent } from '../rollout/state.ts';
import type { Verdict } from '../rollout/verdict.ts';
import { view } from '../rollout/view.ts';
import { watch } from '../watch.ts';
import type { World } from '../world.ts';
import type { Call } from './command.ts';
import { detach, patienceOf, progressMode } from './rollout-flags.ts';

export interface Accepted {
  readonly engine: Engine;
  readonly serviceId: string;
  readonly intent: Omit<Intent, 'timeout' | 'progressDeadline' | 'maxFailures'>;
}

/** Lines of log shown of each distinct failure, and how long they may take to come: milliseconds. */
const LOG_LINES = 10;
const LOG_PATIENCE = 3_000;

/** Watches an accepted change to its verdict, says how it ended and returns the exit code. */
export async function roll({ given, world }: Call, { engine, serviceId, intent }: Accepted): Promise<number> {
  if (given.get(detach) === true) return EXIT_CODES.done;
  const progress = await progressFor({ given, world });
  const state = await watch({
    engine,
    serviceId,
    intent: { ...intent, ...patienceOf(given) },
    clock: world.clock,
    interrupted: world.interrupted,
    publish: (before, after) => progress.update(view(after), changes(before, after), after.at),
  }).finally(() => progress.end());
  if (state.verdict.kind !== 'converged') await explain(reportOf(state), engine, world);
  return EXIT_CODES[outcomeOf(state.verdict)];
}

async function progressFor({ given, world }: Pick<Call, 'given' | 'world'>): Promise<Progress> {
  const { stderr, env } = world;
  switch (progressMode(given, { env, terminal: stderr.isTTY })) {
    case 'quiet':
      return quiet;
    case 'plain':
      return (await import('../render/plain.ts')).plain(stderr);
    case 'json':
      return (await import('../render/json.ts')).json(stderr);
    case 'tty':
      return (await import('../render/tty.ts')).tty(stderr, (env['NO_COLOR'] ?? '') === '');
  }
}

async function explain(report: Report, engine: Engine, { stderr, interrupted }: World): Promise<void> {
  const signal = AbortSignal.any([
    AbortSignal.timeout(LOG_PATIENCE),
    ...(interrupted.aborted ? [] : [interrupted]),
  ]);
  const logs = await Promise.all(
    report.failures.map(
      async ({ taskId }) => [taskId, await lastLines(engine, taskId, LOG_LINES, signal)] as const,
    ),
  );
  stderr.write(
    reportLines(report, new Map(logs))
      .map((line) => `${line}\n`)
      .join(''),
  );
}

function outcomeOf(verdict: Verdict): Outcome {
  switch (verdict.kind) {
    case 'converged':
      return 'done';
    case 'rolledBack':
    case 'paused':
    case 'timedOut':
      return verdict.kind;
    case 'failed':
      return 'tasksFailed';
    case 'superseded':
    case 'removed':
      return 'notOurs';
    case 'interrupted':
      return verdict.signal;
    case 'lost':
    case 'progressing':
      return 'failed';
  }
}
