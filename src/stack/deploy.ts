/** `stack deploy`: docker says what it would write, a plan is made of it, and the plan is sent and watched. */
import type { Call } from '../command-line/command.ts';
import { connectionOptions } from '../command-line/common-flags.ts';
import { followMany } from '../deploy/follow-many.ts';
import { sendLater } from '../deploy/send-later.ts';
import { printMessage } from '../watch/print.ts';
import { detach, undoesOnFailure } from '../watch/rollout-flags.ts';
import type { ChangeToWatch, LaterChange } from '../watch/targets.ts';
import { waitFor } from '../watch/wait-for.ts';
import { warn } from '../watch/warn.ts';
import type { Engine } from '../engine/client.ts';
import { EXIT_CODES, SwarmrollError } from '../errors.ts';
import { isGate } from '../service-spec/mode.ts';
import { compareNaturally } from '../values/natural-sort.ts';
import { printable } from '../values/printable.ts';
import { dockerRuns } from './docker-runs.ts';
import type { StackFiles } from './docker-runs.ts';
import { heldWrites } from './held-writes.ts';
import { takesPort } from './order.ts';
import { isKnownToDiffer, objectName, planStack, runsAgain } from './plan.ts';
import type { PlanOptions, ServiceWrite, StackPlan } from './plan.ts';
import { ofStack, snapshotOf, withNetworks } from './read.ts';
import { sendPlan } from './send.ts';
import type { SendService, Sent } from './send.ts';

/** What `stack deploy` was asked to do. */
export type Deployment = StackFiles & Omit<PlanOptions, 'dependencies'>;

export interface Planned {
  readonly plan: StackPlan;
  /** The services of the stack of which the file says nothing. */
  readonly others: StackPlan['unchanged'];
  /** The API version of docker's requests. Absent: they name none. */
  readonly apiVersion: string | undefined;
}

/** Makes the plan. Nothing is sent. @throws SwarmrollError docker's own refusal, and all that `heldWrites` throws */
export async function planned(call: Call, engine: Engine, deployment: Deployment): Promise<Planned> {
  const { world } = call;
  const { stack, only } = deployment;
  const reading = snapshotOf(engine, world.interrupted);
  // It may fail before anybody waits for it.
  reading.catch(() => undefined);
  const docker = await dockerRuns(call, deployment);
  // If docker fails because the engine cannot be reached, the error of the snapshot says more.
  const [snapshot, { writes, apiVersion, warnings }] = await Promise.all([
    reading,
    heldWrites(engine, world, reading, docker.deploy),
  ]);
  warn(
    world,
    warnings.split('\n').filter((line) => line.trim() !== ''),
  );
  const [before, dependencies] = await Promise.all([
    withNetworks(engine, snapshot, writes),
    docker.dependencies(),
  ]);
  const plan = planStack(writes, before, deployment.isOrdered ? { ...deployment, dependencies } : deployment);
  warn(world, plan.warnings);
  const told = new Set([
    ...plan.stages.flat().flatMap((write) => write.before ?? []),
    ...plan.unchanged,
    ...plan.removedFirst,
    ...plan.removedLast,
  ]);
  const others = only.length > 0 ? [] : ofStack(before.services, stack).filter((one) => !told.has(one));
  return { plan, others, apiVersion };
}

