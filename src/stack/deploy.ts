/** `stack deploy`: docker says what it would write, a plan is made of it, and the plan is sent and watched. */
import { tmpdir } from 'node:os';
import type { Call } from '../command-line/command.ts';
import { checkStorable } from '../send/check-version.ts';
import { followMany } from '../deploy/follow-many.ts';
import { printMessage } from '../watch/print.ts';
import { detach, undoesOnFailure } from '../watch/rollout-flags.ts';
import { isOneShot } from '../watch/targets.ts';
import type { ChangeToWatch } from '../watch/targets.ts';
import { waitFor } from '../watch/wait-for.ts';
import { warn } from '../watch/warn.ts';
import type { Engine } from '../engine/client.ts';
import { EXIT_CODES, EngineError, SwarmrollError, TimeoutError, exitCodeOf } from '../errors.ts';
import type { Result } from '../rollout/result.ts';
import { errorResult } from '../watch/outcome.ts';
import { compareNaturally } from '../values/natural-sort.ts';
import { printable } from '../values/printable.ts';
import type { ComposeOptions } from '../compose/compose-command.ts';
import { withFields } from '../world.ts';
import { dockerRuns } from '../held-writes/docker-runs.ts';
import type { StackFiles } from '../held-writes/docker-runs.ts';
import { heldWrites } from '../held-writes/held-writes.ts';
import { messagesIn } from '../held-writes/messages.ts';
import { imagesOfServices } from '../held-writes/likely-images.ts';
import { withPrivateFolder } from '../held-writes/private-folder.ts';
import { inTime, laterChange, orderOfPlan } from './in-order.ts';
import { removeLeftOvers } from './left-over.ts';
import { changesNothing } from '../stack-plan/objects.ts';
import type { SecretAnswers } from '../stack-plan/objects.ts';
import { planStack } from '../stack-plan/plan.ts';
import type { PlanOptions, ServiceWrite, StackPlan } from '../stack-plan/plan.ts';
import { ofStack, snapshotOf, waitForRemovals, withNetworks } from './read.ts';
import { sendPlan, sendSecrets } from './send.ts';
import type { SendService, Sent } from './send.ts';
import { tell, tellRotations, tellSent } from './tell.ts';

/** What `stack deploy` was asked to do. */
export interface Deployment extends StackFiles, Omit<PlanOptions, 'dependencies'> {
  /** Whether docker looks up each image, without credentials. */
  readonly looksUpImages: boolean;
  /** Whether configs and secrets stay that rotations have left over. */
  readonly keepsRotated: boolean;
  /** What Compose reads. Absent: docker reads the files itself. */
  readonly compose?: ComposeOptions;
}

interface Planned {
  readonly plan: StackPlan;
  /** The plan, with what the engine has answered to its questions. */
  readonly planWith: (answers: SecretAnswers) => StackPlan;
  /** The services of the stack of which the file says nothing. */
  readonly others: StackPlan['unchanged'];
  /** The API version of docker's requests. Absent: they name none. */
  readonly apiVersion: string | undefined;
}

/**
 * Makes the plan. Nothing is sent.
 * @throws SwarmrollError docker's own refusal, `failed` if the stack has no services, and all that `heldWrites` and `stackFile` throw
 */
export async function planned(call: Call, engine: Engine, deployment: Deployment): Promise<Planned> {
  const { compose } = deployment;
  if (compose === undefined) return plannedBy(call, engine, deployment);
  const { stackFile } = await import('../compose/compose-file.ts');
  return withPrivateFolder(tmpdir(), 'configs and secrets', call.world, async (folder) => {
    const made = await stackFile(call, compose, folder);
    warn(call.world, made.warnings);
    return plannedBy(call, engine, { ...deployment, made, gates: made.gates });
  });
}

