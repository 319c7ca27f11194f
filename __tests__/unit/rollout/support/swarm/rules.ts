/** What must hold of every poll and its verdict. Each rule gives what is wrong, or undefined. */
import { reduce } from '../../../../../src/rollout/reduce.ts';
import { isOver } from '../../../../../src/rollout/verdict.ts';
import { isTerminal, keyOf, matches, nodeOf } from './model.ts';
import type { Policy, Service, Swarm } from './model.ts';
import type { Rollout, Step } from './play.ts';
import { ownedOf } from './poll.ts';
import {
  failuresOf,
  hasUnreadFailure,
  monitorsOf,
  ranFor,
  whyItGoesOn,
  whyNotExhausted,
  whyNotSatisfied,
  whyNotStable,
} from './truth.ts';

type Rule = (step: Step, rollout: Rollout) => string | undefined;

/** The first rule that a step breaks. */
export function broken(step: Step, rollout: Rollout): string | undefined {
  for (const rule of [verdictIsTrue, failedPollsDecideNothing, overIsOver, endsInTime]) {
    const why = rule(step, rollout);
    if (why !== undefined) return `${rule.name}: ${why}`;
  }
  return undefined;
}

/** Whether the verdict is true of the swarm at this moment. */
const verdictIsTrue: Rule = (step, rollout) => {
  const { before, observation, after } = step;
  const { swarm, intent } = rollout;
  const { verdict } = after;
  const { service } = swarm;
  if (isTorn(step, swarm)) {
    const hasActed = /paused|rollback_started/.test(service?.update?.state ?? '');
    const isNew = before.failed === undefined;
    return verdict.kind === 'failed' && verdict.why !== 'deadline' && hasActed && isNew
      ? 'failed, but the engine has acted on the failures'
      : undefined;
  }
  switch (verdict.kind) {
    case 'progressing':
      return verdict.wakeAt >= observation.at || isPartial(step)
        ? undefined
        : `wakeAt ${verdict.wakeAt} is over`;
    case 'converged':
      if (observation.kind !== 'seen' || isPartial(step)) return 'converged without a full poll';
      if (service !== undefined && intent.action !== 'wait' && storedOwned(rollout, service) !== intent.owned)
        return `converged, but ${storedOwned(rollout, service)} is stored, not ${intent.owned ?? ''}`;
      return prefixed('converged', whyNotSatisfied(swarm) ?? whyNotStable(swarm, policyOf(rollout, service)));
    case 'rolledBack':
      if (observation.kind !== 'seen' || isPartial(step)) return 'rolled back without a full poll';
      if (
        service !== undefined &&
        intent.action !== 'wait' &&
        storedOwned(rollout, service) !== intent.replacedOwned
      )
        return `rolled back, but ${storedOwned(rollout, service)} is stored, not ${intent.replacedOwned ?? ''}`;
      return prefixed(
        'rolled back',
        whyNotSatisfied(swarm) ?? (service && whyNotStable(swarm, service.spec.rollbackPolicy)),
      );
    case 'superseded':
      if (service === undefined) return 'superseded, but it is removed';
      if (storedOwned(rollout, service) === intent.owned && before.engineRollback === undefined)
        return 'superseded, but what is ours is stored';
      return intent.action === 'update' &&
        service.author === 'engine' &&
        service.previous === undefined &&
        storedOwned(rollout, service) === intent.replacedOwned
        ? 'superseded, but the engine has put the spec before back'
        : undefined;
    case 'paused': {
      const state = service?.update?.state;
      return state === 'paused' || state === 'rollback_paused'
        ? undefined
        : `paused, but the engine says ${state ?? 'nothing'}`;
    }
    case 'failed':
      return failedIsTrue(step, rollout);
    case 'removed':
      return before.missing === true && observation.kind === 'removed'
        ? undefined
        : 'removed after one such answer';
    case 'timedOut':
      return after.at >= intent.startedAt + (intent.timeout ?? Infinity) ? undefined : 'timed out too early';
    case 'lost':
      return observation.kind === 'seen' ? 'lost, but the manager answered' : undefined;
    default:
      return `${verdict.kind} for no reason`;
  }
};

