/** `node drain`: moves the tasks of a node one service after the other, each by an update of its own, and drains the node at the end. */
import type { Service, ServiceSpec } from '../api/service.ts';
import type { Call } from '../command-line/command.ts';
import { printLines, printNothingSent } from '../dry-run/dry-run.ts';
import { printMessage } from '../watch/print.ts';
import { printNote, sendUpdate } from '../send/send-update.ts';
import type { Engine } from '../engine/client.ts';
import { nodeNames } from '../engine/node-names.ts';
import { EXIT_CODES, SwarmrollError, TimeoutError } from '../errors.ts';
import { sameSpec } from '../service-spec/same.ts';
import { shellWord } from '../values/shell-words.ts';
import { hasNotEnded, isRunning, startMove, stepMove, wantedOf } from './move.ts';
import type { MoveState } from './move.ts';
import { begun, changeNode, isUnderWay, undone, withAvailability } from './node.ts';
import { moveOf, nameOf, planDrain, tasksOf } from './plan.ts';
import type { DrainOptions, DrainPlan, Move } from './plan.ts';
import { markedServices, putBack } from './put-back.ts';
import { readSituation, untilAnswered } from './read.ts';
import type { Situation } from './read.ts';
import { serviceRefusals } from './refusals.ts';
import { movedLines, planLines, refusalLines } from './show.ts';
import type { Moved } from './show.ts';

/** Between two polls (ms). */
const INTERVAL = 200;
/** So many services move at the same time. */
const AT_ONCE = 10;
/** The tasks that a drain itself ends must be gone after this time (ms). */
const END_DEADLINE = 600_000;

/** A drain under way. */
interface Drain {
  readonly call: Call;
  readonly engine: Engine;
  readonly situation: Situation;
  readonly options: DrainOptions;
  /** The name of the node. */
  readonly name: string;
  /** The node in a command to run next. */
  readonly ref: string;
}

/**
 * Drains a node. If a service cannot move, the node stays paused and nothing is drained.
 * @param ref the node as the user named it
 * @returns the exit code
 * @throws SwarmrollError `refused` before anything is sent; `conflict` if somebody else has changed a service
 */
export async function drain(
  call: Call,
  engine: Engine,
  ref: string,
  options: Omit<DrainOptions, 'program' | 'mayBeDown'> & {
    readonly allowDown: readonly string[];
    readonly isDry: boolean;
  },
): Promise<number> {
  const { world } = call;
  const situation = await untilAnswered(call, () => readSituation(call, engine, ref));
  const { node, nodes, services } = situation;
  const name = nodeNames(nodes).get(node.ID) ?? node.ID;
  const mayBeDown = new Set(options.allowDown.map((one) => serviceNamed(services, one).ID));
  const settled = { startsFirst: options.startsFirst, mayBeDown, program: world.program };
  const plan = planDrain(situation, settled);
  if (options.isDry) return showPlan(call, name, plan);
  if (plan.refusals.length > 0) throw refused(call, name, plan);
  printMessage(call, planLines(name, plan));
  // A name that several nodes have is shown with a part of the id behind it.
  const drain = { call, engine, situation, options: settled, name, ref: name.includes(' ') ? node.ID : name };
  try {
    return await run(drain, plan);
  } catch (error) {
    if (!(error instanceof DrainFailure)) throw withLeft(drain, error);
    const { message, hint } = error;
    printMessage(call, [`swarmroll: ${message}`, ...(hint === undefined ? [] : [`  ${hint}`])]);
    return EXIT_CODES.tasksFailed;
  }
}

function serviceNamed(services: readonly Service[], ref: string): Service {
  const found = services.find(({ ID, Spec }) => ID === ref || Spec.Name === ref);
  if (found === undefined) throw new SwarmrollError('notFound', `--allow-down: no such service: ${ref}`);
  return found;
}

