/** `--dry-run` and `diff`: collect what the engine knows, and print what a change does. Only GET requests are sent. */
import type { Service, ServiceSpec, Task } from '../api/service.ts';
import type { Network } from '../api/cluster.ts';
import type { Call } from '../command-line/command.ts';
import type { Engine } from '../engine/client.ts';
import { forShow } from '../engine/for-show.ts';
import { namesOf, networksById } from '../engine/lookup.ts';
import { EXIT_CODES } from '../errors.ts';
import { plannedLines, tasksSentence } from '../rollout/planned.ts';
import type { PlacedTasks, PlannedResult, Risk, TaskChanges } from '../rollout/planned.ts';
import { addressRisks } from '../scheduler/addresses.ts';
import { placementsOf } from '../scheduler/placement.ts';
import type { PlannedPlacement, ToPlace } from '../scheduler/placement.ts';
import { placementRisks } from '../scheduler/risks.ts';
import { differences } from '../service-spec/differences.ts';
import { ignoredMountOptions } from '../service-spec/mounts.ts';
import { needsServices, refusedBySpec, takenIngressPorts } from '../service-spec/refused.ts';
import { changedSlots, taskChanges, updateConfigOf } from '../service-spec/replaced-tasks.ts';
import type { PlannedChange } from '../service-spec/replaced-tasks.ts';
import { nearest } from '../values/integer.ts';
import { printable } from '../values/printable.ts';
import { missingObjects, networkIdsOf } from './missing-objects.ts';
import { checkStorable } from './check-version.ts';
import { askedFor } from './asked-for.ts';
import { pausedNotes } from './paused-notes.ts';
import { printMessage } from './print.ts';
import { driversOf, readSwarm } from './read-cluster.ts';
import type { SwarmRead } from './read-cluster.ts';
import { wantsJson } from './rollout-flags.ts';
import { isSent, compareWithStored } from './compare-with-stored.ts';

/** More new tasks than this are not placed: it would take long, and no swarm is meant to have so many. */
const MOST_PLACED = 100_000;

/** A change that is not made, or (action "diff") that was made before. */
export interface ChangeToShow {
  readonly action: PlannedResult['action'];
  /** The service as the user named it; undefined if the engine chooses the name. */
  readonly name: string | undefined;
  /** The service before the change; absent for create. */
  readonly before?: Service;
  readonly after: ServiceSpec;
  /** Why the image could not be resolved. */
  readonly warnings?: readonly string[];
  readonly sendsAuth?: boolean;
  /** The networks, secrets and configs that are to be created before it, by the ids that `after` has. */
  readonly creates?: ReadonlySet<string>;
  /** `diff --exit-code` only: the two specs are not the same. */
  readonly differs?: boolean;
}

/** Prints what one change does. @returns the exit code */
export async function showChange(call: Call, engine: Engine, change: ChangeToShow): Promise<number> {
  const [result] = (await plannedChanges(call, engine, [change])) as [PlannedResult];
  if (wantsJson(call.given)) call.world.stdout.write(`${JSON.stringify(result)}\n`);
  else printLines(call, plannedLines(result));
  if (change.action !== 'diff') printNothingSent(call);
  return result.exitCode;
}

/** What changes of several services do that are made by one command: their tasks compete for the nodes. */
export async function plannedChanges(
  call: Call,
  engine: Engine,
  changes: readonly ChangeToShow[],
): Promise<PlannedResult[]> {
  const swarm = await swarmOf(call, engine, changes);
  const gathered = await Promise.all(changes.map((change) => gather(call, engine, change, swarm)));
  const places = placesOf(gathered, swarm);
  return gathered.map((one) => planned(call, one, places.get(one)));
}

