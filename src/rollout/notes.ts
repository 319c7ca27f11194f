/** Notes for people: what a task or a service that has converged has to be told beside its state. */
import { counted } from '../values/text.ts';
import { tasksOnPausedNodes } from './leftovers.ts';
import type { Seen, ServiceSeen } from './observation.ts';
import { ON_NODE, isCurrent, isGlobal } from './slots.ts';
import type { RolloutState } from './state.ts';
import { awaitedTasks, hasNothingToReplace } from './verdict.ts';

/** What a starting task waits for. If the spec has no health check, the image may still have one. */
export function startingNote({ healthCheck }: ServiceSeen): string {
  if (healthCheck === false) return '';
  return healthCheck === true ? 'waiting for its health check' : 'waiting to start or for its health check';
}

/** What has to be said of a service although it has converged. */
export function notesOf(state: RolloutState): readonly string[] {
  const { seen } = state;
  if (seen === undefined) return [];
  return [
    ...awaitedNote(seen),
    ...pausedNote(seen),
    ...downNote(seen),
    ...emptyNote(state, seen),
    ...completionsNote(seen),
    ...neverRanNote(state, seen),
  ];
}

/** The engine has not finished its update, and does not by itself. */
function awaitedNote(seen: Seen): string[] {
  const awaited = new Set(awaitedTasks(seen).map(({ nodeId }) => nodeId));
  const names = seen.nodes.filter(({ id }) => awaited.has(id)).map(({ name }) => name);
  if (hasNothingToReplace(seen))
    return ['the engine does not call its rollback completed: there was no task to replace'];
  return names.length === 0
    ? []
    : [`the engine still waits for a task on ${names.join(', ')}, which is down`];
}

function pausedNote(seen: Seen): string[] {
  const ids = new Set(tasksOnPausedNodes(seen).map(({ nodeId }) => nodeId));
  return seen.nodes
    .filter(({ id }) => ids.has(id))
    .map(({ name }) => `${name} is paused: its task keeps the old spec until the node is active`);
}

/** The engine cannot stop a task there before it reaches the node again. */
function downNote({ service, tasks, nodes }: Seen): string[] {
  const old = tasks.filter((task) => ON_NODE.has(task.state) && !isCurrent(task, service));
  const ids = new Set(old.map(({ nodeId }) => nodeId));
  return nodes
    .filter(({ id, down }) => down && ids.has(id))
    .map(({ name }) => `${name} is down: a task of an older spec may still run there`);
}

/** A label or a node may come later. */
function emptyNote({ slots }: RolloutState, seen: Seen): string[] {
  const { mode } = seen.service;
  const isEmpty = slots.length === 0 && tasksOnPausedNodes(seen).length === 0 && isGlobal(mode);
  return isEmpty ? ['no node is eligible, so nothing runs'] : [];
}

/**
 * A manager that has lost the lead and got it back runs the orchestrator of jobs twice, and tasks are made again and again
 * (moby issue 53632).
 */
function completionsNote({ service, tasks }: Seen): string[] {
  if (service.mode.kind !== 'replicated-job') return [];
  const { completions } = service.mode;
  const done = tasks.filter((task) => isCurrent(task, service) && task.state === 'complete').length;
  return done <= completions
    ? []
    : [
        `${done} tasks have completed instead of ${completions}: the engine may run the job again and again; restart the daemon of each manager that lost the lead`,
      ];
}

/** Only the image can have a health check, and it may have stopped these tasks. */
function neverRanNote({ past, slots }: RolloutState, { service }: Seen): string[] {
  if (service.healthCheck !== undefined) return [];
  const count = slots.filter(({ key, task }) => past.get(key)?.neverRan === (task?.id ?? '')).length;
  return count === 0
    ? []
    : [`${counted(count, 'task')} ${count === 1 ? 'has' : 'have'} completed without being seen running`];
}
