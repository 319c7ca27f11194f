/** PollHistory at a service and its tasks: asks for what a look is to see, and adds what is known from those before. */
import { EngineError } from '../errors.ts';
import type { Observation, Seen, TaskSeen } from '../rollout/observation.ts';
import type { PollRequest, Scope } from '../rollout/plan.ts';
import { keyOf } from '../rollout/slots.ts';
import type { Engine, Filters } from './client.ts';
import { nodeSeen, serviceSeen, taskSeen } from './convert.ts';
import type { ServiceSpec, Task } from '../api/service.ts';

/** So many tasks are asked for one by one; of more, all are listed. */
const BY_ID = 40;

/**
 * Takes one look. A manager that can't be reached and a service that is gone are observations too. (A manager that
 * has just restarted says for a moment that it is none.)
 * @throws the abort error when `signal` ended it
 */
export type Poll = (ask: Omit<PollRequest, 'at'>, signal: AbortSignal) => Promise<Observation>;

/** What is observed. */
export interface Observed {
  readonly serviceId: string;
  /** Gives the digest of what the watched change owns of a spec. */
  readonly ownedOf: (spec: ServiceSpec) => string;
  /** Whether the first observation needs the manager's time. */
  readonly asksTime?: boolean;
  /** Whether another spec is followed instead of being a verdict. */
  readonly follows?: boolean;
}

/**
 * The looks at one service.
 * @param now the time of an observation, asked when the tasks are in; milliseconds
 */
export function observer(
  engine: Engine,
  { serviceId, ownedOf, asksTime = false, follows = false }: Observed,
  now: () => number,
): Poll {
  const ofService = { service: [serviceId] };
  let last: Seen | undefined;
  /** The engine's word on whether a task is of the current spec: it stands while spec and nodes stay as they are. */
  const words = new Map<string, boolean>();

  const look = async (ask: Omit<PollRequest, 'at'>, signal: AbortSignal): Promise<Seen> => {
    const before = last;
    const scope = before === undefined ? 'fresh' : ask.tasks;
    const anew = before !== undefined && scope === 'fresh';
    const [wire, listed, current, wireNodes, managerTime] = await Promise.all([
      engine.service(serviceId, { signal }),
      scope.length === 0 ? [] : engine.tasks({ ...ofService, ...named(scope, before) }, signal),
      anew ? engine.tasks({ ...ofService, ...UP_TO_DATE }, signal) : undefined,
      ask.nodes || before === undefined ? engine.nodes({}, signal) : undefined,
      before === undefined && asksTime ? timeOf(engine, signal) : undefined,
    ]);
    const at = now();
    // The version moves with every change of a service, also with those of its status.
    const isSame = wire.Version.Index === before?.service.version;
    const service = isSame ? before.service : kept(serviceSeen(wire, ownedOf), before?.service);
    const nodes =
      wireNodes === undefined ? (before?.nodes ?? []) : kept(wireNodes.map(nodeSeen), before?.nodes);
    const isOtherSpec = service.spec !== before?.service.spec;
    // The engine's own rollback leaves no previous spec: so another has changed what was ours, and the tasks are too.
    if (
      before !== undefined &&
      !follows &&
      service.owned !== before.service.owned &&
      service.previousSpec !== undefined
    ) {
      last = { ...before, at, partial: true, service, nodes };
      return last;
    }
    // What the engine or another has just done is not judged by a part of the tasks.
    if (typeof scope !== 'string' && (isOtherSpec || !same(service.update, before.service.update))) {
      return look({ tasks: isOtherSpec ? 'all' : 'fresh', nodes: true }, signal);
    }
    // A word asked for beside the spec may be on the one before it.
    if (isOtherSpec || (!anew && nodes !== before.nodes)) words.clear();
    else if (current !== undefined) recall(listed, current);
    // Every update leaves a previous spec behind or, where the engine undid it, its status.
    if (service.previousSpec === undefined && service.update === undefined) {
      for (const task of listed) words.set(markOf(task), true);
    } else await inquire(listed, signal);
    last = {
      kind: 'seen',
      at,
      ...(managerTime === undefined ? {} : { managerTime }),
      ...(scope === 'fresh' ? {} : { partial: true }),
      service,
      tasks: merged(
        listed.map((task) => taskSeen(task, words.get(markOf(task)) === true)),
        scope,
        before,
      ),
      nodes,
    };
    return last;
  };

  /** Takes a list of what is current for the word on tasks that were there before it was asked for. */
  const recall = (tasks: readonly Task[], current: readonly Task[]): void => {
    const ids = new Set(current.map(({ ID }) => ID));
    for (const task of tasks) {
      if (ids.has(task.ID) || words.has(markOf(task))) words.set(markOf(task), ids.has(task.ID));
    }
  };

  /** Asks for the word on those tasks that it has not been asked on. */
  const inquire = async (tasks: readonly Task[], signal: AbortSignal): Promise<void> => {
    const unknown = tasks.filter((task) => !words.has(markOf(task)));
    if (unknown.length === 0) return;
    const which = unknown.length > BY_ID ? ofService : { id: unknown.map(({ ID }) => ID) };
    const current = new Set((await engine.tasks({ ...which, ...UP_TO_DATE }, signal)).map(({ ID }) => ID));
    for (const task of unknown) words.set(markOf(task), current.has(task.ID));
  };

  return async (ask, signal) => {
    try {
      return await look(ask, signal);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      if (error.fault === 'gone') return { kind: 'removed', at: now() };
      if (error.fault === 'final') return { kind: 'refused', at: now(), reason: error.message };
      return { kind: 'unreachable', at: now(), reason: error.message };
    }
  };
}

