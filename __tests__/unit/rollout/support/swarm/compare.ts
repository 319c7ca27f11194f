/**
 * Whether a watch that polls rarely ends as one that polls all the time, or later. The world stands still once the close
 * watch has its verdict; else the rare one would rightly judge what has happened since.
 */
import { reduce, start } from '../../../../../src/rollout/reduce.ts';
import type { RolloutState } from '../../../../../src/rollout/state.ts';
import { isOver } from '../../../../../src/rollout/verdict.ts';
import type { History } from './history.ts';
import { TAIL_INTERVAL, begin, pollerOf } from './play.ts';
import type { Swarm } from './model.ts';
import type { PollKind } from './poll.ts';
import { advance } from './store.ts';
import { monitorsOf, ranFor } from './truth.ts';

/** All polls are at multiples of this (ms), so that those of the rare watch are among those of the close one. */
const GRID = 100;
/** For how long (ms) the close watch polls. */
const HORIZON = 30_000;
const RARE_HORIZON = 3 * HORIZON;

/** How a watch ended, or where it was at the end of its time. */
interface End {
  readonly swarm: Swarm;
  readonly state: RolloutState;
  /** Milliseconds after our change. */
  readonly at: number;
  /** The first poll that showed anything brought the verdict. */
  readonly isAtOnce: boolean;
}

/** What is wrong with the verdict of the rare polls; undefined where nothing is. */
export function whyDifferent(history: History): string | undefined {
  const close = watchOn(history, () => ({ after: GRID, kind: 'full' }), HORIZON, Infinity);
  const rare = watchOn(
    history,
    rarePolls(history),
    isOver(close.state.verdict) ? RARE_HORIZON : HORIZON,
    close.at,
  );
  if (!isOver(rare.state.verdict) || isExcused(history, close, rare)) return undefined;
  const isSame = rare.state.verdict.kind === close.state.verdict.kind;
  return isSame && rare.at >= close.at ? undefined : `${textOf(rare)}, but polled closely: ${textOf(close)}`;
}

/** Verdicts that may differ, or that rare polls may bring earlier. */
function isExcused(history: History, close: End, rare: End): boolean {
  const { seen, verdict, intent, engineRollback } = rare.state;
  // Time brings it: rare polls miss changes that count as progress, see the end of others later, and may see a timeout or
  // deadline pass before they see what would have kept it from being one.
  if (isByTime(rare.state) || isByTime(close.state)) return true;
  // Failures in a row: rare polls miss those whose tasks are deleted by then, and begin a series anew where a task may have
  // run for long.
  if (isInARow(close.state)) return true;
  // Which of the two monitor periods counts can change between the polls of the one watch and the other.
  if (isInARow(rare.state) && hasRunBetweenMonitors(rare.swarm)) return true;
  // The close watch has noticed an outage of the manager, and waits for the monitor period again.
  if (close.state.hadOutage === true && rare.state.hadOutage !== true) return true;
  // Where nothing was posted, the tasks' own times tell the first poll that they are stable. A watch that has seen a change
  // before that has to wait for the monitor period.
  if (rare.isAtOnce && intent.posted === false) return true;
  // A `wait` begins anew with each spec. Rare polls miss one that another change undoes.
  if (intent.action === 'wait' && changesSpecTwice(history)) return true;
  // The engine rolled back, and another change has cleared its status before a rare poll saw it: then what is stored is
  // not ours, and nothing says whose it is. A `wait` takes it for what is wanted.
  const isCleared =
    close.state.engineRollback !== undefined &&
    engineRollback === undefined &&
    seen?.service.previousSpec !== undefined;
  if (isCleared && (verdict.kind === 'superseded' || intent.action === 'wait')) return true;
  // A task that nobody wants may come and go between two rare polls, as one on a node that comes back. The wanted ones have
  // run for the monitor period all the same.
  const isGood = verdict.kind === 'converged' || verdict.kind === 'rolledBack';
  return isGood && verdict.kind === close.state.verdict.kind;
}

const changesSpecTwice = ({ events }: History): boolean =>
  events.filter(({ event: { kind } }) => kind === 'scale' || kind === 'template' || kind === 'rollback')
    .length > 1;

const isInARow = ({ verdict }: RolloutState): boolean =>
  verdict.kind === 'failed' && verdict.why === 'max-failures';

const hasRunBetweenMonitors = ({ ended, service }: Swarm): boolean => {
  if (service === undefined) return false;
  const [shorter, longer] = monitorsOf(service);
  return ended.some((task) => ranFor(task) >= shorter && ranFor(task) < longer);
};

const isByTime = ({ verdict }: RolloutState): boolean =>
  verdict.kind === 'timedOut' ||
  verdict.kind === 'lost' ||
  (verdict.kind === 'failed' && verdict.why === 'deadline');

interface PollPlan {
  readonly after: number;
  readonly kind: PollKind;
}

/** The polls of a history on the grid. All of them show one moment, or nothing. */
function rarePolls({ polls }: History): (index: number) => PollPlan {
  const kinds: Partial<Record<PollKind, PollKind>> = { half: 'tasks', slow: 'full', removed: 'unreachable' };
  return (index) => {
    const { after, kind } = polls[index] ?? { after: TAIL_INTERVAL, kind: 'full' };
    return { after: Math.ceil(after / GRID) * GRID, kind: kinds[kind] ?? kind };
  };
}

/** Watches until there is a verdict, or for a time. From `standsStillAt` on (ms after our change) only time passes. */
function watchOn(
  history: History,
  plan: (index: number) => PollPlan,
  until: number,
  standsStillAt: number,
): End {
  const { swarm, intent, ownership } = begin(history);
  const poll = pollerOf(swarm, intent, ownership);
  const { startedAt } = intent;
  let end: End = { swarm, state: start(intent), at: 0, isAtOnce: false };
  for (let index = 0; !isOver(end.state.verdict); index += 1) {
    const { after, kind } = plan(index);
    const at = end.at + after;
    if (at > until) return end;
    if (end.at < standsStillAt) advance(swarm, startedAt + Math.min(at, standsStillAt));
    swarm.now = startedAt + at;
    end = { swarm, state: reduce(end.state, poll(kind)), at, isAtOnce: end.state.seen === undefined };
  }
  return end;
}

const textOf = ({ state: { verdict }, at }: End): string =>
  `${verdict.kind}${verdict.kind === 'failed' ? ` (${verdict.why})` : ''} after ${at} ms`;
