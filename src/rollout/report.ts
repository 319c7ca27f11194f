/** The report on a rollout that did not converge: the reasons, so that the user needs no second command to find them. */
import { formatDuration } from '../values/duration.ts';
import { shellWord } from '../values/shell-words.ts';
import { shortDigest } from './image.ts';
import type { ServiceSeen, TaskSeen } from './observation.ts';
import { isCurrent, isOnNodes, isTerminal, keyOf } from './slots.ts';
import type { Failure, RolloutState } from './state.ts';
import type { Verdict } from './state.ts';
import { nextSteps } from './next-steps.ts';
import { awaitedNote, countsOf, startingNote } from './view.ts';

/** One distinct failure. If several tasks have the same error, this is the newest of them. */
export interface FailureReport {
  readonly task: string;
  /** "2/4", or the node of a global service. */
  readonly slot: string;
  readonly node: string;
  readonly state: string;
  readonly error: string;
  readonly exitCode?: number;
  readonly image: string;
  /** How many tasks failed in this way. */
  readonly count: number;
}

/** A task that is not running yet, and the scheduler's or node's reason. Tasks with the same reason are counted. */
export interface PendingReport {
  readonly slot: string;
  readonly state: string;
  readonly reason: string;
  readonly count: number;
}

export interface Report {
  /** The verdict in one line. */
  readonly verdict: string;
  /** Other facts: the images, if the engine restored another spec; the nodes that are down. */
  readonly facts: readonly string[];
  /** The distinct failures, at most MAX_REPORTED of them. */
  readonly failures: readonly FailureReport[];
  /** How many other distinct failures there were. */
  readonly moreFailures: number;
  readonly pending: readonly PendingReport[];
  /** Commands to run next, each with its purpose. */
  readonly next: readonly (readonly [command: string, purpose: string])[];
}

/** The most distinct failures, and the most pending tasks, in a report. Further failures are only counted. */
const MAX_REPORTED = 10;

/** The report on a rollout that is over and has not converged. */
export function reportOf(state: RolloutState): Report {
  const name = shellWord(state.intent.name);
  const distinct = failuresOf(state);
  const failures = distinct.slice(0, MAX_REPORTED);
  const pending = pendingOf(state).slice(0, MAX_REPORTED);
  const down = downNodes(state);
  return {
    verdict: verdictText(state),
    facts: [...imagesOf(state), ...down.map((node) => `node ${node} is down`)],
    failures,
    moreFailures: distinct.length - failures.length,
    pending,
    next: nextSteps(state, name, {
      errors: failures.map(({ error }) => error),
      isAboutNodes: down.length > 0 || pending.some(({ reason }) => /no suitable node/.test(reason)),
    }),
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
      return `${name} converged${awaitedNote(state)}`;
    case 'rolledBack':
      return `${name}: ${rolledBackText(state)}`;
    case 'paused':
      return `${name}: the engine paused the ${seen?.service.update?.state === 'paused' ? 'update' : 'rollback'}${message === '' ? '' : `: ${message}`}`;
    case 'failed':
      return state.reverted === undefined
        ? `${name}: ${what}${action === 'wait' ? ' does not run' : ' failed'}: ${failedText(state, verdict)}`
        : `${name}: ${rolledBackText(state)}; the previous spec does not run either: ${failedText(state, verdict)}`;
    case 'superseded':
      if (action === 'wait')
        return `${name}: the stored image is not ${intent.image ?? ''}: ${seen?.service.image ?? ''}`;
      return seen?.service.spec === intent.replaced
        ? `${name}: someone restored the spec from before this ${action} while it rolled out`
        : `${name}: another change replaced this ${action} while it rolled out`;
    case 'removed':
      return `${name}: the service was removed while it rolled out`;
    case 'refused':
      return `${name}: cannot watch the rollout any longer: ${verdict.reason}`;
    case 'timedOut':
      return `${name}: not converged after ${formatDuration(Math.round((intent.timeout ?? 0) * 1e6))}${soFar(state)}${notReached(state)}${intent.restores === true ? '' : goesOn(state)}`;
    case 'interrupted':
      return `${name}: stopped watching${soFar(state)}${notReached(state)}${goesOn(state)}`;
    case 'lost':
      return `${name}: lost contact with the manager ${seconds(at - (state.unreachable?.since ?? at))} ago${soFar(state)}: ${verdict.reason}`;
  }
}

