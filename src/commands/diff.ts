/** swarmroll diff: compares the previous spec of a service with the current one. */
import type { CommandBody } from '../command-line/command.ts';
import { connectionOptions } from '../command-line/common-flags.ts';
import { showChange } from '../deploy/dry-run.ts';
import { output } from '../deploy/rollout-flags.ts';
import { findService } from '../engine/find-services.ts';
import { SwarmrollError } from '../errors.ts';

export const diff: CommandBody = {
  operands: [{ kind: 'service' }],
  flags: [output],
  examples: [['swarmroll diff web', 'what the last update has changed']],
  run: async (call) => {
    const { given, operands, world } = call;
    const [ref = ''] = operands;
    const engine = await world.connect(connectionOptions(given));
    const service = await findService(engine, ref, world.interrupted);
    const { Spec, PreviousSpec } = service;
    if (PreviousSpec === undefined) {
      throw new SwarmrollError('refused', `${ref} has no previous spec to compare with`, {
        hint: 'it has not been changed since it was created, or the engine has rolled its last update back',
      });
    }
    const before = { ...service, Spec: PreviousSpec };
    return showChange(call, engine, { action: 'diff', name: ref, before, after: Spec });
  },
};
