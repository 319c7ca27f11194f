/** Sends the request for a new service. */
import type { ServiceSpec } from '../api/service.ts';
import type { Engine } from '../engine/client.ts';
import { EngineError } from '../errors.ts';
import type { CommandWorld } from '../world.ts';
import { answered } from './answered.ts';
import { checkStorable } from './check-version.ts';

type Created = Awaited<ReturnType<Engine['createService']>>;

/**
 * Asks the engine to create the service. If the reply is lost, this looks for the service and never sends the request again.
 * @throws SwarmrollError `refused` as checkStorable; `failed` if the reply was lost and the service was not found
 */
export async function createOnce(
  engine: Engine,
  world: CommandWorld,
  spec: ServiceSpec,
  auth: string | undefined,
): Promise<Created> {
  const name = spec.Name ?? 'the new service';
  const create = async (): Promise<Created> => {
    await checkStorable(engine, spec);
    const sentAt = world.clock.now();
    try {
      return await engine.createService(spec, auth, world.interrupted);
    } catch (error) {
      if (!(error instanceof EngineError) || error.fault !== 'unknown') throw error;
      const { createdService, readBack } = await import('./lost-answer.ts');
      const ID = await readBack(world, name, error, () => createdService(engine, world, spec, sentAt));
      return { ID, Warnings: [] };
    }
  };
  return answered(create(), name, world);
}
