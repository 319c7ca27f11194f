/** swarmroll create: creates a service and watches until its tasks are stable. */
import type { Engine } from '../engine/client.ts';
import type { ServiceSpec } from '../api/service.ts';
import { EngineError } from '../errors.ts';
import { CREATE_FLAGS, newSpec } from '../service-spec/build.ts';
import { checkVersion } from '../deploy/check-version.ts';
import type { CommandBody } from '../command-line/command.ts';
import { connectionOptions } from '../command-line/common-flags.ts';
import { REGISTRY_FLAGS, resolveWanted, wantedAuth } from '../deploy/registry-flags.ts';
import { answered } from '../deploy/answered.ts';
import { ROLLOUT_FLAGS, watchLimitsOf } from '../deploy/rollout-flags.ts';
import { specContext } from '../deploy/spec-context.ts';
import { printable } from '../values/printable.ts';
import type { World } from '../world.ts';
import { warn } from '../deploy/warn.ts';

export const create: CommandBody = {
  operands: 'IMAGE [COMMAND] [ARG...]',
  minOperands: 1,
  maxOperands: Infinity,
  flagsStop: true,
  flags: [...CREATE_FLAGS, ...REGISTRY_FLAGS, ...ROLLOUT_FLAGS],
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
    watchLimitsOf(given);
    const engine = await world.connect(connectionOptions(given));
    await checkVersion(given, create.flags, engine);
    const spec = await newSpec(image, args, specContext(call, engine));
    const auth = await wantedAuth(spec, call);
    const warnings = await resolveWanted(spec, call, engine, auth);
    // The import takes time, so it runs while the engine works.
    const [{ ID, Warnings }, { follow }] = await Promise.all([
      answered(createOnce(engine, world, spec, auth), world),
      import('../deploy/follow.ts'),
    ]);
    warn(world, [...warnings, ...Warnings]);
    const name = printable(spec.Name === undefined || spec.Name === '' ? ID : spec.Name);
    const intent = { action: 'create', serviceId: ID, name, startedAt: world.clock.now() } as const;
    return follow(call, engine, { ...intent, wanted: spec, authSent: auth !== undefined }, ID);
  },
};

/**
 * Asks the engine to create the service. If the reply is lost, this looks for the service and never sends the request again.
 * @throws SwarmrollError `failed` if the reply was lost and the service was not found
 */
async function createOnce(
  engine: Engine,
  world: World,
  spec: ServiceSpec,
  auth: string | undefined,
): Promise<{ readonly ID: string; readonly Warnings: readonly string[] }> {
  const sentAt = world.clock.now();
  try {
    return await engine.createService(spec, auth, world.interrupted);
  } catch (error) {
    if (!(error instanceof EngineError) || error.fault !== 'unknown') throw error;
    const { createdService, readBack } = await import('../deploy/lost-answer.ts');
    const name = spec.Name ?? 'the new service';
    const ID = await readBack(world, name, error, () => createdService(engine, world, spec, sentAt));
    return { ID, Warnings: [] };
  }
}
