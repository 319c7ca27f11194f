/** Sends what a plan says. If the engine refuses any of it, what was sent is put back: all or nothing. */
import type { Service } from '../api/service.ts';
import type { Call } from '../command-line/command.ts';
import { answered } from '../send/answered.ts';
import { createOnce } from '../send/post-create.ts';
import { sendUpdate } from '../send/send-update.ts';
import type { ChangeToWatch } from '../watch/targets.ts';
import { waitFor } from '../watch/wait-for.ts';
import { warn } from '../watch/warn.ts';
import type { Engine } from '../engine/client.ts';
import { EngineError, SwarmrollError } from '../errors.ts';
import { sameSpec } from '../service-spec/same.ts';
import { printable } from '../values/printable.ts';
import { objectName, otherContent, runsAgain } from './plan.ts';
import type { ObjectWrite, ServiceWrite, StackPlan } from './plan.ts';
import { portsReleased } from './ports-released.ts';
import { hasOtherData } from './secret-data.ts';
import { withIds } from './wanted-spec.ts';

/** So many services, or networks, secrets and configs, are sent at the same time. */
const AT_ONCE = 8;

/** What the engine has accepted, in the order in which it did. */
export type Sent =
  /** Without an id: the engine's answer was not waited for. It may be stored or not. */
  | { readonly kind: 'object'; readonly object: ObjectWrite; readonly id: string | undefined }
  | { readonly kind: 'service'; readonly change: ChangeToWatch }
  /** The same of a service. */
  | { readonly kind: 'unanswered'; readonly write: ServiceWrite }
  | { readonly kind: 'removed'; readonly service: Service; readonly isAnswered: boolean };

/**
 * @param sent gets what the engine has accepted, also if this throws
 * @throws SwarmrollError the first refusal. Of the services that are sent at the same time, the others have had their answers
 */
export async function sendPlan(call: Call, engine: Engine, plan: StackPlan, sent: Sent[]): Promise<void> {
  const { world } = call;
  const ids = new Map<string, string>();
  const networkIds = new Map<string, string>();
  await together(plan.objects, async (object) => {
    try {
      const id = await sendObject(call, engine, object);
      ids.set(object.madeUp, id);
      if (object.of === 'networks') networkIds.set(object.name, id);
      sent.push({ kind: 'object', object, id });
    } catch (error) {
      if (!isAnswer(error)) sent.push({ kind: 'object', object, id: object.before?.ID });
      throw error;
    }
  });
  for (const service of plan.removedFirst) {
    const name = service.Spec.Name ?? service.ID;
    try {
      await answered(engine.removeService(service.ID, world.interrupted), name, world);
      sent.push({ kind: 'removed', service, isAnswered: true });
    } catch (error) {
      if (!isAnswer(error)) sent.push({ kind: 'removed', service, isAnswered: false });
      throw error;
    }
  }
  for (const [index, stage] of plan.stages.entries()) {
    await portsReleased(call, engine, stage, plan.stages.slice(0, index).flat());
    await together(stage, async (write) => {
      const spec = withIds(write.spec, ids, networkIds);
      try {
        sent.push({ kind: 'service', change: await sendService(call, engine, { ...write, spec }) });
      } catch (error) {
        if (!isAnswer(error)) sent.push({ kind: 'unanswered', write: { ...write, spec } });
        throw named(write.name, error);
      }
    });
  }
}

/** Whether the engine has refused a request: nothing of it is stored. */
const isAnswer = (error: unknown): boolean => {
  const { cause } = error instanceof SwarmrollError ? error : {};
  return [error, cause].some((one) => one instanceof EngineError && one.fault !== 'unknown');
};

/** Sends so many at the same time. @throws the first error. The others that are under way have ended then, and no more are sent */
async function together<T>(all: readonly T[], send: (one: T) => Promise<void>): Promise<void> {
  const queue = [...all];
  const errors: unknown[] = [];
  const work = async (): Promise<void> => {
    for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
      try {
        await send(one);
      } catch (error) {
        errors.push(error);
        queue.length = 0;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (errors.length > 0) throw errors[0];
}

/** The error with the name of what was sent. */
function named(name: string, error: unknown): unknown {
  if (!(error instanceof SwarmrollError) || error.message.includes(name)) return error;
  const { kind, message, hint } = error;
  return new SwarmrollError(kind, `${printable(name)}: ${message}`, { hint, cause: error });
}

/** @returns the id */
async function sendObject({ world }: Call, engine: Engine, object: ObjectWrite): Promise<string> {
  const { of, spec, before, name } = object;
  const { interrupted } = world;
  if (before !== undefined && of !== 'networks') {
    const update = engine.updateObject(of, before.ID, before.Version.Index, spec, interrupted);
    try {
      await answered(update, objectName(object), world);
    } catch (error) {
      if (!hasOtherData(error)) throw named(objectName(object), error);
      throw new SwarmrollError('refused', otherContent(object), { cause: error });
    }
    return before.ID;
  }
  const create = async (): Promise<string> => {
    try {
      return await engine.createObject(of, spec, interrupted);
    } catch (error) {
      if (!(error instanceof EngineError) || error.fault !== 'unknown') throw error;
      // The answer was lost. The names of secrets and configs are unique, those of networks among the ones of the stack.
      const found = await engine[of]({ name: [name] });
      const id = found.map(({ ID, Id, Name, Spec }) =>
        (Spec?.Name ?? Name) === name ? (ID ?? Id) : undefined,
      );
      const one = id.find((value) => value !== undefined);
      if (one === undefined) throw error;
      return one;
    }
  };
  try {
    return await answered(create(), objectName(object), world);
  } catch (error) {
    throw named(objectName(object), error);
  }
}

async function sendService(
  call: Call,
  engine: Engine,
  { name, spec, auth, before }: ServiceWrite,
): Promise<ChangeToWatch> {
  const { world } = call;
  const startedAt = world.clock.now();
  if (before === undefined) {
    const { ID, Warnings } = await createOnce(engine, world, spec, auth);
    warn(world, Warnings);
    const shown = printable(name);
    return {
      action: 'create',
      serviceId: ID,
      name: shown,
      startedAt,
      wanted: spec,
      named: [],
      authSent: auth !== undefined,
    };
  }
  const draft = { draft: spec, warnings: [], auth, named: [], always: runsAgain(spec) };
  const accepted = await sendUpdate(call, engine, before, name, draft);
  // What runs again is as it was before: there is nothing to compare it with.
  return runsAgain(spec) && sameSpec(spec, before.Spec)
    ? waitFor(await engine.service(before.ID, { signal: world.interrupted }), startedAt)
    : accepted;
}
