/** One service that moves off a node, as polls show it: whether it has moved, and why not. Pure. */
import type { Service, Task } from '../api/service.ts';
import { ENDING, isTerminalState } from '../rollout/slots.ts';
import { markedNode } from '../service-spec/drain-mark.ts';
import { ownedDigest } from '../service-spec/owned-fields.ts';
import { nearest } from '../values/integer.ts';
import { printable } from '../values/printable.ts';

/** A task that has had no suitable node for so long (ms) will not find one: the engine itself never gives up. */
const STUCK_AFTER = 5_000;
/** A move that has failed is undone after this time (ms), even if a task may be lost by that. */
const UNDO_AFTER = 15_000;
/** A move in which nothing has changed for so long (ms) has failed. */
const DEADLINE = 600_000;

/**
 * - moved: no task is left on the node, as many run elsewhere as are wanted, and the engine has nothing left to do
 * - failed: the engine has paused the update, or nothing has changed for the deadline
 * - stuck: a task finds no node
 * - tripped: a task on another node is replaced, which the mark alone never does
 * - changed: somebody else has taken the mark out while tasks were on the node
 * - gone: somebody else has removed the service
 */
export type MoveVerdict =
  | { readonly kind: 'moving' | 'moved' | 'changed' | 'gone' }
  | { readonly kind: 'failed' | 'stuck' | 'tripped'; readonly reason: string };

export interface MoveState {
  readonly serviceId: string;
  readonly name: string;
  /** The id of the node that is drained. */
  readonly node: string;
  /** The tasks that ran on other nodes when the move began, by their ids; none once somebody else has changed the template. */
  readonly good: ReadonlySet<string>;
  /** The digest of the marked template. */
  readonly owned: string;
  /** How many tasks were on the node when the move began. */
  readonly count: number;
  readonly wanted: number;
  /** The fewest running tasks that polls have shown. */
  readonly fewest: number;
  /** How long (ms) polls have shown fewer running tasks than wanted. */
  readonly below: number;
  /** When the last poll was (ms), and when one has last shown a change. */
  readonly at: number;
  readonly changedAt: number;
  readonly fingerprint: string;
  readonly stuckSince?: number | undefined;
  /** Since when (ms) the move has failed, but to undo it might end the task on the node (hasRival). */
  readonly riskySince?: number | undefined;
  /** True once a new task runs on another node. */
  readonly hasBegun: boolean;
  readonly verdict: MoveVerdict;
}

/** What one poll shows of the service. */
interface MoveSeen {
  readonly at: number;
  /** undefined if it does not exist any more. */
  readonly service: Service | undefined;
  readonly tasks: readonly Task[];
  /** The node does not answer any more: its tasks never say that they have ended. */
  readonly isNodeDown: boolean;
}

/** Whether a task is wanted and runs. */
export const isRunning = ({ DesiredState, Status }: Task): boolean =>
  DesiredState === 'running' && Status.State === 'running';

/** Whether a task takes up a place on its node, or will. */
export const hasNotEnded = ({ Status }: Task): boolean => !isTerminalState(Status.State);

/** Whether a task is on the node, and the engine has not told it to end. */
export const staysOn = (task: Task, node: string): boolean =>
  task.NodeID === node && hasNotEnded(task) && !ENDING.has(task.DesiredState);

export const tasksOf = ({ ID }: Service, tasks: readonly Task[]): readonly Task[] =>
  tasks.filter(({ ServiceID }) => ServiceID === ID);

/** The name of a service, for people. */
export const nameOf = ({ ID, Spec }: Service): string => printable(Spec.Name ?? ID);

/** How many tasks a replicated service wants. */
export const wantedOf = ({ Spec }: Service): number => nearest(Spec.Mode?.Replicated?.Replicas ?? 1);

/** The state at the beginning. @param service with the mark @param tasks of the service, as they are before anything moves */
export function startMove(node: string, service: Service, tasks: readonly Task[], at: number): MoveState {
  const wanted = wantedOf(service);
  return {
    serviceId: service.ID,
    name: nameOf(service),
    node,
    good: new Set(tasks.filter((task) => isRunning(task) && task.NodeID !== node).map(({ ID }) => ID)),
    owned: ownedDigest(service.Spec, []),
    count: tasks.filter((task) => staysOn(task, node)).length,
    wanted,
    fewest: Math.min(wanted, tasks.filter(isRunning).length),
    below: 0,
    at,
    changedAt: at,
    fingerprint: '',
    hasBegun: false,
    verdict: { kind: 'moving' },
  };
}