/** Prints the plan of --dry-run. @returns the exit code that the drain would begin with */
function showPlan(call: Call, name: string, plan: DrainPlan): number {
  printLines(call, [...planLines(name, plan), ...refusalLines(plan.refusals)]);
  printNothingSent(call);
  return plan.refusals.length === 0 ? EXIT_CODES.done : EXIT_CODES.failed;
}

function refused(call: Call, name: string, { refusals }: DrainPlan): SwarmrollError {
  printMessage(call, refusalLines(refusals));
  const count = `${refusals.length} ${refusals.length === 1 ? 'thing is' : 'things are'}`;
  return new SwarmrollError('refused', `${name}: not drained, ${count} in the way; nothing was sent`);
}

/** The error with what is left, and what to do. */
function withLeft({ call, name, ref }: Drain, error: unknown): unknown {
  const { interrupted: signal, program } = call.world;
  const { reason } = signal as { reason: unknown };
  const left = `${name} is not drained yet; services may still have the constraint of the drain`;
  const hint = `run the command again to finish, or undo it with: ${program} node undrain ${ref}`;
  const options = { hint, cause: error };
  if (reason instanceof TimeoutError) return new TimeoutError(reason.wait, left, options);
  if (signal.aborted) return new SwarmrollError('failed', `interrupted: ${left}`, options);
  const hasOwnHint = !(error instanceof SwarmrollError) || /^(conflict|refused)$/.test(error.kind);
  return hasOwnHint ? error : new SwarmrollError(error.kind, `${error.message}; ${left}`, options);
}

async function run(drain: Drain, plan: DrainPlan): Promise<number> {
  const { call, engine, situation, name } = drain;
  const { node } = situation;
  if (node.Spec.Availability !== 'drain') {
    await changeNode(call, engine, node.ID, begun);
    await refuseOthers(drain);
  }
  const { moved, trouble } = await moveAll(drain, plan);
  const lines = movedLines(await withPlaces(drain, moved));
  if (trouble !== undefined) {
    printMessage(call, lines);
    throw trouble;
  }
  // The label of the node stays: undrain needs it.
  if ((await markedServices(call, engine, node.ID)).length > 0)
    throw new SwarmrollError('failed', `${name}: a service still has the constraint of the drain`, {
      hint: 'run the command again',
    });
  await changeNode(call, engine, node.ID, (spec) => withAvailability(spec, 'drain'));
  await untilEmpty(drain, plan, moved);
  printLines(call, [...lines, `${name} is drained`]);
  return EXIT_CODES.done;
}

/** Two drains that begin at the same moment do not see each other's label before they set their own. */
async function refuseOthers({ call, engine, situation, name }: Drain): Promise<void> {
  const { node } = situation;
  const nodes = await untilAnswered(call, () => engine.nodes({}, call.world.interrupted));
  const other = nodes.find((one) => one.ID !== node.ID && isUnderWay(one));
  if (other === undefined) return;
  if (!isUnderWay(node)) await changeNode(call, engine, node.ID, undone);
  const text = `${name}: not drained: another drain has begun at the same time, of ${nodeNames(nodes).get(other.ID) ?? other.ID}`;
  throw new SwarmrollError('refused', text, { hint: 'wait until it is over, then run the command again' });
}

/** What became of all moves. */
interface Moves {
  readonly moved: readonly MoveState[];
  /** Why the drain ends early. */
  readonly trouble: SwarmrollError | undefined;
}

/** A service that could not move: exit 5. */
class DrainFailure extends SwarmrollError {}

const tasksText = (count: number): string => `${count} ${count === 1 ? 'task' : 'tasks'}`;

