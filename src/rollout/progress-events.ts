/** What is new from one state to the next. --progress plain and json print these events. */
import type { UpdateState } from '../api/service.ts';
import type { Mode } from './observation.ts';
import { isOver } from './verdict.ts';
import type { RolloutState, Verdict, Wait } from './state.ts';
import { reportOf } from './report.ts';
import { transition } from './image.ts';
import { TASK_STATES } from './slots.ts';
import { countsOf, view } from './view.ts';
import { toldWaits, waitResults, waitingLine } from './waiting-text.ts';
import type { WaitResult } from './waiting-text.ts';
import type { Row } from './view.ts';

export type ProgressEvent =
  /** Once, at the start, if the image changes. */
  | { readonly type: 'image'; readonly text: string; readonly before: string; readonly after: string }
  /** The overall count has changed. `text` is docker's wording. */
  | { readonly type: 'progress'; readonly text: string; readonly done: number; readonly wanted: number }
  /** A task of the new spec has another state, or another note. `note` says why it does not get further. */
  | (ChangedTask & { readonly type: 'task'; readonly note: string })
  | (ChangedTask & { readonly type: 'failure'; readonly error: string; readonly exitCode?: number })
  | { readonly type: 'update'; readonly state: UpdateState; readonly message: string }
  /** Someone else has changed fields that our change does not own (`wait`: any field). The rollout goes on with the new spec. */
  | { readonly type: 'spec'; readonly text: string }
  /** A node with tasks of the service went down or came back, or its availability was changed. */
  | {
      readonly type: 'node';
      readonly node: string;
      readonly down: boolean;
      readonly availability: string;
      readonly text: string;
    }
  /** A remark, for example that the nodes cannot be read. */
  | { readonly type: 'note'; readonly text: string }
  /** The monitor period began. */
  | { readonly type: 'verify'; readonly text: string }
  /** During the monitor period, a slot is no longer satisfied. */
  | { readonly type: 'unstable'; readonly text: string }
  /** For some time nothing has changed, and this is why. */
  | { readonly type: 'waiting'; readonly text: string; readonly waits: readonly WaitResult[] }
  | { readonly type: 'unreachable'; readonly reason: string }
  | { readonly type: 'reachable' }
  | { readonly type: 'verdict'; readonly verdict: Verdict['kind'] | 'notSent'; readonly text: string };

interface ChangedTask {
  readonly task: string;
  readonly slot: string;
  readonly state: string;
  readonly node: string;
}

/** States that last only a moment. They are a change only if there is a note on the task. */
const SHORT_STATES: ReadonlySet<string> = new Set(
  ['', ...TASK_STATES].filter((state) => state !== 'preparing' && state !== 'running'),
);

/** The events from one state to the next, in the order in which they are printed. */
export function eventsBetween(before: RolloutState, after: RolloutState): ProgressEvent[] {
  const [old, now] = [view(before), view(after)];
  const list: ProgressEvent[] = [];
  if (after.unreachable !== undefined && before.unreachable === undefined) {
    list.push({ type: 'unreachable', reason: after.unreachable.reason });
  }
  if (after.unreachable === undefined && before.unreachable !== undefined) list.push({ type: 'reachable' });
  if (now.image !== old.image) {
    list.push({ type: 'image', text: now.image, before: after.intent.imageBefore ?? '', after: after.image });
  }
  const noNodes = after.seen?.noNodes;
  if (noNodes !== undefined && before.seen?.noNodes === undefined)
    list.push({ type: 'note', text: `watching without the names and states of the nodes: ${noNodes}` });
  list.push(...nodeEvents(before, after), ...failuresSince(before, after));
  const other = otherChange(before, after);
  if (other !== undefined) list.push({ type: 'spec', text: other });
  const update = after.seen?.service.update;
  if (update !== undefined && update.state !== before.seen?.service.update?.state) {
    list.push({ type: 'update', ...update });
  }
  if (now.rows !== old.rows) list.push(...rowEvents(before, after, old.rows, now.rows));
  if (now.headline !== old.headline && after.verdict.kind !== 'superseded') {
    list.push({ type: 'progress', text: now.headline, ...countsOf(after) });
  }
  const waiting = waitingEvent(before, after);
  if (waiting !== undefined) list.push(waiting);
  if (isOver(after.verdict) && !isOver(before.verdict)) {
    const text = after.verdict.kind === 'converged' ? now.footer : reportOf(after).verdict;
    list.push({ type: 'verdict', verdict: after.verdict.kind, text });
  } else if (now.footer.startsWith('verify:') && before.stableSince !== after.stableSince) {
    list.push({ type: 'verify', text: now.footer });
  } else if (
    before.stableSince !== undefined &&
    after.stableSince === undefined &&
    // Another change, which is followed, is no failure, and neither is a task of an older spec that has still to stop.
    after.slots.some(({ satisfied }) => !satisfied) &&
    other === undefined &&
    old.footer.startsWith('verify:')
  ) {
    list.push({ type: 'unstable', text: 'verify: Detected task failure' });
  }
  return list;
}