/** Prints what changes of several services do. @returns the exit code */
export async function showChanges(
  call: Call,
  engine: Engine,
  action: 'scale' | 'restart',
  changes: readonly ChangeToShow[],
): Promise<number> {
  const services = await plannedChanges(call, engine, changes);
  const exitCode = EXIT_CODES.done;
  if (wantsJson(call.given)) {
    call.world.stdout.write(`${JSON.stringify({ action, verdict: 'planned', exitCode, services })}\n`);
  } else {
    services.forEach((result) => printLines(call, serviceLines(result)));
  }
  printNothingSent(call);
  return exitCode;
}

/** The lines of one service of several. */
export const serviceLines = (result: PlannedResult): string[] => [
  `${result.service.name ?? ''}:`,
  ...plannedLines(result).map((line) => `  ${line}`),
];

export const printLines = ({ world }: Call, lines: readonly string[]): void =>
  void world.stdout.write(lines.map((line) => `${printable(line)}\n`).join(''));

export const printNothingSent = (call: Call): void => printMessage(call, ['dry run: nothing was changed']);

/** What the scheduler knows, with the reasons why some of it cannot be read. */
interface SwarmSeen extends SwarmRead {
  readonly notChecked: readonly string[];
}

async function swarmOf(
  { world }: Call,
  engine: Engine,
  changes: readonly ChangeToShow[],
): Promise<SwarmSeen> {
  const notChecked = new Set<string>();
  const services = changes.flatMap(({ before }) => before ?? []);
  const read = await readSwarm(
    engine,
    changes.map(({ after }) => after),
    services,
    world.interrupted,
    (reason) => void notChecked.add(`whether the tasks find a node is not checked: ${reason}`),
  );
  return { ...read, notChecked: [...notChecked] };
}

/** What is known of a change before its tasks are placed. */
interface Gathered {
  readonly shown: ChangeToShow;
  readonly plan: PlannedChange;
  readonly effect: TaskChanges;
  /** undefined if its tasks are not placed. */
  readonly place: ToPlace | undefined;
  /** Of the service, with the other services of the swarm. */
  readonly networks: ReadonlyMap<string, Network>;
  readonly attached: readonly Network[];
  readonly others: readonly Service[];
  readonly refused: readonly Risk[];
  /** Of an update that is not sent. */
  readonly notSent: ReturnType<typeof notSent>;
  readonly notChecked: ReadonlySet<string>;
}

async function gather(
  { world }: Call,
  engine: Engine,
  shown: ChangeToShow,
  swarm: SwarmSeen,
): Promise<Gathered> {
  const { action, before, after } = shown;
  if (action === 'create' || action === 'update') await checkStorable(engine, after);
  const notChecked = new Set(swarm.notChecked);
  const onFailure = (reason: string): void => void notChecked.add(`not checked: ${reason}`);
  const ids = networkIdsOf(after);
  const [networks, refused, others] = await Promise.all([
    forShow(networksById(engine, [...networkIdsOf(before?.Spec), ...ids]), onFailure),
    refusals(engine, shown, onFailure),
    ids.length === 0 ? [] : forShow(engine.servicesWithStatus(world.interrupted), onFailure),
  ]);
  const listed = swarm.tasks.filter(({ ServiceID }) => ServiceID === before?.ID);
  const plan: PlannedChange = {
    ...shown,
    tasks: action === 'diff' ? tasksBefore(before?.Spec, listed) : listed,
    nodes: swarm.nodes.map(({ seen }) => seen),
    isRollback:
      action === 'rollback' ||
      (action === 'diff' && before?.UpdateStatus?.State?.startsWith('rollback') === true),
  };
  const slots = changedSlots(plan);
  const unsent = action === 'diff' ? undefined : notSent(shown, listed);
  const attached = ids.map((id) => networks?.get(id)).filter((one) => one !== undefined);
  // After a pause the engine does nothing more of the change that diff shows.
  const isOver = action === 'diff' && before?.UpdateStatus?.State?.endsWith('paused') === true;
  const placedAs = { ...plan, tasks: listed };
  const isTooMuch = Math.min(slots.started.length, slots.atOnce ?? Infinity) > MOST_PLACED;
  if (isTooMuch) onFailure(`whether more than ${MOST_PLACED} tasks find a node`);
  const isPlaced = swarm.isWhole && !isOver && !isTooMuch;
  return {
    shown,
    plan,
    effect: unsent?.tasks ?? taskChanges(plan, slots),
    place: isPlaced
      ? {
          change: placedAs,
          drivers: driversOf(attached),
          changed: action === 'diff' ? changedSlots(placedAs) : slots,
        }
      : undefined,
    networks: networks ?? new Map(),
    attached,
    others: others ?? [],
    refused,
    notSent: unsent,
    notChecked,
  };
}

