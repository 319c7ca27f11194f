/** swarmroll create: a new service, watched until its tasks are stable. */
import { CREATE_FLAGS, newSpec } from '../spec/build.ts';
import { checkVersion } from './check-version.ts';
import type { CommandBody } from './command.ts';
import { connectionOptions } from './common-flags.ts';
import { IMAGE_FLAGS, resolveWanted, wantedAuth } from './image-flags.ts';
import { answered } from './answered.ts';
import { ROLLOUT_FLAGS, patienceOf } from './rollout-flags.ts';
import { specContext } from './spec-context.ts';
import { warn } from './warn.ts';

export const create: CommandBody = {
  operands: 'IMAGE [COMMAND] [ARG...]',
  minOperands: 1,
  maxOperands: Infinity,
  flagsStop: true,
  flags: [...CREATE_FLAGS, ...IMAGE_FLAGS, ...ROLLOUT_FLAGS],
  examples: [
    [
      'swarmroll create --name web --replicas 4 --update-delay 10s nginx:1.27',
      'four tasks, updated one every 10 s',
    ],
    ['id=$(swarmroll create --quiet --timeout 5m nginx:1.27)', 'in a script: stdout is the id alone'],
  ],
  run: async (call) => {
    const { given, operands, world } = call;
    const [image = '', ...args] = operands;
    patienceOf(given);
    const engine = await world.connect(connectionOptions(given));
    await checkVersion(given, create.flags, engine);
    const spec = await newSpec(image, args, specContext(call, engine));
    const auth = await wantedAuth(spec, call);
    const warnings = await resolveWanted(spec, call, engine, auth);
    // Loaded while the engine answers.
    const [{ ID, Warnings }, { roll }] = await Promise.all([
      answered(engine.createService(spec, auth, world.interrupted), world),
      import('./roll.ts'),
    ]);
    warn(world, [...warnings, ...Warnings]);
    const name = spec.Name === undefined || spec.Name === '' ? ID : spec.Name;
    const intent = { action: 'create', serviceId: ID, name, startedAt: world.clock.now() } as const;
    return roll(call, engine, { ...intent, authSent: auth !== undefined }, ID);
  },
};
