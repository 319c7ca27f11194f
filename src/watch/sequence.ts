/** Changes that are sent while others are watched: when each begins, what it waits for until then, and why it is not sent. */
import type { Call } from '../command-line/command.ts';
import { EXIT_CODES } from '../errors.ts';
import type { Change } from '../rollout/changes.ts';
import type { Result } from '../rollout/result.ts';
import { start } from '../rollout/reduce.ts';
import type { RolloutState } from '../rollout/state.ts';
import type { View } from '../rollout/view.ts';
import { awaitedChange, awaitedView, causesText, reachedText, settledView } from './awaited.ts';
import type { Awaited } from './awaited.ts';
import type { LaterTarget } from './loop.ts';
import { exitCodeOfVerdict, signalOf, worstOf } from './outcome.ts';
import { targetOf } from './targets.ts';
import type { ChangeToWatch, LaterChange } from './targets.ts';

export type AnyChange = ChangeToWatch | LaterChange;

export const isLater = (change: AnyChange): change is LaterChange => 'send' in change;

/** The changes of a command while they are watched, by their indices. */
export interface Sequence {
  readonly changes: readonly AnyChange[];
  /** What is watched; undefined as long as it is not sent. */
  readonly watched: (ChangeToWatch | undefined)[];
  /** The last state of what is watched. */
  readonly states: (RolloutState | undefined)[];
  /** The results of the changes that came to no watch. */
  readonly settled: (Result | undefined)[];
  /** Of a change that is not sent: the changes that are the cause, by their indices. */
  readonly causes: (readonly number[] | undefined)[];
  /** Resolves when the report on a change that did not converge has been printed. */
  readonly reported: (index: number) => Promise<unknown>;
  /** Shows a change that is not watched. */
  readonly show: (index: number, view: View, changes: readonly Change[]) => void;
}

/** How a change has ended; undefined as long as it has not. */
function endOf(
  { states, settled }: Sequence,
  index: number,
): Pick<Result, 'verdict' | 'exitCode'> | undefined {
  const state = states[index];
  if (state === undefined || state.verdict.kind === 'progressing') return settled[index];
  return { verdict: state.verdict.kind, exitCode: exitCodeOfVerdict(state.verdict) };
}

const hasConverged = (sequence: Sequence, index: number): boolean =>
  endOf(sequence, index)?.exitCode === EXIT_CODES.done;

/** The indices of the changes that a later one waits for. */
const before = ({ changes }: Sequence, { waitsFor }: LaterChange): readonly number[] =>
  changes.flatMap(({ name }, index) => (waitsFor.includes(name) ? [index] : []));

const awaited = ({ changes, states }: Sequence, index: number): Awaited => ({
  name: changes[index]?.name ?? '',
  state: states[index],
});

/**
 * The target of a change that is sent later.
 * @param call prints above the progress
 */
export function laterTarget(sequence: Sequence, call: Call, index: number, change: LaterChange): LaterTarget {
  const { interrupted } = call.world;
  const settle = (result: Result): void => {
    sequence.settled[index] = result;
    const { verdict, message, exitCode } = result;
    const shown = exitCode === EXIT_CODES.done ? 'converged' : verdict === 'notSent' ? verdict : 'refused';
    const told: Change[] = verdict === 'notSent' ? [{ type: 'verdict', verdict, text: message }] : [];
    sequence.show(index, settledView(shown), told);
  };
  return async (ended) => {
    const others = before(sequence, change);
    await Promise.all(others.map(ended));
    const causes = others.filter((other) => !hasConverged(sequence, other));
    if (change.always !== true && (causes.length > 0 || interrupted.aborted)) {
      await Promise.all(causes.map(sequence.reported));
      sequence.causes[index] = [...new Set(causes.flatMap((other) => sequence.causes[other] ?? [other]))];
      settle(notSent(sequence, index, change, interrupted));
      return undefined;
    }
    if (others.length > 0 && causes.length === 0)
      sequence.show(index, awaitedView([]), [
        { type: 'note', text: reachedText(others.map((other) => awaited(sequence, other))) },
      ]);
    const sent = await change.send(call);
    if ('result' in sent) {
      settle(sent.result);
      return undefined;
    }
    const target = targetOf(call, sent.accepted);
    sequence.watched[index] = sent.accepted;
    sequence.states[index] = start(target.intent);
    return target;
  };
}

/** The result of a change that is not sent. Its causes are known; there are none after a signal. */
function notSent(
  sequence: Sequence,
  index: number,
  { action, name, serviceId }: LaterChange,
  interrupted: AbortSignal,
): Result {
  const ends = (sequence.causes[index] ?? []).map((cause) => ({
    name: sequence.changes[cause]?.name ?? '',
    ...(endOf(sequence, cause) ?? { verdict: 'interrupted' as const, exitCode: EXIT_CODES.SIGINT }),
  }));
  const exitCode = worstOf(ends)?.exitCode ?? EXIT_CODES[signalOf(interrupted)];
  const message = `${name}: not sent, because ${causesText(ends)}`;
  return { action, verdict: 'notSent', exitCode, service: { id: serviceId ?? null, name }, message };
}

/**
 * Makes the function that shows what the changes wait for that are not sent yet. It is told as a change when they wait for
 * others than before.
 */
export function waitsOfSequence(sequence: Sequence): () => void {
  const told = new Map<number, string>();
  const later = [...sequence.changes.entries()].flatMap(([index, change]) =>
    isLater(change) ? [{ index, others: before(sequence, change) }] : [],
  );
  return () => {
    for (const { index, others } of later) {
      if (sequence.states[index] !== undefined || sequence.settled[index] !== undefined) continue;
      const open = others.filter((other) => !hasConverged(sequence, other));
      const isKnown = open.every(
        (other) => sequence.states[other]?.seen !== undefined || sequence.watched[other] === undefined,
      );
      if (open.length === 0 || !isKnown) continue;
      const key = open.map((other) => `${other} ${sequence.watched[other] === undefined}`).join();
      const texts = open.map((other) => awaited(sequence, other));
      sequence.show(index, awaitedView(texts), told.get(index) === key ? [] : [awaitedChange(texts)]);
      told.set(index, key);
    }
  };
}
