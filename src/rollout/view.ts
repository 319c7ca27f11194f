/** The view of a rollout at one moment: facts and texts. The renderers decide how to lay them out. */
import { counted } from '../values/text.ts';
import { tagOf, transition } from './image.ts';
import type { Seen } from './observation.ts';
import { LONG_START } from './failures.ts';
import { TASK_STATES, endedBadly, isCurrent, isJob } from './slots.ts';
import type { Slot } from './slots.ts';
import { notesOf, startingNote } from './notes.ts';
import type { RolloutState, Verdict } from './state.ts';
import { isOver, isRollingBack } from './verdict.ts';
import { toldWaits, waitingLine } from './waiting-text.ts';

/** One slot (replicated), node (global) or completion (job), with its representative task. */
export interface Row {
  readonly label: string;
  /** The task's state in the Engine API; empty if there is no task yet. */
  readonly state: string;
  /** The task's progress, from 0 to 1; undefined if it has failed, if it is old, or if there is none. */
  readonly progress?: number;
  readonly node: string;
  /** The tag of the task's image if it is not the wanted image; else empty. */
  readonly otherImage: string;
  /** The error, the scheduler's reason, or what the task waits for; not shortened. */
  readonly note: string;
  /** The failures of the slot's earlier tasks: "failed 2 times: ..."; empty once its task runs. */
  readonly past: string;
  /** Whether the task ended badly, the task before it ended badly, or an error holds it up. */
  readonly failing: boolean;
  /** Whether the task has the new spec. */
  readonly current: boolean;
}

export interface View {
  /** "overall progress: 2 out of 4 tasks". */
  readonly headline: string;
  /** How many slots are satisfied, of how many. */
  readonly done: number;
  readonly wanted: number;
  /** Whether there is a verdict, and the verdict. */
  readonly isOver: boolean;
  readonly verdict: Verdict['kind'] | 'notSent';
  /** "image: ping:1.0 (bab94e47625a) → ping:1.1 (bf5caa98067d)" if the image changes; else empty. */
  readonly image: string;
  readonly rows: readonly Row[];
  /** What the rollout waits for ("verify: ...", "waiting for the manager: ..."); else empty. */
  readonly footer: string;
}

export function view(state: RolloutState): View {
  const { seen, verdict } = state;
  return {
    headline: seen === undefined ? 'overall progress: waiting for the engine' : headline(state, seen),
    ...countsOf(state),
    isOver: isOver(verdict),
    verdict: verdict.kind,
    image: seen === undefined ? '' : imageLine(state),
    rows: seen === undefined ? [] : rowsOf(state, seen),
    footer: footer(state),
  };
}

/** Cached rows by their slots. Most polls of many tasks change no slot, and a thousand rows take 0.3 ms. */
const cachedRows = new WeakMap<readonly Slot[], { readonly seen: Seen; readonly rows: readonly Row[] }>();

function rowsOf(state: RolloutState, seen: Seen): readonly Row[] {
  const { slots } = state;
  const cached = cachedRows.get(slots);
  if (cached?.seen.service === seen.service && cached.seen.nodes === seen.nodes) return cached.rows;
  const nodes = new Map(seen.nodes.map(({ id, name }) => [id, name]));
  const rows = slots.map((slot) => rowOf(slot, seen, nodes, state));
  // The note on a starting task depends on the time.
  if (!slots.some(({ task }) => task?.state === 'starting')) cachedRows.set(slots, { seen, rows });
  return rows;
}

function imageLine({ intent, image }: RolloutState): string {
  const { imageBefore } = intent;
  if (imageBefore === undefined || imageBefore === image) return '';
  return `image: ${transition(imageBefore, image)}`;
}

/** How many slots are satisfied, and how many there are. */
export function countsOf({ slots }: RolloutState): { readonly done: number; readonly wanted: number } {
  return { done: slots.filter(({ satisfied }) => satisfied).length, wanted: slots.length };
}

/** "2 out of 4". */
export function countText(state: RolloutState): string {
  const { done, wanted } = countsOf(state);
  return `${done} out of ${wanted}`;
}

/** "overall progress: 2 out of 4 tasks", with docker's wording for updates, rollbacks and jobs. */
function headline(state: RolloutState, { service }: Seen): string {
  const count = countText(state);
  if (isJob(service)) return `job progress: ${count} complete`;
  const back = isRollingBack(state) ? 'rolling back update: ' : '';
  const noNode = state.slots.length === 0 && service.mode.kind === 'global' ? ' (no node is eligible)' : '';
  return `overall progress: ${back}${count} tasks${noNode}`;
}

function rowOf(
  { key, label, task, disputed }: Slot,
  seen: Seen,
  nodes: ReadonlyMap<string, string>,
  { past, unhealthy }: RolloutState,
): Row {
  if (task === undefined)
    return { label, state: '', node: '', otherImage: '', note: '', past: '', failing: false, current: false };
  const current = isCurrent(task, seen.service);
  const { representative, lastFailure, failuresInARow = 0 } = past.get(key) ?? {};
  const again = failuresInARow > 0 && lastFailure !== undefined && task.state !== 'running';
  const otherImage = task.image === seen.service.image ? '' : tagOf(task.image);
  const since = representative?.since ?? seen.at;
  const isLong = task.state === 'starting' && seen.at - since >= LONG_START;
  const step = TASK_STATES.indexOf(task.state);
  const last = isJob(seen.service) ? TASK_STATES.length + 1 : TASK_STATES.length;
  const progress = task.state === 'complete' ? 1 : (step + 1) / last;
  return {
    label,
    state: task.state,
    ...(current && (step >= 0 || task.state === 'complete') ? { progress } : {}),
    node: nodes.get(task.nodeId ?? '') ?? '',
    otherImage,
    note:
      disputed === true && task.error === ''
        ? 'the constraints exclude this node'
        : task.error === '' && isLong
          ? startingNote(seen.service)
          : task.error,
    past: again ? `failed ${times(failuresInARow)}${lastFailure === '' ? '' : `: ${lastFailure}`}` : '',
    failing:
      endedBadly(task, seen.service, unhealthy) || task.error !== '' || task.state === 'orphaned' || again,
    current,
  };
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

/** What is waited for is shown once nothing has changed for so long (ms). */
const SILENCE = 1_000;

/** The footer, with docker's wording: the seconds left of the monitor period, and the end; else what is waited for. */
function footer(state: RolloutState): string {
  const { seen, verdict, intent, waits } = state;
  if (verdict.kind === 'converged') {
    const end =
      seen !== undefined && isJob(seen.service) ? 'job complete' : `verify: Service ${intent.name} converged`;
    return [end, ...notesOf(state)].join('; ');
  }
  if (verdict.kind !== 'progressing') return '';
  if (state.unreachable !== undefined) return `waiting for the manager: ${state.unreachable.reason}`;
  if (state.stableSince === undefined || seen === undefined || isJob(seen.service))
    return waitingLine(state, toldWaits(state, SILENCE));
  const { until = state.at } = waits.find(({ reason }) => reason === 'monitor') ?? {};
  const left = Math.ceil((until - state.at) / 1000);
  if (left <= 0) return 'verify: Waiting for the engine to finish its own monitoring...';
  return `verify: Waiting ${counted(left, 'second')} to verify that tasks are stable...`;
}
