/** Posts a change of a service that exists: read, change, write; then the watch. */
import { isDeepStrictEqual } from 'node:util';
import type { Engine, UpdateOptions } from '../engine/client.ts';
import { digestOf } from '../engine/observe.ts';
import type { Service, ServiceSpec } from '../engine/wire.ts';
import { SwarmrollError } from '../errors.ts';
import { answered } from './answered.ts';
import type { Call } from './command.ts';
import { findService } from './find-service.ts';
import { roll, unchanged } from './roll.ts';
import type { Accepted } from './roll.ts';
import { warn } from './warn.ts';

/** The engine answers a change that was based on an older version with these words (HTTP 500). */
const OUT_OF_SEQUENCE = /update out of sequence/;
/** The version also moves when only the update status does, so a few tries are usual in the middle of a rollout. */
const MAX_TRIES = 10;

/** Updates the service to what `change` makes of its stored spec; says "unchanged" where that is the same. */
export async function update(
  call: Call,
  engine: Engine,
  service: Service,
  ref: string,
  change: (service: Service) => Promise<ServiceSpec>,
): Promise<number> {
  const draft = await change(service);
  if (isDeepStrictEqual(draft, service.Spec)) {
    return unchanged(call, accepted(call, service, ref, 'update'));
  }
  return post(call, engine, service, ref, draft, { registryAuthFrom: 'spec' });
}

/** Has the engine put the previous spec back. @throws SwarmrollError `refused` where there is none */
export function rollBack(call: Call, engine: Engine, service: Service, ref: string): Promise<number> {
  return post(call, engine, service, ref, service.Spec, { rollback: true });
}

async function post(
  call: Call,
  engine: Engine,
  service: Service,
  ref: string,
  spec: ServiceSpec,
  options: Omit<UpdateOptions, 'version'>,
): Promise<number> {
  const { world } = call;
  const { Warnings } = await inSequence(
    engine,
    service,
    (version) =>
      answered(engine.updateService(service.ID, spec, { ...options, version }, world.interrupted), world),
    world.interrupted,
  );
  const intent = accepted(call, service, ref, options.rollback === true ? 'rollback' : 'update');
  warn(world, Warnings);
  return roll(call, engine, intent, ref);
}

function accepted(
  { world }: Call,
  { ID, Spec, Version }: Service,
  ref: string,
  action: 'update' | 'rollback',
): Accepted {
  return {
    action,
    serviceId: ID,
    name: ref,
    startedAt: world.clock.now(),
    replaced: digestOf(Spec),
    versionBefore: Version.Index,
    imageBefore: Spec.TaskTemplate.ContainerSpec?.Image ?? '',
  };
}

/**
 * Sends with the version that was read. When the engine finds it out of sequence the service is read again and
 * the same spec sent with the new version, provided that only the version had moved.
 * @throws SwarmrollError `conflict` when the spec itself was changed meanwhile
 */
async function inSequence<T>(
  engine: Engine,
  read: Service,
  send: (version: number) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  let version = read.Version.Index;
  for (let tries = 1; ; tries += 1) {
    try {
      return await send(version);
    } catch (error) {
      if (!(error instanceof SwarmrollError) || !OUT_OF_SEQUENCE.test(error.message) || tries === MAX_TRIES)
        throw error;
      const now = await findService(engine, read.ID, signal);
      if (digestOf(now.Spec) !== digestOf(read.Spec)) {
        throw new SwarmrollError(
          'conflict',
          `${read.Spec.Name ?? read.ID}: another change came in between; nothing was sent`,
          {
            hint: 'look at what is stored now and run the command again',
            cause: error,
          },
        );
      }
      version = now.Version.Index;
    }
  }
}
