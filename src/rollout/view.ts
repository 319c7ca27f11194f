/** The picture of a rollout at one moment, as facts and words; how it is laid out is the renderers' affair. */
import { tagOf, transition } from './image.ts';
import type { Seen, ServiceSeen } from './observation.ts';
import { TASK_STATES, endedBadly, isCurrent, isJob } from './slots.ts';
import type { Slot } from './slots.ts';
import type { RolloutState, Verdict } from './state.ts';
import { awaitedNodes, isOver, isRolling, isRollingBack, policyOf } from './verdict.ts';

/** One slot, node or completion. */
export interface Row {
  readonly label: string;
  /** The task's state in Swarm's words; empty where there is no task yet. */
  readonly state: string;
  /** How far the task is on its way, 0 to 1; undefined where it is on none (failed, old, none). */
  readonly progress?: number;
  readonly node: string;
  /** The tag of the image, where it is not the wanted one. */
  readonly otherImage: string;
  /** The error, the scheduler's reason or what is waited for; in full. */
  readonly note: string;
  /** What became of the slot's tasks before: "failed 2 times: ..."; empty once the present one runs. */
  readonly past: string;
  /** Something is wrong: it ended badly, so did the one before it, or it can't get further. */
  readonly failing: boolean;
  /** Whether the task is of the new spec. */
  readonly current: boolean;
}

export interface View {
  /** "overall progress: 2 out of 4 tasks". */
  readonly headline: string;
  /** How many of the wanted tasks are there. */
  readonly done: number;
  readonly wanted: number;
  /** Whether there is a verdict, and the verdict. */
  readonly isOver: boolean;
  readonly verdict: Verdict['kind'];
  /** "image: ping:1.0@sha256:... → ping:1.1@sha256:..." where the change is one of the image; else empty. */
  readonly image: string;
  readonly rows: readonly Row[];
  /** What is waited for ("verify: ...", "waiting for the manager: ..."), or empty. */
  readonly footer: string;
}

/** A task that has been starting for this long (ms) is held back, most likely by its health check. */
const LONG_START = 1_000;

/** The picture of a state. */
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

/** Rows by the slots that they show: most looks at many tasks show nothing new, and a thousand rows take 0.3 ms. */
const drawn = new WeakMap<readonly Slot[], { readonly seen: Seen; readonly rows: readonly Row[] }>();

function rowsOf(state: RolloutState, seen: Seen): readonly Row[] {
  const { slots } = state;
  const known = drawn.get(slots);
  if (known?.seen.service === seen.service && known.seen.nodes === seen.nodes) return known.rows;
  const nodes = new Map(seen.nodes.map(({ id, name }) => [id, name]));
  const rows = slots.map((slot) => rowOf(slot, seen, nodes, state));
  // What is said of a task that is starting depends on the time.
  if (!slots.some(({ task }) => task?.state === 'starting')) drawn.set(slots, { seen, rows });
  return rows;
}

function imageLine({ intent, image }: RolloutState): string {
  const { imageBefore } = intent;
  if (imageBefore === undefined || imageBefore === image) return '';
  return `image: ${transition(imageBefore, image)}`;
}

/** How many of the wanted tasks are there. */
export function countsOf({ slots }: RolloutState): { readonly done: number; readonly wanted: number } {
  return { done: slots.filter(({ satisfied }) => satisfied).length, wanted: slots.length };
}

/** "overall progress: 2 out of 4 tasks", in docker's words for each direction and kind of service. */
function headline(state: RolloutState, { service }: Seen): string {
  const { done, wanted } = countsOf(state);
  if (isJob(service)) return `job progress: ${done} out of ${wanted} complete`;
  const back = isRollingBack(state) ? 'rolling back update: ' : '';
  const nowhere = wanted === 0 && service.mode.kind === 'global' ? ' (no node is eligible)' : '';
  return `overall progress: ${back}${done} out of ${wanted} tasks${nowhere}`;
}

/** What is said of a task on a node that should have none. */
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

/** What a task waits for that has been started; only a spec, not an image, tells whether there is a health check. */
export function startingNote({ healthCheck }: ServiceSeen): string {
  if (healthCheck === false) return '';
  return healthCheck === true ? 'waiting for its health check' : 'waiting to start or for its health check';
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

/** What is to be said of a rollout that is done though the engine waits on; empty for all others. */
export function awaitedNote({ seen }: RolloutState): string {
  if (seen === undefined || !isRolling(seen.service)) return '';
  const names = awaitedNodes(seen).map(({ name }) => name);
  return names.length === 0
    ? ''
    : `; the engine still waits for a task on ${names.join(', ')}, which is down`;
}

/** What is waited for, in docker's words: the seconds left to verify, and how it ended. */
function footer(state: RolloutState): string {
  const { seen, verdict, intent, leaving } = state;
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
  // After its last batch, too, the engine first waits for the delay and only then monitors.
  const until = state.stableSince + monitor + (isRolling(seen.service) ? delay : 0);
  const left = Math.ceil((until - state.at) / 1000);
  if (left <= 0) return 'verify: Waiting for the engine to finish its own monitoring...';
  return `verify: Waiting ${left} second${left === 1 ? '' : 's'} to verify that tasks are stable...`;
}