const prefixed = (verdict: string, why: string | undefined): string | undefined =>
  why === undefined ? undefined : `${verdict}, but ${why}`;

/** The service has changed since it was read, while the tasks were read. */
const isTorn = ({ observation }: Step, { service }: Swarm): boolean =>
  observation.kind === 'seen' && observation.service.version !== service?.version;

const isPartial = ({ observation }: Step): boolean =>
  observation.kind === 'seen' && observation.partial === true;

const storedOwned = ({ ownership }: Rollout, { spec }: Service): string => ownedOf(spec, ownership);

/** CONTRACT.md: RollbackConfig's while rolling back, else UpdateConfig's. */
function policyOf({ intent }: Rollout, service: Service | undefined): Policy {
  if (service === undefined) throw new Error('no service has a policy');
  const isBack = intent.action === 'rollback' || service.update?.state.startsWith('rollback_') === true;
  return isBack ? service.spec.rollbackPolicy : service.spec.updatePolicy;
}

function failedIsTrue(step: Step, rollout: Rollout): string | undefined {
  const { swarm, intent } = rollout;
  const { after, observation } = step;
  const { verdict, slots } = after;
  if (verdict.kind !== 'failed') return undefined;
  const key = slots.find(({ label }) => label === verdict.label)?.key ?? '';
  switch (verdict.why) {
    case 'deadline':
      if (after.at < intent.startedAt + intent.progressDeadline) return 'the deadline is not over';
      if (observation.kind !== 'seen' || isPartial(step)) return undefined;
      return doesRun(swarm)
        ? 'nothing moves, but the service runs as it should'
        : prefixed('nothing moves', whyItGoesOn(swarm, rollout.keepsSlots));
    case 'exhausted':
      return prefixed('no restart is left', whyNotExhausted(swarm, key));
    case 'no-node': {
      const { service, nodes, tasks } = swarm;
      const hasTask = (id: string): boolean => tasks.some((task) => task.node === id && !isTerminal(task));
      const isEligible = nodes.some(
        (node) =>
          !node.down &&
          (node.availability === 'active' || (node.availability === 'pause' && hasTask(node.id))) &&
          service !== undefined &&
          matches(node, service.spec.template),
      );
      return isEligible ? 'no node, but one is eligible' : undefined;
    }
    case 'max-failures': {
      const series = failuresOf(swarm, key, rollout.failuresSince).slice(-intent.maxFailures);
      if (hasUnreadFailure(swarm)) return 'the engine has yet to read a failure';
      if (series.length < intent.maxFailures) return `only ${series.length} failures in slot ${key}`;
      // Once the engine has called the update completed, no run ends a series.
      if (/completed$/.test(swarm.service?.update?.state ?? '')) return undefined;
      const held = series
        .slice(1)
        .find((task) => swarm.service !== undefined && ranFor(task) >= monitorsOf(swarm.service)[1]);
      return held === undefined ? undefined : `${held.id} ran for the monitor period`;
    }
  }
}

/**
 * Whether the service runs as it should, beyond doubt: nothing else is on its way to running. Where tasks complete, the newest task of a slot decides, and that can be one that the engine has stopped since.
 */
const doesRun = (swarm: Swarm): boolean =>
  whyNotSatisfied(swarm) === undefined &&
  swarm.service !== undefined &&
  swarm.service.spec.template.behaviour.kind !== 'ends' &&
  swarm.tasks.every(
    (task) => isTerminal(task) || task.state === 'running' || nodeOf(swarm, task)?.down === true,
  );

