/** What create, update and rollback share once the engine has accepted the change: watch, report, exit code. */
import type { Service, ServiceSpec } from '../api/service.ts';
import type { Call } from '../command-line/command.ts';
import type { Engine } from '../engine/client.ts';
import { logsOf } from '../engine/logs.ts';
import { EXIT_CODES } from '../errors.ts';
import { chooseProgress } from '../render/choose.ts';
import { detailLines, verdictLine } from '../render/report.ts';
import { changes } from '../rollout/changes.ts';
import type { Observation, Seen } from '../rollout/observation.ts';
import { reportOf } from '../rollout/report.ts';
import { resultOf } from '../rollout/result.ts';
import type { Result } from '../rollout/result.ts';
import type { Intent, RolloutState } from '../rollout/state.ts';
import { header, line } from '../rollout/trace.ts';
import { view } from '../rollout/view.ts';
import { printable } from '../values/printable.ts';
import { within } from '../within.ts';
import type { World } from '../world.ts';
import { printResult, printText, say } from './announce.ts';
import { exitCodeOfVerdict } from './outcome.ts';
import { detach, watchLimitsOf, progressMode } from './rollout-flags.ts';

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

/** How long the logs of failed tasks may take to come, and how long after a signal: milliseconds. */
const LOG_TIMEOUT = 3_000;
const LOG_TIMEOUT_INTERRUPTED = 500;

/**
 * Prints the id or name, watches an accepted change to its verdict, and says how it ended.
 * @param text what stdout carries: the service's id (create) or name as given
 * @returns the exit code
 */
export async function follow(call: Call, engine: Engine, accepted: Accepted, text: string): Promise<number> {
  printText(call, text);
  if (call.given.get(detach) === true) {
    return printResult(call, {
      ...subjectOf(accepted),
      verdict: 'accepted',
      exitCode: EXIT_CODES.done,
      message: 'accepted by the engine',
    });
  }
  const { state, isUnchanged } = await watched(call, engine, accepted);
  if (isUnchanged) return sayUnchanged(call, accepted);
  return printResult(call, await explained(call, engine, state));
}

/** Says that there was nothing to do and prints the name. @returns the exit code */
export function unchanged(call: Call, accepted: Accepted): number {
  printText(call, accepted.name);
  return sayUnchanged(call, accepted);
}

function sayUnchanged(call: Call, accepted: Accepted): number {
  const message = `${accepted.name} is unchanged: its spec is already as asked`;
  say(call, [message], { type: 'verdict', verdict: 'unchanged', text: message });
  return printResult(call, {
    ...subjectOf(accepted),
    verdict: 'unchanged',
    exitCode: EXIT_CODES.done,
    message,
  });
}

const subjectOf = ({ action, serviceId, name }: Accepted): Pick<Result, 'action' | 'service'> => ({
  action,
  service: { id: serviceId, name },
});

/**
 * Watches to the verdict and shows the progress. `isUnchanged`: nothing was sent, and the first poll has shown that
 * there was no need to.
 */
async function watched(
  { given, world }: Call,
  engine: Engine,
  accepted: Accepted,
): Promise<{ readonly state: RolloutState; readonly isUnchanged: boolean }> {
  // A command that does not watch need not wait until this is loaded: 5 ms.
  const [{ watch }, { canonicalDigest, digestOf }, { namedFields, ownedPart }] = await Promise.all([
    import('../watch.ts'),
    import('../engine/convert.ts'),
    import('../service-spec/owned-fields.ts'),
  ]);
  const { env, stderr, clock, interrupted } = world;
  const mode = progressMode(given, { env, terminal: stderr.isTTY });
  const progress = await chooseProgress(mode, stderr, (env['NO_COLOR'] ?? '') === '');
  const named = accepted.action === 'rollback' ? [] : namedFields(given);
  const ownedOf = (spec: ServiceSpec): string => canonicalDigest(ownedPart(spec, named));
  const { before: service, wanted, ...change } = accepted;
  const intent: Intent = {
    ...change,
    owned: ownedOf(wanted),
    ...(service === undefined ? {} : whatWas(service, accepted, { digestOf, ownedOf })),
    ...watchLimitsOf(given),
    program: world.program,
  };
  const record = await recorder(engine, intent, world);
  const first = { isUnchanged: false };
  const state = await watch({
    engine,
    intent,
    ownedOf,
    clock,
    interrupted,
    publish: (before, after, observation) => {
      record(observation, before.seen);
      const isFirst = before.seen === undefined;
      first.isUnchanged = isFirst && accepted.posted === false && after.verdict.kind === 'converged';
      if (first.isUnchanged) return;
      progress.update(view(after), changes(before, after), after.at, clock.date());
    },
  }).finally(() => progress.end());
  return { state, ...first };
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
    imageBefore: printable((spec ?? Spec).TaskTemplate.ContainerSpec?.Image ?? ''),
    ...(spec === undefined ? {} : { replaced: digestOf(spec), replacedOwned: ownedOf(spec) }),
  };
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

/** The result; reports on stderr, for every verdict but convergence, with the logs of the tasks that failed. */
async function explained(call: Call, engine: Engine, state: RolloutState): Promise<Result> {
  const exitCode = exitCodeOfVerdict(state.verdict);
  if (state.verdict.kind === 'converged') return resultOf(state, exitCode, new Map());
  const report = reportOf(state);
  // The verdict does not wait for the logs.
  say(call, [verdictLine(report)]);
  const { clock, interrupted } = call.world;
  const signal = interrupted.aborted
    ? AbortSignal.timeout(LOG_TIMEOUT_INTERRUPTED)
    : within(LOG_TIMEOUT, clock, interrupted);
  const tasks = report.failures.map(({ task }) => task);
  const logs = await logsOf(engine, tasks, signal);
  const result = resultOf(state, exitCode, logs);
  const { message, failures, pending, next } = result;
  say(call, detailLines(report, logs), { type: 'report', message, failures, pending, next });
  return result;
}
