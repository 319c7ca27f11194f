/** Takes the mark of a drain out of services: for `node undrain`, and for a drain that ends or fails. */
import type { Node } from '../api/cluster.ts';
import type { Service } from '../api/service.ts';
import type { Call } from '../command-line/command.ts';
import { printNote, sendUpdate } from '../send/send-update.ts';
import { printText } from '../watch/print.ts';
import type { Engine } from '../engine/client.ts';
import { nodeNames } from '../engine/node-names.ts';
import { EXIT_CODES, EngineError, SwarmrollError } from '../errors.ts';
import { DRAIN_LABEL, labelledNode, withoutMark } from '../service-spec/drain-mark.ts';
import { nameOf } from './move.ts';
import { availabilityBefore, availabilityWord, changeNode, undone } from './node.ts';
import { NoSuchNode, findNode, untilAnswered } from './read.ts';
import { unmarkRefusals } from './refusals.ts';

/**
 * Takes the mark out of every service first. The node is set active only when no service has the mark any more: on an active node the engine
 * rejects the tasks whose constraints do not fit.
 * @returns the exit code
 */
export async function undrain(call: Call, engine: Engine, ref: string): Promise<number> {
  const nodes = await engine.nodes({}, call.world.interrupted);
  let node: Node;
  try {
    node = findNode(nodes, ref, engine.host);
  } catch (error) {
    const isGone = error instanceof NoSuchNode && (await markedServices(call, engine, ref)).length > 0;
    if (!isGone) throw error;
    await unmarkAll(call, engine, ref);
    printText(call, `${ref} is no node of the swarm any more`);
    return EXIT_CODES.done;
  }
  const name = nodeNames(nodes).get(node.ID) ?? node.ID;
  const before = availabilityBefore(node);
  if (before === undefined && (await markedServices(call, engine, node.ID)).length === 0) {
    if (node.Spec.Availability !== 'active')
      throw new SwarmrollError('refused', `${name}: there is no drain of swarmroll to undo`, {
        hint: `to give the node tasks again: docker node update --availability active ${name}`,
      });
    // A second `node undrain` of the same node ends here.
    printText(call, `${name} is active`);
    return EXIT_CODES.done;
  }
  await unmarkAll(call, engine, node.ID);
  if (before !== undefined) await changeNode(call, engine, node.ID, undone);
  printText(call, `${name} is ${before === undefined ? 'as it was' : availabilityWord(before)}`);
  return EXIT_CODES.done;
}

/** How often a service is read again because somebody else has changed it in between. */
const MAX_CONFLICTS = 10;

/**
 * Takes the mark out of a service as it is stored then. Does nothing if it is not marked, or does not exist any more.
 * @throws SwarmrollError `refused` if an update of somebody else is under way or paused
 */
export async function unmark(call: Call, engine: Engine, id: string): Promise<void> {
  const { interrupted } = call.world;
  for (let tries = 1; ; tries += 1) {
    try {
      await untilAnswered(call, async () => {
        const stored = await engine.service(id, { signal: interrupted });
        if (labelledNode(stored.Spec) === undefined) return;
        for (const { name, reason, todo } of unmarkRefusals(stored, call.world.program))
          throw new SwarmrollError('refused', `${name}: ${reason}`, { hint: todo });
        const draft = withoutMark(stored.Spec);
        await sendUpdate(call, engine, stored, nameOf(stored), { spec: draft, named: [] });
      });
      return;
    } catch (error) {
      if (error instanceof EngineError && error.fault === 'gone') return;
      if (!(error instanceof SwarmrollError) || error.kind !== 'conflict' || tries === MAX_CONFLICTS)
        throw error;
    }
  }
}

/** The services with the mark of a drain of the node, or with its label alone. */
export async function markedServices(call: Call, engine: Engine, node: string): Promise<readonly Service[]> {
  const found = await untilAnswered(call, () =>
    engine.services({ label: [DRAIN_LABEL] }, call.world.interrupted),
  );
  return found.filter(({ Spec }) => labelledNode(Spec) === node);
}

/**
 * Takes the mark of the node out of all services from which it can be taken.
 * @throws SwarmrollError `refused` or `failed` if one still has it: the node must not be changed then
 */
async function unmarkAll(call: Call, engine: Engine, node: string): Promise<void> {
  const refusals: SwarmrollError[] = [];
  for (const service of await markedServices(call, engine, node)) {
    try {
      await unmark(call, engine, service.ID);
    } catch (error) {
      if (!(error instanceof SwarmrollError) || error.kind !== 'refused') throw error;
      refusals.push(error);
      continue;
    }
    printNote(call, nameOf(service), 'undone');
  }
  const [refusal] = refusals;
  if (refusal !== undefined)
    throw new SwarmrollError('refused', refusals.map(({ message }) => message).join('; '), {
      hint: refusal.hint,
    });
  const left = await markedServices(call, engine, node);
  if (left.length > 0)
    throw new SwarmrollError(
      'failed',
      `services still have the constraint of the drain: ${left.map(nameOf).join(', ')}`,
      { hint: 'run the command again' },
    );
}
