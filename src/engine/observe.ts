/** Polls a service: asks the engine for what a poll needs, and adds what is known from the polls before. */
import type { Node } from '../api/cluster.ts';
import type { ServiceSpec, Task } from '../api/service.ts';
import { EngineError } from '../errors.ts';
import type { NodeSeen, Observation, Seen, TaskSeen } from '../rollout/observation.ts';
import type { PollRequest, Scope } from '../rollout/next-poll.ts';
import { isGlobal, keyOf } from '../rollout/slots.ts';
import type { Engine, Filters } from './client.ts';
import { nodesSeen, serviceSeen, taskSeen } from './convert.ts';

/** Up to this many tasks are asked for by their ids; for more, all tasks are listed. */
const MAX_IDS = 40;

/**
 * Polls once. A manager that cannot be reached, a refusal and a service that is gone are observations, too. (A manager that
 * has just restarted says for a moment that it is none: that counts as not reached.)
 * @throws the signal's reason when `signal` aborted
 */
export type Poll = (request: Omit<PollRequest, 'at'>, signal: AbortSignal) => Promise<Observation>;

/** What is observed. */
export interface Observed {
  readonly serviceId: string;
  /** Gives the digest of the fields of a spec that the watched change owns. */
  readonly ownedOf: (spec: ServiceSpec) => string;
  /** Whether the first observation needs the manager's time. */
  readonly asksTime?: boolean;
  /** Whether another spec is followed. Otherwise it ends the watch, so its tasks are not listed. */
  readonly follows?: boolean;
}

/**
 * Makes the poll function of one service.
 * @param now gives the time (ms)
 */
export function observer(
  engine: Engine,
  { serviceId, ownedOf, asksTime = false, follows = false }: Observed,
  now: () => number,
): Poll {
  const ofService = { service: [serviceId] };
  let last: Seen | undefined;
  /** Why the nodes cannot be read. */
  let noNodes: string | undefined;
  /** Cached `_up-to-date` answers of the engine, by `cacheKey`; cleared when the spec or the nodes change. */
  const upToDate = new Map<string, boolean>();

  const poll = async (request: Omit<PollRequest, 'at'>, signal: AbortSignal): Promise<Seen> => {
    const before = last;
    const scope = before === undefined ? 'fresh' : request.tasks;
    const refreshes = before !== undefined && scope === 'fresh';
    const listedAt = before === undefined || typeof scope === 'string' ? now() : before.listedAt;
    const [wire, listed, current, wireNodes, managerTime] = await Promise.all([
      engine.service(serviceId, { signal }),
      scope.length === 0 ? [] : engine.tasks({ ...ofService, ...inSlots(scope, before) }, signal),
      refreshes ? engine.tasks({ ...ofService, ...UP_TO_DATE }, signal) : undefined,
      request.nodes || before === undefined ? nodesOrRefusal(engine, signal) : undefined,
      before === undefined && asksTime ? timeOf(engine, signal) : undefined,
    ]);
    const at = now();
    // The version grows with every change of a service, also with those of its status.
    const isSame = wire.Version.Index === before?.service.version;
    const service = isSame ? before.service : reused(serviceSeen(wire, ownedOf), before?.service);
    // The tasks of a replicated service can be judged without the nodes, those of a global one cannot.
    if (wireNodes instanceof EngineError && isGlobal(service.mode)) throw wireNodes;
    const nodes = Array.isArray(wireNodes)
      ? reused(nodesSeen(wireNodes), before?.nodes)
      : (before?.nodes ?? []);
    if (wireNodes !== undefined) noNodes = wireNodes instanceof EngineError ? wireNodes.message : undefined;
    // An automatic rollback leaves no previous spec. So this is another change, and the tasks are its tasks.
    const isReplaced = service.owned !== before?.service.owned && service.previousSpec !== undefined;
    if (before !== undefined && isReplaced && !follows) {
      last = { ...before, at, partial: true, service, nodes };
      return last;
    }
    const isOtherSpec = service.spec !== before?.service.spec;
    // The tasks of some slots are not enough after a change of the spec or of the update status.
    if (typeof scope !== 'string' && (isOtherSpec || !isEqual(service.update, before.service.update))) {
      return poll({ tasks: isOtherSpec ? 'all' : 'fresh', nodes: true }, signal);
    }
    // The answers to a request that went out beside that for the service may be about the spec before.
    if (isOtherSpec || (!refreshes && nodes !== before.nodes)) upToDate.clear();
    else if (current !== undefined) refresh(listed, current);
    // Every update leaves a previous spec or, after an automatic rollback, a status. Without both there was no update.
    if (service.previousSpec === undefined && service.update === undefined) {
      for (const task of listed) upToDate.set(cacheKey(task), true);
    } else await askUnknown(listed, signal);
    const tasks = merged(
      listed.map((task) => taskSeen(task, upToDate.get(cacheKey(task)) === true)),
      scope,
      before,
    );
    last = {
      kind: 'seen',
      at,
      ...(managerTime === undefined ? {} : { managerTime }),
      ...(scope === 'fresh' ? {} : { partial: true }),
      service,
      listedAt,
      tasks,
      ...(noNodes === undefined ? { nodes } : { nodes: withNodesOf(tasks, nodes), noNodes }),
    };
    return last;
  };

  /** Takes the answers on the tasks that were known before these were asked for; new tasks may be missing in them. */
  const refresh = (tasks: readonly Task[], current: readonly Task[]): void => {
    const ids = new Set(current.map(({ ID }) => ID));
    for (const task of tasks) {
      if (ids.has(task.ID) || upToDate.has(cacheKey(task))) upToDate.set(cacheKey(task), ids.has(task.ID));
    }
  };

  const askUnknown = async (tasks: readonly Task[], signal: AbortSignal): Promise<void> => {
    const unknown = tasks.filter((task) => !upToDate.has(cacheKey(task)));
    if (unknown.length === 0) return;
    const which = unknown.length > MAX_IDS ? ofService : { id: unknown.map(({ ID }) => ID) };
    const current = new Set((await engine.tasks({ ...which, ...UP_TO_DATE }, signal)).map(({ ID }) => ID));
    for (const task of unknown) upToDate.set(cacheKey(task), current.has(task.ID));
  };

  return async (request, signal) => {
    try {
      return await poll(request, signal);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      if (error.fault === 'gone') return { kind: 'removed', at: now() };
      if (error.fault === 'final') return { kind: 'refused', at: now(), reason: error.message };
      const { message: reason, managers } = error;
      return {
        kind: 'unreachable',
        at: now(),
        reason,
        ...(error.reason === 'locked' ? { locked: true } : {}),
        ...(managers === undefined ? {} : { managers }),
      };
    }
  };
}

