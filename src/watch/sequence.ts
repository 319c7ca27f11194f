/** Changes that are sent while others are watched: when each begins, what it waits for until then, and why it is not sent. */
import type { Call } from '../command-line/command.ts';
import { EXIT_CODES } from '../errors.ts';
import type { ProgressEvent } from '../rollout/progress-events.ts';
import type { Result } from '../rollout/result.ts';
import { start } from '../rollout/reduce.ts';
import type { ServiceView } from '../render/progress.ts';
import type { RolloutState } from '../rollout/state.ts';
import type { View } from '../rollout/view.ts';
import { awaitedEvent, awaitedView, causesText, reachedText, settledView } from './awaited.ts';
import type { LaterTarget } from './loop.ts';
import { exitCodeOfVerdict, signalOf, worstOf } from './outcome.ts';
import { targetOf } from './targets.ts';
import type { ChangeToWatch, LaterChange } from './targets.ts';

export type AnyChange = ChangeToWatch | LaterChange;

export const isLater = (change: AnyChange): change is LaterChange => 'send' in change;

/** One change of a command, while the changes are watched. */
export interface Entry extends ServiceView {
  readonly index: number;
  readonly change: AnyChange;
  view: View;
  /** What is watched; undefined as long as it is not sent. */
  watched: ChangeToWatch | undefined;
  /** The last state of what is watched. */
  state: RolloutState | undefined;
  /** The result, if it is not watched. */
  settled?: Result;
  /** The changes that ended badly, so that this one is not sent. */
  causes?: readonly Entry[];
  /** Resolves when the report on a bad end has been printed. */
  reported?: Promise<Result>;
}

/** Shows a change that is not watched. */
export type ShowEntry = (entry: Entry, view: View, events: readonly ProgressEvent[]) => void;

/** How a change has ended; undefined as long as it has not. */
function endOf({ state, settled }: Entry): Pick<Result, 'verdict' | 'exitCode'> | undefined {
  if (state === undefined || state.verdict.kind === 'progressing') return settled;
  return { verdict: state.verdict.kind, exitCode: exitCodeOfVerdict(state.verdict) };
}

const hasConverged = (entry: Entry): boolean => endOf(entry)?.exitCode === EXIT_CODES.done;

/** The changes that a later one waits for. */
const awaitedBy = (entries: readonly Entry[], { waitsFor }: LaterChange): readonly Entry[] =>
  entries.filter(({ name }) => waitsFor.includes(name));

/**
 * The target of a change that is sent later.
 * @param entries all changes of the command
 * @param call prints above the progress
 */
export function laterTarget(
  entries: readonly Entry[],
  call: Call,
  entry: Entry,
  change: LaterChange,
  show: ShowEntry,
): LaterTarget {
  const { interrupted } = call.world;
  const settle = (result: Result): void => {
    entry.settled = result;
    const { verdict, message, exitCode } = result;
    const shown = exitCode === EXIT_CODES.done ? 'converged' : verdict === 'notSent' ? verdict : 'refused';
    const told: ProgressEvent[] = verdict === 'notSent' ? [{ type: 'verdict', verdict, text: message }] : [];
    show(entry, settledView(shown), told);
  };
  return async (ended) => {
    const others = awaitedBy(entries, change);
    await Promise.all(others.map(({ index }) => ended(index)));
    const causes = others.filter((other) => !hasConverged(other));
    if (change.always !== true && (causes.length > 0 || interrupted.aborted)) {
      await Promise.all(causes.map(async ({ reported }) => reported));
      entry.causes = [...new Set(causes.flatMap((other) => other.causes ?? [other]))];
      settle(notSent(entry.causes, change, interrupted));
      return undefined;
    }
    if (others.length > 0 && causes.length === 0)
      show(entry, awaitedView([]), [{ type: 'note', text: reachedText(others) }]);
    const sent = await change.send(call);
    if ('result' in sent) {
      settle(sent.result);
      return undefined;
    }
    const target = targetOf(call, sent.accepted);
    entry.watched = sent.accepted;
    entry.state = start(target.intent);
    return target;
  };
}

/** The result of a change that is not sent. @param causes none after a signal */
function notSent(
  causes: readonly Entry[],
  { action, name, serviceId }: LaterChange,
  interrupted: AbortSignal,
): Result {
  const ends = causes.map((cause) => ({
    name: cause.name,
    ...(endOf(cause) ?? { verdict: 'interrupted' as const, exitCode: EXIT_CODES.SIGINT }),
  }));
  const exitCode = worstOf(ends)?.exitCode ?? EXIT_CODES[signalOf(interrupted)];
  const message = `${name}: not sent, because ${causesText(ends)}`;
  return { action, verdict: 'notSent', exitCode, service: { id: serviceId ?? null, name }, message };
}

/**
 * Returns a function that shows what each change waits for that is not sent yet. It prints a line only if that differs from the
 * last time.
 */
export function waitsOfEntries(entries: readonly Entry[], show: ShowEntry): () => void {
  const told = new Map<Entry, string>();
  const later = entries.flatMap((entry) =>
    isLater(entry.change) ? [{ entry, others: awaitedBy(entries, entry.change) }] : [],
  );
  return () => {
    for (const { entry, others } of later) {
      if (entry.state !== undefined || entry.settled !== undefined) continue;
      const open = others.filter((other) => !hasConverged(other));
      const isKnown = open.every(({ state, watched }) => state?.seen !== undefined || watched === undefined);
      if (open.length === 0 || !isKnown) continue;
      const key = open.map(({ index, watched }) => `${index} ${watched === undefined}`).join();
      show(entry, awaitedView(open), told.get(entry) === key ? [] : [awaitedEvent(open)]);
      told.set(entry, key);
    }
  };
}
