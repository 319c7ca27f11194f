/** What create, update and rollback share once the engine has accepted the change: watch, report, exit code. */
import type { Engine } from '../engine/client.ts';
import type { Service, ServiceSpec } from '../api/service.ts';
import { lastLines } from '../engine/logs.ts';
import { EXIT_CODES } from '../errors.ts';
import type { Outcome } from '../errors.ts';
import { quiet } from '../render/progress.ts';
import type { Progress } from '../render/progress.ts';
import { detailLines, verdictLine } from '../render/report.ts';
import { changes } from '../rollout/changes.ts';
import { reportOf } from '../rollout/report.ts';
import type { Observation, Seen } from '../rollout/observation.ts';
import { resultOf } from '../rollout/result.ts';
import type { Result } from '../rollout/result.ts';
import type { Intent, RolloutState } from '../rollout/state.ts';
import { header, line } from '../rollout/trace.ts';
import type { Verdict } from '../rollout/verdict.ts';
import { view } from '../rollout/view.ts';
import { within } from '../within.ts';
import type { World } from '../world.ts';
import type { Call } from '../command-line/command.ts';
import { detach, patienceOf, progressMode, wantsJson } from './rollout-flags.ts';

/** A change that the engine has accepted, or has been at work on already (posted: false). */
export interface Accepted extends Pick<
  Intent,
  'action' | 'serviceId' | 'name' | 'startedAt' | 'authSent' | 'posted'
> {
  /** The spec that was asked for. */
  readonly wanted: ServiceSpec;
  /** The service as it was; there is none before a create. */
  readonly before?: Service;
}

/** Lines of log shown of each distinct failure, and how long they may take to come: milliseconds. */
const LOG_LINES = 10;
const LOG_PATIENCE = 3_000;
const HURRIED = 500;

/**
 * Prints the id or name, watches an accepted change to its verdict, and says how it ended.
 * @param text what stdout carries: the service's id (create) or name as given
 * @returns the exit code
 */
export async function roll(call: Call, engine: Engine, accepted: Accepted, text: string): Promise<number> {
  const { given, world } = call;
  if (!wantsJson(given)) world.stdout.write(`${text}\n`);
  if (given.get(detach) === true) {
    return finish(call, {
      ...basics(accepted),
      verdict: 'accepted',
      exitCode: EXIT_CODES.done,
      message: 'accepted by the engine',
    });
  }
  // Who does not watch need not wait until this is loaded: 5 ms.
  const [{ watch }, { canonicalDigest, digestOf }, { namedFields, ownedPart }] = await Promise.all([
    import('../watch.ts'),
    import('../engine/convert.ts'),
    import('../service-spec/owned-fields.ts'),
  ]);
  const progress = await progressFor(call);
  const { before: service, wanted, ...change } = accepted;
  const named = accepted.action === 'rollback' ? [] : namedFields(given);
  const ownedOf = (spec: ServiceSpec): string => canonicalDigest(ownedPart(spec, named));
  const intent: Intent = {
    ...change,
    owned: ownedOf(wanted),
    ...(service === undefined ? {} : whatWas(service, accepted, { digestOf, ownedOf })),
    ...patienceOf(given),
    program: world.program,
  };
  const record = await recorder(engine, intent, world);
  let isUnchanged = false;
  const state = await watch({
    engine,
    intent,
    ownedOf,
    clock: world.clock,
    interrupted: world.interrupted,
    publish: (before, after, observation) => {
      record(observation, before.seen);
      isUnchanged =
        accepted.posted === false && before.seen === undefined && after.verdict.kind === 'converged';
      if (isUnchanged) return;
      progress.update(view(after), changes(before, after), after.at, world.clock.date());
    },
  }).finally(() => progress.end());
  if (isUnchanged) return unchanged(call, accepted, false);
  const exitCode = EXIT_CODES[outcomeOf(state.verdict)];
  const result = await explain(call, engine, state, exitCode);
  return finish(call, result);
}

