/** The report on a rollout that did not converge: the reasons, so that the user needs no second command to find them. */
import { durationOf } from '../values/duration.ts';
import { NO_EVIDENCE } from './evidence.ts';
import type { Evidence, RefusedBy } from './evidence.ts';
import { failuresOf } from './failure-report.ts';
import type { FailureReport } from './failure-report.ts';
import { shortDigest } from './image.ts';
import { isCurrent, isJob, isGlobal, isTerminal } from './slots.ts';
import type { RolloutState, Verdict, WaitReason } from './state.ts';
import { nextSteps, namesRollbackTarget } from './next-steps.ts';
import type { NextStep } from './next-steps.ts';
import { notesOf, startingNote } from './notes.ts';
import { countText } from './view.ts';
import { isAboutTime, reportedWaits, waitText } from './waiting-text.ts';

/** A task that is not running yet, and the scheduler's or node's reason. Tasks with the same reason are counted. */
export interface PendingReport {
  readonly slot: string;
  readonly state: string;
  readonly reason: string;
  readonly count: number;
  /** Which nodes do not take it and why, if that has been read. */
  readonly refusedBy?: readonly RefusedBy[];
}

export interface Report {
  /** The verdict in one line. */
  readonly verdict: string;
  /** Other facts: the images, if the engine rolled back to another spec; the nodes that are down. */
  readonly facts: readonly string[];
  /** The distinct failures, at most MAX_REPORTED of them. */
  readonly failures: readonly FailureReport[];
  /** How many other distinct failures there were. */
  readonly moreFailures: number;
  readonly pending: readonly PendingReport[];
  /** Why there is no command to roll back with, if that is so. */
  readonly hint?: string;
  readonly next: readonly NextStep[];
}

/** The most distinct failures, and the most pending tasks, in a report. Further failures are only counted. */
export const MAX_REPORTED = 10;

const NO_ROLLBACK_TARGET =
  'no earlier generation that has run is kept, so there is nothing to roll back to: update it to a spec that works';

/** The report on a rollout that is over and has not converged. */
export function reportOf(state: RolloutState, evidence = NO_EVIDENCE): Report {
  const distinct = failuresOf(state, evidence);
  const failures = distinct.slice(0, MAX_REPORTED);
  const pending = pendingOf(state, evidence).slice(0, MAX_REPORTED);
  const down = downNodes(state);
  const waiting = isAboutTime(state.verdict)
    ? reportedWaits(state).filter(({ reason }) => !AS_PENDING.has(reason))
    : [];
  return {
    verdict: verdictText(state),
    facts: [
      ...imagesOf(state),
      ...down.map((node) => `node ${node} is down`),
      ...waiting.map((wait) => `waiting: ${waitText(wait, state)}`),
    ],
    failures,
    moreFailures: distinct.length - failures.length,
    pending,
    ...(evidence.rollbackTarget?.kind === 'none' && namesRollbackTarget(state)
      ? { hint: NO_ROLLBACK_TARGET }
      : {}),
    next: nextSteps(
      state,
      failures.map(({ error }) => error),
      down.length > 0 || pending.some(({ reason }) => /no suitable node/.test(reason)),
      evidence.rollbackTarget,
    ),
  };
}

/** The verdict in one line, without the name of the program. */
function verdictText(state: RolloutState): string {
  const { verdict, intent, seen, at } = state;
  const { name, action } = intent;
  const what = {
    create: 'the new service',
    update: 'the update',
    rollback: 'the rollback',
    wait: 'the service',
  }[action];
  const message = seen?.service.update?.message ?? '';
  switch (verdict.kind) {
    case 'progressing':
    case 'converged':
      return [`${name} converged`, ...notesOf(state)].join('; ');
    case 'rolledBack':
      return `${name}: ${rolledBackText(state)}`;
    case 'paused':
      return seen?.service.update?.state === 'paused'
        ? `${name}: the engine paused the update${message === '' ? '' : `: ${message}`}`
        : `${name}: the engine paused the rollback${message === '' ? '' : `: ${message}`}${soFar(state)}`;
    case 'failed':
      return state.engineRollback === undefined
        ? `${name}: ${what}${action === 'wait' ? ' does not run' : ' failed'}: ${failedText(state, verdict)}`
        : `${name}: ${rolledBackText(state)}; the previous spec does not run either: ${failedText(state, verdict)}`;
    case 'superseded':
      if (action === 'wait')
        return `${name}: the service has the image ${seen?.service.image ?? ''}, not ${intent.image ?? ''} as --image asks`;
      return seen?.service.spec === intent.replaced
        ? `${name}: someone stored the spec from before this ${action} again while it rolled out`
        : `${name}: another change replaced this ${action} while it rolled out`;
    case 'removed':
      return `${name}: the service was removed while it rolled out`;
    case 'refused':
      return `${name}: cannot watch the rollout any longer: ${verdict.reason}`;
    case 'timedOut':
      return `${name}: not converged after ${durationOf(intent.timeout ?? 0)}${soFar(state)}${notReached(state)}${intent.undoes === true ? '' : engineGoesOn(state)}`;
    case 'interrupted':
      return `${name}: stopped watching${soFar(state)}${notReached(state)}${engineGoesOn(state)}`;
    case 'lost':
      return `${name}: lost contact with the manager ${seconds(at - (state.unreachable?.since ?? at))} ago${soFar(state)}: ${verdict.reason}`;
  }
}