interface Place {
  readonly tasks: PlacedTasks;
  readonly risks: readonly Risk[];
}

/** Whether the tasks find nodes and addresses. */
function placesOf(gathered: readonly Gathered[], swarm: SwarmRead): ReadonlyMap<Gathered, Place> {
  const all = gathered.flatMap((one) => (one.place === undefined ? [] : [{ one, place: one.place }]));
  const toPlace = all.map(({ place }) => place);
  const placements = placementsOf(toPlace, swarm);
  return new Map(
    all.map(({ one, place }, index) => {
      const placement = placements[index] as PlannedPlacement;
      const beside = toPlace.filter((other) => other !== place);
      return [one, placed(one, place, placement, swarm, beside)];
    }),
  );
}

function placed(
  { shown: { action, before, after }, effect, attached, others: services }: Gathered,
  { change, drivers }: ToPlace,
  placement: PlannedPlacement,
  swarm: SwarmRead,
  beside: readonly ToPlace[],
): Place {
  const { wanted, least, most, nodes } = placement;
  const isNamed = action === 'create' || action === 'update';
  const others = services.filter(({ ID }) => ID !== before?.ID);
  const { kept, replaced, started, atOnce } = effect;
  const isFirst = updateConfigOf(change)?.Order === 'start-first';
  const tasks = kept + replaced + started + (isFirst ? Math.min(atOnce, replaced) : 0);
  return {
    tasks: { wanted, least, most },
    risks: [
      ...placementRisks(change, { ...swarm, drivers }, placement, isNamed, beside),
      ...addressRisks(after, attached, others, { tasks, nodes }),
    ],
  };
}

function planned({ given }: Call, gathered: Gathered, place: Place | undefined): PlannedResult {
  const { shown, plan, effect, networks, refused, notSent: unsent, notChecked } = gathered;
  const { action, before, after, name, warnings = [] } = shown;
  const found = differences(before?.Spec, after, namesOf(networks));
  const isJob = (after.Mode?.ReplicatedJob ?? after.Mode?.GlobalJob) !== undefined;
  return {
    action,
    verdict: action === 'diff' ? 'compared' : 'planned',
    exitCode: shown.differs === true ? EXIT_CODES.differs : EXIT_CODES.done,
    service: { id: before?.ID ?? null, name: name === undefined ? null : printable(name) },
    message: tasksSentence(effect, isJob),
    changes: (action === 'create' ? askedFor(found, given) : found).map(({ field, ...values }) => ({
      field: printable(field),
      ...Object.fromEntries(Object.entries(values).map(([key, text]) => [key, printable(text)])),
    })),
    tasks: effect,
    ...(place === undefined ? {} : { placed: place.tasks }),
    risks: [
      ...warnings.map((message): Risk => ({ kind: 'image', message })),
      ...(place?.risks ?? []),
      ...refused,
    ].map((risk) => ({ ...risk, message: printable(risk.message) })),
    notes: [
      ...(unsent?.notes ?? []),
      ...(action === 'create' || action === 'update' ? ignoredMountOptions(after) : []),
      ...(unsent === undefined ? authNotes(plan, effect) : []),
      ...(unsent === undefined && action === 'update' && before !== undefined
        ? pausedNotes(before, after, effect.replaced)
        : []),
      ...notChecked,
    ],
  };
}

