/** Puts back what a deployment has sent before the engine refused a part of it, or a signal came. */
import type { Call } from '../command-line/command.ts';
import { sendBack } from '../undo/send-back.ts';
import type { Accepted } from '../watch/targets.ts';
import { waitFor } from '../watch/wait-for.ts';
import type { Engine } from '../engine/client.ts';
import { EXIT_CODES, EngineError } from '../errors.ts';
import { printable } from '../values/printable.ts';
import { runsAgain, objectName } from './plan.ts';
import type { ObjectWrite, ServiceWrite } from './plan.ts';
import type { Sent } from './send.ts';

/** How long (ms) the manager is asked again while it cannot be reached, or while tasks still use a network. */
const LIMIT = 60_000;
const INTERVAL = 500;
/** So long (ms) a request whose answer was not waited for may take to be stored. */
const SETTLE_TIME = 2_000;

/** What became of one thing that was sent: "service app_web: put back". */
export interface Undone {
  readonly text: string;
  readonly isDone: boolean;
}

/**
 * Puts back in reverse order. Never throws for what the engine refuses: it says so in the result.
 * @param call its signal must not be the one that has ended the deployment
 */
export async function undo(call: Call, engine: Engine, sent: readonly Sent[]): Promise<readonly Undone[]> {
  const results: Undone[] = [];
  for (const one of [...sent].reverse()) {
    const result = await undoOne(call, engine, one);
    if (result !== undefined) results.push(result);
  }
  return results;
}

async function undoOne(call: Call, engine: Engine, one: Sent): Promise<Undone | undefined> {
  if (one.kind === 'object') return undoObject(call, engine, one.object, one.id);
  if (one.kind === 'removed') {
    const removed = { ...waitFor(one.service, call.world.clock.now()), removed: true } as const;
    const back = await sendBack(call, engine, removed, LIMIT);
    return { text: `service ${removed.name}: created again`, isDone: 'accepted' in back };
  }
  const change = one.kind === 'service' ? one.change : await found(call, engine, one.write);
  if (change === undefined) return undefined;
  if (change.posted === false) return undefined;
  const name = `service ${change.name}`;
  // The engine would run the job of before.
  if (change.before !== undefined && runsAgain(change.wanted))
    return { text: `${name}: a job is not put back: that would run it again`, isDone: false };
  const back = await sendBack(call, engine, change, LIMIT);
  if ('accepted' in back) return { text: `${name}: put back`, isDone: true };
  const { exitCode, message } = back.result;
  return exitCode === EXIT_CODES.done
    ? { text: `${name}: removed`, isDone: true }
    : { text: `${name}: not put back: ${message}`, isDone: false };
}

/** A change whose answer was not waited for, as one that was accepted; undefined if it is a new service that is not there. */
async function found(
  { world }: Call,
  engine: Engine,
  { name, spec, before }: ServiceWrite,
): Promise<Accepted | undefined> {
  const startedAt = world.clock.now();
  const change = { name: printable(name), startedAt, wanted: spec, named: [] };
  if (before !== undefined) return { ...change, action: 'update', serviceId: before.ID, before };
  // The engine may still be storing it.
  while (world.clock.now() - startedAt < SETTLE_TIME) {
    const services = await engine.services({ name: [name] });
    const service = services.find(({ Spec }) => Spec.Name === name);
    if (service !== undefined) return { ...change, action: 'create', serviceId: service.ID };
    await world.clock.sleep(INTERVAL);
  }
  return undefined;
}

async function undoObject({ world }: Call, engine: Engine, object: ObjectWrite, id: string): Promise<Undone> {
  const { of, before } = object;
  const name = printable(objectName(object));
  const giveUpAt = world.clock.now() + LIMIT;
  for (;;) {
    try {
      if (before === undefined || of === 'networks') {
        await engine.removeObject(of, id);
        return { text: `${name}: removed`, isDone: true };
      }
      const [now] = await engine[of]({ id: [id] });
      const version = (now?.['Version'] as { Index?: number } | undefined)?.Index ?? before.Version.Index;
      await engine.updateObject(of, id, version, before.Spec);
      return { text: `${name}: put back`, isDone: true };
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      if (error.fault === 'gone') return { text: `${name}: removed`, isDone: true };
      // The tasks of a service that was just removed use its networks a little longer.
      const mayPass = error.fault !== 'final' || /in use/.test(error.message);
      if (!mayPass || world.clock.now() >= giveUpAt)
        return { text: `${name}: not put back: ${error.message}`, isDone: false };
      await world.clock.sleep(INTERVAL);
    }
  }
}
