/** Posts a change of a service that exists: read, change, write; then the watch. */
import type { Engine, UpdateOptions } from '../engine/client.ts';
import type { Service, ServiceSpec } from '../engine/wire.ts';
import { SwarmrollError } from '../errors.ts';
import { sameSpec } from '../spec/same.ts';
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

/** What an update is to store; `auth` is sent in place of the credentials that the engine keeps. */
export interface Draft {
  readonly draft: ServiceSpec;
  /** Shown once the engine has accepted the change. */
  readonly warnings: readonly string[];
  readonly auth: string | undefined;
}

/**
 * Updates the service to the draft; says "unchanged" where that is what is stored.
 */
export async function update(
  call: Call,
  engine: Engine,
  service: Service,
  ref: string,
  { draft, warnings, auth }: Draft,
): Promise<number> {
  // New credentials are a change that the spec does not show.
  if (auth === undefined && sameSpec(draft, service.Spec)) {
    return unchanged(call, accepted(call, service, ref, 'update'));
  }
  const replied = await post(
    call,
    engine,
    service,
    draft,
    auth === undefined ? { registryAuthFrom: 'spec' } : { registryAuth: auth },
  );
  warn(call.world, [...warnings, ...replied]);
  return roll(call, engine, { ...accepted(call, service, ref, 'update'), authSent: auth !== undefined }, ref);
}

/** Has the engine put the previous spec back. @throws SwarmrollError `refused` where there is none */
export async function rollBack(
  call: Call,
  engine: Engine,
  service: Service,
  ref: string,
  registryAuthFrom?: 'spec',
): Promise<number> {
  const options = { rollback: true, ...(registryAuthFrom === undefined ? {} : { registryAuthFrom }) };
  warn(call.world, await post(call, engine, service, service.Spec, options));
  return roll(call, engine, accepted(call, service, ref, 'rollback'), ref);
}

function accepted({ world }: Call, before: Service, ref: string, action: 'update' | 'rollback'): Accepted {
  return { action, serviceId: before.ID, name: ref, startedAt: world.clock.now(), before };
}

/**
 * Posts with the version that was read. When the engine finds it out of sequence the service is read again and
 * the same spec sent with the new version, provided that only the version had moved.
 * @returns the engine's warnings
 * @throws SwarmrollError `conflict` when the spec itself was changed meanwhile
 */
async function post(
  { world }: Call,
  engine: Engine,
  read: Service,
  spec: ServiceSpec,
  options: Omit<UpdateOptions, 'version'>,
): Promise<readonly string[]> {
  let version = read.Version.Index;
  for (let tries = 1; ; tries += 1) {
    try {
      const sent = engine.updateService(read.ID, spec, { ...options, version }, world.interrupted);
      return (await answered(sent, world)).Warnings;
    } catch (error) {
      const outOfSequence = error instanceof SwarmrollError && OUT_OF_SEQUENCE.test(error.message);
      if (!outOfSequence || tries === MAX_TRIES) throw error;
      const now = await findService(engine, read.ID, world.interrupted);
      if (!sameSpec(now.Spec, read.Spec)) {
        const name = read.Spec.Name ?? read.ID;
        throw new SwarmrollError('conflict', `${name}: another change came in between; nothing was sent`, {
          hint: 'look at what is stored now and run the command again',
          cause: error,
        });
      }
      version = now.Version.Index;
    }
  }
}
