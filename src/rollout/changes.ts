/** What changed between two states: the one stream that plain and json print. */
import type { UpdateState } from './observation.ts';
import type { RolloutState } from './state.ts';
import { isOver } from './verdict.ts';
import type { Verdict } from './verdict.ts';
import { view } from './view.ts';
import type { Row } from './view.ts';

export type Change =
  /** Told once, where the change is one of the image. */
  | { readonly type: 'image'; readonly text: string; readonly before: string; readonly after: string }
  /** The overall count moved. `text` is docker's wording. */
  | { readonly type: 'progress'; readonly text: string; readonly done: number; readonly wanted: number }
  | ({ readonly type: 'task'; readonly task: string } & Row)
  /** A task ended badly. */
  | {
      readonly type: 'failure';
      readonly task: string;
      readonly label: string;
      readonly state: string;
      readonly node: string;
      readonly error: string;
      readonly exitCode?: number;
    }
  | { readonly type: 'update'; readonly state: UpdateState; readonly message: string }
  /** The monitor period began. */
  | { readonly type: 'verify'; readonly text: string }
  /** A satisfied service is no longer so. */
  | { readonly type: 'unstable'; readonly text: string }
  | { readonly type: 'unreachable'; readonly reason: string }
  | { readonly type: 'reachable' }
  | { readonly type: 'verdict'; readonly verdict: Verdict; readonly text: string };

/** States too brief to tell of, unless something is wrong with them. */
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
  const update = after.seen?.service.update;
  if (update !== undefined && update.state !== before.seen?.service.update?.state) {
    list.push({ type: 'update', ...update });
  }
  list.push(...failuresSince(before, after));
  const earlier = new Map(old.rows.map((row) => [row.label, row]));
  for (const [index, row] of now.rows.entries()) {
    const was = earlier.get(row.label);
    const task = after.slots[index]?.task;
    if (task !== undefined && isNews(was, row)) list.push({ type: 'task', task: task.id, ...row });
  }
  if (now.headline !== old.headline) {
    const done = after.slots.filter(({ satisfied }) => satisfied).length;
    list.push({ type: 'progress', text: now.headline, done, wanted: after.slots.length });
  }
  if (isOver(after.verdict) && !isOver(before.verdict)) {
    list.push({ type: 'verdict', verdict: after.verdict, text: now.footer });
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

function failuresSince(before: RolloutState, after: RolloutState): Change[] {
  const nodes = new Map(after.seen?.nodes.map(({ id, name }) => [id, name]));
  return after.failures.slice(before.failures.length).map(({ task, label }) => ({
    type: 'failure',
    task: task.id,
    label,
    state: task.state,
    node: nodes.get(task.nodeId ?? '') ?? '',
    error: task.error,
    ...(task.exitCode === undefined ? {} : { exitCode: task.exitCode }),
  }));
}

/** What is news is where the tasks of the new spec are; failures are told of by themselves. */
function isNews(was: Row | undefined, row: Row): boolean {
  if (was?.state === row.state && was.note === row.note && was.node === row.node) return false;
  if (row.failing || !row.current) return false;
  return !BRIEF.has(row.state) || row.note !== '';
}
