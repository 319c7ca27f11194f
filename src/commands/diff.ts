/** swarmroll diff: compares the previous spec of a service with the current one. */
import type { CommandBody } from '../command-line/command.ts';
import type { Flag } from '../command-line/flag.ts';
import { showChange } from '../dry-run/dry-run.ts';
import { output } from '../watch/rollout-flags.ts';
import { findService } from '../engine/find-services.ts';
import { EXIT_CODES, SwarmrollError } from '../errors.ts';
import { sameSpec } from '../service-spec/same.ts';
import { boolean } from '../values/value.ts';

const exitCode: Flag<boolean> = {
  name: 'exit-code',
  type: boolean,
  group: 'Output',
  help: `Exit with ${EXIT_CODES.differs} if anything differs`,
};

export const diff: CommandBody = {
  operands: [{ kind: 'service' }],
  flags: [exitCode, output],
  exits: { done: 'shown; with `--exit-code`: nothing has changed', others: ['differs'] },
  examples: [['swarmroll diff web', 'what the last update has changed']],
  run: async (call) => {
    const { given, operands, world } = call;
    const [ref = ''] = operands;
    const engine = await world.engine();
    const service = await findService(engine, ref, world.interrupted);
    const { Spec, PreviousSpec } = service;
    if (PreviousSpec === undefined) {
      throw new SwarmrollError('refused', `${ref} has no previous spec to compare with`, {
        hint: 'it has not been changed since it was created, or the engine has rolled its last update back',
      });
    }
    const before = { ...service, Spec: PreviousSpec };
    const differs = given.get(exitCode) === true && !sameSpec(PreviousSpec, Spec);
    return showChange(call, engine, { action: 'diff', name: ref, before, after: Spec, differs });
  },
};