/** After this long without a change (ms), what the rollout waits for is printed. */
const SILENCE = 10_000;

/** What the rollout waits for, if the reasons are new or have changed. */
function waitingEvent(before: RolloutState, after: RolloutState): ProgressEvent | undefined {
  const [was, is] = [saidWaits(before), saidWaits(after)];
  if (is.map(({ reason }) => reason).join() === was.map(({ reason }) => reason).join()) return undefined;
  return is.length === 0
    ? undefined
    : { type: 'waiting', text: waitingLine(after, is), waits: waitResults(after) };
}

/** The waits to print. `place` is left out: the line of the task says already why it finds no node. */
const saidWaits = (state: RolloutState): readonly Wait[] =>
  isOver(state.verdict) || state.unreachable !== undefined
    ? []
    : toldWaits(state, SILENCE).filter(({ reason }) => reason !== 'place');

/** What someone else has changed, without our fields; undefined if nothing was changed. */
function otherChange(before: RolloutState, after: RolloutState): string | undefined {
  const [was, is] = [before.seen?.service, after.seen?.service];
  if (
    is === undefined ||
    after.verdict.kind === 'superseded' ||
    before.engineRollback !== after.engineRollback
  )
    return undefined;
  if (was === undefined) {
    const { posted = true, replaced } = after.intent;
    const isFollowed = posted && is.previousSpec !== undefined && is.previousSpec !== replaced;
    return isFollowed ? 'someone else changed the service right after this change; following it' : undefined;
  }
  if (was.spec === is.spec) return undefined;
  if (after.intent.action === 'wait' && was.owned !== is.owned) {
    return was.image === is.image
      ? 'another change of the service; following it'
      : `another change of the service: ${transition(was.image, is.image)}; following it`;
  }
  const [from, to] = [wantedOf(was.mode), wantedOf(is.mode)];
  return from === to
    ? 'another change of the service, of other fields than this change; following it'
    : `another change of the service: ${to} replicas instead of ${from}; following it`;
}

const wantedOf = (mode: Mode): number | undefined => (mode.kind === 'replicated' ? mode.replicas : undefined);

/** Tasks with another state, node or note, from one view to the next. */
function rowEvents(
  before: RolloutState,
  after: RolloutState,
  earlierRows: readonly Row[],
  rows: readonly Row[],
): ProgressEvent[] {
  const list: ProgressEvent[] = [];
  // The map needs the slots' keys: the labels are names of nodes, and two nodes can have the same name.
  const earlier = new Map(earlierRows.map((row, index) => [before.slots[index]?.key, row]));
  const failed = new Set(after.failures.map(({ task }) => task.id));
  for (const [index, row] of rows.entries()) {
    const slot = after.slots[index];
    // In the first poll, satisfied slots have tasks from before our change.
    const isOld = before.seen === undefined && slot?.satisfied === true && after.intent.action !== 'create';
    if (slot?.task === undefined || isOld || failed.has(slot.task.id)) continue;
    if (!isChange(earlier.get(slot.key), row)) continue;
    const { label, state, node, note } = row;
    list.push({ type: 'task', task: slot.task.id, slot: label, state, node, note });
  }
  return list;
}

function failuresSince(before: RolloutState, after: RolloutState): ProgressEvent[] {
  const nodes = new Map(after.seen?.nodes.map(({ id, name }) => [id, name]));
  return after.failures.slice(before.failures.length).map(({ task, label }) => ({
    type: 'failure',
    task: task.id,
    slot: label,
    state: task.state,
    node: nodes.get(task.nodeId ?? '') ?? '',
    error: task.error,
    ...(task.exitCode === undefined ? {} : { exitCode: task.exitCode }),
  }));
}

/** Changes of nodes that have, or had, tasks of the service. */
function nodeEvents(before: RolloutState, after: RolloutState): ProgressEvent[] {
  if (before.seen === undefined || after.seen === undefined || before.seen.nodes === after.seen.nodes)
    return [];
  const earlier = new Map(before.seen.nodes.map((node) => [node.id, node]));
  const ofTasks = new Set([...before.seen.tasks, ...after.seen.tasks].map(({ nodeId }) => nodeId));
  return after.seen.nodes.flatMap(({ id, name, down, availability }): ProgressEvent[] => {
    const was = earlier.get(id);
    if (was === undefined || !ofTasks.has(id)) return [];
    if (was.down === down && was.availability === availability) return [];
    const now = was.down === down ? (AVAILABILITY[availability] ?? availability) : down ? 'down' : 'up again';
    return [{ type: 'node', node: name, down, availability, text: `node ${name} is ${now}` }];
  });
}

const AVAILABILITY: Readonly<Record<string, string>> = {
  active: 'active again',
  pause: 'paused',
  drain: 'drained',
};

/** Whether a row differs from the one before in a way that is printed. Only tasks of the new spec are. */
function isChange(was: Row | undefined, row: Row): boolean {
  if (was?.state === row.state && was.note === row.note && was.node === row.node) return false;
  return row.current && (!SHORT_STATES.has(row.state) || row.note !== '');
}