export function stepMove(before: MoveState, seen: MoveSeen): MoveState {
  const { at, service, tasks } = seen;
  if (service === undefined) return { ...before, at, verdict: { kind: 'gone' } };
  const wanted = wantedOf(service);
  const running = tasks.filter(isRunning);
  const isFew = running.length < wanted;
  const fingerprint = JSON.stringify([
    service.UpdateStatus?.State,
    tasks.map(({ ID, DesiredState, Status }) => [ID, DesiredState, Status.State]),
  ]);
  const state = {
    ...before,
    at,
    // Where somebody else has changed the template, the tasks on all nodes are replaced, as they should be.
    good:
      markedNode(service.Spec) === before.node && ownedDigest(service.Spec, []) !== before.owned
        ? new Set<string>()
        : before.good,
    wanted,
    fewest: Math.min(before.fewest, running.length),
    below: before.below + (isFew ? at - before.at : 0),
    fingerprint,
    changedAt: fingerprint === before.fingerprint ? before.changedAt : at,
    stuckSince: tasks.some(isWithoutNode) ? (before.stuckSince ?? at) : undefined,
    hasBegun:
      before.hasBegun || running.some(({ ID, NodeID }) => NodeID !== before.node && !before.good.has(ID)),
  };
  const verdict = judgeMove(state, seen, service);
  const isRisky = verdict.kind === 'failed' && hasRival(before.node, tasks);
  return { ...state, verdict, riskySince: isRisky ? (before.riskySince ?? at) : undefined };
}

/**
 * Whether a slot has a task on the node, and another one on another node that is to run. Without the mark both fit, and the engine
 * keeps any one of them. While the other one waits for its restart, or has no node, it keeps the one that runs (seen on 28.5).
 */
const hasRival = (node: string, tasks: readonly Task[]): boolean =>
  tasks.some(
    (old) =>
      old.NodeID === node &&
      isRunning(old) &&
      tasks.some(
        (task) =>
          task.Slot === old.Slot &&
          (task.NodeID ?? '') !== '' &&
          task.NodeID !== node &&
          task.DesiredState === 'running' &&
          hasNotEnded(task),
      ),
  );

/** Whether the mark is better taken out a little later. */
export const isBetterUndoneLater = ({ riskySince, at }: MoveState): boolean =>
  riskySince !== undefined && at - riskySince < UNDO_AFTER;

/** Whether the scheduler has said that no node takes the task. */
const isWithoutNode = ({ DesiredState, Status }: Task): boolean =>
  !ENDING.has(DesiredState) && Status.State === 'pending' && (Status.Err ?? '') !== '';

function judgeMove(state: MoveState, { tasks, isNodeDown, at }: MoveSeen, service: Service): MoveVerdict {
  const { node, good, wanted, stuckSince, changedAt } = state;
  const { State, Message = '' } = service.UpdateStatus ?? {};
  const isMarked = markedNode(service.Spec) === node;
  const isOnNode = tasks.some(
    (task) => task.NodeID === node && hasNotEnded(task) && !(isNodeDown && ENDING.has(task.DesiredState)),
  );
  const elsewhere = tasks.filter((task) => isRunning(task) && task.NodeID !== node).length;
  const isOver = State === undefined || State === 'completed';
  if (!isOnNode && elsewhere >= wanted && (isOver || !isMarked)) return { kind: 'moved' };
  if (!isMarked) return { kind: 'changed' };
  const replaced = tasks.find((task) => good.has(task.ID) && isReplaced(task));
  if (replaced !== undefined) {
    return {
      kind: 'tripped',
      reason: `the engine replaces task ${replaced.ID} too, which is on another node: its registry credentials may be other ones than those of the service`,
    };
  }
  if (State === 'paused' || State === 'rollback_paused')
    return { kind: 'failed', reason: pauseReason(tasks, Message) };
  if (stuckSince !== undefined && at - stuckSince >= STUCK_AFTER) {
    const { Err = '' } = tasks.find(isWithoutNode)?.Status ?? {};
    return { kind: 'stuck', reason: `a task finds no node: ${printable(Err)}` };
  }
  if (at - changedAt >= DEADLINE) return { kind: 'failed', reason: 'nothing has changed for 10 minutes' };
  return { kind: 'moving' };
}

/** Whether the engine ends the task for another one. A task that is scaled away has the desired state "remove", one that failed has failed. */
const isReplaced = ({ DesiredState, Status }: Task): boolean =>
  DesiredState === 'shutdown' && (Status.State === 'running' || Status.State === 'shutdown');

/** The engine's words, and the error of the newest task that has failed. */
function pauseReason(tasks: readonly Task[], message: string): string {
  const [failed] = tasks
    .filter(({ Status }) => Status.State === 'failed' || Status.State === 'rejected')
    .sort((a, b) => Date.parse(b.CreatedAt) - Date.parse(a.CreatedAt));
  const error = failed?.Status.Err ?? '';
  return printable(`${message || 'the engine has paused the update'}${error === '' ? '' : `: ${error}`}`);
}
