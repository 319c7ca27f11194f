/** --rollback-on-failure: after a bad end, undoes the changes of the command, and watches that too. */
import type { Service, ServiceSpec } from '../api/service.ts';
import type { Call } from '../command-line/command.ts';
import type { Given } from '../command-line/flag.ts';
import type { Engine } from '../engine/client.ts';
import { EXIT_CODES } from '../errors.ts';
import { causeOf } from '../rollout/cause.ts';
import { shortDigest } from '../rollout/image.ts';
import type { NextStep } from '../rollout/next-steps.ts';
import type { Result } from '../rollout/result.ts';
import { isJobSpec } from '../service-spec/mode.ts';
import { sameSpec } from '../service-spec/same.ts';
import { shellWord } from '../values/shell-words.ts';
import { isInterrupted, worstOf } from '../watch/outcome.ts';
import { printMessage } from '../watch/print.ts';
import { rollbackOnFailure, watchLimitsOf } from '../watch/rollout-flags.ts';
import { printNote } from '../send/send-update.ts';
import { sendUndo } from './send-undo.ts';
import type { AnyChange } from '../watch/sequence.ts';
import { isOneShot } from '../watch/targets.ts';
import type { ChangeToWatch, SentChange } from '../watch/targets.ts';
import { watchChanges } from '../watch/watch-changes.ts';

/**
 * The least progress deadline and timeout of an undo (ms). Where a task has no node yet, the engine waits a minute for its
 * end before another starts in its slot (swarmkit manager/orchestrator/restart/restart.go, DelayStart; seen on 28.5).
 */
const MIN_DEADLINE = 120_000;
const MIN_TIMEOUT = 300_000;

/** A change that was watched, and its result. */
export interface Ended {
  readonly change: ChangeToWatch;
  readonly result: Result;
}

/**
 * Undoes each change of a command that ended badly: what was there before it is stored again. All of them are watched at the same
 * time. Of changes with an order, the last is undone first, and the next when that has ended. Of several changes, jobs are not
 * undone: the engine would run them once more. The time limits of the command line begin again; they are at least MIN_TIMEOUT and MIN_DEADLINE. It prints how it went, and
 * how the command ends in all.
 * @param refused the results of changes that the engine did not accept: they need no undo
 * @returns the results by those of the changes, with `change` and `rollback` where a change was undone. Their exit code is
 * 3 if what was there before runs again, else that of what failed
 */
export async function undoChanges(
  call: Call,
  engine: Engine,
  ended: readonly Ended[],
  showsNames: boolean,
  refused: readonly Result[] = [],
): Promise<ReadonlyMap<Result, Result>> {
  // Without the flag: an undo that fails is not undone.
  const again: Call = { ...call, given: without(call.given, rollbackOnFailure) };
  const given = watchLimitsOf(call.given);
  const { timeout = Infinity, progressDeadline } = given;
  const limit = Math.min(timeout, progressDeadline === 0 ? Infinity : progressDeadline);
  const limits = {
    ...given,
    ...(given.timeout === undefined ? {} : { timeout: Math.max(timeout, MIN_TIMEOUT) }),
    progressDeadline: progressDeadline === 0 ? 0 : Math.max(progressDeadline, MIN_DEADLINE),
  };
  /** The results of the undos that were not watched, by the index of the change. */
  const unwatched = new Map<number, Result>();
  const watched = new Map<number, AnyChange>();
  const send = async (above: Call, change: ChangeToWatch): Promise<SentChange> => {
    announce(above, change, showsNames);
    const sent = await sendUndo({ ...above, given: again.given }, engine, change, limit);
    return 'accepted' in sent ? { accepted: { ...sent.accepted, limits } } : sent;
  };
  for (const [index, after] of inReverse(ended)) {
    const one = ended[index];
    if (showsNames && one !== undefined) tellJob(call, one.change);
    if (one === undefined || !needsUndo(one, showsNames)) continue;
    const { change } = one;
    const waitsFor = after.flatMap((other) => (watched.has(other) ? (ended[other]?.change.name ?? []) : []));
    if (waitsFor.length > 0) {
      const { action, name, serviceId } = change;
      watched.set(index, {
        action,
        name,
        serviceId,
        waitsFor,
        always: true,
        send: (above) => send(above, change),
      });
      continue;
    }
    const sent = await send(call, change);
    if ('accepted' in sent) watched.set(index, sent.accepted);
    else unwatched.set(index, sent.result);
  }
  const ends = watched.size === 0 ? [] : await watchChanges(again, engine, [...watched.values()], showsNames);
  const order = [...watched.keys()];
  const worst = worstOf([...ended.map(({ result }) => result), ...refused]);
  const results = new Map(
    ended.map(({ result }, index) => {
      const rollback = unwatched.get(index) ?? ends[order.indexOf(index)]?.result;
      return [result, rollback === undefined ? result : whole(call, result, rollback, worst)];
    }),
  );
  results.forEach((result) => printEnd(call, result, showsNames));
  return results;
}

/**
 * The indices of the changes, against the order in which they were sent, each with the indices of all that came after it, directly
 * or not.
 */
function inReverse(ended: readonly Ended[]): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, readonly number[]>();
  const visit = (index: number, { change }: Ended): readonly number[] => {
    const known = found.get(index);
    if (known !== undefined) return known;
    const after = [...ended.entries()].flatMap(([other, one]) =>
      one.change.waitsFor?.includes(change.name) === true ? [other, ...visit(other, one)] : [],
    );
    found.set(index, [...new Set(after)]);
    return after;
  };
  for (const [index, one] of ended.entries()) visit(index, one);
  return found;
}

