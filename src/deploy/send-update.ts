/** Sends an update or a rollback of a service. */
import type { Service, ServiceSpec } from '../api/service.ts';
import type { Call } from '../command-line/command.ts';
import type { Engine, UpdateOptions } from '../engine/client.ts';
import { findService } from '../engine/find-services.ts';
import { EngineError } from '../errors.ts';
import type { FieldPath } from '../service-spec/owned-fields.ts';
import { sameSpec, sameValue } from '../service-spec/same.ts';
import { printable } from '../values/printable.ts';
import { answered } from './answered.ts';
import { updateConflict } from './conflict.ts';
import { printMessage } from './print.ts';
import { isSent, compareWithStored } from './compare-with-stored.ts';
import { detach } from './rollout-flags.ts';
import type { Accepted } from './targets.ts';
import { warn } from './warn.ts';

/**
 * An update is out of sequence whenever the service's version has changed. The engine also changes the version when it
 * only changes the update status (seen on 28.5), so a few retries are normal during a rollout.
 */
const MAX_TRIES = 10;

/** An update to send. */
export interface Draft {
  readonly draft: ServiceSpec;
  /** To be printed once the engine has accepted the change. */
  readonly warnings: readonly string[];
  /** The X-Registry-Auth header. If it is undefined, the engine keeps the credentials that it has. */
  readonly auth: string | undefined;
  /** The changed fields that no flag names. The task template and the ports need not be listed (owned-fields.ts). */
  readonly named?: readonly FieldPath[];
  /** See Accepted. */
  readonly fallback?: ServiceSpec | undefined;
}

/**
 * Sends the draft. If the service already has this spec:
 *
 * - while the engine is updating or rolling back, nothing is sent. A request would make the engine forget its update
 *   status, and a failure would then neither pause nor roll back (seen on 28.5)
 * - after the engine has paused, the spec is sent again. That resumes the update, as `docker service update SERVICE` does
 * - otherwise nothing is sent
 *
 * @param ref the service as the user named it
 * @throws SwarmrollError `conflict` if someone has changed the spec since it was read; else the engine's error
 */
export async function sendUpdate(
  call: Call,
  engine: Engine,
  service: Service,
  ref: string,
  { draft, warnings, auth, named, fallback }: Draft,
): Promise<Accepted> {
  const change = {
    ...acceptedOf(call, service, ref, { action: 'update', wanted: draft }),
    ...(named === undefined ? {} : { named }),
    ...(fallback === undefined ? {} : { fallback }),
  };
  const comparison = compareWithStored(draft, service);
  if (!isSent(comparison, auth !== undefined)) {
    if (comparison === 'rolling')
      printNote(
        call,
        ref,
        `the engine is already rolling out this spec${call.given.get(detach) === true ? '' : '; watching it'}`,
      );
    return { ...change, posted: false };
  }
  if (comparison === 'paused') {
    const what = service.UpdateStatus?.State === 'paused' ? 'update' : 'rollback';
    printNote(call, ref, `resuming the ${what} that the engine has paused`);
  }
  const options = auth === undefined ? ({ registryAuthFrom: 'spec' } as const) : { registryAuth: auth };
  warn(call.world, [...warnings, ...(await post(call, engine, service, draft, options))]);
  return { ...change, authSent: auth !== undefined };
}

/**
 * Asks the engine to restore the previous spec.
 * @throws SwarmrollError `refused` if there is none; `conflict` if someone has changed the spec since it was read
 */
export async function sendRollback(
  call: Call,
  engine: Engine,
  service: Service,
  ref: string,
  registryAuthFrom?: 'spec',
): Promise<Accepted> {
  const { Spec, PreviousSpec } = service;
  const options = { rollback: true, ...(registryAuthFrom === undefined ? {} : { registryAuthFrom }) };
  warn(call.world, await post(call, engine, service, Spec, options, PreviousSpec));
  return acceptedOf(call, service, ref, { action: 'rollback', wanted: PreviousSpec ?? Spec });
}

/** The change, as the watch takes it. */
function acceptedOf(
  { world }: Call,
  before: Service,
  ref: string,
  change: Pick<Accepted, 'action' | 'wanted'>,
): Accepted {
  return {
    ...change,
    ...(change.action === 'rollback' ? { named: [] } : {}),
    serviceId: before.ID,
    name: printable(ref),
    startedAt: world.clock.now(),
    before,
  };
}

/** Prints a note on a service on stderr. */
export function printNote(call: Call, name: string, text: string): void {
  printMessage(call, [`swarmroll: ${name}: ${text}`], { type: 'note', service: name, text });
}

/**
 * Sends a change with the version that was read. If the engine says that the version is out of sequence, this reads the
 * service again. If the spec is still the same, this retries with the new version.
 * @param wanted the spec that the engine should store: `spec`, except for a rollback
 * @returns the engine's warnings
 * @throws SwarmrollError `conflict` if someone has changed the spec since it was read
 */
async function post(
  { world }: Call,
  engine: Engine,
  read: Service,
  spec: ServiceSpec,
  options: Omit<UpdateOptions, 'version'>,
  wanted = spec,
): Promise<readonly string[]> {
  let version = read.Version.Index;
  const name = read.Spec.Name ?? read.ID;
  for (let tries = 1; ; tries += 1) {
    try {
      const sent = engine.updateService(read.ID, spec, { ...options, version }, world.interrupted);
      return (await answered(sent, name, world)).Warnings;
    } catch (error) {
      if (error instanceof EngineError && error.fault === 'unknown') {
        const { readBack, storedUpdate } = await import('./lost-answer.ts');
        await answered(
          readBack(world, name, error, () => storedUpdate(engine, world.interrupted, read, wanted)),
          name,
          world,
        );
        return [];
      }
      const outOfSequence = error instanceof EngineError && error.reason === 'outOfSequence';
      if (!outOfSequence || tries === MAX_TRIES) throw error;
      const now = await findService(engine, read.ID, world.interrupted);
      // Posting the same spec again changes what a rollback leads to.
      const leadsElsewhere = options.rollback === true && !sameValue(now.PreviousSpec, read.PreviousSpec);
      if (leadsElsewhere || !sameSpec(now.Spec, read.Spec))
        throw updateConflict(name, 'nothing was sent', error);
      version = now.Version.Index;
    }
  }
}
