/** swarmroll node drain and node undrain: empty a node while its services keep running, and undo that. */
import type { CommandBody } from '../command-line/command.ts';
import type { Flag } from '../command-line/flag.ts';
import { dryRun, reportFile, timeout } from '../watch/rollout-flags.ts';
import { boolean, nonEmptyTexts } from '../values/value.ts';

const startFirst: Flag<boolean> = {
  name: 'start-first',
  type: boolean,
  group: 'Services',
  help: 'Start each new task before the old one stops, whatever the update order of the service',
};

const allowDown: Flag<string[]> = {
  name: 'allow-down',
  type: nonEmptyTexts,
  group: 'Services',
  names: 'services',
  help: 'Do not move this service: its tasks on the node end when the node is drained',
};

export const nodeDrain: CommandBody = {
  operands: [{ kind: 'node' }],
  flags: [startFirst, allowDown, dryRun, timeout, reportFile],
  examples: [
    ['swarmroll node drain --dry-run worker1', 'which services move, and what is in the way'],
    [
      'swarmroll node drain --timeout 30m worker1',
      'before maintenance; afterwards: swarmroll node undrain worker1',
    ],
  ],
  run: async (call) => {
    const { given, operands, world } = call;
    const [ref = ''] = operands;
    const engine = await world.engine();
    const { drain } = await import('../drain/drain.ts');
    return drain(call, engine, ref, {
      startsFirst: given.get(startFirst) === true,
      allowDown: given.get(allowDown) ?? [],
      isDry: given.get(dryRun) === true,
    });
  },
};

export const nodeUndrain: CommandBody = {
  operands: [{ kind: 'node' }],
  flags: [timeout],
  exits: { done: 'the node is active again', others: ['notOurs', 'timedOut'] },
  examples: [
    ['swarmroll node undrain worker1', 'after maintenance, or to undo a drain that was interrupted'],
  ],
  run: async (call) => {
    const { operands, world } = call;
    const [ref = ''] = operands;
    const engine = await world.engine();
    const { undrain } = await import('../drain/undrain.ts');
    return undrain(call, engine, ref);
  },
};
