/** The view of a rollout at one moment: facts and texts. The renderers decide how to lay them out. */
import { tagOf, transition } from './image.ts';
import type { Seen, ServiceSeen } from './observation.ts';
import { TASK_STATES, endedBadly, isCurrent, isJob } from './slots.ts';
import type { Slot } from './slots.ts';
import type { RolloutState, Verdict } from './state.ts';
import { awaitedNodes, isOver, isRolling, isRollingBack, policyOf } from './verdict.ts';

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
  /** How many slots are satisfied. */
  readonly done: number;
  /** How many slots there are. */
  readonly wanted: number;
  /** Whether there is a verdict, and the verdict. */
  readonly isOver: boolean;
  readonly verdict: Verdict['kind'];
  /** "image: ping:1.0 (bab94e47625a) → ping:1.1 (bf5caa98067d)" if the image changes; else empty. */
  readonly image: string;
  readonly rows: readonly Row[];
  /** What the rollout waits for ("verify: ...", "waiting for the manager: ..."); else empty. */
  readonly footer: string;
}

/** A task that has been starting for longer than this (ms) most likely waits for its health check. */
const LONG_START = 1_000;

/** The view of a state. */
export function view(state: RolloutState): View {
  const { seen, verdict } = state;
  const always = {
    ...countsOf(state),
    isOver: isOver(verdict),
    verdict: verdict.kind,
    footer: footer(state),
  };
  if (seen === undefined) {
    return { ...always, headline: 'overall progress: waiting for the engine', image: '', rows: [] };
  }
  return {
    ...always,
    headline: headline(state, seen),
    image: imageLine(state),
    rows: rowsOf(state, seen),
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

/** "overall progress: 2 out of 4 tasks", with docker's wording for updates, rollbacks and jobs. */
function headline(state: RolloutState, { service }: Seen): string {
  const { done, wanted } = countsOf(state);
  if (isJob(service)) return `job progress: ${done} out of ${wanted} complete`;
  const back = isRollingBack(state) ? 'rolling back update: ' : '';
  const noNode = wanted === 0 && service.mode.kind === 'global' ? ' (no node is eligible)' : '';
  return `overall progress: ${back}${done} out of ${wanted} tasks${noNode}`;
}

/** The note on a task on a node that should have no task. */
const DISPUTED = 'the constraints exclude this node';

function rowOf(
  { key, label, task, disputed }: Slot,
  seen: Seen,
  nodes: ReadonlyMap<string, string>,
  { past }: RolloutState,
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
        ? DISPUTED
        : task.error === '' && isLong
          ? startingNote(seen.service)
          : task.error,
    past: again ? `failed ${times(failuresInARow)}${lastFailure === '' ? '' : `: ${lastFailure}`}` : '',
    failing: endedBadly(task, seen.service) || task.error !== '' || task.state === 'orphaned' || again,
    current,
  };
}

/** What a starting task waits for. If the spec has no health check, the image may still have one. */
export function startingNote({ healthCheck }: ServiceSeen): string {
  if (healthCheck === false) return '';
  return healthCheck === true ? 'waiting for its health check' : 'waiting to start or for its health check';
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

/** The note on a rollout that has converged although the engine still waits for a node; else empty. */
export function awaitedNote({ seen }: RolloutState): string {
  if (seen === undefined || !isRolling(seen.service)) return '';
  const names = awaitedNodes(seen).map(({ name }) => name);
  return names.length === 0
    ? ''
    : `; the engine still waits for a task on ${names.join(', ')}, which is down`;
}

/** The footer, with docker's wording: the seconds left of the monitor period, and the end. */
function footer(state: RolloutState): string {
  const { seen, verdict, intent } = state;
  const leaving = state.leaving.length;
  if (verdict.kind === 'converged') {
    return seen !== undefined && isJob(seen.service)
      ? 'job complete'
      : `verify: Service ${intent.name} converged${awaitedNote(state)}`;
  }
  if (verdict.kind !== 'progressing') return '';
  if (state.unreachable !== undefined) return `waiting for the manager: ${state.unreachable.reason}`;
  if (seen === undefined || isJob(seen.service)) return '';
  if (state.stableSince === undefined) {
    const { done, wanted } = countsOf(state);
    return leaving > 0 && done === wanted
      ? `waiting for ${leaving} task${leaving === 1 ? '' : 's'} that ${leaving === 1 ? 'is' : 'are'} no longer wanted to stop`
      : '';
  }
  const { monitor, delay } = policyOf(state, seen);
  // The engine waits for the update delay after the last batch too, before it monitors (swarmkit
  // manager/orchestrator/update/updater.go, worker).
  const until = state.stableSince + monitor + (isRolling(seen.service) ? delay : 0);
  const left = Math.ceil((until - state.at) / 1000);
  if (left <= 0) return 'verify: Waiting for the engine to finish its own monitoring...';
  return `verify: Waiting ${left} second${left === 1 ? '' : 's'} to verify that tasks are stable...`;
}