/** Says that there was nothing to do. @param names whether stdout gets the name @returns the exit code */
export function unchanged(call: Call, accepted: Accepted, names = true): number {
  const message = `${accepted.name} is unchanged: its spec is already as asked`;
  say(call, [message], { type: 'verdict', verdict: 'unchanged', text: message });
  if (names && !wantsJson(call.given)) call.world.stdout.write(`${accepted.name}\n`);
  return finish(call, { ...basics(accepted), verdict: 'unchanged', exitCode: EXIT_CODES.done, message });
}

/** What was there before: of a change that nothing was sent for, the spec that the engine is replacing. */
function whatWas(
  { Spec, PreviousSpec, Version }: Service,
  { posted = true }: Accepted,
  { digestOf, ownedOf }: Record<'digestOf' | 'ownedOf', (spec: ServiceSpec) => string>,
): Partial<Intent> {
  const spec = posted ? Spec : PreviousSpec;
  return {
    versionBefore: Version.Index,
    imageBefore: (spec ?? Spec).TaskTemplate.ContainerSpec?.Image ?? '',
    ...(spec === undefined ? {} : { replaced: digestOf(spec), replacedOwned: ownedOf(spec) }),
  };
}

const basics = ({ action, serviceId, name }: Accepted): Pick<Result, 'action' | 'service'> => ({
  action,
  service: { id: serviceId, name },
});

function finish({ given, world }: Call, result: Result): number {
  if (wantsJson(given)) world.stdout.write(`${JSON.stringify(result)}\n`);
  return result.exitCode;
}

/** Writes down what is seen, where a trace is asked for (npm run trace). */
async function recorder(
  engine: Engine,
  intent: Intent,
  { trace }: World,
): Promise<(observation: Observation, last: Seen | undefined) => void> {
  if (trace === undefined) return () => undefined;
  trace(header({ engine: await engine.version(), intent }));
  return (observation, last) => trace(line(observation, last));
}

async function progressFor({ given, world: { stderr, env } }: Call): Promise<Progress> {
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

/** The report on stderr, for every verdict but convergence, with the logs of the tasks that failed. */
async function explain(call: Call, engine: Engine, state: RolloutState, exitCode: number): Promise<Result> {
  if (state.verdict.kind === 'converged') return resultOf(state, exitCode, new Map());
  const report = reportOf(state);
  // The verdict does not wait for the logs.
  say(call, [verdictLine(report)]);
  // Who interrupts wants to go at once, and gets what can be had in a moment.
  const { interrupted } = call.world;
  const signal = interrupted.aborted
    ? AbortSignal.timeout(HURRIED)
    : within(LOG_PATIENCE, call.world.clock, interrupted);
  const logs = new Map(
    await Promise.all(
      report.failures.map(
        async ({ task }) => [task, await lastLines(engine, task, LOG_LINES, signal)] as const,
      ),
    ),
  );
  const result = resultOf(state, exitCode, logs);
  const { message, failures, pending, next } = result;
  say(call, detailLines(report, logs), { type: 'report', message, failures, pending, next });
  return result;
}

/** Says how it ended on stderr: as lines for people, or as the object where progress is JSON. */
export function say(
  { given, world }: Call,
  lines: readonly string[],
  object?: Record<string, unknown>,
): void {
  const { clock, env, stderr } = world;
  if (progressMode(given, { env, terminal: stderr.isTTY }) === 'json') {
    if (object === undefined) return;
    const { type, ...fields } = object;
    const time = clock.date().toISOString();
    stderr.write(`${JSON.stringify({ type, time, ...fields })}\n`);
  } else {
    stderr.write(lines.map((line) => `${line}\n`).join(''));
  }
}

export function outcomeOf(verdict: Verdict): Outcome {
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
    case 'refused':
    case 'progressing':
      return 'failed';
  }
}
