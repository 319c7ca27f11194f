/** Plays a history: moves the swarm, polls it, and gives every poll to the reducer. */
import type { Observation } from '../../../../../src/rollout/observation.ts';
import { reduce, start } from '../../../../../src/rollout/reduce.ts';
import type { Intent, RolloutState } from '../../../../../src/rollout/state.ts';
import { isOver } from '../../../../../src/rollout/verdict.ts';
import { specWith } from './history.ts';
import type { Event, History } from './history.ts';
import type { Spec, Swarm } from './model.ts';
import { imageOf, ownedOf, poller, specOf } from './poll.ts';
import type { Ownership, PollKind } from './poll.ts';
import { advance, kill, later, writeNode } from './store.ts';
import {
  createService,
  makeSwarm,
  postSpec,
  removeService,
  restartManager,
  rollBackByHand,
} from './swarm.ts';

/** A swarm whose engine has just accepted our change. */
export interface Rollout {
  readonly swarm: Swarm;
  readonly intent: Intent;
  readonly ownership: Ownership;
  /** Since when failures count: of an update that was in progress already, since that began. */
  readonly failuresSince: number;
  /** No slot goes away and comes back, which would begin its series of failures anew. */
  readonly keepsSlots: boolean;
}

/** One poll and what became of it. */
export interface Step {
  readonly before: RolloutState;
  readonly observation: Observation;
  readonly after: RolloutState;
}

/** Brings the swarm to where our change is accepted. The events of the history are yet to come. */
export function begin(history: History): Rollout {
  const swarm = makeSwarm(history.speeds);
  const ownership = { ownsReplicas: history.replicas !== undefined };
  const intent = send(swarm, history, ownership);
  let delay = 0;
  for (const { after, event } of history.events) {
    delay += after;
    later(swarm, delay, () => happen(swarm, history, event));
  }
  return {
    swarm,
    intent,
    ownership,
    keepsSlots: history.events.every(({ event: { kind } }) => kind !== 'node' && kind !== 'scale'),
    failuresSince: Math.min(intent.startedAt, swarm.service?.update?.startedAt ?? Infinity),
  };
}

function send(swarm: Swarm, history: History, ownership: Ownership): Intent {
  const [first, second] = history.lead;
  const [before, wanted] = [specWith(history, history.before), ours(history)];
  const owned = (spec: Spec | undefined): string | undefined =>
    spec === undefined ? undefined : ownedOf(spec, ownership);
  const intent = (
    action: Intent['action'],
    target: Spec,
    replaced: Spec | undefined,
    posted = true,
  ): Intent => ({
    action,
    serviceId: 'service',
    name: 'web',
    startedAt: swarm.now,
    owned: ownedOf(target, ownership),
    posted,
    ...(replaced === undefined
      ? {}
      : { replaced: specOf(replaced), replacedOwned: owned(replaced) ?? '', imageBefore: imageOf(replaced) }),
    progressDeadline: history.limits.progressDeadline,
    maxFailures: history.limits.maxFailures,
    ...(history.limits.timeout === undefined ? {} : { timeout: history.limits.timeout }),
  });
  if (history.action === 'create') {
    createService(swarm, wanted, 'us');
    return intent('create', wanted, undefined);
  }
  createService(swarm, before, 'other');
  advance(swarm, first);
  if (history.action === 'update') {
    postSpec(swarm, wanted, 'us');
    return intent('update', wanted, before);
  }
  postSpec(swarm, wanted, 'other');
  advance(swarm, first + second);
  const { spec, previous, update } = swarm.service ?? { spec: wanted };
  if (history.action === 'wait') return intent('wait', spec, undefined, false);
  // The engine refuses to roll back where there is no previous spec.
  if (history.action === 'rollback' && previous !== undefined) {
    rollBackByHand(swarm, 'us');
    return intent('rollback', previous.spec, spec);
  }
  if (update?.state !== 'paused' && update?.state !== 'rollback_paused') {
    return intent('update', spec, previous?.spec, false);
  }
  postSpec(swarm, spec, 'us');
  return intent('update', spec, spec);
}

/** The spec that our change asks for. */
function ours(history: History): Spec {
  const spec = specWith(history, history.ours);
  const { mode, replicas } = history;
  return mode.kind === 'replicated' && replicas !== undefined
    ? { ...spec, mode: { ...mode, replicas } }
    : spec;
}

function happen(swarm: Swarm, history: History, event: Event): void {
  const spec = swarm.service?.spec;
  if (spec === undefined) return;
  switch (event.kind) {
    case 'kill': {
      kill(swarm, event.task);
      return;
    }
    case 'node': {
      const { node, to } = event;
      const which = swarm.nodes[node];
      if (which === undefined) return;
      writeNode(swarm, which, to === 'down' || to === 'up' ? { down: to === 'down' } : { availability: to });
      return;
    }
    case 'scale':
      if (spec.mode.kind !== 'replicated') return;
      {
        postSpec(swarm, { ...spec, mode: { ...spec.mode, replicas: event.replicas } }, 'other');
        return;
      }
    case 'label': {
      postSpec(swarm, { ...spec, label: spec.label + 1 }, 'other');
      return;
    }
    case 'template': {
      postSpec(
        swarm,
        { ...spec, template: event.which === 'third' ? history.third : history.before },
        'other',
      );
      return;
    }
    case 'rollback': {
      rollBackByHand(swarm, 'other');
      return;
    }
    case 'sameSpec': {
      postSpec(swarm, spec, 'other');
      return;
    }
    case 'remove': {
      removeService(swarm);
      return;
    }
    case 'managerRestart':
      restartManager(swarm);
  }
}

export const pollerOf = (
  swarm: Swarm,
  intent: Intent,
  ownership: Ownership,
): ((kind: PollKind) => Observation) =>
  poller(swarm, ownership, { asksTime: intent.posted === false, follows: intent.action === 'wait' });

/** After the polls of the history, full ones follow: when the verdict is due by time, and at least so often (ms). */
export const TAIL_INTERVAL = 3_000;

/** Watches a rollout with the polls of its history and so many more, until there is a verdict. */
export function watch(
  history: History,
  { swarm, intent, ownership }: Rollout,
  tail: number,
  see: (step: Step) => void,
): RolloutState {
  const poll = pollerOf(swarm, intent, ownership);
  let state = start(intent);
  const once = (at: number, kind: PollKind): void => {
    advance(swarm, at);
    const observation = poll(kind);
    const before = state;
    state = reduce(before, observation);
    see({ before, observation, after: state });
  };
  for (const { after, kind } of history.polls) {
    if (isOver(state.verdict)) return state;
    once(swarm.now + after, kind);
  }
  for (let left = tail; left > 0; left -= 1) {
    if (state.verdict.kind !== 'progressing') return state;
    once(Math.max(swarm.now + 1, Math.min(state.verdict.wakeAt, swarm.now + TAIL_INTERVAL)), 'full');
  }
  return state;
}
