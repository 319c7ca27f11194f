/** swarmroll rollback: rolls back a service to its previous spec, or to an earlier task template, and watches until its tasks run. */
import { usageError } from '../errors.ts';
import type { CommandBody } from '../command-line/command.ts';
import type { Flag } from '../command-line/flag.ts';
import { string } from '../values/value.ts';
import { findService } from '../engine/find-services.ts';
import { CHANGE_FLAGS } from '../watch/rollout-flags.ts';

const to: Flag<string> = {
  name: 'to',
  type: string,
  names: 'generations',
  group: 'Rollback',
  help: 'Roll back only the task template, to the one with this id, or unique prefix of an id: see swarmroll history',
};

export const rollback: CommandBody = {
  operands: [{ kind: 'service' }],
  flags: [to, ...CHANGE_FLAGS],
  examples: [
    ['swarmroll rollback web', 'undo the last update of web'],
    ['swarmroll rollback --to 3f2a web', 'roll back to a task template of swarmroll history web'],
  ],
  run: async (call) => {
    const { given, operands, world } = call;
    const [ref = ''] = operands;
    const id = given.get(to);
    if (id === '')
      throw usageError(
        '--to must be the id of a generation',
        `see the ids with: ${world.program} history ${ref}`,
      );
    const engine = await world.engine();
    if (id !== undefined)
      return (await import('../deploy/roll-back-to.ts')).rollBackTo(call, engine, ref, id);
    // The import takes time, so it runs while the engine answers.
    const [service, { rollBackAndFollow }] = await Promise.all([
      findService(engine, ref, world.interrupted),
      import('../deploy/update-one.ts'),
    ]);
    return rollBackAndFollow(call, engine, service, ref);
  },
};