/** Failed polls bring no verdict of their own, short of the second "removed". */
const failedPollsDecideNothing: Rule = ({ observation, after }) => {
  if (observation.kind === 'seen') return undefined;
  const { verdict } = after;
  const isAllowed =
    verdict.kind === 'progressing' ||
    verdict.kind === 'timedOut' ||
    verdict.kind === 'removed' ||
    verdict.kind === 'lost' ||
    (verdict.kind === 'failed' && verdict.why === 'deadline');
  return isAllowed ? undefined : `${observation.kind} brings ${verdict.kind}`;
};

const overIsOver: Rule = ({ after, observation }) => {
  if (!isOver(after.verdict)) return undefined;
  const at = observation.at + 1;
  const later = [
    { ...observation, at },
    { kind: 'removed', at },
    { kind: 'interrupted', at, signal: 'SIGINT' },
  ] as const;
  return later.every((one) => reduce(after, one) === after) ? undefined : 'a verdict was changed afterwards';
};

/** The longest time (ms) until the engine reads a failure: a task stops and another starts, then there is the delay. */
function longestTurn({ speeds: { stop } }: Swarm, { spec }: Service): number {
  const { template, updatePolicy, rollbackPolicy } = spec;
  const { behaviour, restartDelay } = template;
  const check = behaviour.kind === 'unhealthy' ? 2 * behaviour.after : 0;
  const start = Math.max(600_000, 60_000 + stop + check + restartDelay);
  // There may be a delay after each slot, and one more as the monitor period.
  const delays = 5 * Math.max(updatePolicy.delay, rollbackPolicy.delay);
  return start + delays + Math.max(updatePolicy.monitor, rollbackPolicy.monitor) + 2_000;
}

/** What is to be seen for long enough brings a verdict: a watch does not go on for ever. */
const endsInTime: Rule = (step, { swarm, intent, keepsSlots }) => {
  const { before, observation, after } = step;
  const { service } = swarm;
  const last = before.seen;
  if (after.verdict.kind !== 'progressing' || observation.kind !== 'seen' || observation.partial === true)
    return undefined;
  if (service === undefined || last === undefined || before.unreachable !== undefined || isTorn(step, swarm))
    return undefined;
  const isSame =
    last.service === observation.service &&
    last.tasks === observation.tasks &&
    last.nodes === observation.nodes;
  if (observation.nodes.some(({ unknown }) => unknown === true)) return undefined;
  const [shorter, longer] = monitorsOf(service);
  // Where the engine never completes a rollback, it is waited for some time.
  const isRollingBack = service.update?.state === 'rollback_started';
  if (isSame && !isRollingBack && observation.at - before.at >= longer && doesRun(swarm))
    return 'no end, but the service runs';
  // The engine reads failures only once its workers have ended.
  const wait = (after.failed?.countsFrom ?? 0) - after.at;
  if (wait > 0) return wait > longestTurn(swarm, service) ? `waits ${wait} ms for the engine` : undefined;
  if (
    !keepsSlots ||
    intent.maxFailures === 0 ||
    intent.action === 'wait' ||
    after.engineRollback !== undefined
  )
    return undefined;
  const loop = after.slots.find(({ key }) => {
    const series = failuresOf(swarm, key, intent.startedAt).slice(-intent.maxFailures);
    const isSeen = (id: string): boolean =>
      last.tasks.some((task) => task.id === id && /^(failed|rejected|complete)$/.test(task.state)) &&
      !after.oldTasks.has(id);
    return (
      series.length === intent.maxFailures &&
      series.every(
        (task) => task.since <= last.at && task.createdAt >= intent.startedAt && isSeen(task.id),
      ) &&
      // Whatever the polls show of such a task, it cannot have run for long.
      series.every((task) => task.since - task.createdAt < shorter) &&
      !swarm.tasks.some((task) => task.state === 'running' && keyOf(task, service.spec) === key)
    );
  });
  return loop === undefined
    ? undefined
    : `no end, but slot ${loop.key} has failed ${intent.maxFailures} times`;
};
