/**
 * What is true of the swarm at this moment, by what the model stores and by CONTRACT.md, "When a rollout is done". It
 * knows neither polls nor anything of src/rollout/. Each function gives the reason against, or undefined.
 */
import {
  RUNNING,
  hasHealthCheck,
  isOfSpec,
  isTerminal,
  isWanted,
  keyOf,
  matches,
  nodeOf,
  rank,
} from './model.ts';
import type { Policy, Service, Swarm, SwarmNode, Task } from './model.ts';

/** Why the service does not run as its stored spec says; undefined where it does. */
export function whyNotSatisfied(swarm: Swarm): string | undefined {
  const { service } = swarm;
  if (service === undefined) return 'there is no service';
  const good = swarm.tasks.filter((task) => isGood(swarm, service, task));
  const keys = new Set(good.map((task) => keyOf(task, service.spec)));
  const missing = wantedKeys(swarm, service, keys).find((key) => !keys.has(key));
  if (missing !== undefined) return `no task in slot ${missing}`;
  const kept = new Set(good);
  const surplus = swarm.tasks.find(
    (task) =>
      task.state === 'running' &&
      !kept.has(task) &&
      nodeOf(swarm, task)?.down === false &&
      !isLeftAlone(swarm, service, task),
  );
  if (surplus !== undefined) return `${surplus.id} runs and is not wanted`;
  return whyEngineIsAtWork(swarm, service);
}

/** Whether a task is what its slot needs. */
function isGood(swarm: Swarm, service: Service, task: Task): boolean {
  const { spec } = service;
  if (!isOfSpec(task, service) || task.isGone !== isTerminal(task)) return false;
  if (task.state === 'running') return task.desired === 'running' && nodeOf(swarm, task)?.down === false;
  const { template } = spec;
  return (
    task.state === 'complete' &&
    !isWanted(task) &&
    template.restart !== 'any' &&
    (!hasHealthCheck(template) || ranFor(task) >= monitorsOf(service)[0])
  );
}

/** The engine neither adds nor updates tasks of a global service on a paused node. */
function isLeftAlone(swarm: Swarm, { spec: { mode, template } }: Service, task: Task): boolean {
  const node = nodeOf(swarm, task);
  return (
    mode.kind === 'global' && isWanted(task) && node?.availability === 'pause' && matches(node, template)
  );
}

function wantedKeys(swarm: Swarm, service: Service, have: ReadonlySet<string>): readonly string[] {
  const { mode, template } = service.spec;
  if (mode.kind === 'replicated')
    return [...have, ...Array.from({ length: Math.max(0, mode.replicas - have.size) }, () => 'another')];
  // A node that is paused gets no new task, but keeps the one that it has, whatever its spec. A node that the engine has yet
  // to clear has one, too.
  const isKept = ({ id, availability }: SwarmNode): boolean =>
    swarm.tasks.some(
      (task) =>
        task.node === id &&
        isWanted(task) &&
        !isTerminal(task) &&
        (availability !== 'pause' || isOfSpec(task, service)),
    );
  const isEligible = (node: SwarmNode): boolean => node.availability === 'active' && matches(node, template);
  return swarm.nodes.filter((node) => !node.down && (isEligible(node) || isKept(node))).map(({ id }) => id);
}

/** An update in progress, unless it waits for a task on a node that is down. */
function whyEngineIsAtWork(swarm: Swarm, service: Service): string | undefined {
  const state = service.update?.state;
  if (state === 'paused' || state === 'rollback_paused') return `the engine has ${state}`;
  if (state !== 'updating' && state !== 'rollback_started') return undefined;
  // The updater gets no task of a global service that had none (manager/orchestrator/global/global.go, reconcileServices).
  if (state === 'rollback_started' && service.spec.mode.kind === 'global' && swarm.updater === undefined)
    return undefined;
  const waits = swarm.tasks.some(
    (task) => rank(task.state) < RUNNING && isOfSpec(task, service) && nodeOf(swarm, task)?.down === true,
  );
  return waits ? undefined : `the engine is at work: ${state}`;
}

/** Why the wanted tasks have not yet proven to be stable: none may have started within the monitor period. */
export function whyNotStable(swarm: Swarm, { monitor, failureAction }: Policy): string | undefined {
  const { service, now } = swarm;
  if (service === undefined) return undefined;
  const completedAt = failureAction === 'continue' ? undefined : service.update?.completedAt;
  const isProven = ({ runningSince = now }: Task): boolean =>
    now - runningSince >= monitor || (completedAt !== undefined && runningSince <= completedAt);
  const running = swarm.tasks.filter(
    (task) => task.state === 'running' && task.desired === 'running' && nodeOf(swarm, task)?.down === false,
  );
  // The engine may start a second task in a slot, and stop it afterwards.
  const proven = new Set(running.filter(isProven).map((task) => keyOf(task, service.spec)));
  const young = running.find((task) => !proven.has(keyOf(task, service.spec)));
  return young === undefined
    ? undefined
    : `${young.id} has run for ${now - (young.runningSince ?? 0)} ms only`;
}