/** Moves the services: the first one alone until a task of it runs elsewhere, then several at the same time. */
async function moveAll(drain: Drain, { moves }: DrainPlan): Promise<Moves> {
  const { call, engine, situation } = drain;
  const { clock, interrupted: signal } = call.world;
  const waiting = moves.filter(({ isSent }) => !isSent);
  const done: MoveState[] = [];
  let trouble: SwarmrollError | undefined;
  let moving = moves
    .filter(({ isSent }) => isSent)
    .map(({ service }) =>
      startMove(situation.node.ID, service, tasksOf(service, situation.tasks), clock.now()),
    );
  let isProven = false;
  for (;;) {
    isProven ||= moving.some(({ hasBegun }) => hasBegun) || done.length > 0;
    while (trouble === undefined && waiting.length > 0 && moving.length < (isProven ? AT_ONCE : 1)) {
      const move = waiting.shift();
      if (move === undefined) break;
      try {
        const state = await untilAnswered(call, () => beginMove(drain, move));
        if (state !== undefined) moving.push(state);
      } catch (error) {
        if (!(error instanceof SwarmrollError) || signal.aborted) throw error;
        trouble = error;
      }
    }
    if (moving.length === 0) return { moved: done, trouble };
    await clock.sleep(INTERVAL, signal);
    signal.throwIfAborted();
    const left: MoveState[] = [];
    for (const state of await poll(drain, moving)) {
      const { verdict, serviceId, name } = state;
      if (verdict.kind === 'moving') {
        left.push(state);
        continue;
      }
      // At once: while its new task does not run yet, the old one stays.
      await putBack(call, engine, serviceId);
      if (verdict.kind === 'moved') {
        done.push(state);
        printNote(call, name, `moved ${tasksText(state.count)}`);
      } else trouble ??= failureOf(drain, state);
    }
    moving = left;
  }
}

/**
 * Marks a service, if it is still as it was planned. Doing it twice is harmless.
 * @returns undefined if nothing of it is on the node any more
 */
async function beginMove(drain: Drain, { service }: Move): Promise<MoveState | undefined> {
  const { call, engine, situation, options } = drain;
  const name = nameOf(service);
  const now = await readSituation(call, engine, situation.node.ID);
  const stored = now.services.find(({ ID }) => ID === service.ID);
  if (stored === undefined) return undefined;
  const start = (draft: ServiceSpec): MoveState =>
    startMove(now.node.ID, { ...stored, Spec: draft }, tasksOf(stored, now.tasks), call.world.clock.now());
  const move = moveOf(stored, now, options);
  if (move.isSent) return start(stored.Spec);
  // Of a node that takes tasks, the engine would reject those whose constraints do not fit.
  if (!isUnderWay(now.node)) throw changedByOthers(drain, drain.name);
  if (!sameSpec(stored.Spec, service.Spec)) throw changedByOthers(drain, name);
  if (move.count === 0) return undefined;
  const [refusal] = serviceRefusals(stored, move.draft, now, options);
  if (refusal !== undefined)
    throw new DrainFailure('failed', `${name}: cannot move any more: ${refusal.reason}`, {
      hint: refusal.todo,
    });
  const draft = { draft: move.draft, warnings: [], auth: undefined, named: [] };
  await sendUpdate(call, engine, stored, name, draft);
  printNote(call, name, `moving ${tasksText(move.count)}`);
  return start(move.draft);
}

/** The states after one more poll. All services share its requests. */
async function poll({ call, engine, situation }: Drain, moving: readonly MoveState[]): Promise<MoveState[]> {
  const { clock, interrupted: signal } = call.world;
  const ids = moving.map(({ serviceId }) => serviceId);
  return untilAnswered(call, async () => {
    const [services, [node]] = await Promise.all([
      engine.services({ id: ids }, signal),
      engine.nodes({ id: [situation.node.ID] }, signal),
    ]);
    const byId = new Map(services.map((one) => [one.ID, one]));
    // The engine refuses to list tasks of a service that does not exist.
    const there = ids.filter((id) => byId.has(id));
    const tasks = there.length === 0 ? [] : await engine.tasks({ service: there }, signal);
    const at = clock.now();
    return moving.map((state) =>
      stepMove(state, {
        at,
        service: byId.get(state.serviceId),
        tasks: tasks.filter(({ ServiceID }) => ServiceID === state.serviceId),
        isNodeDown: node?.Status.State === 'down',
      }),
    );
  });
}

