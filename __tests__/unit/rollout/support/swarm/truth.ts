/**
 * What is true of the swarm at this moment, by what the model stores and by CONTRACT.md, "When a rollout is done". It
 * knows neither polls nor anything of src/rollout/. Each function gives the reason against, or undefined.
 */
import { RUNNING, isOfSpec, isTerminal, isWanted, keyOf, matches, nodeOf, rank } from './model.ts';
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
    (task) => task.state === 'running' && !kept.has(task) && nodeOf(swarm, task)?.down === false,
  );
  if (surplus !== undefined) return `${surplus.id} runs and is not wanted`;
  return whyEngineIsAtWork(swarm, service);
}

/** Whether a task is what its slot needs. */
function isGood(swarm: Swarm, service: Service, task: Task): boolean {
  const { spec } = service;
  if (!isOfSpec(task, service) || task.isGone !== isTerminal(task)) return false;
  if (task.state === 'running') return task.desired === 'running' && nodeOf(swarm, task)?.down === false;
  return task.state === 'complete' && !isWanted(task) && spec.template.restart !== 'any';
}

function wantedKeys(swarm: Swarm, { spec }: Service, have: ReadonlySet<string>): readonly string[] {
  const { mode, template } = spec;
  if (mode.kind === 'replicated')
    return [...have, ...Array.from({ length: Math.max(0, mode.replicas - have.size) }, () => 'another')];
  // A node that is paused gets no new task, but keeps the one that it has. So does one that the engine has yet to clear.
  const isKept = (id: string): boolean =>
    swarm.tasks.some((task) => task.node === id && isWanted(task) && !isTerminal(task));
  const isEligible = (node: SwarmNode): boolean => node.availability === 'active' && matches(node, template);
  return swarm.nodes
    .filter((node) => !node.down && (isEligible(node) || isKept(node.id)))
    .map(({ id }) => id);
}

/** An update in progress, unless it waits for a task on a node that is down. */
function whyEngineIsAtWork(swarm: Swarm, service: Service): string | undefined {
  const state = service.update?.state;
  if (state === 'paused' || state === 'rollback_paused') return `the engine has ${state}`;
  if (state !== 'updating' && state !== 'rollback_started') return undefined;
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
    state === 'failed' || state === 'rejected' || (state === 'complete' && spec.template.restart === 'any');
  return swarm.ended.filter(
    (task) => task.since >= since && keyOf(task, spec) === key && isOfSpec(task, service) && isBad(task),
  );
}

/** For how long (ms) a task ran that has ended. One that ran for the monitor period begins a series of failures anew. */
export const ranFor = ({ runningSince, since }: Task): number => since - (runningSince ?? since);

/** The two monitor periods, the shorter first: which of them counts can change in the middle of a series. */
export const monitorsOf = ({ spec }: Service): readonly [number, number] => {
  const both = [spec.updatePolicy.monitor, spec.rollbackPolicy.monitor];
  return [Math.min(...both), Math.max(...both)];
};
