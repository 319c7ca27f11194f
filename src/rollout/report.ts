/** Why a rollout did not converge: the facts that a person would otherwise look up with a second command. */
import { formatDuration } from '../values/duration.ts';
import { shortDigest } from './image.ts';
import type { TaskSeen } from './observation.ts';
import { isCurrent, isTerminal } from './slots.ts';
import type { RolloutState } from './state.ts';

/** One distinct failure: the same error on several tasks is told once, with the newest of them. */
export interface FailureReport {
  readonly taskId: string;
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

/** A task that the scheduler or a node has not brought further, and what is said of it. */
export interface PendingReport {
  readonly slot: string;
  readonly state: string;
  readonly reason: string;
  readonly count: number;
}

export interface Report {
  /** The verdict in one line. */
  readonly verdict: string;
  /** What was asked for and what is there now, where the engine put another spec back. */
  readonly images: readonly string[];
  readonly failures: readonly FailureReport[];
  readonly pending: readonly PendingReport[];
  /** Commands to run next, each with its purpose. */
  readonly next: readonly (readonly [command: string, purpose: string])[];
}

/** The report on a rollout that is over and has not converged. */
export function reportOf(state: RolloutState): Report {
  const name = shellWord(state.intent.name);
  const pending = pendingOf(state);
  return {
    verdict: verdictLine(state),
    images: imagesOf(state),
    failures: failuresOf(state),
    pending,
    next: nextSteps(state, name, pending),
  };
}

function verdictLine({ verdict, intent, seen, movedAt, at, reverted = '' }: RolloutState): string {
  const { name, action } = intent;
  const what = action === 'create' ? 'the new service' : `the ${action}`;
  const said = seen?.service.update?.message ?? '';
  switch (verdict.kind) {
    case 'progressing':
    case 'converged':
      return `${name} converged`;
    case 'rolledBack':
      return `${name}: the update failed and the engine rolled it back${reverted === '' ? '' : `: ${reverted}`}`;
    case 'paused':
      return `${name}: the engine paused the ${seen?.service.update?.state === 'paused' ? 'update' : 'rollback'}${said === '' ? '' : `: ${said}`}`;
    case 'failed':
      if (verdict.why === 'max-failures') {
        return `${name}: ${what} failed: task ${verdict.label ?? ''} failed ${intent.maxFailures} times running`;
      }
      if (verdict.why === 'exhausted') {
        return `${name}: ${what} failed: task ${verdict.label ?? ''} ended and is not restarted any more`;
      }
      return `${name}: ${what} failed: nothing has moved for ${formatDuration(Math.round((at - movedAt) / 1000) * 1e9)}`;
    case 'superseded':
      return `${name}: another change replaced this ${action} while it rolled out`;
    case 'removed':
      return `${name}: the service was removed while it rolled out`;
    case 'timedOut':
      return `${name}: not converged after ${formatDuration((intent.timeout ?? 0) * 1e6)}; the rollout goes on in the engine`;
    case 'interrupted':
      return `${name}: stopped watching; the rollout goes on in the engine`;
    case 'lost':
      return `${name}: lost sight of the rollout: ${verdict.reason}`;
  }
}

function imagesOf({ verdict, image, seen }: RolloutState): string[] {
  if (verdict.kind !== 'rolledBack' || seen === undefined || image === seen.service.image) return [];
  return [`failed:  ${shortDigest(image)}`, `running: ${shortDigest(seen.service.image)}`];
}

function failuresOf({ failures, seen }: RolloutState): FailureReport[] {
  const nodes = new Map(seen?.nodes.map(({ id, name }) => [id, name]));
  const distinct = new Map<string, FailureReport>();
  for (const { task, label } of failures) {
    const key = `${task.state} ${task.error} ${task.image}`;
    distinct.set(key, {
      taskId: task.id,
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

/**
 * Slots whose task is on its way but not there, with the reason in full. That a task is merely on its way
 * explains something only where time ran out.
 */
function pendingOf({ slots, seen, verdict }: RolloutState): PendingReport[] {
  if (seen === undefined) return [];
  const outOfTime = verdict.kind === 'timedOut' || (verdict.kind === 'failed' && verdict.why === 'deadline');
  const distinct = new Map<string, PendingReport>();
  for (const { label, task, satisfied } of slots) {
    if (task === undefined || satisfied || isTerminal(task) || !isCurrent(task, seen.service)) continue;
    if (task.error === '' && !outOfTime) continue;
    const reason = reasonOf(task);
    const key = `${task.state} ${reason}`;
    distinct.set(key, { slot: label, state: task.state, reason, count: (distinct.get(key)?.count ?? 0) + 1 });
  }
  return [...distinct.values()];
}

function reasonOf(task: TaskSeen): string {
  if (task.error !== '') return task.error;
  return task.state === 'starting' ? 'waiting for its health check' : task.message;
}

function nextSteps(state: RolloutState, name: string, pending: readonly PendingReport[]): [string, string][] {
  const { verdict, intent } = state;
  const look: [string, string] = [`swarmroll ps --no-trunc ${name}`, 'see every task and its error'];
  const follow: [string, string] = [`swarmroll ps ${name}`, 'see how it goes on'];
  const back: [string, string][] =
    intent.action === 'update' ? [[`swarmroll rollback ${name}`, 'go back to the spec before']] : [];
  const nodes: [string, string][] = pending.some(({ reason }) => /no suitable node/.test(reason))
    ? [['docker node ls', 'see which nodes there are']]
    : [];
  switch (verdict.kind) {
    case 'timedOut':
    case 'interrupted':
      return [follow, ...nodes];
    case 'paused':
    case 'failed':
      return [...nodes, ...back, look];
    case 'superseded':
      return [[`swarmroll inspect --pretty ${name}`, 'see what is stored now'], follow];
    case 'removed':
      return [];
    case 'lost':
      return [[`swarmroll ps ${name}`, 'once the manager is back']];
    case 'rolledBack':
    case 'converged':
    case 'progressing':
      return [look];
  }
}

/** A name as a shell reads it back. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
