/** Reads the generations of a service from the engine. */
import type { Service } from '../api/service.ts';
import type { Engine } from '../engine/client.ts';
import { findService } from '../engine/find-services.ts';
import { generationsOf } from './generations.ts';
import type { Generation } from './generations.ts';

export interface History {
  readonly service: Service;
  readonly generations: readonly Generation[];
}

/**
 * Reads a service and its tasks, with two requests in parallel.
 * @param ref the service's name, id, or unique prefix of its id
 * @throws SwarmrollError `notFound`
 */
export async function readHistory(engine: Engine, ref: string, signal: AbortSignal): Promise<History> {
  // The engine resolves the reference in both requests. If there is no such service, the first error is the clearer one.
  const listed = engine.exactTasks({ service: [ref] }, signal).then(
    (tasks) => ({ tasks }),
    (error: unknown) => ({ error }),
  );
  const service = await findService(engine, ref, signal);
  const answer = await listed;
  if ('error' in answer) throw answer.error;
  const tasks = answer.tasks.filter(({ ServiceID }) => ServiceID === service.ID);
  return { service, generations: generationsOf(service, tasks) };
}
