/** What `--dry-run` and `diff` read of the engine before the tasks of a change are placed. Only GET requests are sent. */
import type { Service, ServiceSpec, Task } from '../api/service.ts';
import type { Network } from '../api/cluster.ts';
import type { Call } from '../command-line/command.ts';
import type { Engine } from '../engine/client.ts';
import { forShow } from '../engine/for-show.ts';
import { networksById } from '../engine/lookup.ts';
import { NO_CHANGES } from '../service-spec/planned.ts';
import type { PlannedResult, Risk, TaskChanges } from '../service-spec/planned.ts';
import type { ToPlace } from '../scheduler/placement.ts';
import { ingressJoined, needsServices, refusedBySpec, takenIngressPorts } from '../service-spec/refused.ts';
import { changedSlots, dependsOnNodes, taskChanges } from '../service-spec/replaced-tasks.ts';
import type { PlannedChange } from '../service-spec/replaced-tasks.ts';
import { nearest } from '../values/integer.ts';
import { missingObjects, networkIdsOf } from '../watch/missing-objects.ts';
import { checkStorable } from '../send/check-version.ts';
import { driversOf, readSwarm } from '../watch/read-cluster.ts';
import type { SwarmRead } from '../watch/read-cluster.ts';
import { mustSend, compareWithStored } from '../send/compare-with-stored.ts';

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
  /** The ids of services that are removed before it: their tasks and ports are not in its way. */
  readonly removedFirst?: ReadonlySet<string>;
  /** What the engine refuses in `after`, if the caller knows it: it counts the ports that other services get or give up. */
  readonly refused?: readonly Risk[];
  /** A job of a stack: it is sent, and so runs again, even if nothing differs. */
  readonly always?: boolean;
  /** `diff --exit-code` only: the two specs are not the same. */
  readonly differs?: boolean;
}

/** What the scheduler knows, with the reasons why some of it cannot be read. */
interface SwarmSeen extends SwarmRead {
  readonly notChecked: readonly string[];
}

export async function swarmOf(
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
  const tasks = read.tasks.filter(({ ServiceID }) =>
    changes.every(({ removedFirst }) => removedFirst?.has(ServiceID) !== true),
  );
  return { ...read, tasks, notChecked: [...notChecked] };
}

