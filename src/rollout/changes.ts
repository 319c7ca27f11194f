/** What changed between two states: the one stream that plain and json print. */
import type { UpdateState } from '../api/service.ts';
import type { Mode } from './observation.ts';
import type { RolloutState } from './state.ts';
import { isOver } from './verdict.ts';
import type { Verdict } from './state.ts';
import { reportOf } from './report.ts';
import { transition } from './image.ts';
import { countsOf, view } from './view.ts';
import type { Row } from './view.ts';

export type Change =
  /** Told once, where the change is one of the image. */
  | { readonly type: 'image'; readonly text: string; readonly before: string; readonly after: string }
  /** The overall count moved. `text` is docker's wording. */
  | { readonly type: 'progress'; readonly text: string; readonly done: number; readonly wanted: number }
  /** A task of the new spec got further; `note` says what holds it up. */
  | {
      readonly type: 'task';
      readonly task: string;
      readonly slot: string;
      readonly state: string;
      readonly node: string;
      readonly note: string;
    }
  /** A task ended badly. */
  | {
      readonly type: 'failure';
      readonly task: string;
      readonly slot: string;
      readonly state: string;
      readonly node: string;
      readonly error: string;
      readonly exitCode?: number;
    }
  | { readonly type: 'update'; readonly state: UpdateState; readonly message: string }
  /** Another has changed something that is not ours: the rollout goes on with it. */
  | { readonly type: 'spec'; readonly text: string }
  /** A node with tasks of the service went down or came back, or its availability was changed. */
  | {
      readonly type: 'node';
      readonly node: string;
      readonly down: boolean;
      readonly availability: string;
      readonly text: string;
    }
  /** The monitor period began. */
  | { readonly type: 'verify'; readonly text: string }
  /** A satisfied service is no longer so. */
  | { readonly type: 'unstable'; readonly text: string }
  | { readonly type: 'unreachable'; readonly reason: string }
  | { readonly type: 'reachable' }
  | { readonly type: 'verdict'; readonly verdict: Verdict['kind']; readonly text: string };

/** States too brief to tell of, unless something holds the task up. */
const BRIEF: ReadonlySet<string> = new Set([
  '',
  'new',
  'allocated',
  'pending',
  'assigned',
  'accepted',
  'ready',
  'starting',
]);

/** The changes from one state to the next, in the order in which they are told. */
export function changes(before: RolloutState, after: RolloutState): Change[] {
  const [old, now] = [view(before), view(after)];
  const list: Change[] = [];
  if (after.unreachable !== undefined && before.unreachable === undefined) {
    list.push({ type: 'unreachable', reason: after.unreachable.reason });
  }
  if (after.unreachable === undefined && before.unreachable !== undefined) list.push({ type: 'reachable' });
  if (now.image !== old.image) {
    list.push({ type: 'image', text: now.image, before: after.intent.imageBefore ?? '', after: after.image });
  }
  list.push(...nodeChanges(before, after), ...failuresSince(before, after));
  const other = otherChange(before, after);
  if (other !== undefined) list.push({ type: 'spec', text: other });
  const update = after.seen?.service.update;
  if (update !== undefined && update.state !== before.seen?.service.update?.state) {
    list.push({ type: 'update', ...update });
  }
  if (now.rows !== old.rows) list.push(...taskChanges(before, after, old.rows, now.rows));
  if (now.headline !== old.headline && after.verdict.kind !== 'superseded') {
    list.push({ type: 'progress', text: now.headline, ...countsOf(after) });
  }
  if (isOver(after.verdict) && !isOver(before.verdict)) {
    const text = after.verdict.kind === 'converged' ? now.footer : reportOf(after).verdict;
    list.push({ type: 'verdict', verdict: after.verdict.kind, text });
  } else if (now.footer.startsWith('verify:') && before.stableSince !== after.stableSince) {
    list.push({ type: 'verify', text: now.footer });
  } else if (
    before.stableSince !== undefined &&
    after.stableSince === undefined &&
    old.footer.startsWith('verify:')
  ) {
    list.push({ type: 'unstable', text: 'verify: Detected task failure' });
  }
  return list;
}

/** What another has changed while what is ours stayed; undefined where nothing was. */
function otherChange(before: RolloutState, after: RolloutState): string | undefined {
  const [was, is] = [before.seen?.service, after.seen?.service];
  if (is === undefined || after.verdict.kind === 'superseded' || before.reverted !== after.reverted)
    return undefined;
  if (was === undefined) {
    const { posted = true, replaced } = after.intent;
    const isFollowed = posted && is.previousSpec !== undefined && is.previousSpec !== replaced;
    return isFollowed ? `another change of the service came right after this one; following it` : undefined;
  }
  if (was.spec === is.spec) return undefined;
  if (after.intent.action === 'wait' && was.owned !== is.owned) {
    return was.image === is.image
      ? 'another change of the service; following it'
      : `another change of the service: ${transition(was.image, is.image)}; following it`;
  }
  const [from, to] = [wantedOf(was.mode), wantedOf(is.mode)];
  return from === to
    ? 'another change of the service, not of what this one set; following it'
    : `another change of the service: ${to} replicas instead of ${from}; following it`;
}

const wantedOf = (mode: Mode): number | undefined => (mode.kind === 'replicated' ? mode.replicas : undefined);

/** Tasks that got further, from one picture to the next. */
function taskChanges(
  before: RolloutState,
  after: RolloutState,
  earlierRows: readonly Row[],
  rows: readonly Row[],
): Change[] {
  const list: Change[] = [];
  // By the slots' keys: nodes may share a name, which is their label.
  const earlier = new Map(earlierRows.map((row, index) => [before.slots[index]?.key, row]));
  const failed = new Set(after.failures.map(({ task }) => task.id));
  for (const [index, row] of rows.entries()) {
    const slot = after.slots[index];
    // What was there before our change is no news.
    const isOld = before.seen === undefined && slot?.satisfied === true && after.intent.action !== 'create';
    if (slot?.task === undefined || isOld || failed.has(slot.task.id)) continue;
    if (!isNews(earlier.get(slot.key), row)) continue;
    const { label, state, node, note } = row;
    list.push({ type: 'task', task: slot.task.id, slot: label, state, node, note });
  }
  return list;
}

function failuresSince(before: RolloutState, after: RolloutState): Change[] {
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

/** Of nodes that the service has, or had, tasks on. */
function nodeChanges(before: RolloutState, after: RolloutState): Change[] {
  if (before.seen === undefined || after.seen === undefined || before.seen === after.seen) return [];
  const earlier = new Map(before.seen.nodes.map((node) => [node.id, node]));
  const ofTasks = new Set([...before.seen.tasks, ...after.seen.tasks].map(({ nodeId }) => nodeId));
  return after.seen.nodes.flatMap(({ id, name, down, availability }): Change[] => {
    const was = earlier.get(id);
    if (was === undefined || !ofTasks.has(id)) return [];
    if (was.down === down && was.availability === availability) return [];
    const happened =
      was.down === down ? (AVAILABILITY[availability] ?? availability) : down ? 'down' : 'up again';
    return [{ type: 'node', node: name, down, availability, text: `node ${name} is ${happened}` }];
  });
}

const AVAILABILITY: Readonly<Record<string, string>> = {
  active: 'active again',
  pause: 'paused',
  drain: 'drained',
};

/** What is news is where the tasks of the new spec are. */
function isNews(was: Row | undefined, row: Row): boolean {
  if (was?.state === row.state && was.note === row.note && was.node === row.node) return false;
  return row.current && (!BRIEF.has(row.state) || row.note !== '');
}