/** Without the manager's time the tasks are watched for longer, and that is all. */
async function timeOf(engine: Engine, signal: AbortSignal): Promise<number | undefined> {
  try {
    return await engine.systemTime(signal);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return undefined;
  }
}

const UP_TO_DATE: Filters = { '_up-to-date': ['true'] };

/** Where only placement constraints were changed, the engine's word on a task depends on its node. */
const markOf = ({ ID, NodeID = '' }: Task): string => `${ID} ${NodeID}`;

/**
 * The tasks in some places. The engine names a task SERVICE.SLOT.ID, or SERVICE.NODE.ID where there is no slot or,
 * as of a job's first, it is 0; it finds the names with a given beginning without going through all tasks.
 */
function named(keys: Scope, before: Seen | undefined): Filters {
  if (typeof keys === 'string' || before === undefined) return {};
  const { service, nodes } = before;
  const parts = keys.flatMap((key) => (key === '0' ? ['', ...nodes.map(({ id }) => id)] : [key]));
  return { name: parts.map((part) => `${service.name}.${part}.`) };
}

/** The tasks listed, and those in other places as they were; the very list of before where nothing has changed. */
function merged(listed: readonly TaskSeen[], scope: Scope, before: Seen | undefined): readonly TaskSeen[] {
  if (before === undefined) return listed;
  const known = new Map(before.tasks.map((task) => [task.id, task]));
  const now = listed.map((task) => keptTask(task, known.get(task.id)));
  const keys = new Set(scope);
  const isElsewhere = (task: TaskSeen): boolean => !keys.has(keyOf(task, before.service));
  const elsewhere = typeof scope === 'string' ? [] : before.tasks.filter(isElsewhere);
  const there = now.filter((task) => known.get(task.id) === task).length;
  if (there === now.length && elsewhere.length + there === before.tasks.length) return before.tasks;
  return [...elsewhere, ...now];
}

/** The earlier task where the new one is the same; tasks are flat, and there are many. */
function keptTask(now: TaskSeen, before: TaskSeen | undefined): TaskSeen {
  if (before === undefined) return now;
  const fields = Object.keys(now) as (keyof TaskSeen)[];
  const isSame = fields.every((field) => now[field] === before[field]);
  return isSame && fields.length === Object.keys(before).length ? before : now;
}

/** The earlier value where the new one is the same: what is the same object needs no second look. */
const kept = <T>(now: T, before: T | undefined): T =>
  before !== undefined && same(now, before) ? before : now;

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
