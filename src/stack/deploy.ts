/** `stack deploy`: docker says what it would write, a plan is made of it, and the plan is sent and watched. */
import type { Call } from '../command-line/command.ts';
import { connectionOptions } from '../command-line/common-flags.ts';
import { runDocker } from './docker-command.ts';
import { followMany } from '../deploy/follow-many.ts';
import { printMessage } from '../watch/print.ts';
import { detach, undoesOnFailure } from '../watch/rollout-flags.ts';
import type { ChangeToWatch } from '../watch/targets.ts';
import { waitFor } from '../watch/wait-for.ts';
import { warn } from '../watch/warn.ts';
import type { Engine } from '../engine/client.ts';
import { EXIT_CODES, SwarmrollError, usageError } from '../errors.ts';
import { compareNaturally } from '../values/natural-sort.ts';
import { printable } from '../values/printable.ts';
import { heldWrites } from './held-writes.ts';
import { removeLeftOvers } from './left-over.ts';
import { isKnownToDiffer, objectName } from './objects.ts';
import type { SecretAnswers } from './objects.ts';
import { planStack, runsAgain } from './plan.ts';
import type { PlanOptions, StackPlan } from './plan.ts';
import { ofStack, snapshotOf, withNetworks } from './read.ts';
import { sendPlan, sendSecrets } from './send.ts';
import type { Sent } from './send.ts';

/** What `stack deploy` was asked to do. */
export interface Deployment extends PlanOptions {
  /** The flags of `docker stack deploy`. */
  readonly dockerFlags: readonly string[];
  /** Whether configs and secrets stay that rotations have left over. */
  readonly keepsRotated: boolean;
}

export interface Planned {
  readonly plan: StackPlan;
  /** The plan, with what the engine has answered to its questions. */
  readonly planWith: (answers: SecretAnswers) => StackPlan;
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
  const run = await dockerRunner(call, deployment);
  // If docker fails because the engine cannot be reached, the error of the snapshot says more.
  const [snapshot, { writes, apiVersion, warnings }] = await Promise.all([
    reading,
    heldWrites(engine, world, reading, run),
  ]);
  warn(
    world,
    warnings.split('\n').filter((line) => line.trim() !== ''),
  );
  const before = await withNetworks(engine, snapshot, writes);
  const planWith: Planned['planWith'] = (answers) => planStack(writes, before, deployment, answers);
  const plan = planWith(new Map());
  warn(world, plan.warnings);
  const told = new Set([
    ...plan.stages.flat().flatMap((write) => write.before ?? []),
    ...plan.unchanged,
    ...plan.removedFirst,
    ...plan.removedLast,
  ]);
  const others = only.length > 0 ? [] : ofStack(before.services, stack).filter((one) => !told.has(one));
  return { plan, planWith, others, apiVersion };
}

/** A Compose file that can be read only once: standard input, or the pipe of a shell's `<(...)`. */
const STREAM = /^--compose-file=(-|\/dev\/stdin|\/(?:dev|proc\/self)\/fd\/\d+)$/;

/** @returns a function that runs `docker stack deploy` against a host, any number of times */
async function dockerRunner(
  { given, world }: Call,
  { stack, dockerFlags }: Deployment,
): Promise<(host: string) => Promise<string>> {
  const { configDir } = connectionOptions(given);
  const config = configDir === undefined ? [] : [`--config=${configDir}`];
  const [path, ...more] = dockerFlags.flatMap((flag) => STREAM.exec(flag)?.[1] ?? []);
  if (more.length > 0) throw usageError('only one Compose file can come from standard input or from a pipe');
  const read = async (from: string): Promise<Uint8Array> =>
    from === '-' || from === '/dev/stdin' ? world.readInput(world.interrupted) : world.readFile(from);
  const input =
    path === undefined ? undefined : await world.waits(`the Compose file from ${path}`, read(path));
  const flags = dockerFlags.map((flag) => (STREAM.test(flag) ? '--compose-file=-' : flag));
  return (host) =>
    runDocker(
      [`--host=${host}`, ...config, ...['stack', 'deploy', '--detach=true', ...flags, stack]],
      world,
      input,
    );
}

/** Sends the plan, and watches all services of the stack. @returns the exit code of the worst verdict */
export async function deploy(call: Call, engine: Engine, deployment: Deployment): Promise<number> {
  const { world } = call;
  const { plan: first, planWith, others, apiVersion } = await planned(call, engine, deployment);
  const count = first.stages.flat().length + first.unchanged.length + others.length;
  refuse(first, '; nothing was sent');
  if (count === 0) throw new SwarmrollError('failed', `the stack ${deployment.stack} has no services`);
  const startedAt = world.clock.now();
  const sent: Sent[] = [];
  const sender = apiVersion === undefined ? engine : engine.at(apiVersion);
  let plan = first;
  try {
    if (first.questions.length > 0) {
      plan = planWith(await sendSecrets(call, sender, first.questions, sent));
      refuse(plan, sent.length === 0 ? '; nothing was sent' : '');
    }
    await sendPlan(call, sender, plan, sent);
  } catch (error) {
    await putBack(call, sent);
    throw error;
  }
  const { unchanged, removedLast } = plan;
  const changes = sent.flatMap((one) => (one.kind === 'service' ? [one.change] : []));
  const watched = [
    ...changes,
    ...[...unchanged, ...others].map((service) => waitFor(service, startedAt)),
  ].sort((a, b) => compareNaturally(a.name, b.name));
  const removed = plan.removedFirst.map((service): ChangeToWatch => ({
    ...waitFor(service, startedAt),
    removed: true,
  }));
  tellSent(call, sent, watched, new Set(changes));
  for (const { of, name, to, isNew, reason } of plan.rotations)
    tell(
      call,
      objectName({ of, name }),
      `rotated to ${to.name}${isNew ? '' : ', which was stored already'} (${reason} differs)`,
    );
  const exitCode = await followMany(call, engine, 'stack deploy', watched, { removed });
  // Everything goes back: what the services have used, too.
  if (exitCode === EXIT_CODES.rolledBack && undoesOnFailure(call.given)) {
    const objects = sent.filter(({ kind }) => kind === 'object');
    await tellUndone(call, engine, objects);
  }
  if (exitCode !== EXIT_CODES.done) {
    if (removedLast.length === 0) return exitCode;
    const names = removedLast.map(({ Spec, ID }) => Spec.Name ?? ID);
    tell(call, names.join(', '), 'not removed, because not all services converged');
    return exitCode;
  }
  for (const { ID, Spec } of removedLast) {
    await engine.removeService(ID, world.interrupted);
    tell(call, Spec.Name ?? ID, 'removed');
  }
  if (deployment.keepsRotated || call.given.get(detach) === true) return exitCode;
  for (const name of await removeLeftOvers(call, engine, plan.leftOver))
    tell(call, name, 'removed, because nothing refers to it any more');
  return exitCode;
}

/** @throws SwarmrollError `refused` if the deployment cannot go well */
function refuse({ refusals }: StackPlan, end: string): void {
  if (refusals.length > 0) throw new SwarmrollError('refused', `${refusals.map(printable).join('; ')}${end}`);
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
    if (one.kind !== 'object' || one.object.isRotation === true) continue;
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