/** Says that a job that this command has run is not undone. */
function tellJob(call: Call, change: ChangeToWatch): void {
  const { name, action, before, wanted, removed } = change;
  if (removed === true || !isOneShot(change) || (action === 'wait' && !isJobSpec(wanted))) return;
  const keeps = before === undefined ? '' : ', and it keeps its spec';
  printNote(call, name, `a job is not undone: what it has done stays${keeps}`);
}

/**
 * Whether a change has to be undone: not if the engine has rolled it back, nor if the service is not ours any more.
 * @param keepsJobs whether jobs stay as they are
 */
function needsUndo({ change, result }: Ended, keepsJobs: boolean): boolean {
  if (change.removed === true) return true;
  if (keepsJobs && isOneShot(change) && change.before !== undefined) return false;
  if (change.action === 'wait' || ['rolledBack', 'superseded', 'removed'].includes(result.verdict))
    return false;
  const { before, wanted } = change;
  return (
    result.exitCode !== EXIT_CODES.done ||
    before === undefined ||
    !sameSpec(before.Spec, unforced(before, wanted))
  );
}

/** The spec without a restart. A service that has been restarted runs what it ran before. */
function unforced({ Spec }: Service, wanted: ServiceSpec): ServiceSpec {
  const { ForceUpdate } = Spec.TaskTemplate;
  const { ForceUpdate: _, ...rest } = wanted.TaskTemplate;
  return { ...wanted, TaskTemplate: ForceUpdate === undefined ? rest : { ...rest, ForceUpdate } };
}

function announce(
  call: Call,
  { name, before, undoTo, wanted, removed }: ChangeToWatch,
  showsNames: boolean,
): void {
  const target = undoTo ?? before?.Spec;
  if (removed !== true && target !== undefined && sameSpec(target, wanted)) return;
  const image = target?.TaskTemplate.ContainerSpec?.Image ?? '';
  const what = before === undefined ? 'removing the new service' : 'undoing the change';
  const text = `${what}${image === '' ? '' : `: ${shortDigest(image)}`}`;
  const service = showsNames ? { service: name } : {};
  printMessage(call, [`swarmroll: ${name}: ${text}`], { type: 'note', ...service, text });
}

/**
 * The result of a change and of its undo.
 * @param worst the worst result of the command's changes: it is the cause where this change itself converged
 */
function whole(call: Call, result: Result, rollback: Result, worst = result): Result {
  const { verdict, exitCode, message } = result;
  const step = lastStep(call, rollback);
  const isUndone = rollback.exitCode === EXIT_CODES.done;
  // 3 means that what was there before runs again. If the engine rolled the undo itself back, it does not, so that is not 3.
  const failedCodes = [exitCode, worst.exitCode, rollback.exitCode, EXIT_CODES.tasksFailed];
  const failedCode = isInterrupted(rollback)
    ? rollback.exitCode
    : (failedCodes.find((code) => code !== EXIT_CODES.done && code !== EXIT_CODES.rolledBack) ?? exitCode);
  const failed =
    exitCode === EXIT_CODES.done
      ? `${message}, but not all services converged: ${withCause(worst)}`
      : withCause(result);
  return {
    ...result,
    verdict: isUndone ? 'rolledBack' : isInterrupted(rollback) ? 'interrupted' : verdict,
    exitCode: isUndone ? EXIT_CODES.rolledBack : failedCode,
    message: `${failed}; ${textOf(rollback)}`,
    ...(step === undefined
      ? {}
      : {
          next: [...(result.next ?? []), step[0]],
          purposes: [...(result.purposes ?? []), step[1]],
        }),
    change: { verdict, exitCode, message },
    rollback,
  };
}

/** What to run once what was there before runs again; undefined if it does not, or if there was nothing before. */
const lastStep = ({ world }: Call, { action, exitCode, service }: Result): NextStep | undefined =>
  exitCode === EXIT_CODES.done && action !== 'remove'
    ? [`${world.program} ps --no-trunc ${shellWord(service.name)}`, 'see every task and its error']
    : undefined;

/** The message of a result and, where tasks failed or wait, why. */
function withCause(result: Result): string {
  const { message } = result;
  const cause = causeOf(result);
  return cause === '' ? message : `${message}: ${cause}`;
}

function textOf(rollback: Result): string {
  const { action, exitCode, service, verdict, image } = rollback;
  const own = withCause(rollback).replace(`${service.name}: `, '');
  if (exitCode === EXIT_CODES.done)
    return action === 'remove'
      ? own
      : `what was there before runs again${image === undefined ? '' : `: ${shortDigest(image.stored)}`}`;
  if (verdict === 'error') return own;
  if (verdict === 'interrupted')
    return 'interrupted while undoing the change: what was there before is stored again, and the engine goes on with it';
  return `what was there before does not run: ${own}`;
}

/** Prints both causes as the last lines on a service, and what to run next. */
function printEnd(call: Call, result: Result, showsNames: boolean): void {
  const { message, verdict, rollback, service } = result;
  if (rollback === undefined) return;
  const { hint } = rollback.error ?? {};
  const step = lastStep(call, rollback);
  const lines = [
    `swarmroll: ${message}`,
    ...(hint === undefined ? [] : [`  ${hint}`]),
    ...(step === undefined ? [] : [`  ${step[0]}   # ${step[1]}`]),
  ];
  const names = showsNames ? { service: service.name } : {};
  printMessage(call, lines, { type: 'verdict', ...names, verdict, text: message });
}

/** The flags of the command line without one. */
const without = (given: Given, left: unknown): Given => ({
  has: (flag) => flag !== left && given.has(flag),
  get: (flag) => (flag === left ? undefined : given.get(flag)),
});
