/** The services that a person means by names, ids and beginnings of ids. */
import { SwarmrollError } from '../errors.ts';
import type { Service } from '../api/service.ts';
import type { Engine } from './client.ts';

export interface Found {
  /** In the order of the references; the same service more than once where several mean it. */
  readonly services: readonly Service[];
  /** The references that mean no service. */
  readonly missing: readonly string[];
}

/**
 * Docker's order of preference: a whole id, a whole name, the beginning of an id.
 * @param candidates every service whose id or name begins with one of the references
 * @throws SwarmrollError `refused` where the beginning of an id is that of several
 */
export function findServices(refs: readonly string[], candidates: readonly Service[]): Found {
  const services: Service[] = [];
  const missing: string[] = [];
  for (const ref of refs) {
    const service = serviceMeant(ref, candidates);
    if (service === undefined) missing.push(ref);
    else services.push(service);
  }
  return { services, missing };
}

function serviceMeant(ref: string, candidates: readonly Service[]): Service | undefined {
  const exact = candidates.find(({ ID }) => ID === ref) ?? candidates.find(({ Spec }) => Spec.Name === ref);
  if (exact !== undefined) return exact;
  const matches = new Map(candidates.filter(({ ID }) => ID.startsWith(ref)).map((one) => [one.ID, one]));
  if (matches.size > 1) {
    throw new SwarmrollError('refused', `multiple services found with provided prefix: ${ref}`);
  }
  return [...matches.values()][0];
}

/** One error for several references, each in docker's words; `host` is the engine that was asked. */
export function noSuchServices(refs: readonly string[], host: string, cause?: unknown): SwarmrollError {
  return new SwarmrollError('notFound', refs.map((ref) => `no such service: ${ref}`).join('; '), {
    hint: `asked ${host}; see what there is with: docker service ls`,
    cause,
  });
}

/** A service by name, id or unique id prefix. @throws SwarmrollError `notFound` */
export async function findService(engine: Engine, ref: string, signal: AbortSignal): Promise<Service> {
  try {
    return await engine.service(ref, { signal });
  } catch (error) {
    if (!(error instanceof SwarmrollError) || error.kind !== 'notFound') throw error;
    throw noSuchServices([ref], engine.host, error);
  }
}
