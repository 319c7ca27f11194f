/** Resolves service names, ids and id prefixes. */
import { SwarmrollError } from '../errors.ts';
import type { Service } from '../api/service.ts';
import type { Engine } from './client.ts';

interface Found {
  /** One service for each reference that was found, in the order of the references. A service may occur twice. */
  readonly services: readonly Service[];
  /** The references that match no service. */
  readonly missing: readonly string[];
}

/**
 * Finds services in docker's order: full id, full name, unique id prefix (docker/cli cli/command/service/ps.go,
 * createFilter).
 * @param candidates every service whose id or name starts with one of the references
 * @throws SwarmrollError `refused` when an id prefix matches several services
 */
export function findServices(refs: readonly string[], candidates: readonly Service[]): Found {
  const found = refs.map((ref) => ({ ref, service: findOne(ref, candidates) }));
  return {
    services: found.flatMap(({ service }) => service ?? []),
    missing: found.filter(({ service }) => service === undefined).map(({ ref }) => ref),
  };
}

function findOne(ref: string, candidates: readonly Service[]): Service | undefined {
  const exact = candidates.find(({ ID }) => ID === ref) ?? candidates.find(({ Spec }) => Spec.Name === ref);
  if (exact !== undefined) return exact;
  const matches = new Map(candidates.filter(({ ID }) => ID.startsWith(ref)).map((one) => [one.ID, one]));
  if (matches.size > 1) {
    throw new SwarmrollError('refused', `multiple services found with provided prefix: ${ref}`, {
      hint: 'give more of the id, or the name',
    });
  }
  return [...matches.values()][0];
}

/**
 * One error for all references that match no service, with docker's message for each.
 * @param host the engine's address
 */
export function noSuchServices(refs: readonly string[], host: string, cause?: unknown): SwarmrollError {
  return new SwarmrollError('notFound', refs.map((ref) => `no such service: ${ref}`).join('; '), {
    hint: `asked ${host}; list the services with: docker service ls`,
    cause,
  });
}

/**
 * A service by id, name or unique id prefix; the engine resolves it.
 * @throws SwarmrollError `notFound`, or what `Engine.service` throws
 */
export async function findService(engine: Engine, ref: string, signal: AbortSignal): Promise<Service> {
  try {
    return await engine.service(ref, { signal });
  } catch (error) {
    if (!(error instanceof SwarmrollError) || error.kind !== 'notFound') throw error;
    throw noSuchServices([ref], engine.host, error);
  }
}
