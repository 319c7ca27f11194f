/** What a drain does to each service with tasks on the node. Pure. */
import type { Service, ServiceSpec, Task } from '../api/service.ts';
import { ENDING } from '../rollout/slots.ts';
import { markedNode, withMark } from '../service-spec/drain-mark.ts';
import { nearest } from '../values/integer.ts';
import { compareNaturally } from '../values/natural-sort.ts';
import { printable } from '../values/printable.ts';
import { hasNotEnded, isRunning, wantedOf } from './move.ts';
import { nodeRefusals, placeRefusals, serviceRefusals } from './refusals.ts';
import type { DrainRefusal } from './refusals.ts';
import type { Situation } from './read.ts';

export interface DrainOptions {
  /** New tasks start before old ones stop, whatever the services say. */
  readonly startsFirst: boolean;
  /** The ids of services that may be down: they do not move before the drain. */
  readonly mayBeDown: ReadonlySet<string>;
  /** What the user types to run this program. */
  readonly program: string;
}

/** A service that moves. */
export interface Move {
  readonly service: Service;
  /** Its spec with the mark. Is the stored one if an earlier run has sent it. */
  readonly draft: ServiceSpec;
  readonly isSent: boolean;
  /** How many of its tasks are on the node. */
  readonly count: number;
  readonly wanted: number;
  readonly order: 'start-first' | 'stop-first';
  /** How many run at least while it moves, by its order and parallelism. */
  readonly fewest: number;
}

export interface DrainPlan {
  readonly moves: readonly Move[];
  readonly refusals: readonly DrainRefusal[];
  /** The services whose tasks on the node end only when it is drained. */
  readonly globals: readonly Service[];
  readonly down: readonly Service[];
  /** Jobs run on: a drain does not stop them. */
  readonly jobs: readonly Service[];
  readonly notes: readonly string[];
}

export const nameOf = ({ ID, Spec }: Service): string => printable(Spec.Name ?? ID);

const isJob = ({ Spec }: Service): boolean =>
  (Spec.Mode?.ReplicatedJob ?? Spec.Mode?.GlobalJob) !== undefined;

export const tasksOf = ({ ID }: Service, tasks: readonly Task[]): readonly Task[] =>
  tasks.filter(({ ServiceID }) => ServiceID === ID);

export function planDrain(situation: Situation, options: DrainOptions): DrainPlan {
  const { node, tasks } = situation;
  const services = [...situation.services].sort((a, b) => compareNaturally(nameOf(a), nameOf(b)));
  const live = new Set(
    tasks
      .filter((task) => task.NodeID === node.ID && hasNotEnded(task) && !ENDING.has(task.DesiredState))
      .map(({ ServiceID }) => ServiceID),
  );
  const marked = services.filter(({ Spec }) => markedNode(Spec) === node.ID);
  const here = services.filter((one) => live.has(one.ID) && !marked.includes(one));
  const jobs = here.filter(isJob);
  const globals = here.filter(({ Spec }) => Spec.Mode?.Global !== undefined);
  const replicated = here.filter((one) => !jobs.includes(one) && !globals.includes(one));
  const down = replicated.filter(({ ID }) => options.mayBeDown.has(ID));
  const moving = replicated.filter((one) => !down.includes(one));
  const moves = [
    ...marked.map((service) => moveOf(service, situation, options)),
    ...moving.map((service) => moveOf(service, situation, options)),
  ];
  const asked = moves.filter(({ isSent }) => !isSent);
  const fixed = asked.flatMap(({ service, draft }) => serviceRefusals(service, draft, situation, options));
  return {
    moves,
    refusals: [
      ...nodeRefusals(situation, options),
      ...[...globals, ...down].flatMap((service) => serviceRefusals(service, undefined, situation, options)),
      ...fixed,
      ...placeRefusals(
        asked.filter(({ service }) => !fixed.some(({ name }) => name === nameOf(service))),
        situation,
      ),
    ],
    globals,
    down,
    jobs,
    notes: notesOf(moves, situation, { globals, down, jobs }, options),
  };
}

/** @param service has tasks on the node, or the mark already */
export function moveOf(
  service: Service,
  { node, tasks }: Situation,
  { startsFirst }: Pick<DrainOptions, 'startsFirst'>,
): Move {
  const own = tasksOf(service, tasks);
  const count = own.filter(
    (task) => task.NodeID === node.ID && hasNotEnded(task) && !ENDING.has(task.DesiredState),
  ).length;
  const isSent = markedNode(service.Spec) === node.ID;
  const draft = isSent
    ? service.Spec
    : withMark(service.Spec, node.ID, { startsFirst, isSeveral: count > 1 });
  const { Order, Parallelism = 1 } = draft.UpdateConfig ?? {};
  const wanted = wantedOf(service);
  const atOnce = nearest(Parallelism) === 0 ? count : Math.min(nearest(Parallelism), count);
  const running = Math.min(wanted, own.filter(isRunning).length);
  const order = Order === 'start-first' ? Order : 'stop-first';
  const fewest = order === 'start-first' ? running : Math.max(0, running - atOnce);
  return { service, draft, isSent, count, wanted, order, fewest };
}

/** What has to be said, but keeps nothing from moving. */
function notesOf(
  moves: readonly Move[],
  { tasks }: Situation,
  { globals, down, jobs }: Pick<DrainPlan, 'globals' | 'down' | 'jobs'>,
  { program }: Pick<DrainOptions, 'program'>,
): string[] {
  const named = (services: readonly Service[]): string => services.map(nameOf).join(', ');
  const local = moves.filter(({ service }) => hasLocalData(service)).map(({ service }) => service);
  const failing = moves
    .filter(({ service, wanted }) => tasksOf(service, tasks).filter(isRunning).length < wanted)
    .map(({ service }) => service);
  const less = moves.filter(({ order }) => order === 'stop-first').map(({ service }) => service);
  return [
    ...(less.length === 0
      ? []
      : [
          `stop-first: ${named(less)}: a task stops before the new one starts; --start-first changes the order for this move`,
        ]),
    ...(local.length === 0
      ? []
      : [
          `local data: ${named(local)}: volumes and binds stay on the node; the new tasks begin without that data`,
        ]),
    ...(failing.length === 0 ? [] : [`not all tasks run already: ${named(failing)}`]),
    ...(down.length === 0 ? [] : [`down meanwhile: ${named(down)}: the tasks end when the node is drained`]),
    ...(globals.length === 0
      ? []
      : [`global: ${named(globals)}: the task on the node ends when it is drained, and has no successor`]),
    ...(jobs.length === 0
      ? []
      : [`jobs: ${named(jobs)}: a drain does not stop them; the command waits for them`]),
    ...(moves.length === 0
      ? []
      : [
          `afterwards, ${program} rollback has no previous spec of before the drain; ${program} rollback --to works`,
        ]),
  ];
}

const hasLocalData = ({ Spec }: Service): boolean =>
  (Spec.TaskTemplate.ContainerSpec?.Mounts ?? []).some(
    ({ Type = 'bind', VolumeOptions }) =>
      Type === 'bind' || (Type === 'volume' && /^(local)?$/.test(VolumeOptions?.DriverConfig?.Name ?? '')),
  );
