/** Moves services off a node: begins them, polls them, and takes the mark out of each of them. */
import type { ServiceSpec } from '../api/service.ts';
import { printNote, sendUpdate } from '../send/send-update.ts';
import { SwarmrollError } from '../errors.ts';
import { sameSpec } from '../service-spec/same.ts';
import { shellWord } from '../values/shell-words.ts';
import { counted } from '../values/text.ts';
import { isBetterUndoneLater, nameOf, startMove, stepMove, tasksOf } from './move.ts';
import type { MoveState } from './move.ts';
import { isUnderWay } from './node.ts';
import { moveOf } from './plan.ts';
import type { DrainPlan, Move } from './plan.ts';
import { unmark } from './undrain.ts';
import { readSituation, untilAnswered } from './read.ts';
import { placeRefusals, serviceRefusals } from './refusals.ts';
import { DrainFailure, NODE_INTERVAL, changedByOthers, nodeChanged, untilNextPoll } from './under-way.ts';
import type { Drain } from './under-way.ts';

/** So many services move at the same time. */
const AT_ONCE = 10;

/** What became of all moves. */
export interface Moves {
  readonly moved: readonly MoveState[];
  readonly failed: readonly MoveState[];
  /** The ids of the services that are gone, or of which nothing was left on the node. */
  readonly unneeded: ReadonlySet<string>;
  readonly trouble: SwarmrollError | undefined;
}

/** Moves the services: the first one alone until a task of it runs elsewhere, then several at the same time. */
export async function moveAll(drain: Drain, { moves }: DrainPlan): Promise<Moves> {
  const { call, engine, situation } = drain;
  const { clock, interrupted: signal } = call.world;
  const waiting = moves.filter(({ isSent }) => !isSent);
  const done: MoveState[] = [];
  const failed: MoveState[] = [];
  const unneeded = new Set<string>();
  let trouble: SwarmrollError | undefined;
  const { node, tasks } = situation;
  let moving = moves
    .filter(({ isSent }) => isSent)
    .map(({ service }) => startMove(node.ID, service, tasksOf(service, tasks), clock.now()));
  let isProven = false;
  let [taskCount, isNodeDown, nodeReadAt] = [0, false, -Infinity];
  for (;;) {
    isProven ||= moving.some(({ hasBegun }) => hasBegun) || done.length > 0;
    while (trouble === undefined && waiting.length > 0 && moving.length < (isProven ? AT_ONCE : 1)) {
      const move = waiting.shift();
      if (move === undefined) break;
      try {
        const state = await untilAnswered(call, () => beginMove(drain, move));
        if (state === undefined) unneeded.add(move.service.ID);
        else moving.push(state);
      } catch (error) {
        if (!(error instanceof SwarmrollError) || signal.aborted) throw error;
        trouble = error;
      }
    }
    if (moving.length === 0) return { moved: done, failed, unneeded, trouble };
    await untilNextPoll(drain, taskCount);
    const left: MoveState[] = [];
    if (clock.now() >= nodeReadAt + NODE_INTERVAL) {
      isNodeDown = await isDown(drain);
      nodeReadAt = clock.now();
    }
    const polled = await poll(drain, moving, isNodeDown);
    taskCount = polled.taskCount;
    for (const state of polled.states) {
      const { verdict, serviceId, name } = state;
      if (verdict.kind === 'moving' || isBetterUndoneLater(state)) {
        left.push(state);
        trouble ??= failureOf(drain, state);
        continue;
      }
      // At once: while its new task does not run yet, the old one stays.
      try {
        await unmark(call, engine, serviceId);
      } catch (error) {
        if (!(error instanceof SwarmrollError) || error.kind !== 'refused') throw error;
        trouble ??= error;
        continue;
      }
      if (verdict.kind === 'moved') {
        done.push(state);
        printNote(call, name, `moved ${counted(state.count, 'task')}`);
      } else if (verdict.kind === 'gone') {
        unneeded.add(serviceId);
      } else {
        failed.push(state);
        trouble ??= failureOf(drain, state);
      }
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
  if (!isUnderWay(now.node)) throw nodeChanged(drain, now.node.Spec);
  if (!sameSpec(stored.Spec, service.Spec)) throw changedByOthers(drain, name);
  if (move.count === 0) return undefined;
  const [refusal] = [...serviceRefusals(stored, move.draft, now, options), ...placeRefusals([move], now)];
  if (refusal !== undefined)
    throw new DrainFailure('failed', `${name}: cannot move any more: ${refusal.reason}`, {
      hint: refusal.todo,
    });
  await sendUpdate(call, engine, stored, name, { spec: move.draft, named: [] });
  printNote(call, name, `moving ${counted(move.count, 'task')}`);
  return start(move.draft);
}

async function isDown({ call, engine, situation }: Drain): Promise<boolean> {
  const [node] = await untilAnswered(call, () =>
    engine.nodes({ id: [situation.node.ID] }, call.world.interrupted),
  );
  return node?.Status.State === 'down';
}

/** The states after one more poll, and how many tasks it has listed. All services share its requests. */
async function poll(
  { call, engine }: Drain,
  moving: readonly MoveState[],
  isNodeDown: boolean,
): Promise<{ readonly states: readonly MoveState[]; readonly taskCount: number }> {
  const { clock, interrupted: signal } = call.world;
  const ids = moving.map(({ serviceId }) => serviceId);
  return untilAnswered(call, async () => {
    const services = await engine.services({ id: ids }, signal);
    const byId = new Map(services.map((one) => [one.ID, one]));
    // The engine refuses to list tasks of a service that does not exist.
    const there = ids.filter((id) => byId.has(id));
    const tasks = there.length === 0 ? [] : await engine.tasks({ service: there }, signal);
    const at = clock.now();
    const states = moving.map((state) =>
      stepMove(state, {
        at,
        service: byId.get(state.serviceId),
        tasks: tasks.filter(({ ServiceID }) => ServiceID === state.serviceId),
        isNodeDown,
      }),
    );
    return { states, taskCount: tasks.length };
  });
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
    `${name}: not moved, and undone: ${verdict.reason}; ${drain.name} is paused, not drained`,
    { hint: `${first}to undo the drain: ${program} node undrain ${drain.ref}` },
  );
}
