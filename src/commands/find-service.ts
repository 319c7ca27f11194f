/** The service that a command changes. */
import type { Engine } from '../engine/client.ts';
import type { Service } from '../api/service.ts';
import { SwarmrollError } from '../errors.ts';
import { noSuchServices } from '../engine/find-services.ts';

/** A service by name, id or unique id prefix. @throws SwarmrollError `notFound` */
export async function findService(engine: Engine, ref: string, signal: AbortSignal): Promise<Service> {
  try {
    return await engine.service(ref, { signal });
  } catch (error) {
    if (!(error instanceof SwarmrollError) || error.kind !== 'notFound') throw error;
    throw noSuchServices([ref], engine.host, error);
  }
}
