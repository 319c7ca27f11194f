/** The picture of a rollout at one moment, as facts and words; how it is laid out is the renderers' affair. */
import { tagOf, transition } from './image.ts';
import type { Seen } from './observation.ts';
import { isCurrent, isJob } from './slots.ts';
import type { Slot } from './slots.ts';
import type { RolloutState } from './state.ts';
import { rollingOf } from './verdict.ts';

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
  readonly failing: boolean;
  /** Whether the task is of the new spec. */
  readonly current: boolean;
}

export interface View {
  /** "overall progress: 2 out of 4 tasks". */
  readonly headline: string;
  /** "image: ping:1.0@sha256:... → ping:1.1@sha256:..." where the change is one of the image; else empty. */
  readonly image: string;
  readonly rows: readonly Row[];
  /** "verify: ...", "the manager can't be reached ..." or empty. */
  readonly footer: string;
}

/** The states on a task's way to running, in their order; jobs go on to complete. */
const WAY = [
  'new',
  'allocated',
  'pending',
  'assigned',
  'accepted',
  'preparing',
  'ready',
  'starting',
  'running',
];
const FAILING: ReadonlySet<string> = new Set(['failed', 'rejected', 'orphaned']);

/** A task that has been starting for this long (ms) is held back by its health check. */
const LONG_START = 1_000;

export function view(state: RolloutState): View {
  const { seen } = state;
  if (seen === undefined)
    return {
      headline: 'overall progress: waiting for the engine',
      image: '',
      rows: [],
      footer: footer(state),
    };
  const nodes = new Map(seen.nodes.map(({ id, name }) => [id, name]));
  const rows = state.slots.map((slot) => rowOf(slot, seen, nodes, state));
  return { headline: headline(state, seen), image: imageLine(state), rows, footer: footer(state) };
}

function imageLine({ intent, image }: RolloutState): string {
  const { imageBefore } = intent;
  if (imageBefore === undefined || imageBefore === image) return '';
  return `image: ${transition(imageBefore, image)}`;
}

/** "overall progress: 2 out of 4 tasks", in docker's words for each direction and kind of service. */
export function headline(state: RolloutState, { service }: Seen): string {
  const done = state.slots.filter(({ satisfied }) => satisfied).length;
  const wanted = state.slots.length;
  if (isJob(service)) return `job progress: ${done} out of ${wanted} complete`;
  const back =
    state.reverted !== undefined || state.intent.action === 'rollback' ? 'rolling back update: ' : '';
  return `overall progress: ${back}${done} out of ${wanted} tasks`;
}

function rowOf(
  { key, label, task }: Slot,
  seen: Seen,
  nodes: ReadonlyMap<string, string>,
  { past }: RolloutState,
): Row {
  if (task === undefined)
    return { label, state: '', node: '', otherImage: '', note: '', failing: false, current: false };
  const current = isCurrent(task, seen.service);
  const { standing, lastFailure, failuresRunning = 0 } = past.get(key) ?? {};
  const again =
    failuresRunning === 0 || lastFailure === undefined || task.state === 'running'
      ? ''
      : `failed ${times(failuresRunning)}: ${lastFailure}`;
  const otherImage = task.image === seen.service.image ? '' : tagOf(task.image);
  const failing = FAILING.has(task.state);
  const since = standing?.since ?? seen.at;
  const waits =
    task.state === 'starting' && seen.at - since >= LONG_START ? 'waiting for its health check' : again;
  const step = WAY.indexOf(task.state);
  const last = isJob(seen.service) ? WAY.length + 1 : WAY.length;
  const progress = task.state === 'complete' ? 1 : (step + 1) / last;
  return {
    label,
    state: task.state,
    ...(current && (step >= 0 || task.state === 'complete') ? { progress } : {}),
    node: nodes.get(task.nodeId ?? '') ?? '',
    otherImage,
    note: task.error === '' ? waits : task.error,
    failing,
    current,
  };
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

/** What is waited for, in docker's words: the seconds left to verify, and how it ended. */
export function footer(state: RolloutState): string {
  const { seen, verdict, intent } = state;
  if (verdict.kind === 'converged') {
    return seen !== undefined && isJob(seen.service)
      ? 'job complete'
      : `verify: Service ${intent.name} converged`;
  }
  if (state.unreachable !== undefined) return `waiting for the manager: ${state.unreachable.reason}`;
  if (seen === undefined || state.stableSince === undefined || verdict.kind !== 'progressing') return '';
  if (isJob(seen.service)) return '';
  const left = Math.ceil((state.stableSince + rollingOf(state, seen).monitor - state.at) / 1000);
  if (left <= 0) return 'verify: Waiting for the engine to finish its own monitoring...';
  return `verify: Waiting ${left} second${left === 1 ? '' : 's'} to verify that tasks are stable...`;
}
