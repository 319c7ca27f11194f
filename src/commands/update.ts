/** swarmroll update: changes a service and watches until its tasks run the new spec. */
import { usageError } from '../errors.ts';
import { UPDATE_FLAGS, changedSpec } from '../service-spec/build.ts';
import type { Flag } from '../command-line/flag.ts';
import { imageFlag } from '../service-spec/image.ts';
import { boolean } from '../values/value.ts';
import type { Service, ServiceSpec } from '../api/service.ts';
import { sameSpec } from '../service-spec/same.ts';
import type { Update } from '../send/send-update.ts';
import type { Engine } from '../engine/client.ts';
import { checkVersion } from '../send/check-version.ts';
import type { Call, CommandBody } from '../command-line/command.ts';
import { findService } from '../engine/find-services.ts';
import { REGISTRY_FLAGS, prepareImage } from '../send/registry-flags.ts';
import { CHANGE_FLAGS, undoesOnFailure } from '../watch/rollout-flags.ts';
import { specContext } from '../send/spec-context.ts';

const rollback: Flag<boolean> = {
  name: 'rollback',
  type: boolean,
  group: 'Rollback',
  help: 'Roll back to the previous spec, as swarmroll rollback does',
};

const SPEC_FLAGS: readonly Flag[] = [...UPDATE_FLAGS, ...REGISTRY_FLAGS];

export const update: CommandBody = {
  operands: [{ kind: 'service' }],
  flags: [...SPEC_FLAGS, rollback, ...CHANGE_FLAGS],
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
    const rollsBack = given.get(rollback) === true;
    const other = SPEC_FLAGS.find((flag) => given.has(flag));
    if (rollsBack && other !== undefined)
      throw usageError(`--rollback cannot be combined with another change: --${other.name}`);
    const engine = await world.engine();
    // The import takes time, so it runs while the engine answers.
    const [service, updateOne] = await Promise.all([
      findService(engine, ref, world.interrupted),
      import('../deploy/update-one.ts'),
    ]);
    if (rollsBack) return updateOne.rollBackAndFollow(call, engine, service, ref, 'spec');
    await checkVersion(given, update.flags, engine);
    const built = await build(call, engine, service.Spec);
    const undoTo = await specBeforeRetry(call, engine, service, built.spec);
    return updateOne.updateAndFollow(call, engine, service, ref, { ...built, undoTo });
  },
};

/** The spec with the changes of the command line, its image resolved. */
async function build(call: Call, engine: Engine, stored: ServiceSpec): Promise<Update> {
  const spec = await changedSpec(stored, specContext(call, engine));
  return { spec, ...(await prepareImage(call, engine, spec, call.given.has(imageFlag), stored)) };
}

/**
 * With --rollback-on-failure, of a command line that is run again: the spec from before the first time, if the engine still
 * has it. It has to be certain that the last update was the same one (these flags turn the previous spec into the stored
 * one), and that it did not succeed before: the engine is still at it, has paused it, or was told not to judge it.
 */
async function specBeforeRetry(
  call: Call,
  engine: Engine,
  { Spec, PreviousSpec, UpdateStatus }: Service,
  spec: ServiceSpec,
): Promise<ServiceSpec | undefined> {
  if (!undoesOnFailure(call.given) || PreviousSpec === undefined || !sameSpec(spec, Spec)) return undefined;
  const isUnjudged = UpdateStatus?.State === 'completed' && Spec.UpdateConfig?.FailureAction === 'continue';
  if (!isUnjudged && UpdateStatus?.State !== 'updating' && UpdateStatus?.State !== 'paused') return undefined;
  const { spec: repeated } = await build(call, engine, PreviousSpec);
  return sameSpec(repeated, Spec) ? PreviousSpec : undefined;
}
