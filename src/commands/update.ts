/** swarmroll update: changes a service and watches until its tasks run the new spec. */
import { usageError } from '../errors.ts';
import { UPDATE_FLAGS, changedSpec } from '../service-spec/build.ts';
import type { Flag } from '../command-line/flag.ts';
import { imageFlag } from '../service-spec/image.ts';
import { boolean } from '../values/value.ts';
import { checkVersion } from '../deploy/check-version.ts';
import type { CommandBody } from '../command-line/command.ts';
import { connectionOptions } from '../command-line/common-flags.ts';
import { findService } from '../engine/find-services.ts';
import { REGISTRY_FLAGS, resolveWanted, wantedAuth } from '../deploy/registry-flags.ts';
import { ROLLOUT_FLAGS, watchLimitsOf } from '../deploy/rollout-flags.ts';
import { specContext } from '../deploy/spec-context.ts';

const rollback: Flag<boolean> = {
  name: 'rollback',
  type: boolean,
  group: 'Rollback',
  help: 'Restore the previous spec, as swarmroll rollback does',
  since: '1.25',
};

const SPEC_FLAGS: readonly Flag[] = [...UPDATE_FLAGS, ...REGISTRY_FLAGS];

export const update: CommandBody = {
  operands: 'SERVICE',
  minOperands: 1,
  maxOperands: 1,
  flags: [...SPEC_FLAGS, rollback, ...ROLLOUT_FLAGS],
  examples: [
    ['swarmroll update --image nginx:1.28 web', 'change the image'],
    [
      'swarmroll update --image nginx:1.28 --update-failure-action rollback --timeout 10m web',
      'in CI: exit 3 if the engine rolled the update back',
    ],
    ['swarmroll update --force web', 'replace every task although nothing has changed'],
  ],
  run: async (call) => {
    const { given, operands, world } = call;
    const [ref = ''] = operands;
    watchLimitsOf(given);
    const rollsBack = given.get(rollback) === true;
    const other = SPEC_FLAGS.find((flag) => given.has(flag));
    if (rollsBack && other !== undefined)
      throw usageError(`--rollback cannot be combined with another change: --${other.name}`);
    const engine = await world.connect(connectionOptions(given));
    // The import takes time, so it runs while the engine answers.
    const [service, post] = await Promise.all([
      findService(engine, ref, world.interrupted),
      import('../deploy/post-update.ts'),
    ]);
    if (rollsBack) return post.rollBackAndFollow(call, engine, service, ref, 'spec');
    await checkVersion(given, update.flags, engine);
    const draft = await changedSpec(service.Spec, specContext(call, engine));
    const auth = await wantedAuth(draft, call);
    const warnings = given.has(imageFlag) ? await resolveWanted(draft, call, engine, auth) : [];
    return post.updateAndFollow(call, engine, service, ref, { draft, warnings, auth });
  },
};
