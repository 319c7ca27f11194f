/** An update or a rollback of one service: shows it (--dry-run), or sends and watches it. */
import type { Service, ServiceSpec } from '../api/service.ts';
import type { Call } from '../command-line/command.ts';
import type { Engine } from '../engine/client.ts';
import { SwarmrollError } from '../errors.ts';
import { ignoredMountOptions } from '../service-spec/mounts.ts';
import { needsServices, takenIngressPorts } from '../service-spec/refused.ts';
import { markedNode } from '../service-spec/drain-mark.ts';
import { sameSpec } from '../service-spec/same.ts';
import { shellWord } from '../values/shell-words.ts';
import { follow } from './follow.ts';
import { refuseMissing } from '../watch/refuse-missing.ts';
import { dryRun } from '../watch/rollout-flags.ts';
import { sendRollback, sendUpdate } from '../send/send-update.ts';
import type { Update } from '../send/send-update.ts';

/**
 * Sends an update and watches it. With --dry-run, prints what the update would do.
 * @param ref the service as the user named it
 * @returns the exit code
 * @throws SwarmrollError as sendUpdate
 */
export async function updateAndFollow(
  call: Call,
  engine: Engine,
  service: Service,
  ref: string,
  update: Update,
): Promise<number> {
  if (call.given.get(dryRun) === true) {
    const { showChange } = await import('../dry-run/dry-run.ts');
    return showChange(call, engine, {
      action: 'update',
      name: ref,
      before: service,
      after: update.spec,
      warnings: update.warnings ?? [],
      sendsAuth: update.auth !== undefined,
    });
  }
  const warnings = [...(update.warnings ?? []), ...ignoredMountOptions(update.spec)];
  return follow(call, engine, await sendUpdate(call, engine, service, ref, { ...update, warnings }), ref);
}

/**
 * Asks the engine to roll back to the previous spec, and watches that. With --dry-run, prints what the rollback would do.
 * @param ref the service as the user named it
 * @param registryAuthFrom which credentials the engine uses; undefined is the engine's default
 * @returns the exit code
 * @throws SwarmrollError `refused` if there is no previous spec, if it is the same as the current one, or if it uses something
 *   that is gone or an ingress port that another service has
 */
export async function rollBackAndFollow(
  call: Call,
  engine: Engine,
  service: Service,
  ref: string,
  registryAuthFrom?: 'spec',
): Promise<number> {
  const after = previousOf(call, service, ref);
  await refuseMissing(call, engine, service, ref, after);
  if (call.given.get(dryRun) === true) {
    const { showChange } = await import('../dry-run/dry-run.ts');
    return showChange(call, engine, { action: 'rollback', name: ref, before: service, after });
  }
  await refuseTakenPorts(call, engine, service, ref, after);
  return follow(call, engine, await sendRollback(call, engine, service, ref, registryAuthFrom), ref);
}

/** @throws SwarmrollError `refused`: the engine would take the rollback, stop the tasks, and start no others */
async function refuseTakenPorts(
  { world }: Call,
  engine: Engine,
  service: Service,
  ref: string,
  target: ServiceSpec,
): Promise<void> {
  if (!needsServices(target, service)) return;
  const taken = takenIngressPorts(target, await engine.services({}, world.interrupted), service);
  if (taken.length === 0) return;
  throw new SwarmrollError('refused', `${ref}: cannot roll back: ${taken.join(', ')}; nothing was sent`, {
    hint: `roll back to a task template, with the ports of now: ${world.program} rollback --to ID ${shellWord(ref)}; see the ids with: ${world.program} history ${shellWord(ref)}`,
  });
}

/** The spec that a rollback leads to. @throws SwarmrollError `refused` if there is none, or if it is the current one */
function previousOf({ world }: Call, { Spec, PreviousSpec }: Service, ref: string): ServiceSpec {
  const isOfDrain = PreviousSpec !== undefined && markedNode(PreviousSpec) !== undefined;
  if (PreviousSpec !== undefined && !isOfDrain && !sameSpec(PreviousSpec, Spec)) return PreviousSpec;
  const why =
    PreviousSpec === undefined
      ? 'there is no previous spec'
      : isOfDrain
        ? 'the previous spec is that of a node drain'
        : 'the previous spec is the same as the current one';
  const name = shellWord(ref);
  throw new SwarmrollError('refused', `${ref}: nothing to roll back to: ${why}`, {
    hint: `see the earlier task templates with: ${world.program} history ${name}; roll back to one with: ${world.program} rollback --to ID ${name}`,
  });
}