function rolledBackText({ reverted }: RolloutState): string {
  const { message = '' } = reverted ?? {};
  return `the update failed and the engine rolled it back${message === '' ? '' : `: ${message}`}`;
}

/** Where the rollout goes on. A locked manager does nothing, and others may not be enough for a leader. */
const goesOn = ({ unreachable }: RolloutState): string =>
  unreachable?.locked === true
    ? '; the rollout goes on once the manager is unlocked, or if other managers lead the swarm'
    : '; the rollout goes on in the engine';

/** How long the manager has not been reached, and why; empty if it has. */
function notReached({ unreachable, at }: RolloutState): string {
  if (unreachable === undefined) return '';
  return `, and the manager has not been reached for ${seconds(at - unreachable.since)}: ${unreachable.reason.replace(/\.$/, '')}`;
}

function failedText(state: RolloutState, { why, label = '' }: Extract<Verdict, { kind: 'failed' }>): string {
  const { intent, seen, at, progressedAt, stableSince } = state;
  const task = seen !== undefined && isOnNodes(seen.service.mode) ? `the task on ${label}` : `task ${label}`;
  switch (why) {
    case 'max-failures':
      return `${task} failed ${intent.maxFailures === 1 ? 'once' : `${intent.maxFailures} times in a row`}`;
    case 'exhausted':
      return `${task} ended and will not be restarted`;
    case 'deadline':
      return `nothing has moved for ${seconds(at - progressedAt)}${soFar(state)}${stableSince === undefined ? '' : ', but the engine has not finished'}`;
  }
}

const seconds = (ms: number): string => formatDuration(Math.round(ms / 1000) * 1e9);

/** The count of the last poll that succeeded. */
function soFar(state: RolloutState): string {
  const { done, wanted } = countsOf(state);
  return state.seen === undefined ? '' : ` (${done} out of ${wanted} tasks)`;
}

/** After a rollback by the engine: the image that failed, and the image that runs again. */
function imagesOf(state: RolloutState): string[] {
  const { verdict, image, seen } = state;
  if (verdict.kind !== 'rolledBack' || seen === undefined) return [];
  const { done, wanted } = countsOf(state);
  const back = shortDigest(seen.service.image);
  const count = `${done} out of ${wanted} run the previous spec`;
  if (image === seen.service.image) return [`running: ${back}, as it was before the update`, count];
  return [`failed:  ${shortDigest(image)}`, `running: ${back}`, count];
}

/** Nodes that are down and have, or had, tasks of the service. */
function downNodes({ seen, verdict }: RolloutState): string[] {
  if (seen === undefined || verdict.kind === 'superseded') return [];
  const ofTasks = new Set(seen.tasks.map(({ nodeId }) => nodeId));
  return seen.nodes.filter(({ id, down }) => down && ofTasks.has(id)).map(({ name }) => name);
}

/** The distinct failures. */
function failuresOf(state: RolloutState): FailureReport[] {
  const nodes = new Map(state.seen?.nodes.map(({ id, name }) => [id, name]));
  const distinct = new Map<string, FailureReport>();
  for (const { task, label } of [...countedByEngine(state), ...exhausted(state), ...state.failures]) {
    const key = `${task.state} ${withoutIds(task.error)} ${task.image}`;
    distinct.set(key, {
      task: task.id,
      slot: label,
      node: nodes.get(task.nodeId ?? '') ?? '',
      state: task.state,
      error: task.error,
      ...(task.exitCode === undefined || task.exitCode === 0 ? {} : { exitCode: task.exitCode }),
      image: task.image,
      count: (distinct.get(key)?.count ?? 0) + 1,
    });
  }
  return [...distinct.values()];
}