/** The plan of the file that docker reads. */
async function plannedBy(call: Call, engine: Engine, deployment: Deployment): Promise<Planned> {
  const { world } = call;
  const { stack, only, looksUpImages } = deployment;
  const docker = await dockerRuns(call, deployment);
  const read = (): ReturnType<typeof heldWrites> =>
    heldWrites(
      engine,
      world,
      () => snapshotOf(engine, world.interrupted),
      async ({ services }) =>
        looksUpImages ? [...imagesOfServices(ofStack(services, stack)), ...(await docker.images())] : [],
      docker.deploy,
    );
  const first = await read();
  const { snapshot, writes, apiVersion, warnings, unresolved } = (await waitForRemovals(
    engine,
    world,
    first.snapshot,
    stack,
  ))
    ? await read()
    : first;
  const messages = messagesIn(warnings).map(({ text }) => text);
  warn(world, messages);
  const [before, dependencies] = await Promise.all([
    withNetworks(engine, snapshot, writes),
    docker.dependencies(),
  ]);
  const untold = [...unresolved].filter(
    (image) => !messages.some((text) => text.startsWith(`image ${image} `)),
  );
  const options = {
    ...deployment,
    ...(deployment.isOrdered ? { dependencies } : {}),
    unresolved: new Set(untold),
  };
  const planWith: Planned['planWith'] = (answers) => planStack(writes, before, options, answers);
  const plan = planWith(new Map());
  warn(world, [...new Set(plan.warnings)]);
  const told = new Set([
    ...plan.stages.flat().flatMap((write) => write.before ?? []),
    ...plan.unchanged,
    ...plan.removedFirst,
    ...plan.removedLast,
  ]);
  const others = only.length > 0 ? [] : ofStack(before.services, stack).filter((one) => !told.has(one));
  const count = plan.stages.flat().length + plan.unchanged.length + others.length;
  if (count === 0 && plan.refusals.length === 0) throw withoutServices(stack, plan);
  return { plan, planWith, others, apiVersion };
}

/** The error of files without services. docker would remove a whole stack for them, with --prune. */
function withoutServices(stack: string, { removedFirst, removedLast }: StackPlan): SwarmrollError {
  const check = 'check the files of --compose-file, and --profile';
  return removedFirst.length + removedLast.length === 0
    ? new SwarmrollError('failed', `the stack ${stack} has no services`, { hint: check })
    : new SwarmrollError(
        'failed',
        `the files have no services, and --prune would remove all services of the stack ${stack}`,
        { hint: `${check}; to remove the stack: docker stack rm ${stack}` },
      );
}

/** Sends the plan, and watches all services of the stack. @returns the exit code of the worst verdict */
export async function deploy(call: Call, engine: Engine, deployment: Deployment): Promise<number> {
  const { world } = call;
  const { plan: first, planWith, others, apiVersion } = await planned(call, engine, deployment);
  refuse(first, '; nothing was sent');
  const startedAt = world.clock.now();
  const sent: Sent[] = [];
  const sender = apiVersion === undefined ? engine : engine.at(apiVersion);
  for (const { spec } of first.stages.flat()) await checkStorable(sender, spec);
  const { plan, later, send } = await sendFirst(call, sender, first, planWith, sent);
  const { unchanged } = plan;
  const order = orderOfPlan(plan);
  const changes = sent.flatMap((one) => (one.kind === 'service' ? [order(one.change)] : []));
  const watched = [
    ...changes,
    ...[...unchanged, ...others].map((service) =>
      order({ ...waitFor(service, startedAt), isWanted: true as const }),
    ),
  ].sort(byName);
  tellSent(call, sent, watched, new Set(changes));
  tellRotations(call, plan);
  const removed = (): readonly ChangeToWatch[] =>
    sent.flatMap((one) =>
      one.kind === 'removed' ? [{ ...waitFor(one.service, startedAt), removed: true as const }] : [],
    );
  const all = [...watched, ...later.map((write) => laterChange(plan, write, send, sent))].sort(byName);
  const last = (areAllDone: boolean): Promise<readonly Result[]> =>
    removeLast(call, engine, plan, areAllDone, deployment);
  const exitCode = await followMany(call, engine, 'stack deploy', all, { removed, last });
  const { timedOut, SIGINT, SIGTERM } = EXIT_CODES;
  if (
    [timedOut, SIGINT, SIGTERM].includes(exitCode) &&
    sent.filter(({ kind }) => kind === 'service').length < changes.length + later.length
  ) {
    const text = 'the same command again sends what was not sent';
    printMessage(call, [`  ${text}`], { type: 'note', text });
  }
  // Everything is undone: what the services have used, too.
  if (exitCode === EXIT_CODES.rolledBack && undoesOnFailure(call.given)) {
    const all = sent.flatMap((one) => (one.kind === 'service' ? [order(one.change)] : []));
    const jobs = all.filter((change) => change.before !== undefined && isOneShot(change));
    await tellUndone(call, engine, unusedObjects(sent, jobs));
  }
  return exitCode;
}

