/** Posts a change of a service that exists: read, change, write; then the watch. */
import type { Engine, UpdateOptions } from '../engine/client.ts';
import type { Service, ServiceSpec } from '../api/service.ts';
import { EngineError, SwarmrollError } from '../errors.ts';
import { printable } from '../values/printable.ts';
import { shellWord } from '../values/shell-words.ts';
import type { FieldPath } from '../service-spec/owned-fields.ts';
import { sameSpec } from '../service-spec/same.ts';
import { answered } from './answered.ts';
import type { Call } from '../command-line/command.ts';
import { findService } from '../engine/find-services.ts';
import { isStored, isUnknown, readBack } from './lost-answer.ts';
import { say } from './announce.ts';
import { follow, unchanged } from './follow.ts';
import type { Accepted } from './targets.ts';
import { detach } from './rollout-flags.ts';
import { warn } from './warn.ts';

/** The version also moves when only the update status does, so a few tries are usual in the middle of a rollout. */
const MAX_TRIES = 10;

/** What an update is to store; `auth` is sent in place of the credentials that the engine keeps. */
export interface Draft {
  readonly draft: ServiceSpec;
  /** Shown once the engine has accepted the change. */
  readonly warnings: readonly string[];
  readonly auth: string | undefined;
  /** The fields that it sets beside the task template and the ports, where no flag names them. */
  readonly named?: readonly FieldPath[];
}

/** Updates the service to the draft, and watches it. @returns the exit code */
export async function update(
  call: Call,
  engine: Engine,
  service: Service,
  ref: string,
  draft: Draft,
): Promise<number> {
  const accepted = await sendUpdate(call, engine, service, ref, draft);
  const isDetached = call.given.get(detach) === true;
  return isDetached && accepted.posted === false
    ? unchanged(call, accepted)
    : follow(call, engine, accepted, ref);
}

/**
 * Sends the draft, unless it is what is stored. Then:
 *
 * - the engine is at work on it: nothing is posted. That would make the engine forget its status, and then a failure
 *   neither pauses nor rolls back (seen on 28.5)
 * - the engine has paused: the spec is posted again. That makes the engine go on, as `docker service update SERVICE` does
 * - else nothing is posted
 *
 * @throws SwarmrollError `conflict` when the spec was changed meanwhile, and as the engine
 */
export async function sendUpdate(
  call: Call,
  engine: Engine,
  service: Service,
  ref: string,
  { draft, warnings, auth, named }: Draft,
): Promise<Accepted> {
  const change = {
    ...accepted(call, service, ref, { action: 'update', wanted: draft }),
    ...(named === undefined ? {} : { named }),
  };
  const state = service.UpdateStatus?.State;
  const isAtWork = state === 'updating' || state === 'rollback_started';
  const isPaused = state === 'paused' || state === 'rollback_paused';
  if (sameSpec(draft, service.Spec)) {
    // New credentials are a change that the spec does not show.
    if (isAtWork || (auth === undefined && !isPaused)) {
      if (isAtWork)
        tell(call, ref, 'nothing is sent, the engine is at work on this spec already; watching it');
      return { ...change, posted: false };
    }
    if (isPaused) {
      tell(
        call,
        ref,
        `resuming the ${state === 'paused' ? 'update' : 'rollback'} that the engine had paused`,
      );
    }
  }
  const options = auth === undefined ? ({ registryAuthFrom: 'spec' } as const) : { registryAuth: auth };
  warn(call.world, [...warnings, ...(await post(call, engine, service, draft, options))]);
  return { ...change, authSent: auth !== undefined };
}

/**
 * Has the engine put the previous spec back.
 * @throws SwarmrollError `refused` where there is none, or where it is the one that is stored
 */
export async function rollBack(
  call: Call,
  engine: Engine,
  service: Service,
  ref: string,
  registryAuthFrom?: 'spec',
): Promise<number> {
  const { Spec, PreviousSpec } = service;
  if (PreviousSpec !== undefined && sameSpec(PreviousSpec, Spec)) {
    throw new SwarmrollError(
      'refused',
      `${ref}: the previous spec is the same as the current one: there is nothing to go back to`,
      {
        hint: `a retry, a scale or a redeploy has replaced it; name the image: ${call.world.program} update --image IMAGE ${shellWord(ref)}`,
      },
    );
  }
  const options = { rollback: true, ...(registryAuthFrom === undefined ? {} : { registryAuthFrom }) };
  warn(call.world, await post(call, engine, service, Spec, options, PreviousSpec));
  return follow(
    call,
    engine,
    accepted(call, service, ref, { action: 'rollback', wanted: PreviousSpec ?? Spec }),
    ref,
  );
}

function accepted(
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

function tell(call: Call, name: string, what: string): void {
  say(call, [`swarmroll: ${name}: ${what}`], { type: 'note', text: what });
}

/**
 * Posts with the version that was read. When the engine finds it out of sequence the service is read again and
 * the same spec sent with the new version, provided that only the version had moved.
 * @param wanted what the engine is to store: the spec, but for a rollback
 * @returns the engine's warnings
 * @throws SwarmrollError `conflict` when the spec itself was changed meanwhile
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
      return (await answered(sent, world)).Warnings;
    } catch (error) {
      if (isUnknown(error)) {
        const stored = readBack(world, name, error, () =>
          storedUpdate(engine, world.interrupted, read, wanted),
        );
        await answered(stored, world);
        return [];
      }
      const outOfSequence = error instanceof EngineError && error.reason === 'outOfSequence';
      if (!outOfSequence || tries === MAX_TRIES) throw error;
      const now = await findService(engine, read.ID, world.interrupted);
      if (!sameSpec(now.Spec, read.Spec)) throw conflict(name, 'nothing was sent', error);
      version = now.Version.Index;
    }
  }
}

/** Whether the update is stored, of which no answer came; undefined where it is not (yet). */
async function storedUpdate(
  engine: Engine,
  signal: AbortSignal,
  read: Service,
  wanted: ServiceSpec,
): Promise<true | undefined> {
  const now = await findService(engine, read.ID, signal);
  const isChanged = !sameSpec(now.Spec, read.Spec);
  if (isStored(wanted, now.Spec)) {
    // The same spec again shows only in that it has cleared the status of the update before.
    const isCleared = now.UpdateStatus?.StartedAt !== read.UpdateStatus?.StartedAt;
    return isChanged || isCleared ? true : undefined;
  }
  if (isChanged) throw conflict(read.Spec.Name ?? read.ID, 'this one is not stored');
  return undefined;
}

function conflict(name: string, fate: string, cause?: unknown): SwarmrollError {
  return new SwarmrollError('conflict', `${name}: another change came in between; ${fate}`, {
    hint: 'look at what is stored now and run the command again',
    cause,
  });
}
