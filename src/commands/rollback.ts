/** swarmroll rollback: restores the previous spec of a service and watches until its tasks run. */
import type { CommandBody } from '../command-line/command.ts';
import { connectionOptions } from '../command-line/common-flags.ts';
import { findService } from '../engine/find-services.ts';
import { CHANGE_FLAGS, watchLimitsOf } from '../deploy/rollout-flags.ts';

export const rollback: CommandBody = {
  operands: 'SERVICE',
  minOperands: 1,
  maxOperands: 1,
  flags: CHANGE_FLAGS,
  examples: [['swarmroll rollback web', 'undo the last update of web']],
  run: async (call) => {
    const { given, operands, world } = call;
    const [ref = ''] = operands;
    watchLimitsOf(given);
    const engine = await world.connect(connectionOptions(given));
    // The import takes time, so it runs while the engine answers.
    const [service, { rollBackAndFollow }] = await Promise.all([
      findService(engine, ref, world.interrupted),
      import('../deploy/post-update.ts'),
    ]);
    return rollBackAndFollow(call, engine, service, ref);
  },
};