/** Removes what the file no longer has, if all services converged. @returns what the engine refused to remove */
async function removeLast(
  call: Call,
  engine: Engine,
  { removedLast, leftOver }: StackPlan,
  areAllDone: boolean,
  { keepsRotated }: Deployment,
): Promise<readonly Result[]> {
  const failed: Result[] = [];
  if (!areAllDone) {
    const names = removedLast.map(({ Spec, ID }) => Spec.Name ?? ID);
    if (names.length > 0) tell(call, names.join(', '), 'not removed, because not all services converged');
    return failed;
  }
  for (const { ID: id, Spec } of removedLast) {
    const name = Spec.Name ?? id;
    try {
      await engine.removeService(id, call.world.interrupted);
      tell(call, name, 'removed');
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      tell(call, name, `not removed: ${error.message}`);
      failed.push(errorResult({ action: 'remove', serviceId: id, name }, error, exitCodeOf(error)));
    }
  }
  if (keepsRotated || call.given.get(detach) === true) return failed;
  for (const name of await removeLeftOvers(call, engine, leftOver))
    tell(call, name, 'removed, because nothing refers to it any more');
  return failed;
}

/**
 * Sends what waits for nothing. If the engine refuses a part, what was sent is undone.
 * @param sent gets what the engine has accepted
 * @returns the plan, made again with what the engine has said about secrets, and what is left to send
 */
async function sendFirst(
  call: Call,
  engine: Engine,
  first: StackPlan,
  planWith: Planned['planWith'],
  sent: Sent[],
): Promise<{
  readonly plan: StackPlan;
  readonly later: readonly ServiceWrite[];
  readonly send: SendService;
}> {
  try {
    const { questions } = first;
    const plan = questions.length === 0 ? first : planWith(await sendSecrets(call, engine, questions, sent));
    refuse(plan, sent.length === 0 ? '; nothing was sent' : '');
    const { now, later } = inTime(call, plan);
    return { plan, later, send: await sendPlan(call, engine, plan, now, sent) };
  } catch (error) {
    const { accepted, interrupted, watches } = call.world;
    const wasEnded = interrupted.aborted;
    const reason: unknown = interrupted.reason;
    // --timeout does not take the place of a refusal while that is undone.
    watches();
    const text = await undoSent(call, sent);
    accepted.length = 0;
    throw wasEnded ? endedBy(reason, error, text) : error;
  }
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  compareNaturally(a.name, b.name);

/** The objects that are no longer used when all is undone: jobs are not undone, so what they use stays. */
function unusedObjects(sent: readonly Sent[], jobs: readonly ChangeToWatch[]): readonly Sent[] {
  const used = JSON.stringify(jobs.map(({ wanted }) => wanted));
  return sent.filter(
    (one) => one.kind === 'object' && (one.object.before !== undefined || !used.includes(one.id ?? '-')),
  );
}

/** @throws SwarmrollError `refused` if the deployment cannot go well */
function refuse({ refusals }: StackPlan, end: string): void {
  if (refusals.length > 0) throw new SwarmrollError('refused', `${refusals.map(printable).join('; ')}${end}`);
}

/** The error of a deployment that --timeout or a signal has ended. @param text what became of what was sent */
function endedBy(reason: unknown, error: unknown, text: string): unknown {
  if (reason instanceof TimeoutError)
    return new TimeoutError(reason.wait, text, { hint: reason.hint, cause: error });
  if (!(error instanceof SwarmrollError)) return error;
  return new SwarmrollError('failed', `interrupted before the engine answered; ${text}`, { cause: error });
}

/** @returns whether all is undone */
async function tellUndone(call: Call, engine: Engine, sent: readonly Sent[]): Promise<boolean> {
  const { undo } = await import('./undo.ts');
  const results = await undo(call, engine, sent);
  for (const { text } of results) printMessage(call, [`  ${text}`], { type: 'note', text });
  return results.every(({ isUndone }) => isUndone);
}

/**
 * Undoes all that was sent. The signal or --timeout that may have ended the deployment does not end this.
 * @returns what is to be said of all
 */
async function undoSent(call: Call, sent: readonly Sent[]): Promise<string> {
  if (sent.every((one) => one.kind === 'object' && changesNothing(one.object))) return 'nothing was changed';
  const { signal: interrupted } = new AbortController();
  const engine = await call.world.engine(interrupted);
  const world = withFields(call.world, { interrupted });
  const text = 'undoing what was sent';
  printMessage(call, [`swarmroll: ${text}`], { type: 'note', text });
  return (await tellUndone({ ...call, world }, engine, sent))
    ? 'what was sent is undone'
    : 'not all that was sent is undone';
}
