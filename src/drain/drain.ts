/** `node drain`: moves the tasks of a node one service after the other, each by an update of its own, and drains the node at the end. */
import type { Service } from '../api/service.ts';
import type { Call } from '../command-line/command.ts';
import { printLines, printNothingSent } from '../dry-run/dry-run.ts';
import { printMessage } from '../watch/print.ts';
import type { Engine } from '../engine/client.ts';
import { findServices } from '../engine/find-services.ts';
import { nodeNames } from '../engine/node-names.ts';
import { EXIT_CODES, SwarmrollError, TimeoutError } from '../errors.ts';
import { markedNode } from '../service-spec/drain-mark.ts';
import { counted } from '../values/text.ts';
import { untilEmpty, withPlaces } from './end.ts';
import { moveAll } from './move-all.ts';
import { begun, changeNode, isUnderWay, undone } from './node.ts';
import { planDrain } from './plan.ts';
import type { DrainPlan } from './plan.ts';
import { markedServices, unmark } from './undrain.ts';
import { NoSuchNode, readSituation, untilAnswered } from './read.ts';
import type { DrainOptions } from './read.ts';
import { drainResult, refusedResult } from './result.ts';
import { movedLines, planLines, refusalLines } from './show.ts';
import { DrainFailure, nodeChanged } from './under-way.ts';
import type { Drain } from './under-way.ts';

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
  const situation = await readSituation(call, engine, ref);
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
    const { forReport } = world;
    const exitCode = EXIT_CODES.tasksFailed;
    const nothing = { failed: [], unneeded: new Set<string>(), trouble: error };
    forReport.result = {
      ...(forReport.result !== undefined && 'services' in forReport.result
        ? forReport.result
        : drainResult(plan, [], nothing)),
      ...{ verdict: 'failed', exitCode, error: { message, ...(hint === undefined ? {} : { hint }) } },
    };
    printMessage(call, [`swarmroll: ${message}`, ...(hint === undefined ? [] : [`  ${hint}`])]);
    return exitCode;
  }
}

function serviceNamed(services: readonly Service[], ref: string): Service {
  const [found] = findServices([ref], services).services;
  if (found === undefined)
    throw new SwarmrollError('notFound', `--allow-down: no such service: ${ref}`, {
      hint: 'list the services with: docker service ls',
    });
  return found;
}

/** Prints the plan of --dry-run. @returns the exit code that the drain would begin with */
function showPlan(call: Call, name: string, plan: DrainPlan): number {
  printLines(call, [...planLines(name, plan), ...refusalLines(plan.refusals)]);
  printNothingSent(call);
  return plan.refusals.length === 0 ? EXIT_CODES.done : EXIT_CODES.failed;
}

function refused(
  call: Call,
  name: string,
  { refusals }: DrainPlan,
  left = 'nothing was sent',
): SwarmrollError {
  printMessage(call, refusalLines(refusals));
  call.world.forReport.result = refusedResult(refusals);
  const count = `${counted(refusals.length, 'thing')} ${refusals.length === 1 ? 'is' : 'are'}`;
  return new SwarmrollError('refused', `${name}: not drained, ${count} in the way; ${left}`);
}

function withLeft(drain: Drain, error: unknown): unknown {
  const { call, name, ref } = drain;
  const { interrupted: signal, program } = call.world;
  const { reason } = signal as { reason: unknown };
  const left = `${name} is not drained yet; services may still have the constraint of the drain`;
  const hint = `run the command again to finish, or undo it with: ${program} node undrain ${ref}`;
  const options = { hint, cause: error };
  if (reason instanceof TimeoutError) return new TimeoutError(reason.wait, left, options);
  if (signal.aborted) return new SwarmrollError('failed', `interrupted: ${left}`, options);
  if (error instanceof NoSuchNode) return nodeChanged(drain, undefined);
  const hasOwnHint = !(error instanceof SwarmrollError) || /^(conflict|refused)$/.test(error.kind);
  return hasOwnHint ? error : new SwarmrollError(error.kind, `${error.message}; ${left}`, options);
}

async function run(before: Drain, planned: DrainPlan): Promise<number> {
  const { call, engine, name, options } = before;
  const { node } = before.situation;
  let drain = before;
  let plan = planned;
  if (node.Spec.Availability !== 'drain') {
    await changeNode(call, engine, node.ID, begun);
    await refuseOthers(before);
    // Until it was paused, the node may have got other tasks.
    const situation = await untilAnswered(call, () => readSituation(call, engine, node.ID));
    drain = { ...before, situation };
    plan = planDrain(situation, options);
    if (plan.refusals.length > 0) {
      if (!isUnderWay(node)) await changeNode(call, engine, node.ID, undone);
      throw refused(call, name, plan, 'no service was changed');
    }
  }
  const ends = await moveAll(drain, plan);
  const { moved: states, trouble } = ends;
  const moved = await withPlaces(drain, states);
  call.world.forReport.result = drainResult(plan, moved, ends);
  const lines = movedLines(moved);
  if (trouble !== undefined) {
    printMessage(call, lines);
    throw trouble;
  }
  // The label of the node stays: undrain needs it.
  const left = await markedServices(call, engine, node.ID);
  if (left.some(({ Spec }) => markedNode(Spec) !== undefined))
    throw new SwarmrollError('failed', `${name}: a service still has the constraint of the drain`, {
      hint: 'run the command again',
    });
  for (const { ID } of left) await unmark(call, engine, ID);
  await changeNode(call, engine, node.ID, (spec) => {
    if (spec.Availability !== 'drain' && !isUnderWay({ Spec: spec })) throw nodeChanged(drain, spec);
    return { ...spec, Availability: 'drain' };
  });
  await untilEmpty(drain, plan, states);
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
