/** The watch loop: poll, reduce, publish, until there is a verdict. */
import type { ServiceSpec } from './api/service.ts';
import type { Clock } from './clock.ts';
import type { Engine } from './engine/client.ts';
import { listen } from './engine/events.ts';
import { observer } from './engine/observe.ts';
import type { Poll } from './engine/observe.ts';
import type { Observation } from './rollout/observation.ts';
import { nextPoll, recordPoll } from './rollout/plan.ts';
import type { PollHistory, PollRequest } from './rollout/plan.ts';
import { reduce, start } from './rollout/reduce.ts';
import type { Intent, RolloutState } from './rollout/state.ts';
import { isOver } from './rollout/verdict.ts';
import { within } from './within.ts';

/** A poll that takes longer than this (ms) counts as failed: the manager cannot be reached. */
const POLL_TIMEOUT = 5_000;
/** The shortest timeout, when the verdict is due by time alone: this, or a multiple of what a list of all tasks took. */
const MIN_POLL_TIMEOUT = 1_000;
const LIST_FACTOR = 4;

/** What is watched, and who is told. */
export interface Watched {
  readonly engine: Engine;
  readonly intent: Intent;
  /** Gives the digest of the fields of a spec that the change owns. */
  readonly ownedOf: (spec: ServiceSpec) => string;
  readonly clock: Clock;
  readonly interrupted: AbortSignal;
  /** Is called after each poll with the states before and after it, whether or not anything changed. */
  readonly publish: (before: RolloutState, after: RolloutState, observation: Observation) => void;
}

/** Watches a rollout to its verdict and returns the last state. It changes nothing in the engine. */
export async function watch(watched: Watched): Promise<RolloutState> {
  const { engine, intent, ownedOf, clock, interrupted, publish } = watched;
  const poll = observer(
    engine,
    { serviceId: intent.serviceId, ownedOf, asksTime: intent.posted === false },
    () => clock.now(),
  );
  let state = start(intent);
  let history: PollHistory | undefined;
  /** Aborts when an event or a signal should end the wait for the next poll. */
  let wake = new AbortController();
  const over = new AbortController();
  const ended = AbortSignal.any([interrupted, over.signal]);
  void listen(engine, intent.serviceId, clock, ended, () => wake.abort());
  const onInterrupt = (): void => wake.abort();
  interrupted.addEventListener('abort', onInterrupt, { once: true });
  const until = (request: PollRequest, signal: AbortSignal): Promise<void> =>
    clock.sleep(Math.max(0, request.at - clock.now()), signal);

  while (!isOver(state.verdict)) {
    let request = nextPoll(state, history, false);
    await until(request, wake.signal);
    if (wake.signal.aborted) {
      request = nextPoll(state, history, true);
      await until(request, interrupted);
    }
    wake = new AbortController();
    const began = clock.now();
    const observation = await pollOnce(watched, poll, request, { state, history });
    const next = reduce(state, observation);
    publish(state, next, observation);
    history = recordPoll(history, request, began, observation);
    state = next;
  }
  interrupted.removeEventListener('abort', onInterrupt);
  over.abort();
  return state;
}

/** One observation. It takes no longer than `POLL_TIMEOUT`, or until the verdict is due by time alone. */
async function pollOnce(
  { engine, clock, interrupted }: Watched,
  poll: Poll,
  request: PollRequest,
  { state, history }: { readonly state: RolloutState; readonly history: PollHistory | undefined },
): Promise<Observation> {
  const interruption = (): Observation | undefined =>
    interrupted.aborted
      ? {
          kind: 'interrupted',
          at: clock.now(),
          signal: interrupted.reason === 'SIGTERM' ? 'SIGTERM' : 'SIGINT',
        }
      : undefined;
  const wakeAt = state.verdict.kind === 'progressing' ? state.verdict.wakeAt : Infinity;
  const least = Math.max(MIN_POLL_TIMEOUT, LIST_FACTOR * (history?.allTook ?? 0));
  const timeout = Math.min(POLL_TIMEOUT, Math.max(least, wakeAt - clock.now()));
  const limit = within(timeout, clock, interrupted);
  try {
    return interruption() ?? (await poll(request, limit));
  } catch (error) {
    if (!limit.aborted) throw error;
    return (
      interruption() ?? { kind: 'unreachable', at: clock.now(), reason: `no answer from ${engine.host}` }
    );
  }
}
