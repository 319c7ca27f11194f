/** Sends what a plan says. If the engine refuses any of it, what was sent is undone: all or nothing. */
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
import { isJobSpec } from '../service-spec/mode.ts';
import { sameSpec } from '../service-spec/same.ts';
import { printable } from '../values/printable.ts';
import { isKnownToDiffer, objectName } from '../stack-plan/objects.ts';
import type { ObjectWrite, SecretAnswers, SecretQuestion } from '../stack-plan/objects.ts';
import { takesPort } from '../stack-plan/order.ts';
import type { ServiceWrite, StackPlan } from '../stack-plan/plan.ts';
import { portsReleased } from './ports-released.ts';
import { idByName, notCreated } from './read.ts';
import { seenDifference } from '../stack-plan/rotation.ts';
import { answerTo, hasOtherData } from './secret-data.ts';
import { withIds } from '../stack-plan/wanted-spec.ts';

/** How many services, or networks, secrets and configs, are sent at the same time. */
const AT_ONCE = 8;

/** What the engine has accepted, in the order in which it did. */
export type Sent =
  /** Without an id: the engine's answer was not waited for. It may be stored or not. */
  | { readonly kind: 'object'; readonly object: ObjectWrite; readonly id: string | undefined }
  | { readonly kind: 'service'; readonly change: ChangeToWatch }
  /** The same of a service. */
  | { readonly kind: 'unanswered'; readonly write: ServiceWrite }
  | { readonly kind: 'removed'; readonly service: Service; readonly isAnswered: boolean };

/** Sends a service that had to wait. @throws SwarmrollError the refusal */
export type SendService = (call: Call, write: ServiceWrite) => Promise<ChangeToWatch>;

/**
 * Sends the updates of secrets, as docker does. The engine takes one if the data is equal, and stores its labels.
 * @param sent gets what the engine has accepted, also if this throws
 * @returns which secrets are stored. The plan is made again with that, because services refer to what is stored
 */
export async function sendSecrets(
  call: Call,
  engine: Engine,
  questions: readonly SecretQuestion[],
  sent: Sent[],
): Promise<SecretAnswers> {
  const answers = new Map<string, string | undefined>();
  const isEqual = async (update: ObjectWrite): Promise<boolean> => {
    try {
      await sendAndNote(call, engine, update, sent);
      return true;
    } catch (error) {
      const refusal = engineErrorOf(error);
      if (hasOtherData(refusal)) return false;
      // Another deployment has removed it.
      if (refusal?.kind === 'notFound') return false;
      // Another deployment has just updated it. The engine compares the data first, so that is equal.
      if (refusal?.reason === 'outOfSequence' && !isKnownToDiffer(update)) return true;
      throw error;
    }
  };
  await together(questions, async (one) => void answers.set(one.id, await answerTo(one, isEqual)));
  return answers;
}

/**
 * @param stages the services of the plan to send now
 * @param sent gets what the engine has accepted, also if this throws. Updates that it has already are not sent again
 * @returns a function that sends the other services of the plan
 * @throws SwarmrollError the first refusal. Of the services that are sent at the same time, the others have had their answers
 */
export async function sendPlan(
  call: Call,
  engine: Engine,
  plan: StackPlan,
  stages: StackPlan['stages'],
  sent: Sent[],
): Promise<SendService> {
  const { world } = call;
  const ids = new Map<string, string>();
  const networkIds = new Map<string, string>();
  const done = new Set(sent.flatMap((one) => (one.kind === 'object' ? (one.object.before ?? []) : [])));
  const objects = plan.objects.filter(({ before }) => before === undefined || !done.has(before));
  await together(objects, async (object) => {
    const id = await sendAndNote(call, engine, object, sent);
    ids.set(object.madeUp, id);
    if (object.of === 'networks') networkIds.set(object.name, id);
  });
  /** Removes the services that hold a port of those that are sent next. */
  const removeFor = async (writes: readonly ServiceWrite[]): Promise<void> => {
    for (const service of plan.removedFirst) {
      const isGone = sent.some((one) => one.kind === 'removed' && one.service === service);
      if (!isGone && writes.some((write) => takesPort(write, service))) await remove(service);
    }
  };
  const remove = async (service: Service): Promise<void> => {
    const name = service.Spec.Name ?? service.ID;
    try {
      await answered(engine.removeService(service.ID, world.interrupted), name, world);
      sent.push({ kind: 'removed', service, isAnswered: true });
    } catch (error) {
      if (!isAnswer(error)) sent.push({ kind: 'removed', service, isAnswered: false });
      throw error;
    }
  };
  const written: ServiceWrite[] = [];
  const send: SendService = async (from, write) => {
    const spec = withIds(write.spec, ids, networkIds);
    try {
      const change = await sendService(from, engine, { ...write, spec });
      sent.push({ kind: 'service', change });
      written.push(write);
      return change;
    } catch (error) {
      if (!isAnswer(error)) sent.push({ kind: 'unanswered', write: { ...write, spec } });
      const isNew = write.before === undefined;
      throw named(write.name, isNew ? await notCreated(engine, 'services', spec, error) : error);
    }
  };
  await removeFor(stages.flat());
  for (const stage of stages) {
    await portsReleased(call, engine, stage, written);
    await together(stage, async (write) => {
      await send(call, write);
    });
  }
  return async (from, write) => {
    await removeFor([write]);
    await portsReleased(from, engine, [write], written);
    return send(from, write);
  };
}

