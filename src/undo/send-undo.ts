/** Sends the request that undoes a change. Every try reads the service first, so nothing is done twice. */
import type { Service } from '../api/service.ts';
import type { Call } from '../command-line/command.ts';
import type { Engine } from '../engine/client.ts';
import { EXIT_CODES, EngineError, SwarmrollError, exitCodeOf } from '../errors.ts';
import type { Result } from '../rollout/result.ts';
import { withoutChange } from '../service-spec/merge.ts';
import { namedFields } from '../service-spec/owned-fields.ts';
import { placementOf } from '../scheduler/placement.ts';
import { placementRisks } from '../scheduler/risks.ts';
import type { PlannedChange } from '../service-spec/replaced-tasks.ts';
import { sameSpec } from '../service-spec/same.ts';
import { refuseMissing } from '../watch/refuse-missing.ts';
import { errorResult, signalOf } from '../watch/outcome.ts';
import type { Subject } from '../watch/outcome.ts';
import { createOnce } from '../send/post-create.ts';
import { MAX_WAIT, MIN_WAIT, isTransient, updateConflict } from '../send/not-sent.ts';
import { readSwarm } from '../watch/read-cluster.ts';
import { printNote, sendRollback, sendUpdate } from '../send/send-update.ts';
import { printMessage } from '../watch/print.ts';
import { shellWord } from '../values/shell-words.ts';
import type { ChangeToWatch, SentChange } from '../watch/targets.ts';

/**
 * Undoes a change: stores the spec from before again or, if the change created the service, removes it. If the manager
 * cannot be reached, this tries again.
 * @param limit after this time (ms) there is no further try
 */
export async function sendUndo(
  call: Call,
  engine: Engine,
  change: ChangeToWatch,
  limit: number,
): Promise<SentChange> {
  const { clock, interrupted } = call.world;
  const giveUpAt = clock.now() + limit;
  let problem: SwarmrollError | undefined;
  for (let wait = MIN_WAIT; ; wait = Math.min(2 * wait, MAX_WAIT)) {
    try {
      interrupted.throwIfAborted();
      return await tryOnce(call, engine, change);
    } catch (error) {
      if (interrupted.aborted) return { result: interruptedResult(call, change, problem ?? error) };
      if (!(error instanceof SwarmrollError)) throw error;
      if (!mayPass(error) || clock.now() >= giveUpAt) return ended(change, error);
      if (problem === undefined && error.kind !== 'conflict') {
        const reason = error.message;
        const lines = [`swarmroll: ${change.name}: cannot undo the change yet, trying again: ${reason}`];
        printMessage(call, lines, { type: 'unreachable', service: change.name, reason });
      }
      problem = error;
      await clock.sleep(wait, interrupted);
    }
  }
}

/** @throws SwarmrollError if nothing was stored, or if it is unknown whether it was */
async function tryOnce(call: Call, engine: Engine, change: ChangeToWatch): Promise<SentChange> {
  const { before, name, wanted, named = namedFields(call.given) } = change;
  if (change.removed === true) return createAgain(call, engine, change);
  const stored = await read(call, engine, change.serviceId);
  if (before === undefined) return removeNew(call, engine, change, stored);
  const target = change.undoTo ?? before.Spec;
  if (sameSpec(target, wanted)) return ended(change, nothingBefore(call, change));
  if (stored === undefined) {
    const message = `${name}: the service has been removed; it is not created again`;
    return ended(change, new SwarmrollError('conflict', message));
  }
  const draft = withoutChange(target, wanted, stored.Spec);
  if (draft === undefined) return ended(change, updateConflict(name, 'it is left as it is'));
  await refuseMissing(call, engine, stored, name, draft);
  const { PreviousSpec } = stored;
  // After a retry, or any other update in between, the engine's rollback leads elsewhere.
  const isPrevious =
    PreviousSpec !== undefined && sameSpec(PreviousSpec, draft) && !sameSpec(stored.Spec, draft);
  await tellNoPlace(call, engine, stored, name, { after: draft, isRollback: isPrevious });
  const accepted = isPrevious
    ? await sendRollback(call, engine, stored, name)
    : await sendUpdate(call, engine, stored, name, { spec: draft });
  return { accepted: { ...accepted, named } };
}

