/** swarmroll rollback: put the previous spec back, and watch until it runs. */
import type { CommandBody } from './command.ts';
import { connectionOptions } from './common-flags.ts';
import { findService } from './find-service.ts';
import { ROLLOUT_FLAGS, patienceOf } from './rollout-flags.ts';

export const rollback: CommandBody = {
  operands: 'SERVICE',
  minOperands: 1,
  maxOperands: 1,
  flags: ROLLOUT_FLAGS,
  examples: [['swarmroll rollback web', 'undo the last update of web']],
  run: async (call) => {
    const { given, operands, world } = call;
    const [ref = ''] = operands;
    patienceOf(given);
    const engine = await world.connect(connectionOptions(given));
    // Loaded while the engine answers.
    const [service, { rollBack }] = await Promise.all([
      findService(engine, ref, world.interrupted),
      import('./post-update.ts'),
    ]);
    return rollBack(call, engine, service, ref);
  },
};