/** What an update does that is not sent, because the service has this spec already. undefined if it is sent. */
function notSent(
  { action, before, after, sendsAuth = false }: ChangeToShow,
  tasks: readonly Task[],
): { readonly tasks: TaskChanges; readonly notes: readonly string[] } | undefined {
  if (action !== 'update' || before === undefined) return undefined;
  const comparison = compareWithStored(after, before);
  if (isSent(comparison, sendsAuth)) return undefined;
  const kept = tasks.filter(({ DesiredState }) => DesiredState === 'running').length;
  return {
    tasks: { replaced: 0, kept, started: 0, stopped: 0, atOnce: 0, atLeast: 0 },
    notes: comparison === 'rolling' ? ['the engine is already rolling out this spec'] : [],
  };
}

/** What cannot be known: whether the engine has the credentials already. Then a change of the placement alone replaces nothing. */
function authNotes(plan: PlannedChange, { replaced }: TaskChanges): string[] {
  if (plan.sendsAuth !== true) return [];
  const without = taskChanges({ ...plan, sendsAuth: false }).replaced;
  if (without === replaced) return [];
  return [`if the engine has the same registry credentials already, it replaces ${without} of these tasks`];
}

/**
 * The tasks as they were before the last change: the wanted slots of the spec before it, with its template. (What the engine
 * keeps of old tasks is only a part.)
 */
function tasksBefore(spec: ServiceSpec | undefined, tasks: readonly Task[]): readonly Task[] {
  const live = tasks.filter(({ DesiredState }) => DesiredState === 'running');
  const [first] = live;
  if (spec === undefined || first === undefined) return [];
  const count = nearest(spec.Mode?.Replicated?.Replicas ?? live.length);
  return Array.from({ length: count }, (_, index) => {
    const task = live[index] ?? { ...first, Slot: -index };
    return { ...task, Spec: spec.TaskTemplate };
  });
}

/** What the spec uses and the engine no longer has, the name of a new service if it is taken, and what else the engine refuses. */
async function refusals(
  engine: Engine,
  { action, before, after, creates }: ChangeToShow,
  onFailure: (reason: string) => void,
): Promise<Risk[]> {
  const { Name = '' } = after;
  // The engine checks the spec that is posted. What was stored before it has accepted, and a rollback sends no spec.
  const isChecked = action === 'create' || action === 'update';
  const isRollback = action === 'rollback';
  const filters = needsServices(after, before) ? {} : { name: [Name] };
  const [missing, networks, services] = await Promise.all([
    missingObjects(engine, after, onFailure, creates),
    isChecked ? forShow(networksById(engine, networkIdsOf(after)), onFailure) : undefined,
    ((isChecked || isRollback) && needsServices(after, before)) || (action === 'create' && Name !== '')
      ? engine.services(filters)
      : [],
  ]);
  const isTaken = action === 'create' && services.some((service) => service.Spec.Name === Name);
  const refused = 'the engine refuses the change';
  const effect = action === 'diff' ? 'no task can start' : refused;
  return [
    ...missing.map((what): Risk => ({ kind: 'missing', message: `${what} does not exist: ${effect}` })),
    ...(isTaken ? [{ kind: 'name' as const, message: `a service named ${Name} exists: ${refused}` }] : []),
    ...(isChecked ? refusedBySpec(after, services, before) : []).map(({ kind, message }): Risk => {
      return { kind, message: `${message}: ${refused}` };
    }),
    ...(isRollback && before !== undefined ? takenIngressPorts(after, services, before) : []).map(
      (message): Risk => ({ kind: 'port', message: `${message}: no task can start` }),
    ),
    // swarmkit manager/controlapi/service.go validateNetworks
    ...[...(networks?.values() ?? [])]
      .filter(({ Ingress }) => Ingress === true)
      .map(({ Name = '' }): Risk => {
        return { kind: 'invalid', message: `a service cannot join the ingress network ${Name}: ${refused}` };
      }),
  ];
}