/** Sends the plan, and watches all services of the stack. @returns the exit code of the worst verdict */
export async function deploy(call: Call, engine: Engine, deployment: Deployment): Promise<number> {
  const { world } = call;
  const { plan, others, apiVersion } = await planned(call, engine, deployment);
  const { unchanged, removedLast } = plan;
  const count = plan.stages.flat().length + unchanged.length + others.length;
  if (plan.refusals.length > 0)
    throw new SwarmrollError('refused', `${plan.refusals.map(printable).join('; ')}; nothing was sent`);
  if (count === 0) throw new SwarmrollError('failed', `the stack ${deployment.stack} has no services`);
  const startedAt = world.clock.now();
  const { now, later } = inTime(call, plan);
  const sent: Sent[] = [];
  let send: SendService;
  try {
    send = await sendPlan(call, apiVersion === undefined ? engine : engine.at(apiVersion), plan, now, sent);
  } catch (error) {
    await putBack(call, sent);
    throw error;
  }
  const order = orderOfPlan(plan);
  const changes = sent.flatMap((one) => (one.kind === 'service' ? [order(one.change)] : []));
  const watched = [
    ...changes,
    ...[...unchanged, ...others].map((service) => order(waitFor(service, startedAt))),
  ].sort(byName);
  tellSent(call, sent, watched, new Set(changes));
  const removed = (): readonly ChangeToWatch[] =>
    sent.flatMap((one) =>
      one.kind === 'removed' ? [{ ...waitFor(one.service, startedAt), removed: true as const }] : [],
    );
  const all = [...watched, ...later.map((write) => laterChange(plan, write, send, sent))].sort(byName);
  const exitCode = await followMany(call, engine, 'stack deploy', all, { removed });
  const { timedOut, SIGINT, SIGTERM } = EXIT_CODES;
  if (
    [timedOut, SIGINT, SIGTERM].includes(exitCode) &&
    sent.filter(({ kind }) => kind === 'service').length < changes.length + later.length
  ) {
    const text = 'the same command again sends what was not sent';
    printMessage(call, [`  ${text}`], { type: 'note', text });
  }
  // Everything goes back: what the services have used, too.
  if (exitCode === EXIT_CODES.rolledBack && undoesOnFailure(call.given))
    await tellUndone(call, engine, unusedObjects(sent));
  if (removedLast.length === 0) return exitCode;
  if (exitCode !== EXIT_CODES.done) {
    const names = removedLast.map(({ Spec, ID }) => Spec.Name ?? ID);
    tell(call, names.join(', '), 'not removed, because not all services converged');
    return exitCode;
  }
  for (const { ID, Spec } of removedLast) {
    await engine.removeService(ID, world.interrupted);
    tell(call, Spec.Name ?? ID, 'removed');
  }
  return exitCode;
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  compareNaturally(a.name, b.name);

/** Which services are sent at once, and which when others have converged. */
function inTime(
  call: Call,
  { stages, waitsFor }: StackPlan,
): { readonly now: StackPlan['stages']; readonly later: readonly ServiceWrite[] } {
  if (waitsFor.size > 0 && call.given.get(detach) === true) {
    const text =
      'with --detach nothing is watched: the services are sent in their order, and none waits for another';
    printMessage(call, [`swarmroll: ${text}`], { type: 'note', text });
    return { now: stages, later: [] };
  }
  return {
    now: stages.map((stage) => stage.filter(({ name }) => !waitsFor.has(name))),
    later: stages.flat().filter(({ name }) => waitsFor.has(name)),
  };
}

/** A function that says of a change what it came after, and whether others wait for the end of its tasks. */
function orderOfPlan({ waitsFor, removedFirst }: StackPlan): (change: ChangeToWatch) => ChangeToWatch {
  const awaited = new Set([...waitsFor.values()].flat());
  return (change) => {
    const { name, wanted, before } = change;
    const taker = { name, spec: wanted, ...(before === undefined ? {} : { before }) };
    const holders = removedFirst.filter((service) => takesPort(taker, service));
    const names = [...(waitsFor.get(name) ?? []), ...holders.map(({ Spec }) => Spec.Name ?? '')];
    return {
      ...change,
      ...(names.length === 0 ? {} : { waitsFor: names }),
      ...(awaited.has(name) && isGate(wanted) ? { mustComplete: true as const } : {}),
    };
  };
}

/** A service that is sent when others have converged. If the engine refuses it, that is its verdict: the others go on. */
function laterChange(
  plan: StackPlan,
  write: ServiceWrite,
  send: SendService,
  sent: readonly Sent[],
): LaterChange {
  const { name, before } = write;
  const action = before === undefined ? 'create' : 'update';
  const shown = printable(name);
  return {
    action,
    name: shown,
    ...(before === undefined ? {} : { serviceId: before.ID }),
    waitsFor: plan.waitsFor.get(name) ?? [],
    send: (call) =>
      sendLater(call, { action, service: { id: before?.ID ?? null, name: shown } }, async () => {
        const count = sent.length;
        const change = orderOfPlan(plan)(await send(call, write));
        const removed = sent
          .slice(count)
          .filter((one) => one.kind === 'removed' && takesPort(write, one.service));
        tellSent(call, removed, [change], new Set([change]));
        return change;
      }),
  };
}

/** What was sent for the services, without what a job uses: jobs are not undone. */
function unusedObjects(sent: readonly Sent[]): readonly Sent[] {
  const jobs = sent.flatMap((one) =>
    one.kind === 'service' && one.change.before !== undefined && isGate(one.change.wanted)
      ? [one.change.wanted]
      : [],
  );
  const used = JSON.stringify(jobs);
  return sent.filter((one) => one.kind === 'object' && (one.id === undefined || !used.includes(one.id)));
}

const tell = (call: Call, service: string, text: string): void =>
  printMessage(call, [`${service}: ${text}`], { type: 'note', service, text });

/** What became of each service, and of what the services use. */
function tellSent(
  call: Call,
  sent: readonly Sent[],
  watched: readonly ChangeToWatch[],
  changed: ReadonlySet<ChangeToWatch>,
): void {
  for (const one of sent) {
    if (one.kind !== 'object') continue;
    const { object } = one;
    const isUpdated = isKnownToDiffer(object);
    tell(
      call,
      objectName(object),
      object.before === undefined ? 'created' : isUpdated ? 'updated' : 'unchanged',
    );
  }
  for (const one of watched) {
    const { name, action, posted, wanted } = one;
    const isSent = changed.has(one) && posted !== false;
    const text =
      !isSent && !(changed.has(one) && runsAgain(wanted))
        ? 'unchanged'
        : runsAgain(wanted)
          ? 'runs again'
          : 'changed';
    tell(call, name, action === 'create' ? 'created' : text);
  }
  for (const one of sent) {
    if (one.kind === 'removed') tell(call, printable(one.service.Spec.Name ?? one.service.ID), 'removed');
  }
}

async function tellUndone(call: Call, engine: Engine, sent: readonly Sent[]): Promise<void> {
  const { undo } = await import('./undo.ts');
  for (const text of await undo(call, engine, sent))
    printMessage(call, [`  ${text}`], { type: 'note', text });
}

/** Puts everything back. The signal or --timeout that may have ended the deployment does not end this. */
async function putBack(call: Call, sent: readonly Sent[]): Promise<void> {
  if (sent.length === 0) return;
  const { signal: interrupted } = new AbortController();
  const { waits } = call.world;
  const engine = await call.world.connect(connectionOptions(call.given), { interrupted });
  const world = { ...call.world, interrupted, waits };
  printMessage(call, ['swarmroll: putting back what was sent'], {
    type: 'note',
    text: 'putting back what was sent',
  });
  await tellUndone({ ...call, world }, engine, sent);
  call.world.accepted.length = 0;
}
