/** `node undrain`: undoes a drain, whether it is finished or was interrupted. */
import type { Call } from '../command-line/command.ts';
import { printText } from '../watch/print.ts';
import type { Engine } from '../engine/client.ts';
import { nodeNames } from '../engine/node-names.ts';
import { EXIT_CODES, SwarmrollError } from '../errors.ts';
import { availabilityBefore, changeNode, undone } from './node.ts';
import { markedServices, unmarkAll } from './unmark.ts';
import { findNode, untilAnswered } from './read.ts';

/**
 * Takes the mark out of every service first. The node is set active only when no service has the mark any more: on an active node the engine
 * rejects the tasks whose constraints do not fit.
 * @returns the exit code
 */
export async function undrain(call: Call, engine: Engine, ref: string): Promise<number> {
  const nodes = await untilAnswered(call, () => engine.nodes({}, call.world.interrupted));
  const node = findNode(nodes, ref, engine.host);
  const name = nodeNames(nodes).get(node.ID) ?? node.ID;
  const before = availabilityBefore(node);
  if (before === undefined && (await markedServices(call, engine, node.ID)).length === 0)
    throw new SwarmrollError('refused', `${name}: there is no drain of swarmroll to undo`, {
      hint: `to give the node tasks again: docker node update --availability active ${name}`,
    });
  await unmarkAll(call, engine, node.ID);
  if (before !== undefined) await changeNode(call, engine, node.ID, undone);
  const words: Readonly<Record<string, string>> = { pause: 'paused', drain: 'drained' };
  printText(call, `${name} is ${before === undefined ? 'as it was' : (words[before] ?? before)}`);
  return EXIT_CODES.done;
}
