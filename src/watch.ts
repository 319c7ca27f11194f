/** The loop: observe, reduce, publish, until there is a verdict. */
import type { Engine } from './engine/client.ts';
import { listen } from './engine/events.ts';
import { observer } from './engine/observe.ts';
import type { Poll } from './engine/observe.ts';
import type { ServiceSpec } from './api/service.ts';
import type { Observation } from './rollout/observation.ts';
import { recordPoll, nextPoll } from './rollout/plan.ts';
import type { PollRequest, PollHistory } from './rollout/plan.ts';
import { reduce, start } from './rollout/reduce.ts';
import type { Intent, RolloutState } from './rollout/state.ts';
import { isOver } from './rollout/verdict.ts';
import { within } from './within.ts';
import type { Clock } from './clock.ts';

/** A look that takes longer is taken for an unreachable manager. */
const PATIENCE = 5_000;
/** What a look may take even when the verdict is due. */
const LEAST_PATIENCE = 1_000;
/** ... and so many times as long as the last list of all tasks took. */
const MORE_PATIENCE = 4;

export interface Watched {
  readonly engine: Engine;
  readonly intent: Intent;
  /** Gives the digest of what the change owns of a spec. */
  readonly ownedOf: (spec: ServiceSpec) => string;
  readonly clock: Clock;
  readonly interrupted: AbortSignal;
  /** Gets every state with the one before it; called for each look, changed or not. */
  readonly publish: (before: RolloutState, after: RolloutState, observation: Observation) => void;
}

/** Watches a rollout to its verdict and returns the last state. Changes nothing in the engine. */
export async function watch(watched: Watched): Promise<RolloutState> {
  const { engine, intent, ownedOf, clock, interrupted, publish } = watched;
  const look = observer(
    engine,
    { serviceId: intent.serviceId, ownedOf, asksTime: intent.posted === false },
    () => clock.now(),
  );
  let state = start(intent);
  let looks: PollHistory | undefined;
  let alarm = new AbortController();
  const over = new AbortController();
  const ends = AbortSignal.any([interrupted, over.signal]);
  void listen(engine, intent.serviceId, clock, ends, () => alarm.abort());
  interrupted.addEventListener('abort', () => alarm.abort(), { once: true });
  const until = (ask: PollRequest, signal: AbortSignal): Promise<void> =>
    clock.sleep(Math.max(0, ask.at - clock.now()), signal);

  while (!isOver(state.verdict)) {
    let ask = nextPoll(state, looks, false);
    await until(ask, alarm.signal);
    if (alarm.signal.aborted) {
      ask = nextPoll(state, looks, true);
      await until(ask, interrupted);
    }
    alarm = new AbortController();
    const began = clock.now();
    const observation = await pollOnce(watched, look, ask, { state, looks });
    const next = reduce(state, observation);
    publish(state, next, observation);
    looks = recordPoll(looks, ask, began, observation);
    state = next;
  }
  over.abort();
  return state;
}

/** One observation; takes no longer than PATIENCE or until time itself brings the verdict. */
async function pollOnce(
  { engine, clock, interrupted }: Watched,
  look: Poll,
  ask: PollRequest,
  { state, looks }: { readonly state: RolloutState; readonly looks: PollHistory | undefined },
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
  const least = Math.max(LEAST_PATIENCE, MORE_PATIENCE * (looks?.allTook ?? 0));
  const allowed = Math.min(PATIENCE, Math.max(least, wakeAt - clock.now()));
  const ends = within(allowed, clock, interrupted);
  try {
    return interruption() ?? (await look(ask, ends));
  } catch (error) {
    if (!ends.aborted) throw error;
    return (
      interruption() ?? { kind: 'unreachable', at: clock.now(), reason: `no answer from ${engine.host}` }
    );
  }
}