function rolledBackText({ engineRollback }: RolloutState): string {
  const { message = '' } = engineRollback ?? {};
  return `the update failed and the engine rolled it back${message === '' ? '' : `: ${message}`}`;
}

/** The end of a verdict on time: what the engine does now. A locked manager does nothing, and others may not be enough for a leader. */
function engineGoesOn(state: RolloutState): string {
  const awaited = state.waits.find(({ reason }) => reason === 'awaited');
  if (state.unreachable?.locked === true)
    return '; the rollout goes on once the manager is unlocked, or if other managers lead the swarm';
  return `; ${awaited === undefined ? 'the rollout goes on in the engine' : waitText(awaited, state)}`;
}

/** Waits that the lines of the pending tasks tell of. */
const AS_PENDING: ReadonlySet<WaitReason> = new Set(['place', 'prepare', 'start']);

/** How long the manager has not been reached, and why; empty if it has. */
function notReached({ unreachable, at }: RolloutState): string {
  if (unreachable === undefined) return '';
  return `, and the manager has not been reached for ${seconds(at - unreachable.since)}: ${unreachable.reason.replace(/\.$/, '')}`;
}

function failedText(state: RolloutState, { why, label = '' }: Extract<Verdict, { kind: 'failed' }>): string {
  const { intent, seen, at, progressedAt, stableSince, slots, unhealthy } = state;
  const task = seen !== undefined && isGlobal(seen.service.mode) ? `the task on ${label}` : `task ${label}`;
  switch (why) {
    case 'max-failures':
      return `${task} failed ${intent.maxFailures === 1 ? 'once' : `${intent.maxFailures} times in a row`}${notCounted(state)}`;
    case 'exhausted':
      if (slots.some((slot) => slot.label === label && unhealthy.has(slot.task?.id ?? '')))
        return `${task} was stopped because its health check failed`;
      return seen !== undefined && isJob(seen.service)
        ? `${task} failed, and the engine has made no other task since`
        : `${task} ended and will not be restarted`;
    case 'no-node':
      return 'no node is eligible any more: nothing runs';
    case 'deadline':
      return `nothing has moved for ${seconds(at - progressedAt)}${soFar(state)}${stableSince === undefined ? '' : ', but the engine has not finished'}`;
  }
}

/**
 * The engine may call an update completed over a failing slot: it counts only failures within the monitor period before it
 * reads them (swarmkit manager/orchestrator/update/updater.go, Run).
 */
function notCounted({ seen }: RolloutState): string {
  const { update, updatePolicy } = seen?.service ?? {};
  const isMissed = update?.state === 'completed' && updatePolicy?.failureAction !== 'continue';
  return isMissed ? '; the engine called the update completed without counting this failure' : '';
}

const seconds = (ms: number): string => durationOf(ms, 1_000);

/** The count of the last poll that succeeded. */
const soFar = (state: RolloutState): string =>
  state.seen === undefined ? '' : ` (${countText(state)} tasks)`;

/** After a rollback by the engine: the image that failed, and the image that runs again. */
function imagesOf(state: RolloutState): string[] {
  const { verdict, image, seen } = state;
  if (verdict.kind !== 'rolledBack' || seen === undefined) return [];
  const back = shortDigest(seen.service.image);
  const count = `${countText(state)} run the previous spec`;
  if (image === seen.service.image) return [`running: ${back}, as it was before the update`, count];
  return [`failed:  ${shortDigest(image)}`, `running: ${back}`, count];
}

/** Nodes that are down and have, or had, tasks of the service. */
function downNodes({ seen, verdict }: RolloutState): string[] {
  if (seen === undefined || verdict.kind === 'superseded') return [];
  const ofTasks = new Set(seen.tasks.map(({ nodeId }) => nodeId));
  return seen.nodes.filter(({ id, down }) => down && ofTasks.has(id)).map(({ name }) => name);
}

/**
 * Tasks of the new spec that do not run yet, with the full reason. Tasks without an error are included only if the verdict
 * is about time.
 */
function pendingOf({ slots, seen, verdict }: RolloutState, { refusals }: Evidence): PendingReport[] {
  if (seen === undefined || NOT_ABOUT_TASKS.has(verdict.kind)) return [];
  const all = isAboutTime(verdict);
  const distinct = new Map<string, PendingReport>();
  for (const { label, task, satisfied } of slots) {
    if (task === undefined || satisfied || isTerminal(task) || !isCurrent(task, seen.service)) continue;
    if (task.error === '' && !all) continue;
    const reason = task.error || (task.state === 'starting' ? startingNote(seen.service) : task.message);
    const key = `${task.state} ${reason}`;
    const before = distinct.get(key);
    const refusedBy = before?.refusedBy ?? refusals?.get(task.id) ?? [];
    distinct.set(key, {
      slot: label,
      state: task.state,
      reason,
      count: (before?.count ?? 0) + 1,
      ...(refusedBy.length === 0 ? {} : { refusedBy }),
    });
  }
  return [...distinct.values()];
}

const NOT_ABOUT_TASKS: ReadonlySet<Verdict['kind']> = new Set(['superseded', 'removed', 'refused']);