function changedByOthers({ call, name, ref }: Drain, what: string): SwarmrollError {
  return new SwarmrollError(
    'conflict',
    `${what}: somebody else has changed it; ${name} is paused, not drained`,
    { hint: `run the command again, or undo it with: ${call.world.program} node undrain ${ref}` },
  );
}

function failureOf(drain: Drain, { name, verdict }: MoveState): SwarmrollError | undefined {
  if (verdict.kind === 'changed') return changedByOthers(drain, name);
  if (!('reason' in verdict)) return undefined;
  const { program } = drain.call.world;
  const first =
    verdict.kind === 'tripped'
      ? `replace all its tasks first with: ${program} restart ${shellWord(name)}; `
      : '';
  return new DrainFailure(
    'failed',
    `${name}: not moved, and put back: ${verdict.reason}; ${drain.name} is paused, not drained`,
    { hint: `${first}to undo the drain: ${program} node undrain ${drain.ref}` },
  );
}

/** Where the tasks of the services that have moved run now. */
async function withPlaces({ call, engine }: Drain, moved: readonly MoveState[]): Promise<Moved[]> {
  if (moved.length === 0) return [];
  const { interrupted: signal } = call.world;
  return untilAnswered(call, async () => {
    const [nodes, tasks] = await Promise.all([engine.nodes({}, signal), engine.tasks({}, signal)]);
    const names = nodeNames(nodes);
    return moved.map((state) => {
      const counts = new Map<string, number>();
      for (const task of tasks) {
        if (task.ServiceID !== state.serviceId || !isRunning(task) || state.good.has(task.ID)) continue;
        const node = names.get(task.NodeID ?? '') ?? '';
        counts.set(node, (counts.get(node) ?? 0) + 1);
      }
      return { state, to: [...counts].map(([node, count]) => `${node} (${count})`).join(', ') };
    });
  });
}

/** Waits until no task is left on the node and every service that has moved runs as many as it wants. */
async function untilEmpty(
  { call, engine, situation, name }: Drain,
  { jobs }: DrainPlan,
  moved: readonly MoveState[],
): Promise<void> {
  const { clock, interrupted: signal } = call.world;
  const { node } = situation;
  const began = clock.now();
  const jobIds = new Set(jobs.map(({ ID }) => ID));
  const ids = new Set(moved.map(({ serviceId }) => serviceId));
  for (let isTold = false; ;) {
    const [nodes, services, tasks] = await untilAnswered(call, () =>
      Promise.all([
        engine.nodes({ id: [node.ID] }, signal),
        engine.services({}, signal),
        engine.tasks({}, signal),
      ]),
    );
    const isDown = nodes[0]?.Status.State === 'down';
    const left = tasks.filter((task) => task.NodeID === node.ID && hasNotEnded(task) && !isDown);
    const few = services.filter(
      (one) => ids.has(one.ID) && tasksOf(one, tasks).filter(isRunning).length < wantedOf(one),
    );
    if (left.length === 0 && few.length === 0) return;
    const ofJobs = left.filter(({ ServiceID }) => jobIds.has(ServiceID));
    if (!isTold && ofJobs.length > 0 && ofJobs.length === left.length) {
      isTold = true;
      printMessage(call, [`swarmroll: ${name}: waiting for jobs to end: ${jobs.map(nameOf).join(', ')}`]);
    }
    if (ofJobs.length === 0 && clock.now() - began >= END_DEADLINE) {
      const what =
        left.length > 0
          ? `${left.length} tasks are still on it`
          : `not all run: ${few.map(nameOf).join(', ')}`;
      throw new DrainFailure('failed', `${name} is drained, but ${what}`);
    }
    await clock.sleep(INTERVAL, signal);
    signal.throwIfAborted();
  }
}