/** Whether the engine has refused a request: nothing of it is stored. */
const isAnswer = (error: unknown): boolean => (engineErrorOf(error)?.fault ?? 'unknown') !== 'unknown';

const engineErrorOf = (error: unknown): EngineError | undefined => {
  const { cause } = error instanceof SwarmrollError ? error : {};
  return [error, cause].find((one) => one instanceof EngineError);
};

/** Sends so many at the same time. @throws the first error. The others that are under way have ended then, and no more are sent */
export async function together<T>(all: readonly T[], send: (one: T) => Promise<void>): Promise<void> {
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

const BEING_REMOVED =
  'if the stack was removed a moment ago, the engine is still removing its networks: run the command again';

/** The error with the name of what was sent. */
function named(name: string, error: unknown): unknown {
  if (!(error instanceof SwarmrollError) || error.message.includes(name)) return error;
  const { kind, message, hint = /network \S+ not found/.test(message) ? BEING_REMOVED : undefined } = error;
  return new SwarmrollError(kind, `${printable(name)}: ${message}`, { hint, cause: error });
}

/** Sends a network, secret or config. @returns the id */
async function sendAndNote(call: Call, engine: Engine, object: ObjectWrite, sent: Sent[]): Promise<string> {
  try {
    const id = await sendObject(call, engine, object);
    sent.push({ kind: 'object', object, id });
    return id;
  } catch (error) {
    if (!isAnswer(error)) sent.push({ kind: 'object', object, id: object.before?.ID });
    const created =
      error instanceof EngineError && error.status === 409 ? await twin(engine, object) : undefined;
    if (created !== undefined) return created;
    const { of, spec, before } = object;
    throw named(objectName(object), before ? error : await notCreated(engine, of, spec, error));
  }
}

/** The id of the same rotation of a config, if another deployment has just created it: its name says what it contains. */
async function twin(
  engine: Engine,
  { of, name, spec, isRotation }: ObjectWrite,
): Promise<string | undefined> {
  if (of !== 'configs' || isRotation !== true) return undefined;
  const all = await engine.configs({ name: [name] });
  const found = all.find(
    ({ Spec }) => Spec?.Name === name && seenDifference(of, spec, { Spec }) === undefined,
  );
  return found?.ID;
}

/** @returns the id */
async function sendObject({ world }: Call, engine: Engine, object: ObjectWrite): Promise<string> {
  const { of, spec, before, name } = object;
  const { interrupted } = world;
  if (before !== undefined && of !== 'networks') {
    const update = engine.updateObject(of, before.ID, before.Version.Index, spec, interrupted);
    await answered(update, objectName(object), world);
    return before.ID;
  }
  const create = async (): Promise<string> => {
    try {
      return await engine.createObject(of, spec, interrupted);
    } catch (error) {
      if (!(error instanceof EngineError) || error.fault !== 'unknown') throw error;
      // The answer was lost. The names of secrets and configs are unique, those of networks among the ones of the stack.
      const id = await idByName(engine, of, name);
      if (id === undefined) throw error;
      return id;
    }
  };
  return answered(create(), objectName(object), world);
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
  const update = { spec, auth, named: [], always: isJobSpec(spec) };
  const accepted = await sendUpdate(call, engine, before, name, update);
  // What runs again is as it was before: there is nothing to compare it with.
  return isJobSpec(spec) && sameSpec(spec, before.Spec)
    ? waitFor(await engine.service(before.ID, { signal: world.interrupted }), startedAt)
    : accepted;
}
