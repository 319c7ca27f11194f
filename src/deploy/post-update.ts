/** Sends an update or a rollback of a service, then watches it. */
import type { Engine } from '../engine/client.ts';
import type { Service } from '../api/service.ts';
import { SwarmrollError } from '../errors.ts';
import { shellWord } from '../values/shell-words.ts';
import { sameSpec } from '../service-spec/same.ts';
import type { Call } from '../command-line/command.ts';
import { finishUnchanged, follow } from './follow.ts';
import { detach } from './rollout-flags.ts';
import { sendRollback, sendUpdate } from './send-update.ts';
import type { Draft } from './send-update.ts';

/**
 * Sends an update and watches it.
 * @param ref the service as the user named it
 * @returns the exit code
 * @throws SwarmrollError as sendUpdate
 */
export async function updateAndFollow(
  call: Call,
  engine: Engine,
  service: Service,
  ref: string,
  draft: Draft,
): Promise<number> {
  const accepted = await sendUpdate(call, engine, service, ref, draft);
  const isDetached = call.given.get(detach) === true;
  return isDetached && accepted.posted === false
    ? finishUnchanged(call, accepted)
    : follow(call, engine, accepted, ref);
}

/**
 * Asks the engine to restore the previous spec, and watches the rollback.
 * @param ref the service as the user named it
 * @param registryAuthFrom which credentials the engine uses; undefined is the engine's default
 * @returns the exit code
 * @throws SwarmrollError `refused` if there is no previous spec, or if it is the same as the current one
 */
export async function rollBackAndFollow(
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
      `${ref}: nothing to roll back to: the previous spec is the same as the current one`,
      {
        hint: `a retry, a scale or a redeploy has overwritten it; set the image with: ${call.world.program} update --image IMAGE ${shellWord(ref)}`,
      },
    );
  }
  return follow(call, engine, await sendRollback(call, engine, service, ref, registryAuthFrom), ref);
}
