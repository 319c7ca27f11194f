/** Undoes what a deployment has sent before the engine refused a part of it, or a signal came. */
import type { Call } from '../command-line/command.ts';
import { sendUndo } from '../undo/send-undo.ts';
import type { ChangeToWatch } from '../watch/targets.ts';
import { waitFor } from '../watch/wait-for.ts';
import type { Engine, ObjectKind } from '../engine/client.ts';
import { EXIT_CODES, EngineError } from '../errors.ts';
import { isJobSpec } from '../service-spec/mode.ts';
import { printable } from '../values/printable.ts';
import { readNeededIds } from './left-over.ts';
import { idByName } from './read.ts';
import { changesNothing, objectName } from '../stack-plan/objects.ts';
import type { ServiceWrite } from '../stack-plan/plan.ts';
import type { Sent } from './send.ts';

/** How long (ms) the manager is asked again while it cannot be reached, or while tasks still use a network. */
const LIMIT = 60_000;
const INTERVAL = 500;
/** So long (ms) a request whose answer was not waited for may take to be stored. */
const SETTLE_TIME = 2_000;

/** What became of something that was sent. */
export interface Undone {
  /** "service app_web: undone" */
  readonly text: string;
  readonly isUndone: boolean;
}

const undone = (text: string): Undone => ({ text, isUndone: true });
const left = (text: string): Undone => ({ text, isUndone: false });

/**
 * Undoes in reverse order. Never throws for what the engine refuses: it says so in the result.
 * @param call its signal must not be the one that has ended the deployment
 * @returns what became of each; nothing of what the engine has never stored
 */
export async function undo(call: Call, engine: Engine, sent: readonly Sent[]): Promise<readonly Undone[]> {
  const results: Undone[] = [];
  for (const one of [...sent].reverse()) {
    try {
      results.push(...(await undoOne(call, engine, one)));
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      results.push(left(`${subjectOf(one)}: not undone: ${error.message}`));
    }
  }
  return results;
}

/** "service app_web". */
function subjectOf(one: Sent): string {
  if (one.kind === 'object') return printable(objectName(one.object));
  if (one.kind === 'removed') return `service ${printable(one.service.Spec.Name ?? one.service.ID)}`;
  return `service ${printable(one.kind === 'service' ? one.change.name : one.write.name)}`;
}

async function undoOne(call: Call, engine: Engine, one: Sent): Promise<Undone[]> {
  const subject = subjectOf(one);
  if (one.kind === 'object') return undoObject(call, engine, one);
  if (one.kind === 'removed') {
    const { clock } = call.world;
    if (!one.isAnswered) {
      await clock.sleep(SETTLE_TIME);
      const services = await engine.services({ id: [one.service.ID] });
      if (services.length > 0) return [];
    }
    const back = await sendUndo(call, engine, { ...waitFor(one.service, clock.now()), removed: true }, LIMIT);
    return [
      'accepted' in back
        ? undone(`${subject}: created again`)
        : left(`${subject}: not created again: ${back.result.message}`),
    ];
  }
  const change = one.kind === 'service' ? one.change : await found(call, engine, one.write);
  if (change === undefined || change.posted === false) return [];
  // The engine would run the job of before.
  if (change.before !== undefined && isJobSpec(change.wanted))
    return [left(`${subject}: a job is not undone: that would run it again`)];
  const back = await sendUndo(call, engine, change, LIMIT);
  // The change whose answer was lost is not stored.
  if (one.kind === 'unanswered' && 'accepted' in back && back.accepted.posted === false) return [];
  if ('accepted' in back) return [undone(`${subject}: undone`)];
  const { exitCode, message } = back.result;
  return [
    exitCode === EXIT_CODES.done ? undone(`${subject}: removed`) : left(`${subject}: not undone: ${message}`),
  ];
}

/** A change whose answer was not waited for, as one that was accepted; undefined if it is a new service that is not there. */
async function found(
  call: Call,
  engine: Engine,
  { name, spec, before }: ServiceWrite,
): Promise<ChangeToWatch | undefined> {
  const change = { name: printable(name), startedAt: call.world.clock.now(), wanted: spec, named: [] };
  if (before !== undefined) return { ...change, action: 'update', serviceId: before.ID, before };
  const serviceId = await idOf(call, engine, 'services', name);
  return serviceId === undefined ? undefined : { ...change, action: 'create', serviceId };
}

/** The id of what has this name; undefined if there is none a while after the request: the engine may still be at work on it. */
async function idOf(
  { world: { clock } }: Call,
  engine: Engine,
  of: ObjectKind | 'services',
  name: string,
): Promise<string | undefined> {
  const giveUpAt = clock.now() + SETTLE_TIME;
  for (;;) {
    const id = await idByName(engine, of, name);
    if (id !== undefined || clock.now() >= giveUpAt) return id;
    await clock.sleep(INTERVAL);
  }
}

async function undoObject(
  call: Call,
  engine: Engine,
  { object, id: sentId }: Extract<Sent, { kind: 'object' }>,
): Promise<Undone[]> {
  if (changesNothing(object)) return [];
  const { clock } = call.world;
  const { of, before, name } = object;
  const subject = printable(objectName(object));
  const id = sentId ?? (await idOf(call, engine, of, name));
  if (id === undefined) return [];
  const giveUpAt = clock.now() + LIMIT;
  for (;;) {
    try {
      // The engine would remove what only tasks and previous specs refer to.
      if (object.isRotation === true && (await readNeededIds(engine, call.world.interrupted)).has(id))
        return [
          undone(
            `${subject}: left, because a previous spec or a task refers to it; a later deployment removes it`,
          ),
        ];
      if (before === undefined || of === 'networks') {
        await engine.removeObject(of, id);
        // The engine goes on listing a network until its last task is gone. A deployment would use that one.
        while (
          of === 'networks' &&
          (await engine.networks({ id: [id] })).length > 0 &&
          clock.now() < giveUpAt
        )
          await clock.sleep(INTERVAL);
        return [undone(`${subject}: removed`)];
      }
      const [now] = await engine[of]({ id: [id] });
      const version = (now?.['Version'] as { Index?: number } | undefined)?.Index ?? before.Version.Index;
      await engine.updateObject(of, id, version, before.Spec);
      return [undone(`${subject}: undone`)];
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      if (error.fault === 'gone') return [undone(`${subject}: removed`)];
      // The tasks of a service that was just removed use its networks a little longer.
      const mayPass = error.fault !== 'final' || (of === 'networks' && /in use/.test(error.message));
      if (!mayPass || clock.now() >= giveUpAt) return [left(`${subject}: not undone: ${error.message}`)];
      await clock.sleep(INTERVAL);
    }
  }
}