/** An error without numbers and ids. Errors that differ only in those are one failure. */
const withoutIds = (error: string): string => error.replace(/\b[0-9a-z]{25}\b|\b[0-9a-f]{12,64}\b|\d+/g, '#');

/**
 * The task that made the engine pause or roll back, if it has not failed. The engine also counts a task as failed if it
 * ends within the monitor period for any other reason (swarmkit manager/orchestrator/update/updater.go, Run).
 */
function countedByEngine({
  verdict,
  seen,
  reverted,
  slots,
  failures,
  image,
  at,
}: RolloutState): readonly Failure[] {
  if (seen === undefined || (verdict.kind !== 'paused' && reverted === undefined)) return [];
  const id = verdict.kind === 'paused' ? seen.service.updateTask : reverted?.task;
  const nodes = new Map(seen.nodes.map((node) => [node.id, node]));
  const isAway = ({ nodeId = '' }: TaskSeen): boolean =>
    nodes.get(nodeId)?.down === true || nodes.get(nodeId)?.availability === 'drain';
  // If the engine no longer names the task, this takes a task of the failed image on a node that is down or drained.
  const isCounted = (task: TaskSeen): boolean =>
    id === undefined ? failures.length === 0 && task.image === image && isAway(task) : task.id === id;
  const task = seen.tasks.find(isCounted);
  if (task === undefined || failures.some((failure) => failure.task.id === task.id)) return [];
  const node = nodes.get(task.nodeId ?? '');
  const label = slots.find(({ key }) => key === keyOf(task, seen.service))?.label ?? '';
  const why = node?.down === true ? 'is down' : 'was drained';
  const error = isAway(task)
    ? `its node ${node?.name ?? ''} ${why}, and the engine counts the end of the task as a failure`
    : ENDED_EARLY;
  return [{ task: { ...task, error: task.error === '' ? error : `${task.error}; ${error}` }, label, at }];
}

const ENDED_EARLY = 'ended by itself within the monitor period, which the engine counts as a failure';

/** Tasks that ended before the watch began and will not be restarted. They are not in `state.failures`. */
function exhausted({ slots, failures, at, seen }: RolloutState): readonly Failure[] {
  const known = new Set(failures.map(({ task }) => task.id));
  if (seen === undefined) return [];
  return slots.flatMap(({ task, label, exhausted: isLast }) =>
    isLast && task !== undefined && !known.has(task.id) ? [{ task, label, at }] : [],
  );
}

/**
 * Tasks of the new spec that do not run yet, with the full reason. Tasks without an error are included only if the verdict
 * is about time.
 */
function pendingOf({ slots, seen, verdict }: RolloutState): PendingReport[] {
  if (seen === undefined || NOT_ABOUT_TASKS.has(verdict.kind)) return [];
  const isAboutTime = verdict.kind !== 'failed' || verdict.why === 'deadline';
  const all = isAboutTime && verdict.kind !== 'paused' && verdict.kind !== 'rolledBack';
  const distinct = new Map<string, PendingReport>();
  for (const { label, task, satisfied } of slots) {
    if (task === undefined || satisfied || isTerminal(task) || !isCurrent(task, seen.service)) continue;
    if (task.error === '' && !all) continue;
    const reason = reasonOf(task, seen.service);
    const key = `${task.state} ${reason}`;
    distinct.set(key, { slot: label, state: task.state, reason, count: (distinct.get(key)?.count ?? 0) + 1 });
  }
  return [...distinct.values()];
}

const NOT_ABOUT_TASKS: ReadonlySet<Verdict['kind']> = new Set(['superseded', 'removed', 'refused']);

/** Why a task does not run yet. */
function reasonOf(task: TaskSeen, service: ServiceSeen): string {
  if (task.error !== '') return task.error;
  return task.state === 'starting' ? startingNote(service) : task.message;
}