/** The nodes, or the error of an engine or a proxy that refuses to list them. */
async function nodesOrRefusal(engine: Engine, signal: AbortSignal): Promise<Node[] | EngineError> {
  try {
    return await engine.nodes({}, signal);
  } catch (error) {
    if (error instanceof EngineError && error.fault === 'final') return error;
    throw error;
  }
}

/** The known nodes, and those of the tasks, with their ids as names. The same array as before if none is new. */
function withNodesOf(tasks: readonly TaskSeen[], known: readonly NodeSeen[]): readonly NodeSeen[] {
  const ids = new Set(tasks.flatMap(({ nodeId }) => nodeId ?? []));
  for (const { id } of known) ids.delete(id);
  if (ids.size === 0) return known;
  const more = [...ids].map((id) => ({ id, name: id, down: false, availability: 'active', attributes: {} }));
  return [...known, ...more];
}

/** The manager's time; undefined if it cannot be had. Then the tasks are only watched for longer. */
async function timeOf(engine: Engine, signal: AbortSignal): Promise<number | undefined> {
  try {
    return await engine.systemTime(signal);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return undefined;
  }
}

const UP_TO_DATE: Filters = { '_up-to-date': ['true'] };

/** The answer on a task depends on its node, too, after a change of placement alone (swarmkit orchestrator/task.go, IsTaskDirty). */
const cacheKey = ({ ID, NodeID = '' }: Task): string => `${ID} ${NodeID}`;

/**
 * The filter for the tasks in some slots. The engine names a task SERVICE.SLOT.ID, or SERVICE.NODE.ID if it has no slot or,
 * as the first task of a job, slot 0. It finds tasks by the prefixes of their names without a scan of all.
 */
function inSlots(keys: Scope, before: Seen | undefined): Filters {
  if (typeof keys === 'string' || before === undefined) return {};
  const { service, nodes } = before;
  const parts = keys.flatMap((key) => (key === '0' ? ['', ...nodes.map(({ id }) => id)] : [key]));
  return { name: parts.map((part) => `${service.name}.${part}.`) };
}

/** The listed tasks, and those in other slots from before. The same array as before if nothing has changed. */
function merged(listed: readonly TaskSeen[], scope: Scope, before: Seen | undefined): readonly TaskSeen[] {
  if (before === undefined) return listed;
  const keys = new Set(scope);
  const isInScope = (task: TaskSeen): boolean =>
    typeof scope === 'string' || keys.has(keyOf(task, before.service));
  const known = new Map(before.tasks.filter(isInScope).map((task) => [task.id, task]));
  const now = listed.map((task) => reusedTask(task, known.get(task.id)));
  if (now.length === known.size && now.every((task) => known.get(task.id) === task)) return before.tasks;
  return [...before.tasks.filter((task) => !isInScope(task)), ...now];
}

/** The earlier object if the task is the same. Tasks are flat objects, and there are many. */
function reusedTask(now: TaskSeen, before: TaskSeen | undefined): TaskSeen {
  if (before === undefined) return now;
  const fields = Object.keys(now) as (keyof TaskSeen)[];
  const isSame = fields.every((field) => now[field] === before[field]);
  return isSame && fields.length === Object.keys(before).length ? before : now;
}

/** The earlier object if the new one is equal, so that later steps can compare by identity. */
const reused = <T>(now: T, before: T | undefined): T =>
  before !== undefined && isEqual(now, before) ? before : now;

const isEqual = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