/**
 * What ends by itself and is waited for: a container that has to stop, the delay before a restart or between two batches, the
 * monitor period.
 */
export function whyItGoesOn(
  { tasks, now, nodes, delayedStarts, updater }: Swarm,
  keepsSlots: boolean,
): string | undefined {
  const isUp = ({ node }: Task): boolean => nodes.some(({ id, down }) => id === node && !down);
  const stopping = tasks.find(
    ({ work, ...task }) => work?.kind === 'stop' && work.timer.at > now && isUp({ work, ...task }),
  );
  if (stopping !== undefined) return `${stopping.id} has to stop`;
  const delayed = [...delayedStarts].find(({ task, readyAt }) => readyAt > now && !isTerminal(task));
  if (delayed !== undefined) return `${delayed.task.id} is to start at ${delayed.readyAt}`;
  // Of a slot that is gone, nobody knows that the engine goes through it.
  if (updater === undefined || !keepsSlots) return undefined;
  const { queue, workers, monitorsUntil = now } = updater;
  if (queue.length > 0 && workers.some(({ phase, until }) => phase === 'delaying' && until > now))
    return 'the engine waits for the update delay';
  // A task that does not get any further is not waited for.
  if (tasks.some((task) => isWanted(task) && !isTerminal(task) && task.state !== 'running')) return undefined;
  return monitorsUntil > now ? `the engine monitors until ${monitorsUntil}` : undefined;
}

/**
 * Whether an update has a failure that the engine has yet to read: it has handed out all slots, and its workers wait for the
 * end of a task or for the delay.
 */
// After another update of the service, the engine has no status to set (pauseUpdate, rollbackUpdate).
export const hasUnreadFailure = ({ updater, now, service }: Swarm): boolean =>
  service?.update !== undefined &&
  updater !== undefined &&
  !updater.isStopped &&
  // Nobody sees that the engine waits for the delay after a slot in which it has made no task.
  [...updater.created.keys()].every(({ state }) => state !== 'new') &&
  updater.isRollback === service.update.state.startsWith('rollback_') &&
  updater.queue.length === 0 &&
  updater.policy.failureAction !== 'continue' &&
  [...updater.created.keys()].some((task) => isTerminal(task) && !updater.failed.has(task)) &&
  updater.workers.some(
    ({ phase, until, task }) =>
      (phase === 'delaying' && until > now) || (phase === 'delayedStart' && task !== undefined),
  );

/** Why a slot may yet get another task of the current spec, or has one. */
export function whyNotExhausted(swarm: Swarm, key: string): string | undefined {
  const { service } = swarm;
  if (service === undefined) return 'there is no service';
  const live = swarm.tasks.find(
    (task) =>
      keyOf(task, service.spec) === key &&
      isOfSpec(task, service) &&
      isWanted(task) &&
      (!isTerminal(task) || task.template.restart !== 'none'),
  );
  return live === undefined ? undefined : `${live.id} is ${live.state}, desired ${live.desired}`;
}

/** The tasks of the current spec that have failed in a slot and were created since a time, oldest first. */
export function failuresOf(swarm: Swarm, key: string, since: number): readonly Task[] {
  const { service } = swarm;
  if (service === undefined) return [];
  const { spec } = service;
  const isBad = ({ state }: Task): boolean =>
    state === 'failed' ||
    state === 'rejected' ||
    (state === 'complete' && (spec.template.restart === 'any' || hasHealthCheck(spec.template)));
  return swarm.ended.filter(
    (task) => task.since >= since && keyOf(task, spec) === key && isOfSpec(task, service) && isBad(task),
  );
}

/** For how long (ms) a task ran that has ended. After one that ran for the monitor period, failures are counted from 0 again. */
export const ranFor = ({ runningSince, since }: Task): number => since - (runningSince ?? since);

/** The two monitor periods, the shorter first: which of them counts can change in the middle of a series. */
export const monitorsOf = ({ spec }: Service): readonly [number, number] => {
  const both = [spec.updatePolicy.monitor, spec.rollbackPolicy.monitor];
  return [Math.min(...both), Math.max(...both)];
};
