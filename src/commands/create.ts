/** swarmroll create: creates a service and watches until its tasks are stable. */
import { CREATE_FLAGS, newSpec } from '../service-spec/build.ts';
import { checkVersion } from '../send/check-version.ts';
import type { CommandBody } from '../command-line/command.ts';
import { REGISTRY_FLAGS, prepareImage } from '../send/registry-flags.ts';
import { createOnce } from '../send/post-create.ts';
import { CHANGE_FLAGS, dryRun } from '../watch/rollout-flags.ts';
import { ignoredMountOptions } from '../service-spec/mounts.ts';
import { specContext } from '../send/spec-context.ts';
import { printable } from '../values/printable.ts';
import { warn } from '../watch/warn.ts';

export const create: CommandBody = {
  operands: [
    { kind: 'image' },
    { kind: 'command', optional: true },
    { kind: 'arg', many: true, optional: true },
  ],
  flagsStop: true,
  flags: [...CREATE_FLAGS, ...REGISTRY_FLAGS, ...CHANGE_FLAGS],
  examples: [
    [
      'swarmroll create --name web --replicas 4 --update-delay 10s nginx:1.27',
      'four replicas, updated one after the other with a delay of 10 s',
    ],
    ['id=$(swarmroll create --quiet --timeout 5m nginx:1.27)', 'in a script: stdout has only the id'],
  ],
  run: async (call) => {
    const { given, operands, world } = call;
    const [image = '', ...args] = operands;
    const engine = await world.engine();
    await checkVersion(given, create.flags, engine);
    const spec = await newSpec(image, args, specContext(call, engine));
    const { auth, warnings, imageMissing } = await prepareImage(call, engine, spec, true);
    const authSent = auth !== undefined;
    if (given.get(dryRun) === true) {
      const { showChange } = await import('../dry-run/dry-run.ts');
      const change = { action: 'create', name: spec.Name, after: spec } as const;
      return showChange(call, engine, { ...change, warnings, sendsAuth: authSent });
    }
    // The import takes time, so it runs while the engine works.
    const [{ ID, Warnings }, { follow }] = await Promise.all([
      createOnce(engine, world, spec, auth),
      import('../deploy/follow.ts'),
    ]);
    warn(world, [...warnings, ...ignoredMountOptions(spec), ...Warnings]);
    const name = printable(spec.Name === undefined || spec.Name === '' ? ID : spec.Name);
    const intent = { action: 'create', serviceId: ID, name, startedAt: world.clock.now() } as const;
    return follow(call, engine, { ...intent, wanted: spec, authSent, imageMissing }, ID);
  },
};
