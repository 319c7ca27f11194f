/** Sends an update or a rollback of a service. */
import { isComplete } from '../api/complete-spec.ts';
import type { Service, ServiceSpec } from '../api/service.ts';
import type { Call } from '../command-line/command.ts';
import type { Engine, UpdateOptions } from '../engine/client.ts';
import { findService } from '../engine/find-services.ts';
import { EngineError } from '../errors.ts';
import type { FieldPath } from '../service-spec/owned-fields.ts';
import { samePart, sameSpec } from '../service-spec/same.ts';
import { printable } from '../values/printable.ts';
import { answered } from './answered.ts';
import { checkStorable } from './check-version.ts';
import { updateConflict } from './not-sent.ts';
import { printMessage } from '../watch/print.ts';
import { compareWithStored, mustSend, resumedBy } from './compare-with-stored.ts';
import { detach } from '../watch/rollout-flags.ts';
import type { ChangeToWatch } from '../watch/targets.ts';
import { warn } from '../watch/warn.ts';

/**
 * An update is out of sequence whenever the service's version has changed. The engine also changes the version when it
 * only changes the update status (seen on 28.5), so a few retries are normal during a rollout.
 */
const MAX_TRIES = 10;

/** An update to send. */
export interface Update {
  readonly spec: ServiceSpec;
  /** To be printed once the engine has accepted the change, or has it already. */
  readonly warnings?: readonly string[];
  /** The X-Registry-Auth header. Without it, the engine keeps the credentials that it has. */
  readonly auth?: string | undefined;
  /** See Intent. */
  readonly imageMissing?: boolean;
  /** The fields that the change owns beside the task template and the ports (owned-fields.ts). Absent: those that the flags name. */
  readonly named?: readonly FieldPath[];
  /** Sent also if it is stored already: the engine then runs a job again. */
  readonly always?: boolean;
  /** See ChangeToWatch. */
  readonly undoTo?: ServiceSpec | undefined;
}

/**
 * Sends an update. If the service already has this spec:
 *
 * - while the engine is updating or rolling back, nothing is sent. A request would make the engine forget its update
 *   status, and a failure would then neither pause nor roll back (seen on 28.5)
 * - after the engine has paused, the spec is sent again. That resumes the update, as `docker service update SERVICE` does
 * - otherwise nothing is sent
 *
 * @param ref the service as the user named it
 * @throws SwarmrollError `conflict` if someone has changed the spec since it was read; `refused` as checkStorable; else the
 * engine's error
 */
export async function sendUpdate(
  call: Call,
  engine: Engine,
  service: Service,
  ref: string,
  { spec, warnings = [], auth, imageMissing = false, named, undoTo, always = false }: Update,
): Promise<ChangeToWatch> {
  const change = {
    ...acceptedOf(call, service, ref, { action: 'update', wanted: spec }),
    imageMissing,
    ...(named === undefined ? {} : { named }),
    ...(undoTo === undefined ? {} : { undoTo }),
  };
  const comparison = compareWithStored(spec, service);
  if (!always && !mustSend(comparison, auth !== undefined)) {
    if (comparison === 'rolling')
      printNote(
        call,
        ref,
        `the engine is already rolling out this spec${call.given.get(detach) === true ? '' : '; watching it'}`,
      );
    warn(call.world, warnings);
    return { ...change, posted: false };
  }
  const resumed = resumedBy(spec, service);
  if (resumed !== undefined) printNote(call, ref, `resuming the ${resumed} that the engine has paused`);
  const options = auth === undefined ? ({ registryAuthFrom: 'spec' } as const) : { registryAuth: auth };
  const answer = await post(call, engine, service, options, change);
  warn(call.world, [...warnings, ...answer.warnings]);
  return { ...change, authSent: auth !== undefined && answer.isOurs };
}

/**
 * Asks the engine to roll back to the previous spec. The engine takes it as it is stored, so if a part of a spec is missing (api/complete-spec.ts),
 * this sends the previous spec as an update instead.
 * @throws SwarmrollError `refused` if there is none; `conflict` if someone has changed the spec since it was read
 */
