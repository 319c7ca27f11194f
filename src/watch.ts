/** The loop: observe, reduce, publish, until there is a verdict. */
import type { Engine } from './engine/client.ts';
import { observe } from './engine/observe.ts';
import type { Observation } from './rollout/observation.ts';
import { reduce, start } from './rollout/reduce.ts';
import type { Intent, RolloutState } from './rollout/state.ts';
import { isOver } from './rollout/verdict.ts';
import type { Clock } from './world.ts';

/** Milliseconds between looks at a swarm that answers: a verdict has to be out within 300. */
const INTERVAL = 100;
/** A large service takes long to list: so many times as long it is then left in peace. */
const PEACE = 3;
/** A look that takes longer is taken for an unreachable manager. */
const PATIENCE = 5_000;
/** What a look may take even when the verdict is due. */
const LEAST_PATIENCE = 1_000;
/** The longest wait between looks while the manager can't be reached. */
const MAX_BACKOFF = 2_000;

export interface Watched {
  readonly engine: Engine;
  readonly intent: Intent;
  readonly clock: Clock;
  readonly interrupted: AbortSignal;
  /** Gets every state with the one before it; called for each look, changed or not. */
  readonly publish: (before: RolloutState, after: RolloutState, observation: Observation) => void;
}

/** Watches a rollout to its verdict and returns the last state. Changes nothing in the engine. */
export async function watch(watched: Watched): Promise<RolloutState> {
  const { intent, clock, interrupted, publish } = watched;
  let state = start(intent);
  let backoff = INTERVAL;
  while (!isOver(state.verdict)) {
    const began = clock.now();
    const observation = await lookOnce(watched, state);
    const interval = Math.max(INTERVAL, PEACE * (clock.now() - began));
    const next = reduce(state, observation);
    publish(state, next, observation);
    state = next;
    if (state.verdict.kind !== 'progressing') break;
    backoff = state.unreachable === undefined ? INTERVAL : Math.min(backoff * 2, MAX_BACKOFF);
    const untilWake = Math.max(0, state.verdict.wakeAt - clock.now());
    const pause = state.unreachable === undefined ? interval : backoff;
    await clock.sleep(Math.min(pause, untilWake), interrupted);
  }
  return state;
}

/** One observation; takes no longer than PATIENCE or until time itself brings the verdict. */
async function lookOnce(
  { engine, intent, clock, interrupted }: Watched,
  state: RolloutState,
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
  const allowed = Math.min(PATIENCE, Math.max(LEAST_PATIENCE, wakeAt - clock.now()));
  const ends = AbortSignal.any([interrupted, AbortSignal.timeout(allowed)]);
  try {
    return interruption() ?? (await observe(engine, intent.serviceId, () => clock.now(), ends));
  } catch (error) {
    if (!ends.aborted) throw error;
    return (
      interruption() ?? { kind: 'unreachable', at: clock.now(), reason: `no answer from ${engine.host}` }
    );
  }
}
