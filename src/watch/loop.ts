/** The watch loop: poll, reduce, publish, until there is a verdict. */
import type { ServiceSpec } from '../api/service.ts';
import type { Clock } from '../clock.ts';
import type { Engine } from '../engine/client.ts';
import { batched } from '../engine/batch.ts';
import { concerns, listen } from '../engine/events.ts';
import { observer } from '../engine/observe.ts';
import type { Poll } from '../engine/observe.ts';
import type { Observation } from '../rollout/observation.ts';
import { nextPoll, recordPoll } from '../rollout/next-poll.ts';
import type { Polls, PollRequest } from '../rollout/next-poll.ts';
import { reduce, start } from '../rollout/reduce.ts';
import type { Intent, RolloutState } from '../rollout/state.ts';
import { isOver } from '../rollout/verdict.ts';
import { signalOf } from './outcome.ts';
import { within } from './within.ts';

/** A poll that takes longer than this (ms) counts as failed: the manager cannot be reached. */
const POLL_TIMEOUT = 5_000;
/** The shortest timeout, when the verdict is due by time alone: this, or a multiple of what a list of all tasks took. */
const MIN_POLL_TIMEOUT = 1_000;
const LIST_FACTOR = 4;
/** Polls of several services start at multiples of this (ms). */
const SHARED_INTERVAL = 100;

export interface Target {
  readonly intent: Intent;
  /** Gives the digest of the fields of a spec that the change owns. */
  readonly ownedOf: (spec: ServiceSpec) => string;
}

/**
 * A target that begins while others are watched. It resolves with the target, or with undefined if there is nothing to watch.
 * @param ended resolves when the target with an index has ended, or has come to no watch
 */
export type LaterTarget = (ended: (index: number) => Promise<void>) => Promise<Target | undefined>;

interface Watched {
  readonly engine: Engine;
  readonly targets: readonly (Target | LaterTarget)[];
  readonly clock: Clock;
  readonly interrupted: AbortSignal;
  /**
   * Is called after each poll of a target (by its index) with the states before and after it, whether or not anything
   * changed.
   */
  readonly publish: (target: number, before: RolloutState, after: RolloutState) => void;
}

/** Watches rollouts, each to its verdict, all at the same time. It changes nothing in the engine. */
export async function watch(watched: Watched): Promise<void> {
  const { clock, interrupted, targets, publish } = watched;
  const isAlone = targets.length === 1;
  const engine = isAlone ? watched.engine : batched(watched.engine);
  const over = new AbortController();
  const ended = AbortSignal.any([interrupted, over.signal]);
  /** Called with each event; undefined once the target's watch has ended. */
  const listeners: (((line: string) => void) | undefined)[] = [];
  void listen(watched.engine, clock, ended, (line) => listeners.forEach((hear) => hear?.(line)));
  /** Polls of several targets start together, so that they share their requests. */
  const aligned = (at: number): number => (isAlone ? at : Math.ceil(at / SHARED_INTERVAL) * SHARED_INTERVAL);

  /** How many tasks each target has; 0 once its watch has ended. */
  const counts: number[] = targets.map(() => 0);
  const allTasks = (): number => counts.reduce((sum, count) => sum + count, 0);

  const watchOne = async ({ intent, ownedOf }: Target, index: number): Promise<void> => {
    const poll = observer(
      engine,
      {
        serviceId: intent.serviceId,
        ownedOf,
        asksTime: intent.posted === false,
        follows: intent.action === 'wait',
      },
      () => clock.now(),
    );
    let state = start(intent);
    let polls: Polls | undefined;
    /** Aborts when an event or a signal should end the wait for the next poll. */
    let wake = new AbortController();
    listeners[index] = (line) => {
      if (concerns(line, intent.serviceId)) wake.abort();
    };
    const onInterrupt = (): void => wake.abort();
    interrupted.addEventListener('abort', onInterrupt, { once: true });
    const until = (request: PollRequest, signal: AbortSignal): Promise<void> =>
      clock.sleep(Math.max(0, aligned(request.at) - clock.now()), signal);

    while (!isOver(state.verdict)) {
      let request = nextPoll(state, polls, false, allTasks());
      await until(request, wake.signal);
      if (wake.signal.aborted) {
        request = nextPoll(state, polls, true, allTasks());
        await until(request, interrupted);
      }
      wake = new AbortController();
      const began = clock.now();
      const observation = await pollOnce({ ...watched, engine }, poll, request, { state, polls });
      const next = reduce(state, observation);
      publish(index, state, next);
      polls = recordPoll(polls, request, began, observation);
      state = next;
      counts[index] = next.seen?.tasks.length ?? 0;
    }
    counts[index] = 0;
    interrupted.removeEventListener('abort', onInterrupt);
    listeners[index] = undefined;
  };
  const ends: Promise<void>[] = [];
  const watchLater = async (begin: LaterTarget, index: number): Promise<void> => {
    // Then all the others are in `ends`.
    await Promise.resolve();
    const target = await begin(async (other) => ends[other]);
    if (target !== undefined) await watchOne(target, index);
  };
  for (const [index, target] of targets.entries())
    ends.push(typeof target === 'function' ? watchLater(target, index) : watchOne(target, index));
  await Promise.all(ends);
  over.abort();
}

/** One observation. It takes no longer than `POLL_TIMEOUT`, or until the verdict is due by time alone. */
async function pollOnce(
  { engine, clock, interrupted }: Watched,
  poll: Poll,
  request: PollRequest,
  { state, polls }: { readonly state: RolloutState; readonly polls: Polls | undefined },
): Promise<Observation> {
  const interruption = (): Observation | undefined =>
    interrupted.aborted ? { kind: 'interrupted', at: clock.now(), signal: signalOf(interrupted) } : undefined;
  const wakeAt = state.verdict.kind === 'progressing' ? state.verdict.wakeAt : Infinity;
  const least = Math.max(MIN_POLL_TIMEOUT, LIST_FACTOR * (polls?.allTook ?? 0));
  const timeout = Math.min(POLL_TIMEOUT, Math.max(least, wakeAt - clock.now()));
  return within(timeout, clock, interrupted, async (limit) => {
    try {
      return interruption() ?? (await poll(request, limit));
    } catch (error) {
      if (!limit.aborted) throw error;
      return (
        interruption() ?? { kind: 'unreachable', at: clock.now(), reason: `no answer from ${engine.host}` }
      );
    }
  });
}