export async function sendRollback(
  call: Call,
  engine: Engine,
  service: Service,
  ref: string,
  registryAuthFrom?: 'spec',
): Promise<ChangeToWatch> {
  const { Spec, PreviousSpec } = service;
  if (PreviousSpec !== undefined && !(isComplete(PreviousSpec) && isComplete(Spec))) {
    printNote(
      call,
      ref,
      'it is rolled back by an update, with the update settings, because its previous spec has no placement',
    );
    return sendUpdate(call, engine, service, ref, { spec: PreviousSpec, named: [] });
  }
  const options = { rollback: true, ...(registryAuthFrom === undefined ? {} : { registryAuthFrom }) };
  const change = acceptedOf(call, service, ref, {
    action: 'rollback',
    wanted: PreviousSpec ?? Spec,
    named: [],
  });
  warn(call.world, (await post(call, engine, service, options, change)).warnings);
  return change;
}

/** The change, as the watch takes it. */
function acceptedOf(
  { world }: Call,
  before: Service,
  ref: string,
  change: Pick<ChangeToWatch, 'action' | 'wanted' | 'named'>,
): ChangeToWatch {
  return {
    ...change,
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

/** What became of a change that was sent. */
interface Answer {
  readonly warnings: readonly string[];
  /** False if someone else had stored the same change before. */
  readonly isOurs: boolean;
}

/**
 * Sends a change with the version that was read. If the engine says that the version is out of sequence, this reads the
 * service again. If the spec is still the same, this retries with the new version. If someone else has stored meanwhile what
 * the change asks for, nothing is sent.
 * @param change its `wanted` is the spec that the engine should store. For a rollback, the engine ignores the spec that is sent
 * @throws SwarmrollError `conflict` if someone has made another change since the spec was read
 */
async function post(
  call: Call,
  engine: Engine,
  read: Service,
  options: Omit<UpdateOptions, 'version'>,
  change: ChangeToWatch,
): Promise<Answer> {
  const { world } = call;
  const { wanted } = change;
  const spec = options.rollback === true ? read.Spec : wanted;
  if (options.rollback !== true) await checkStorable(engine, spec);
  const name = read.Spec.Name ?? read.ID;
  const rollsBackByItself = options.rollback !== true && wanted.UpdateConfig?.FailureAction === 'rollback';
  if (rollsBackByItself && !isComplete(read.Spec) && !sameSpec(wanted, read.Spec)) {
    // The engine would roll back to what is stored now. Completing that replaces no task.
    await post(call, engine, read, { registryAuthFrom: 'spec' }, { ...change, wanted: read.Spec });
    const completed = await findService(engine, read.ID, world.interrupted);
    if (!sameSpec(completed.Spec, read.Spec)) throw updateConflict(name, `the ${change.action} was not sent`);
    return post(call, engine, completed, options, change);
  }
  let version = read.Version.Index;
  for (let tries = 1; ; tries += 1) {
    try {
      const sent = engine.updateService(read.ID, spec, { ...options, version }, world.interrupted);
      return { warnings: (await answered(sent, name, world)).Warnings, isOurs: true };
    } catch (error) {
      if (error instanceof EngineError && error.fault === 'unknown') {
        const { readBack, storedUpdate } = await import('./lost-answer.ts');
        await answered(
          readBack(world, name, error, () => storedUpdate(engine, world.interrupted, read, wanted)),
          name,
          world,
        );
        return { warnings: [], isOurs: true };
      }
      const outOfSequence = error instanceof EngineError && error.reason === 'outOfSequence';
      if (!outOfSequence || tries === MAX_TRIES) throw error;
      const now = await findService(engine, read.ID, world.interrupted);
      // Posting the same spec again changes what a rollback leads to.
      const leadsElsewhere = options.rollback === true && !samePart('', now.PreviousSpec, read.PreviousSpec);
      if (leadsElsewhere || !sameSpec(now.Spec, read.Spec)) {
        if (!(await isStored(call, change, now.Spec)))
          throw updateConflict(name, `the ${change.action} was not sent`, error);
        printNote(call, change.name, 'someone else has stored the same change just now; watching it');
        return { warnings: [], isOurs: false };
      }
      version = now.Version.Index;
    }
  }
}

/** Whether everything that the change owns is stored as it asks for. A rollback asks for the whole spec. */
async function isStored(
  { given }: Call,
  { action, wanted, named }: ChangeToWatch,
  stored: ServiceSpec,
): Promise<boolean> {
  if (action === 'rollback') return sameSpec(wanted, stored);
  // The import takes time, and only a conflict needs it.
  const { namedFields, ownedDigest } = await import('../service-spec/owned-fields.ts');
  const fields = named ?? namedFields(given);
  return ownedDigest(stored, fields) === ownedDigest(wanted, fields);
}