/** Says so if tasks of the spec from before will find no node. It is sent all the same. */
async function tellNoPlace(
  call: Call,
  engine: Engine,
  before: Service,
  name: string,
  target: Pick<PlannedChange, 'after' | 'isRollback'>,
): Promise<void> {
  const { interrupted } = call.world;
  const swarm = await readSwarm(engine, [target.after], [before], interrupted, () => undefined);
  if (!swarm.isWhole) return;
  const own = swarm.tasks.filter(({ ServiceID }) => ServiceID === before.ID);
  const nodes = swarm.nodes.map(({ seen }) => seen);
  const change = { ...target, before, tasks: own, nodes };
  const cluster = { ...swarm, drivers: [] };
  for (const { message } of placementRisks(change, cluster, placementOf(change, cluster), false))
    printNote(call, name, `undo: ${message}`);
}

async function createAgain({ world }: Call, engine: Engine, change: ChangeToWatch): Promise<SentChange> {
  const { name, wanted } = change;
  const { ID } = await createOnce(engine, world, wanted, undefined);
  return {
    accepted: { action: 'create', serviceId: ID, name, startedAt: world.clock.now(), wanted, named: [] },
  };
}

async function removeNew(
  { world }: Call,
  engine: Engine,
  change: ChangeToWatch,
  stored: Service | undefined,
): Promise<SentChange> {
  const { name, serviceId } = change;
  // Every update leaves a previous spec, and this command has sent none.
  if (stored?.PreviousSpec !== undefined)
    return ended(change, updateConflict(name, 'it is left as it is, and not removed'));
  if (stored !== undefined) await engine.removeService(serviceId, world.interrupted);
  const message = `${name}: the new service is removed`;
  const service = { id: serviceId, name };
  return { result: { action: 'remove', verdict: 'converged', exitCode: EXIT_CODES.done, service, message } };
}

/** A service; undefined if the engine says twice that it does not exist: a manager that is behind the others may say so once. */
async function read({ world }: Call, engine: Engine, id: string): Promise<Service | undefined> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await engine.service(id, { signal: world.interrupted });
    } catch (error) {
      if (!(error instanceof EngineError) || error.fault !== 'gone') throw error;
      if (tries === 2) return undefined;
      await world.clock.sleep(MIN_WAIT, world.interrupted);
    }
  }
}

/** Whether another try may succeed. A conflict is one between the read and the change: the next try reads again. */
function mayPass(error: SwarmrollError): boolean {
  return (
    error.kind === 'conflict' ||
    isTransient(error) ||
    [error, error.cause].some((one) => one instanceof EngineError && one.fault === 'unknown') ||
    (error instanceof EngineError && error.reason === 'outOfSequence')
  );
}

/** The error if this command has not changed the spec, so that nothing says for certain what was there before. */
function nothingBefore({ world }: Call, { name, before }: ChangeToWatch): SwarmrollError {
  const { PreviousSpec, Spec } = before ?? {};
  const isLost = PreviousSpec !== undefined && sameSpec(PreviousSpec, Spec ?? PreviousSpec);
  const why = isLost
    ? 'a retry, a scale or a redeploy has overwritten the previous spec'
    : 'the service had this spec before this command';
  return new SwarmrollError('refused', `${name}: nothing was undone: ${why}`, {
    hint: `see what it ran before with: ${world.program} history ${shellWord(name)}`,
  });
}

/** @param problem why it is not done yet */
function interruptedResult({ world }: Call, change: ChangeToWatch, problem: unknown): Result {
  const isSent = problem instanceof SwarmrollError;
  const message = isSent
    ? `${change.name}: interrupted: what was there before may or may not be stored again`
    : `${change.name}: interrupted before anything was undone: what failed is still stored`;
  const exitCode = EXIT_CODES[signalOf(world.interrupted)];
  return errorResult(undoOf(change), new SwarmrollError('failed', message), exitCode);
}

const ended = (change: ChangeToWatch, error: SwarmrollError): SentChange => ({
  result: errorResult(undoOf(change), error, exitCodeOf(error)),
});

const undoOf = (change: ChangeToWatch): Subject => ({
  ...change,
  action: change.before === undefined ? 'remove' : 'rollback',
});