/** What is known of a change before its tasks are placed. */
export interface Gathered {
  readonly shown: ChangeToShow;
  readonly plan: PlannedChange;
  /** undefined if it depends on the nodes, and they cannot be read. */
  readonly effect: TaskChanges | undefined;
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

export async function gather(
  { world }: Call,
  engine: Engine,
  shown: ChangeToShow,
  swarm: SwarmSeen,
): Promise<Gathered> {
  const { action, before, after } = shown;
  if (action === 'create' || action === 'update') await checkStorable(engine, after);
  const notChecked = new Set(swarm.notChecked);
  const onFailure = (what: string): void => void notChecked.add(`not checked: ${what}`);
  const ofServices = (reason: string): void => onFailure(`the other services: ${reason}`);
  const ids = networkIdsOf(after);
  const [networks, refused, others] = await Promise.all([
    forShow(networksById(engine, [...networkIdsOf(before?.Spec), ...ids]), ofNetworks(onFailure)),
    refusals(engine, shown, onFailure),
    ids.length === 0 ? [] : forShow(engine.servicesWithStatus(world.interrupted), ofServices),
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
  const unsent = action === 'diff' ? undefined : notSent(shown, listed);
  const all = changedSlots(plan);
  // An update that is not sent starts nothing, a job neither.
  const slots = unsent === undefined ? all : { slots: all.slots, started: [], stopped: [] };
  const attached = ids.map((id) => networks?.get(id)).filter((one) => one !== undefined);
  // After a pause the engine does nothing more of the change that diff shows.
  const isOver = action === 'diff' && before?.UpdateStatus?.State?.endsWith('paused') === true;
  const placedAs = { ...plan, tasks: listed };
  const isTooMuch = Math.min(slots.started.length, slots.atOnce ?? Infinity) > MOST_PLACED;
  if (isTooMuch) onFailure(`whether more than ${MOST_PLACED} tasks find a node`);
  const isPlaced = swarm.isWhole && !isOver && !isTooMuch;
  const isKnown = swarm.nodes.length > 0 || unsent !== undefined || !dependsOnNodes(plan);
  return {
    shown,
    plan,
    effect: isKnown ? (unsent?.tasks ?? taskChanges(plan, slots)) : undefined,
    place: isPlaced
      ? {
          change: placedAs,
          drivers: driversOf(attached),
          changed: action === 'diff' ? changedSlots(placedAs) : slots,
        }
      : undefined,
    networks: networks ?? new Map(),
    attached,
    others: (others ?? []).filter(({ ID }) => shown.removedFirst?.has(ID) !== true),
    refused,
    notSent: unsent,
    notChecked,
  };
}

/** What an update does that is not sent, because the service has this spec already. undefined if it is sent. */
function notSent(
  { action, before, after, sendsAuth = false, always = false }: ChangeToShow,
  tasks: readonly Task[],
): { readonly tasks: TaskChanges; readonly notes: readonly string[] } | undefined {
  if (action !== 'update' || before === undefined || always) return undefined;
  const comparison = compareWithStored(after, before);
  if (mustSend(comparison, sendsAuth)) return undefined;
  const kept = tasks.filter(({ DesiredState }) => DesiredState === 'running').length;
  return {
    tasks: { ...NO_CHANGES, kept },
    notes: comparison === 'rolling' ? ['the engine is already rolling out this spec'] : [],
  };
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

const ofNetworks = (onFailure: (what: string) => void) => (reason: string) =>
  onFailure(`the networks of the spec: ${reason}`);

/** What the spec uses and the engine no longer has, the name of a new service if it is taken, and what else the engine refuses. */
async function refusals(
  engine: Engine,
  { action, before, after, creates, removedFirst, refused: known }: ChangeToShow,
  onFailure: (what: string) => void,
): Promise<Risk[]> {
  const { Name = '' } = after;
  // The engine checks the spec that is posted. What was stored before it has accepted, and a rollback sends no spec.
  const isChecked = action === 'create' || action === 'update';
  const isRollback = action === 'rollback';
  const filters = needsServices(after, before) ? {} : { name: [Name] };
  const [missing, networks, listed] = await Promise.all([
    missingObjects(engine, after, onFailure, creates),
    isChecked ? forShow(networksById(engine, networkIdsOf(after)), ofNetworks(onFailure)) : undefined,
    ((isChecked || isRollback) && needsServices(after, before)) || (action === 'create' && Name !== '')
      ? engine.services(filters)
      : [],
  ]);
  const services = listed.filter(({ ID }) => removedFirst?.has(ID) !== true);
  const inSpec = (): readonly Risk[] => [
    ...refusedBySpec(after, services, before),
    ...[...(networks?.values() ?? [])]
      .filter(({ Ingress }) => Ingress === true)
      .map(({ Name = '' }) => ingressJoined(Name)),
  ];
  const isTaken = action === 'create' && services.some((service) => service.Spec.Name === Name);
  const refused = 'the engine refuses the change';
  const effect = action === 'diff' ? 'no task can start' : refused;
  return [
    ...missing.map((what): Risk => ({ kind: 'missing', message: `${what} does not exist: ${effect}` })),
    ...(isTaken ? [{ kind: 'name' as const, message: `a service named ${Name} exists: ${refused}` }] : []),
    ...(isChecked ? (known ?? inSpec()) : []).map(({ kind, message }): Risk => {
      return { kind, message: `${message}: ${refused}` };
    }),
    ...(isRollback && before !== undefined ? takenIngressPorts(after, services, before) : []).map(
      (message): Risk => ({ kind: 'port', message: `${message}: no task can start` }),
    ),
  ];
}
